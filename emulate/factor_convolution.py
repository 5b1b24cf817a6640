"""Convolutions by the planes of a factorisation, on the CPU without a compiler of our own.

Planes of one scale stand side by side as channels of one convolution, as int8 products where oneDNN offers
them, else as float32. Both give float32 sums, which are exact because channels are taken in parts whose sums
stay within 2**24.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch.nn import functional

from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.geometry import ConvGeometry, pad
from mulsmith.emulate.scaled_planes import Plane, shared_scales
from mulsmith.errors import EmulationError

FLOAT_EXACT = 1 << 24
PORTION_BYTES = 1 << 23
WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Bytes looked up at once -> the type that holds them."""


@dataclass(frozen=True, slots=True)
class PlaneGroup:
    """Planes of one scale, padded with zeros to 1, 2, 4 or 8, whose digits are looked up together.

    Attributes:
        unsigned: the bytes of all planes as one word per code of operand A.
        signed: int8 [2**b_bits, planes].
        largest: the largest unsigned digit.
        scale: of all.
    """

    unsigned: torch.Tensor
    signed: torch.Tensor
    largest: int
    scale: int

    @property
    def planes(self) -> int:
        """Number of planes, those of zeros included."""
        return self.signed.shape[1]


@dataclass(frozen=True, slots=True)
class GroupedFactors:
    """A factorisation as groups of planes and the terms of one operand, int32 by code."""

    groups: tuple[PlaneGroup, ...]
    a_term: torch.Tensor
    b_term: torch.Tensor


