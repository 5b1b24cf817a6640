"""Backend ``factor``: a layer as one int8 or float32 product per plane of the table's factorisation.

It needs no compiler: matrix products run as ``torch._int_mm`` where the processor has int8 dot products, all
else as float32, in parts whose sums stay below 2**24 and therefore exact. Sums of planes wrap modulo 2**32.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import torch
from torch.nn import functional

from mulsmith.emulate.backends import Backend, Problem
from mulsmith.emulate.factor_store import factors_of, known_factors, plane_bound
from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.geometry import ConvGeometry, conv2d_as_matmul, pad
from mulsmith.emulate.tables import Table
from mulsmith.errors import EmulationError

FLOAT_EXACT = 1 << 24
PORTION_ELEMENTS = 1 << 22
MAX_TABLE_BITS = 16


def matmul(x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Return Y[m, n] = sum_k table[x[m, k], w[k, n]].

    Args:
        x: raw codes of operand A, [M, K].
        w: raw codes of operand B, [K, N].
        table: the multiplier.

    Returns:
        int32 [M, N].
    """
    factors = _factors(table)
    rows, columns = x.long(), w.long()
    out = _terms(factors.a_term, rows).sum(1, dtype=torch.int32)[:, None]
    out = out + _terms(factors.b_term, columns).sum(0, dtype=torch.int32)[None, :]
    product = _int8_product if _has_int8_products(x.device) else _float_product
    for scale, u, v in zip(factors.scales.tolist(), factors.a_digits, factors.b_digits, strict=True):
        out += product(_terms(u, rows), _terms(v, columns)) * scale
    return out


