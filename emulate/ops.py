"""The operators ``lut_matmul``, ``lut_conv2d`` and ``lut_conv_transpose2d``: checked input, exact int32 sums.

Operand codes are the *values* that the multiplier's operands stand for: 0 .. 2**bits - 1 for an unsigned
table, -2**(bits-1) .. 2**(bits-1) - 1 for a signed one, in any integer dtype. The raw code that indexes the
table is the value modulo 2**bits. Operand A is the activation x, operand B the weight w.

The work sits in ``torch.library`` custom operators with fake kernels, so ``torch.compile`` and
``torch.export`` pass through them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.backends import AUTO, Problem, choose
from mulsmith.emulate.geometry import ConvGeometry, Pair, check_conv, conv2d_as_matmul
from mulsmith.emulate.tables import INT32_MAX, Table, code_range
from mulsmith.errors import EmulationError

INTEGER_DTYPES = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def lut_matmul(x: torch.Tensor, w: torch.Tensor, lut: Lut | Table, backend: str = AUTO) -> torch.Tensor:
    """Return the exact sums Y[..., m, n] = sum_k lut[x[..., m, k], w[..., k, n]].

    Args:
        x: operand codes of the activations, integer [..., M, K].
        w: operand codes of the weights, integer [..., K, N]; leading dimensions broadcast with x's.
        lut: the multiplier.
        backend: ``auto`` or the name of a backend.

    Returns:
        int32 [..., M, N].

    Raises:
        EmulationError: wrong dtype, shape or device, a code outside its range, or a sum outside int32.
    """
    table = lut if isinstance(lut, Table) else Table.of(lut)
    if x.ndim < 2 or w.ndim < 2 or x.shape[-1] != w.shape[-2]:
        raise EmulationError(
            f"x {tuple(x.shape)} and w {tuple(w.shape)} do not multiply: [.., M, K] and [.., K, N] needed"
        )
    _check_devices(x, w)
    entries, signed = table.on(x.device), table.lut.signed
    if w.ndim == 2:
        rows = x.reshape(-1, x.shape[-1])
        flat: torch.Tensor = torch.ops.mulsmith.lut_matmul(rows, w, entries, signed, table.key, backend)
        return flat.reshape(*x.shape[:-1], w.shape[-1])
    batch = torch.broadcast_shapes(x.shape[:-2], w.shape[:-2])
    first = x.expand(*batch, *x.shape[-2:]).reshape(-1, *x.shape[-2:])
    second = w.expand(*batch, *w.shape[-2:]).reshape(-1, *w.shape[-2:])
    out: torch.Tensor = torch.ops.mulsmith.lut_bmm(first, second, entries, signed, table.key, backend)
    return out.reshape(*batch, x.shape[-2], w.shape[-1])


def lut_conv2d(
    x: torch.Tensor,
    w: torch.Tensor,
    lut: Lut | Table,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    dilation: int | Pair = 1,
    groups: int = 1,
    pad_code: int | torch.Tensor = 0,
    backend: str = AUTO,
) -> torch.Tensor:
    """Return the exact convolution sums; what stands in the padding goes through the table.

    Args:
        x: operand codes of the activations, integer [N, C, H, W].
        w: operand codes of the weights, integer [O, C/groups, kh, kw].
        lut: the multiplier.
        stride: one number, or (vertical, horizontal).
        padding: one number, or (vertical, horizontal).
        dilation: one number, or (vertical, horizontal).
        groups: channel groups; C for a depthwise convolution.
        pad_code: operand code in the padding, i.e. the activations' zero point; a number or 0-d tensor.
        backend: ``auto`` or the name of a backend.

    Returns:
        int32 [N, O, H', W'].

    Raises:
        EmulationError: wrong dtype, shape or device, a code outside its range, or a sum outside int32.
    """
    table = lut if isinstance(lut, Table) else Table.of(lut)
    _check_devices(x, w)
    out: torch.Tensor = torch.ops.mulsmith.lut_conv2d(
        x, w, table.on(x.device), table.lut.signed, table.key, backend,
        list(pair(stride, "stride")), list(pair(padding, "padding")), list(pair(dilation, "dilation")),
        groups, torch.as_tensor(pad_code),
    )  # fmt: skip
    return out


def lut_conv_transpose2d(
    x: torch.Tensor,
    w: torch.Tensor,
    lut: Lut | Table,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    output_padding: int | Pair = 0,
    groups: int = 1,
    dilation: int | Pair = 1,
    backend: str = AUTO,
) -> torch.Tensor:
    """Return the exact sums of a transposed convolution.

    Every input code meets every kernel code once; the zeros that stride inserts between the inputs in the
    textbook form are no products here, as in hardware that scatters its results.

    Args:
        x: operand codes of the activations, integer [N, C, H, W].
        w: operand codes of the weights, integer [C, O/groups, kh, kw].
        lut: the multiplier.
        stride: one number, or (vertical, horizontal).
        padding: how much the output is cropped on every side; one number, or (vertical, horizontal).
        output_padding: rows and columns added at the end; one number, or (vertical, horizontal).
        groups: channel groups.
        dilation: one number, or (vertical, horizontal).
        backend: ``auto`` or the name of a backend.

    Returns:
        int32 [N, O, H', W'] with PyTorch's output size.

    Raises:
        EmulationError: wrong dtype, shape or device, a code outside its range, or a sum outside int32.
    """
    geometry = ConvGeometry(
        pair(stride, "stride"), pair(padding, "padding"), pair(dilation, "dilation"), groups
    )
    if x.ndim != 4 or w.ndim != 4 or groups < 1 or x.shape[1] != w.shape[0] or x.shape[1] % groups:
        raise EmulationError(
            f"a transposed convolution needs x [N, C, H, W] and w [C, O/groups, kh, kw], "
            f"not {tuple(x.shape)} and {tuple(w.shape)} with {groups} groups"
        )
    table = lut if isinstance(lut, Table) else Table.of(lut)
    codes = x.reshape(*x.shape[:1], groups, x.shape[1] // groups, -1).transpose(2, 3)
    products = lut_matmul(codes, w.reshape(groups, x.shape[1] // groups, -1), table, backend)
    columns = products.transpose(2, 3).reshape(x.shape[0], -1, x.shape[2] * x.shape[3])
    extra = pair(output_padding, "output_padding")
    kernel = (w.shape[2], w.shape[3])
    size = transposed_size((x.shape[2], x.shape[3]), kernel, geometry, extra)
    out: torch.Tensor = torch.ops.mulsmith.fold(
        columns,
        list(size),
        list(kernel),
        list(geometry.stride),
        list(geometry.padding),
        list(geometry.dilation),
    )
    return out


def transposed_size(size: Pair, kernel: Pair, geometry: ConvGeometry, output_padding: Pair) -> Pair:
    """Return (H', W') of a transposed convolution of an input of ``size``.

    Raises:
        EmulationError: the padding leaves no output.
    """
    height, width = (
        (size[i] - 1) * geometry.stride[i]
        - 2 * geometry.padding[i]
        + geometry.dilation[i] * (kernel[i] - 1)
        + output_padding[i]
        + 1
        for i in range(2)
    )
    if height < 1 or width < 1:
        raise EmulationError(f"the transposed convolution of {size} with kernel {kernel} has no output")
    return height, width


def pair(value: int | Sequence[int], name: str) -> Pair:
    """Return a one- or two-number argument as (vertical, horizontal)."""
    if isinstance(value, int):
        return value, value
    if len(value) == 2:
        return value[0], value[1]
    raise EmulationError(f"{name} must be one or two integers, not {value!r}")


def raw_codes(codes: torch.Tensor, bits: int, signed: bool, name: str) -> torch.Tensor:
    """Return operand codes as contiguous table indices: uint8 up to 8 bits, int16 above.

    Raises:
        EmulationError: a dtype other than an integer, or a code outside the range of the width.
    """
    if codes.dtype not in INTEGER_DTYPES:
        raise EmulationError(
            f"{name} has dtype {codes.dtype}, but operand codes are integers", remedy="quantise it first"
        )
    low, high = code_range(bits, signed)
    limits = torch.iinfo(codes.dtype)
    if codes.numel() and (limits.min < low or limits.max > high):
        smallest, largest = (int(value) for value in codes.aminmax())
        if smallest < low or largest > high:
            kind = "signed" if signed else "unsigned"
            raise EmulationError(
                f"{name} holds codes {smallest}..{largest}, but {bits} {kind} bits hold {low}..{high}"
            )
    if bits == 8:
        return codes.contiguous().view(torch.uint8) if codes.element_size() == 1 else codes.to(torch.uint8)
    masked = codes & ((1 << bits) - 1) if signed else codes
    return masked.to(torch.uint8 if bits < 8 else torch.int16).contiguous()


def _check_devices(x: torch.Tensor, w: torch.Tensor) -> None:
    """Refuse operands on two devices in front of the operators: for one on ``meta`` torch runs no kernel."""
    if x.device != w.device:
        raise EmulationError(f"x is on {x.device} and w on {w.device}: both must be on one device")


def _operands(x: torch.Tensor, w: torch.Tensor, table: Table) -> tuple[torch.Tensor, torch.Tensor]:
    lut = table.lut
    return raw_codes(x, lut.a_bits, lut.signed, "x"), raw_codes(w, lut.b_bits, lut.signed, "w")


def _matmul_raw(
    x: torch.Tensor, w: torch.Tensor, table: Table, backend: str, groups: int = 1
) -> torch.Tensor:
    """Multiply raw codes, in parts of K where the whole could leave int32."""
    (m, k), n = x.shape, w.shape[1]
    problem = Problem(m, min(k, table.max_terms), n, groups, False, table, x.device)
    chosen = choose(backend, problem)
    if k <= table.max_terms:
        if m == 0 or n == 0 or k == 0:
            return torch.zeros(m, n, dtype=torch.int32, device=x.device)
        return chosen.matmul(x.contiguous(), w.contiguous(), table)
    total = torch.zeros(m, n, dtype=torch.int64, device=x.device)
    for start in range(0, k, table.max_terms):
        part = slice(start, start + table.max_terms)
        total += chosen.matmul(x[:, part].contiguous(), w[part].contiguous(), table)
    if total.numel() and int(total.abs().max()) > INT32_MAX:
        raise EmulationError(
            f"a sum of {k} products does not fit into int32", remedy="split the layer along K"
        )
    return total.to(torch.int32)


@torch.library.custom_op("mulsmith::lut_matmul", mutates_args=())
def _lut_matmul(
    x: torch.Tensor, w: torch.Tensor, table: torch.Tensor, signed: bool, key: str, backend: str
) -> torch.Tensor:
    known = Table.from_key(key, table, signed)
    return _matmul_raw(*_operands(x, w, known), known, backend)


@_lut_matmul.register_fake
def _(
    x: torch.Tensor, w: torch.Tensor, table: torch.Tensor, signed: bool, key: str, backend: str
) -> torch.Tensor:
    return x.new_empty((x.shape[0], w.shape[1]), dtype=torch.int32)


@torch.library.custom_op("mulsmith::lut_bmm", mutates_args=())
def _lut_bmm(
    x: torch.Tensor, w: torch.Tensor, table: torch.Tensor, signed: bool, key: str, backend: str
) -> torch.Tensor:
    known = Table.from_key(key, table, signed)
    first, second = _operands(x, w, known)
    out = x.new_empty((x.shape[0], x.shape[1], w.shape[2]), dtype=torch.int32)
    for index in range(x.shape[0]):
        out[index] = _matmul_raw(first[index], second[index], known, backend, groups=x.shape[0])
    return out


@_lut_bmm.register_fake
def _(
    x: torch.Tensor, w: torch.Tensor, table: torch.Tensor, signed: bool, key: str, backend: str
) -> torch.Tensor:
    return x.new_empty((x.shape[0], x.shape[1], w.shape[2]), dtype=torch.int32)


@torch.library.custom_op("mulsmith::lut_conv2d", mutates_args=())
def _lut_conv2d(
    x: torch.Tensor,
    w: torch.Tensor,
    table: torch.Tensor,
    signed: bool,
    key: str,
    backend: str,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    groups: int,
    pad_code: torch.Tensor,
) -> torch.Tensor:
    known = Table.from_key(key, table, signed)
    bits = known.lut.a_bits
    low, high = code_range(bits, signed)
    code = int(pad_code)
    if not low <= code <= high:
        raise EmulationError(f"pad_code {code} is outside the range {low}..{high} of operand A")
    geometry = ConvGeometry(
        (stride[0], stride[1]), (padding[0], padding[1]), (dilation[0], dilation[1]), groups,
        code % (1 << bits),
    )  # fmt: skip
    check_conv(x, w, geometry)
    first, second = _operands(x, w, known)
    height, width = geometry.output_size(x.shape[2], x.shape[3], (w.shape[2], w.shape[3]))
    m, k, n = x.shape[0] * height * width, w[0].numel() if len(w) else 0, w.shape[0] // groups
    if m == 0 or k == 0 or n == 0:
        return torch.zeros(x.shape[0], w.shape[0], height, width, dtype=torch.int32, device=x.device)
    chosen = choose(backend, Problem(m, min(k, known.max_terms), n, groups, True, known, x.device))
    if k <= known.max_terms and chosen.conv2d is not None:
        return chosen.conv2d(first, second, known, geometry)
    return conv2d_as_matmul(
        lambda a, b: _matmul_raw(a, b, known, chosen.name, groups), first, second, geometry
    )


@_lut_conv2d.register_fake
def _(
    x: torch.Tensor,
    w: torch.Tensor,
    table: torch.Tensor,
    signed: bool,
    key: str,
    backend: str,
    stride: list[int],
    padding: list[int],
    dilation: list[int],
    groups: int,
    pad_code: torch.Tensor,
) -> torch.Tensor:
    geometry = ConvGeometry((stride[0], stride[1]), (padding[0], padding[1]), (dilation[0], dilation[1]))
    height, width = geometry.output_size(x.shape[2], x.shape[3], (w.shape[2], w.shape[3]))
    return x.new_empty((x.shape[0], w.shape[0], height, width), dtype=torch.int32)


@torch.library.custom_op("mulsmith::fold", mutates_args=())
def _fold(
    columns: torch.Tensor,
    size: list[int],
    kernel: list[int],
    stride: list[int],
    padding: list[int],
    dilation: list[int],
) -> torch.Tensor:
    """Scatter int32 columns [N, O*kh*kw, H*W] into int32 [N, O, H', W'].

    float64 holds every integer below 2**53, so the additions are exact.
    """
    outputs = columns.shape[1] // (kernel[0] * kernel[1])
    if columns.numel() == 0:
        return columns.new_zeros((columns.shape[0], outputs, *size))
    out = functional.fold(
        columns.to(torch.float64), *(tuple(part) for part in (size, kernel, dilation, padding, stride))
    )
    if float(out.abs().max()) > INT32_MAX:
        raise EmulationError("a sum of the transposed convolution does not fit into int32")
    return out.to(torch.int32)


@_fold.register_fake
def _(
    columns: torch.Tensor,
    size: list[int],
    kernel: list[int],
    stride: list[int],
    padding: list[int],
    dilation: list[int],
) -> torch.Tensor:
    return columns.new_empty((columns.shape[0], columns.shape[1] // (kernel[0] * kernel[1]), *size))