def grouped(factors: Factors) -> GroupedFactors:
    """Return factors in the form that ``conv2d`` takes."""
    planes = shared_scales(factors)
    rest = factors.product().astype(np.int64)
    groups = []
    for scale in dict.fromkeys(plane.scale for plane in planes):
        left = [plane for plane in planes if plane.scale == scale]
        rest -= scale * sum(np.outer(plane.unsigned, plane.signed) for plane in left)
        while left:
            take = max(size for size in WORDS if size <= len(left) + len(left) // 3)
            groups.append(_group(left[:take], take, scale))
            left = left[take:]
    return GroupedFactors(tuple(groups), _words(rest[:, 0] - rest[0, 0]), _words(rest[0]))


def _group(planes: list[Plane], size: int, scale: int) -> PlaneGroup:
    unsigned = np.zeros((len(planes[0].unsigned), size), dtype=np.uint8)
    signed = np.zeros((len(planes[0].signed), size), dtype=np.int8)
    for index, plane in enumerate(planes):
        unsigned[:, index], signed[:, index] = plane.unsigned, plane.signed
    words = torch.from_numpy(unsigned).view(WORDS[size]).flatten()
    return PlaneGroup(words, torch.from_numpy(signed), int(unsigned.max()), scale)


def _words(values: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> torch.Tensor:
    """Return integers modulo 2**32 as int32."""
    return torch.from_numpy((values & 0xFFFFFFFF).astype(np.uint32).view(np.int32))


def conv2d(x: torch.Tensor, w: torch.Tensor, factors: GroupedFactors, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve raw codes x [N, C, H, W] with w [O, C/groups, kh, kw]; return int32 [N, O, H', W']."""
    per_image = x[0].numel() + 2 * max(geometry.padding) * x.shape[1] * sum(x.shape[2:])
    widest = max((group.planes for group in factors.groups), default=1)
    portion = max(1, PORTION_BYTES // max(per_image * widest, 1))
    weights = w.int()
    bias = look_up(factors.b_term, weights).sum((1, 2, 3), dtype=torch.int32)
    kernels = [_kernel(group, weights) for group in factors.groups]
    window = (w.shape[2], w.shape[3])
    height, width = geometry.output_size(x.shape[2], x.shape[3], window)
    out = torch.empty(len(x), w.shape[0], height, width, dtype=torch.int32)
    for start in range(0, len(x), portion):
        part = slice(start, start + portion)
        out[part] = _portion(x[part], kernels, window, bias, factors, geometry)
    return out


def look_up(entries: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """Look int32 or int64 codes up in a vector."""
    return entries.index_select(0, codes.flatten()).view(codes.shape)


def _kernel(group: PlaneGroup, weights: torch.Tensor) -> torch.Tensor:
    """Return the digits of weights [O, C, kh, kw] as int8 [O, C * planes, kh, kw]."""
    digits = group.signed.index_select(0, weights.flatten()).view(*weights.shape, group.planes)
    return digits.permute(0, 1, 4, 2, 3).flatten(1, 2)


def _portion(
    x: torch.Tensor,
    kernels: list[torch.Tensor],
    window: tuple[int, int],
    bias: torch.Tensor,
    factors: GroupedFactors,
    geometry: ConvGeometry,
) -> torch.Tensor:
    padded = pad(x, geometry.padding, geometry.pad_code)
    codes = padded.permute(0, 2, 3, 1).contiguous().int()  # channels last
    size = ConvGeometry(geometry.stride, (0, 0), geometry.dilation).output_size(
        codes.shape[1], codes.shape[2], window
    )
    out = bias.expand(len(x), *size, len(bias)).contiguous().permute(0, 3, 1, 2)
    if factors.a_term.any():
        sums = _window_sums(look_up(factors.a_term, codes), window, size, geometry)
        out += sums.repeat_interleave(len(bias) // geometry.groups, dim=1)
    whole = torch.empty_like(out)
    convolve = _int8_convolution if has_int8_convolutions() else _float_convolution
    for group, kernel in zip(factors.groups, kernels, strict=True):
        plane = look_up(group.unsigned, codes).view(torch.uint8).permute(0, 3, 1, 2)
        for channels in _exact_parts(kernel, group.largest):
            source = _group_channels(plane, channels, geometry.groups)
            whole.copy_(convolve(source, kernel[:, channels].contiguous(), geometry))
            out.add_(whole, alpha=group.scale)
    return out


def _int8_convolution(x: torch.Tensor, w: torch.Tensor, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve uint8 with int8 by oneDNN's integer convolution, with float32 results."""
    ones = torch.ones(len(w))
    zeros = torch.zeros(len(w), dtype=torch.int32)
    stride, dilation, nowhere = list(geometry.stride), list(geometry.dilation), [0, 0]
    packed = torch.ops.onednn.qconv_prepack(
        w, ones, 1.0, 0, stride, nowhere, dilation, geometry.groups, list(x.shape)
    )
    out: torch.Tensor = torch.ops.onednn.qconv2d_pointwise(
        x, 1.0, 0, packed, ones, zeros, None, stride, nowhere, dilation, geometry.groups,
        1.0, 0, torch.float32, "none", [], "",
    )  # fmt: skip
    return out


def _float_convolution(x: torch.Tensor, w: torch.Tensor, geometry: ConvGeometry) -> torch.Tensor:
    return functional.conv2d(
        x.float(),
        w.float().contiguous(memory_format=torch.channels_last),
        stride=geometry.stride,
        dilation=geometry.dilation,
        groups=geometry.groups,
    )


@cache
def has_int8_convolutions() -> bool:
    """Say whether oneDNN convolves integers fast and exactly here (torch's interface to it may change)."""
    if not getattr(torch.cpu, "_is_vnni_supported", lambda: False)():
        return False
    x = torch.full((1, 64, 3, 3), 255, dtype=torch.uint8).contiguous(memory_format=torch.channels_last)
    w = torch.full((16, 64, 3, 3), -127, dtype=torch.int8)
    try:
        sums = _int8_convolution(x, w, ConvGeometry())
    except (AttributeError, RuntimeError, TypeError):
        return False
    return bool((sums == -255 * 127 * 64 * 9).all())


def _group_channels(plane: torch.Tensor, channels: slice, groups: int) -> torch.Tensor:
    """Return the same channels of every group of plane [N, C, H, W]."""
    per_group = plane.shape[1] // groups
    if (channels.start, channels.stop) == (0, per_group):
        return plane
    chosen = plane.reshape(len(plane), groups, per_group, *plane.shape[2:])[:, :, channels]
    return chosen.flatten(1, 2).contiguous(memory_format=torch.channels_last)


def _exact_parts(kernel: torch.Tensor, largest: int) -> Iterator[slice]:
    """Cut the channels of kernel [O, C, kh, kw] into parts whose sums with codes <= largest are exact.

    Raises:
        EmulationError: a single channel is beyond the bound (a kernel of more than 516 taps).
    """
    bounds = (kernel.short().abs().sum((2, 3), dtype=torch.int64).cumsum(1) * largest).numpy()
    count, start = bounds.shape[1], 0
    before = np.zeros(len(bounds), dtype=np.int64)
    while start < count:
        reached = (bounds - before[:, None]).max(axis=0)
        stop = int(np.searchsorted(reached, FLOAT_EXACT, side="right"))
        if stop <= start:
            raise EmulationError(
                "a kernel window is too large for exact float32 sums", remedy="use backend 'reference'"
            )
        yield slice(start, stop)
        before, start = bounds[:, stop - 1], stop


def _window_sums(
    terms: torch.Tensor, window: tuple[int, int], size: tuple[int, int], geometry: ConvGeometry
) -> torch.Tensor:
    """Sum int32 terms [N, H, W, C] over each group's channels and kernel windows: [N, groups, H', W']."""
    sums = terms.unflatten(3, (geometry.groups, -1)).sum(4, dtype=torch.int32)
    out = torch.zeros(len(terms), *size, geometry.groups, dtype=torch.int32)
    (stride_h, stride_w), (dilation_h, dilation_w) = geometry.stride, geometry.dilation
    for y in range(window[0]):
        for x in range(window[1]):
            top, left = y * dilation_h, x * dilation_w
            rows = slice(top, top + (size[0] - 1) * stride_h + 1, stride_h)
            out += sums[:, rows, left : left + (size[1] - 1) * stride_w + 1 : stride_w]
    return out.permute(0, 3, 1, 2)