def conv2d(x: torch.Tensor, w: torch.Tensor, table: Table, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve raw codes x [N, C, H, W] with w [O, C/groups, kh, kw]; return int32 [N, O, H', W']."""
    if x.device.type != "cpu":
        return conv2d_as_matmul(lambda a, b: matmul(a, b, table), x, w, geometry)
    factors = _factors(table)
    per_image = (x[0].numel() + 2 * max(geometry.padding) * x.shape[1] * sum(x.shape[2:])) if len(x) else 1
    portion = max(1, PORTION_ELEMENTS // max(per_image, 1))
    results = [_conv_portion(images, w, factors, geometry) for images in x.split(portion)]
    return results[0] if len(results) == 1 else torch.cat(results)


def _conv_portion(x: torch.Tensor, w: torch.Tensor, factors: Factors, geometry: ConvGeometry) -> torch.Tensor:
    padded = pad(x, geometry.padding, geometry.pad_code)
    codes = padded.permute(0, 2, 3, 1).contiguous().long()  # channels last
    weights = w.long()
    bias = _terms(factors.b_term, weights).sum((1, 2, 3), dtype=torch.int32)
    out = _window_sums(_terms(factors.a_term, codes), w, geometry) + bias[:, None, None]
    for scale, u, v in zip(factors.scales.tolist(), factors.a_digits, factors.b_digits, strict=True):
        kernel = _terms(v, weights).float()
        plane = _terms(u, codes).float().permute(0, 3, 1, 2)
        largest = int(abs(u.astype(int)).max())
        for channels in _exact_parts(kernel.abs().amax(0).sum((1, 2)) * largest):
            part = kernel[:, channels].contiguous(memory_format=torch.channels_last)
            source = _group_channels(plane, channels, geometry.groups)
            sums = functional.conv2d(
                source, part, stride=geometry.stride, dilation=geometry.dilation, groups=geometry.groups
            )
            out += sums.to(torch.int32) * scale
    return out


def _group_channels(plane: torch.Tensor, channels: slice, groups: int) -> torch.Tensor:
    """Return the same channels of every group of plane [N, C, H, W]."""
    per_group = plane.shape[1] // groups
    if (channels.start, channels.stop) == (0, per_group):
        return plane
    chosen = plane.reshape(len(plane), groups, per_group, *plane.shape[2:])[:, :, channels]
    return chosen.flatten(1, 2).contiguous(memory_format=torch.channels_last)


def _exact_parts(bounds: torch.Tensor) -> Iterator[slice]:
    """Cut channels, each with a bound on the sum of its absolute products, into parts exact in float32.

    Raises:
        EmulationError: a single channel is beyond the bound (a kernel of more than 1024 taps).
    """
    start, total = 0, 0.0
    for channel, bound in enumerate(bounds.tolist()):
        if bound > FLOAT_EXACT:
            raise EmulationError(
                "a kernel window is too large for exact float32 sums", remedy="use backend 'reference'"
            )
        if total + bound > FLOAT_EXACT:
            yield slice(start, channel)
            start, total = channel, 0.0
        total += bound
    yield slice(start, len(bounds))


def _window_sums(terms: torch.Tensor, w: torch.Tensor, geometry: ConvGeometry) -> torch.Tensor:
    """Sum int32 terms [N, H, W, C] over each group's channels and kernel windows: [N, O, H', W']."""
    images, height, width, _ = terms.shape
    groups, kernel = geometry.groups, (w.shape[2], w.shape[3])
    sums = terms.unflatten(3, (groups, -1)).sum(4, dtype=torch.int32)
    size = ConvGeometry(geometry.stride, (0, 0), geometry.dilation).output_size(height, width, kernel)
    out = torch.zeros(images, *size, groups, dtype=torch.int32)
    (stride_h, stride_w), (dilation_h, dilation_w) = geometry.stride, geometry.dilation
    for y in range(kernel[0]):
        for x in range(kernel[1]):
            top, left = y * dilation_h, x * dilation_w
            rows = slice(top, top + (size[0] - 1) * stride_h + 1, stride_h)
            out += sums[:, rows, left : left + (size[1] - 1) * stride_w + 1 : stride_w]
    return out.permute(0, 3, 1, 2).repeat_interleave(w.shape[0] // groups, dim=1)


def _int8_product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the int32 product of int8 matrices; CUDA wants more than 16 rows and multiples of 8."""
    (m, k), n = left.shape, right.shape[1]
    if left.device.type == "cuda":
        left = functional.pad(left, (0, -k % 8, 0, max(0, 17 - m)))
        right = functional.pad(right, (0, -n % 8, 0, -k % 8))
    out: torch.Tensor = torch._int_mm(left, right)
    return out[:m, :n]


def _float_product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the int32 product of int8 matrices by float32 products of at most 2**24."""
    step = FLOAT_EXACT >> 14
    out = torch.zeros(left.shape[0], right.shape[1], dtype=torch.int32, device=left.device)
    for k in range(0, left.shape[1], step):
        out += (left[:, k : k + step].float() @ right[k : k + step].float()).to(torch.int32)
    return out


def _has_int8_products(device: torch.device) -> bool:
    """Say whether ``torch._int_mm`` exists and is fast."""
    if not hasattr(torch, "_int_mm"):
        return False
    return device.type == "cuda" or bool(getattr(torch.cpu, "_is_vnni_supported", lambda: False)())


def _terms(entries: object, codes: torch.Tensor) -> torch.Tensor:
    """Look int64 codes up in a numpy vector."""
    values = torch.as_tensor(entries, device=codes.device)
    return values.index_select(0, codes.flatten()).view(codes.shape)


def _factors(table: Table) -> Factors:
    if table.lut.a_bits + table.lut.b_bits > MAX_TABLE_BITS:
        raise EmulationError(
            f"backend 'factor' takes tables of up to 2**{MAX_TABLE_BITS} entries",
            remedy="use backend 'reference'",
        )
    return factors_of(table)


def _seconds(problem: Problem) -> float:
    """Predict from measured rates: products per plane, look-ups of digits per operand code."""
    table = problem.table
    if table.lut.a_bits + table.lut.b_bits > MAX_TABLE_BITS:
        return float("inf")
    known = known_factors(table)
    if known is None and find_spec("flint") is None:
        return float("inf")
    planes = known.planes if known is not None else 1.3 * plane_bound(table)
    per_s = 3e13 if problem.device.type == "cuda" else 8e10
    codes = problem.groups * (problem.m * problem.k + problem.k * problem.n)
    return 1e-4 * (1 + planes) + planes * (problem.lookups / per_s + codes * 1e-9)


def backend() -> Backend:
    """Return the backend for the registry."""
    return Backend("factor", matmul, _seconds, conv2d, _unavailable)


def _unavailable(device: torch.device) -> str | None:
    return None if device.type in ("cpu", "cuda") else f"it runs on cpu and cuda, not on {device.type}"
