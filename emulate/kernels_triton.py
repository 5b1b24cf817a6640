"""Backend ``triton``: a layer as one fused int8 tensor-core product of the table's planes, on CUDA devices.

Three launches per layer: the activations' term summed over channels, the weights' digits and term, and the
convolution itself, which looks the activations' digits up as it goes and takes the padding code through the
table like every other code. A matrix product is the 1x1 convolution of M images of one pixel. triton is
optional; with TRITON_INTERPRET=1 the same kernels run on the CPU, slowly, for tests.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch

from mulsmith.emulate.backends import Backend, Problem, installed
from mulsmith.emulate.factor_store import factors_of, known_factors, plane_bound
from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.tables import INT32_MAX, Table
from mulsmith.errors import EmulationError

MAX_TABLE_BITS = 16
MAX_RUN = 1 << 20
MIN_CAPABILITY = (8, 0)
DIGITS_PER_WORD = 4
TERM_ALIGNMENT = 16
INFINITY = float("inf")

LAUNCH_S = 2e-5
PLANE_PRODUCTS_PER_S = 2e14
"""Estimate for an H100, not measured: a third of the rate that its look-ups of digits allow."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Planes of one scale: words ``first`` to ``end - 1``; ``ratio`` is the scale before over this one."""

    first: int
    end: int
    ratio: int


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Factors as the kernel reads them.

    Attributes:
        digits: planes per word.
        words: integers of ``digits`` bytes, rounded up to 1, 2 or 4: [words, 2**a_bits].
        b_digits: int8 [words * digits, 2**b_bits]; a plane of zeros where a word is not full.
        segments: the scales, in an order in which each divides the one before modulo 2**32.
        last_scale: scale of the last segment.
        peak: largest sum of absolute products of digits over a segment's planes.
    """

    digits: int
    words: np.ndarray[tuple[int, ...], np.dtype[np.signedinteger]]
    b_digits: np.ndarray[tuple[int, ...], np.dtype[np.int8]]
    segments: tuple[Segment, ...]
    last_scale: int
    peak: int


def pack(factors: Factors) -> Packed:
    """Lay the planes of a table out in words of equal scale; as few planes of zeros as possible."""
    scales = [int(scale) for scale in factors.scales]
    distinct = sorted({scale for scale in scales if scale != 0}, key=lambda scale: -_twos(scale))
    members = {scale: [p for p, other in enumerate(scales) if other == scale] for scale in distinct}
    if not distinct:  # a table of two terms only
        distinct, members = [1], {1: []}

    def words_of(digits: int) -> list[int]:
        return [max(1, -(-len(members[scale]) // digits)) for scale in distinct]

    digits = min(range(1, DIGITS_PER_WORD + 1), key=lambda d: sum(words_of(d)) * (1 + d))
    counts = words_of(digits)
    a_planes = np.zeros((sum(counts) * digits, len(factors.a_term)), dtype=np.int8)
    b_planes = np.zeros((sum(counts) * digits, len(factors.b_term)), dtype=np.int8)
    segments, first, before, peak = [], 0, distinct[0], 1
    for scale, count in zip(distinct, counts, strict=True):
        chosen, place = members[scale], first * digits
        a_planes[place : place + len(chosen)] = factors.a_digits[chosen]
        b_planes[place : place + len(chosen)] = factors.b_digits[chosen]
        magnitudes = abs(factors.a_digits[chosen].astype(int)).T @ abs(factors.b_digits[chosen].astype(int))
        peak = max(peak, int(magnitudes.max()))
        segments.append(Segment(first, first + count, _ratio(before, scale)))
        first, before = first + count, scale
    width = {1: 1, 2: 2, 3: 4, 4: 4}[digits]
    cells = np.zeros((sum(counts), len(factors.a_term), width), dtype=np.int8)
    cells[:, :, :digits] = a_planes.reshape(sum(counts), digits, -1).transpose(0, 2, 1)
    words = cells.view(np.dtype(f"<i{width}"))[:, :, 0]
    return Packed(digits, np.ascontiguousarray(words), b_planes, tuple(segments), distinct[-1], peak)


def _twos(number: int) -> int:
    """Return how often two divides a number."""
    return (number & -number).bit_length() - 1


def _ratio(dividend: int, divisor: int) -> int:
    """Return r in int32 with r * divisor = dividend modulo 2**32, where two divides the dividend as often."""
    twos = _twos(divisor)
    quotient = (dividend >> twos) * pow(divisor >> twos, -1, 1 << 32)
    return _int32(quotient)


def _int32(number: int) -> int:
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


@dataclass(frozen=True, slots=True)
class DeviceTable:
    """``Packed`` factors and their terms as tensors on a device."""

    packed: Packed
    words: torch.Tensor
    b_digits: torch.Tensor
    segments: torch.Tensor
    a_term: torch.Tensor
    b_term: torch.Tensor
    factors: Factors


def _prepared(table: Table, device: torch.device) -> DeviceTable:
    key = f"triton {device}"
    if key not in table.derived:
        factors = _factors(table)
        packed = pack(factors)
        segments = [[part.first, part.end, part.ratio] for part in packed.segments]
        table.derived[key] = DeviceTable(
            packed,
            torch.from_numpy(packed.words).to(device),
            torch.from_numpy(packed.b_digits).to(device),
            torch.tensor(segments, dtype=torch.int32, device=device),
            torch.from_numpy(factors.a_term.astype(np.int32)).to(device),
            torch.from_numpy(factors.b_term.astype(np.int32)).to(device),
            factors,
        )
    result: DeviceTable = table.derived[key]
    return result


def _factors(table: Table) -> Factors:
    if table.lut.a_bits + table.lut.b_bits > MAX_TABLE_BITS:
        raise EmulationError(
            f"backend 'triton' takes tables of up to 2**{MAX_TABLE_BITS} entries",
            remedy="use backend 'reference'",
        )
    return factors_of(table)


@dataclass(frozen=True, slots=True)
class Tile:
    """What one program of the convolution computes, and with how many warps."""

    rows: int
    columns: int
    terms: int
    warps: int


def tile_for(rows: int, columns: int, terms: int) -> Tile:
    """Return a tile for a problem; a rule of thumb, not tuned on a device."""
    wide = min(128, max(16, 1 << (columns - 1).bit_length()))
    tall = min(128, max(16, 1 << (rows - 1).bit_length()))
    return Tile(tall, wide, 64 if terms > 32 else 32, 8 if tall * wide >= 128 * 128 else 4)


def matmul(x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Return Y[m, n] = sum_k table[x[m, k], w[k, n]] for raw codes x [M, K], w [K, N], int32 [M, N]."""
    (m, k), n = x.shape, w.shape[1]
    portion = max(1, INT32_MAX // max(k, n))
    weights = _expand(w, n, k, 1, (1, n), table)
    parts = [
        _convolve(rows.reshape(len(rows), 1, 1, k), weights, (n, 1, 1), table, ConvGeometry())
        for rows in x.split(portion)
    ]
    return (torch.cat(parts) if len(parts) > 1 else parts[0]).reshape(m, n)


def conv2d(x: torch.Tensor, w: torch.Tensor, table: Table, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve raw codes x [N, C, H, W] with w [O, C/groups, kh, kw]; return int32 [N, O, H', W']."""
    outputs, depth, kernel_h, kernel_w = w.shape
    height, width = geometry.output_size(x.shape[2], x.shape[3], (kernel_h, kernel_w))
    largest = max(x[0].numel(), outputs * height * width)
    taps = kernel_h * kernel_w
    weights = _expand(w.contiguous(), outputs, depth, taps, (depth * taps, taps), table)
    parts = [
        _convolve(
            images.permute(0, 2, 3, 1).contiguous(), weights, (outputs, kernel_h, kernel_w), table, geometry
        )
        for images in x.split(max(1, INT32_MAX // largest))
    ]
    return torch.cat(parts) if len(parts) > 1 else parts[0]


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights' digits int8 [planes, outputs, padded terms] and the sums of their term, int32 [outputs]."""

    digits: torch.Tensor
    sums: torch.Tensor
    terms: int


def _expand(
    w: torch.Tensor, outputs: int, depth: int, taps: int, strides: tuple[int, int], table: Table
) -> Weights:
    """Expand weight codes; element (output, channel, tap) lies at ``strides`` and 1."""
    from mulsmith.emulate import triton_source

    prepared = _prepared(table, w.device)
    terms = depth * taps
    padded = -(-terms // TERM_ALIGNMENT) * TERM_ALIGNMENT
    count = len(prepared.b_digits)
    digits = torch.empty(count, outputs, padded, dtype=torch.int8, device=w.device)
    sums = torch.empty(outputs, dtype=torch.int32, device=w.device)
    with _on(w.device):
        triton_source.expand_weights[(outputs,)](
            w, prepared.b_digits, prepared.b_term, digits, sums, outputs, depth, terms, padded, count,
            len(prepared.b_term), *strides, BLOCK=min(1024, 1 << (padded - 1).bit_length()),
        )  # fmt: skip
    return Weights(digits, sums, terms)


def _convolve(
    codes: torch.Tensor, weights: Weights, kernel: tuple[int, int, int], table: Table, geometry: ConvGeometry
) -> torch.Tensor:
    """Convolve codes [N, H, W, C], channels last, with expanded weights; kernel is (O, kh, kw)."""
    from mulsmith.emulate import triton_source

    prepared = _prepared(table, codes.device)
    images, height, width, channels = codes.shape
    outputs, kernel_h, kernel_w = kernel
    groups = geometry.groups
    depth, columns = channels // groups, outputs // groups
    out_h, out_w = geometry.output_size(height, width, (kernel_h, kernel_w))
    rows = images * out_h * out_w
    out = torch.empty(images, outputs, out_h, out_w, dtype=torch.int32, device=codes.device)
    sums = torch.empty(images, height, width, groups, dtype=torch.int32, device=codes.device)
    pad_sum = _int32(depth * int(prepared.factors.a_term[geometry.pad_code]))
    tile = tile_for(rows, columns, weights.terms)
    run = max(INT32_MAX // prepared.packed.peak // tile.terms, 1) * tile.terms
    programs = groups * -(-rows // tile.rows) * -(-columns // tile.columns)
    step = min(64, 1 << (depth - 1).bit_length())
    lines = 2048 // step
    with _on(codes.device):
        triton_source.channel_sums[(-(-sums.numel() // lines),)](
            codes, prepared.a_term, sums, sums.numel(), depth, ROWS=lines, DEPTH=step
        )
        triton_source.convolve[(programs,)](
            codes, prepared.words, weights.digits, sums, weights.sums, prepared.segments, out,
            rows, weights.terms, weights.digits.shape[2], depth, groups, columns, len(prepared.a_term),
            len(prepared.segments), _int32(prepared.packed.last_scale), min(run, MAX_RUN),
            geometry.pad_code, pad_sum,
            height, width, out_h, out_w, kernel_h, kernel_w,
            *geometry.stride, *geometry.padding, *geometry.dilation,
            DIGITS=prepared.packed.digits, ROWS=tile.rows, COLUMNS=tile.columns, TERMS=tile.terms,
            num_warps=tile.warps,
        )  # fmt: skip
    return out


def _on(device: torch.device) -> AbstractContextManager[object]:
    """Make a CUDA device the current one, which triton launches on."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def _seconds(problem: Problem) -> float:
    """Predict the time; infinity where the factors are unknown and slow or impossible to compute."""
    table = problem.table
    if problem.device.type != "cuda" or table.lut.a_bits + table.lut.b_bits > MAX_TABLE_BITS:
        return INFINITY
    known = known_factors(table)
    if known is None and not installed("flint"):
        return INFINITY
    planes = known.planes if known is not None else 1.3 * plane_bound(table)
    tile = tile_for(problem.m, problem.n, problem.k)
    padded = (
        -(-problem.m // tile.rows) * tile.rows
        * (-(-problem.n // tile.columns) * tile.columns)
        * (-(-problem.k // tile.terms) * tile.terms)
    )  # fmt: skip
    return 3 * LAUNCH_S + problem.groups * padded * max(planes, 1) / PLANE_PRODUCTS_PER_S


def backend() -> Backend:
    """Return the backend for the registry."""
    return Backend("triton", matmul, _seconds, conv2d, _unavailable)


def _unavailable(device: torch.device) -> str | None:
    if not installed("triton"):
        return "triton is not installed (pip install triton)"
    if device.type == "cpu" and os.environ.get("TRITON_INTERPRET") == "1":
        return None
    if device.type != "cuda":
        return f"it runs on CUDA devices, not on {device.type}"
    if not torch.cuda.is_available():
        return "torch finds no CUDA device"
    if torch.version.hip is not None:
        return "it is written for NVIDIA's tensor cores, not for ROCm"
    capability = torch.cuda.get_device_capability(device)
    if capability < MIN_CAPABILITY:
        return f"it needs compute capability 8.0, and {device} has {capability[0]}.{capability[1]}"
    return None
