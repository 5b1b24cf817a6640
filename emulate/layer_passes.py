"""The passes around the look-ups of a convolution, compiled: each reads and writes its tensor once.

They give what ``quantise`` and ``ApproxWeighted.integer_forward`` give, bit for bit. Those serve where these
cannot: on other devices, without compiled kernels, in a compiled or exported network, for codes above 8 bits.
"""

from __future__ import annotations

import torch

from mulsmith.emulate.contraction import Conv2dSum
from mulsmith.emulate.native_library import CProblem, CQuantiser, NativeLibrary, find_library
from mulsmith.emulate.quantise import code_dtype
from mulsmith.emulate.tables import code_range

MAX_BITS = 8


def library_for(x: torch.Tensor) -> NativeLibrary | None:
    """Return the library whose passes can take a tensor, None where torch has to do it."""
    if torch.compiler.is_compiling() or x.device.type != "cpu" or type(x) is not torch.Tensor:
        return None
    return find_library()[0]


def quantise_checked(
    library: NativeLibrary,
    x: torch.Tensor,
    scale: torch.Tensor,
    zero_point: torch.Tensor,
    bits: int,
    signed: bool,
) -> tuple[torch.Tensor, bool]:
    """Return (codes of x, whether all of x is finite).

    Args:
        library: the compiled kernels.
        x: float32, any layout; the codes are contiguous.
        scale: 0-d.
        zero_point: 0-d.
        bits: width of the codes, at most 8.
        signed: whether they are two's complement.
    """
    low, high = code_range(bits, signed)
    zero = int(zero_point)
    quantiser = CQuantiser(float(scale), low - zero, high - zero, zero)
    codes = torch.empty(x.shape, dtype=code_dtype(bits, signed))
    return codes, library.quantise(x.detach().contiguous(), quantiser, codes)


def inside_range(
    library: NativeLibrary, x: torch.Tensor, ends: tuple[torch.Tensor, torch.Tensor]
) -> torch.Tensor:
    """Return where float32 x lies between two 0-d tensors, both inside; contiguous."""
    where = torch.empty(x.shape, dtype=torch.bool)
    library.inside(x.detach().contiguous(), float(ends[0]), float(ends[1]), where)
    return where


def field_sums(
    library: NativeLibrary, codes: torch.Tensor, w: torch.Tensor, how: Conv2dSum, zero: int
) -> torch.Tensor:
    """Return the sum of codes - zero over every receptive field, padding as 0, int32 [N, groups, H', W'].

    Args:
        library: the compiled kernels.
        codes: uint8 or int8 [N, C, H, W], contiguous.
        w: weights, of which only the shape counts.
        how: the convolution.
        zero: zero point of the codes.
    """
    images, channels, height, width = codes.shape
    kernel = (w.shape[2], w.shape[3])
    out_h, out_w = how.geometry.output_size(height, width, kernel)
    sums = torch.empty(images, how.groups, out_h, out_w, dtype=torch.int32)
    problem = CProblem(
        codes.data_ptr(), None, sums.data_ptr(),
        images, channels, height, width, w.shape[0], *kernel, out_h, out_w,
        *how.stride, *how.padding, *how.dilation, how.groups, 0,
    )  # fmt: skip
    library.field_sums(problem, codes.dtype == torch.int8, zero)
    return sums


def scale_sums(
    library: NativeLibrary,
    sums: torch.Tensor,
    offset: torch.Tensor,
    unit: torch.Tensor,
    factor: torch.Tensor | None = None,
    fields: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return (sums + offset - factor * fields) * unit in float32, in the memory of the sums.

    Args:
        library: the compiled kernels.
        sums: int32 [N, O, H, W], contiguous; overwritten.
        offset: integer [O].
        unit: float32 [O] or [1].
        factor: integer [O] or [1], or None without fields.
        fields: int32 [N, groups, H, W], contiguous.
    """
    outputs = sums.shape[1]
    offset = offset.to(torch.int32).contiguous()
    unit = unit.expand(outputs).contiguous()
    if factor is not None:
        factor = factor.to(torch.int32).expand(outputs).contiguous()
    library.scale_sums(sums, offset, unit, factor, fields)
    return sums.view(torch.float32)
