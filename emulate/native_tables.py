"""A multiplier's table in the layouts that the compiled kernels read (``MulsmithTable`` of abi.h).

The dot-product kernels multiply unsigned lane digits with signed row digits. Planes of equal scale share
their sums, so scales are multiplied into the digits where these have room; and row digits begin at 0 where
they can, because what belongs to lanes alone costs a sum of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.native_library import CTable

CODES = 256
WORD = 1 << 32

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PreparedTable:
    """A table in the kernels' layout; the tensors own the memory that ``structure`` points to."""

    structure: CTable
    tensors: tuple[torch.Tensor, ...]


@dataclass(frozen=True, slots=True)
class _Plane:
    """One plane: lane digits 0..255 times row digits -128..127 times scale, by operand code."""

    lane: Integers
    row: Integers
    scale: int


def prepare(entries: npt.NDArray[np.int32], factors: Factors | None) -> PreparedTable:
    """Lay out entries [row code, lane code] and factors, whose operand A are the lanes."""
    base = int(entries.min())
    full = np.zeros((CODES, CODES), dtype=np.uint32)
    full[: entries.shape[0], : entries.shape[1]] = (entries.astype(np.int64) - base).astype(np.uint32)
    halves = [full & 0xFFFF, full >> 16]
    parts = halves if halves[1].any() else halves[:1]
    words = _tensor(np.stack(parts).astype(np.uint16).view(np.int16))
    planes = [np.stack([part & 0xFF, part >> 8], axis=1) for part in parts]
    structure = CTable(parts=len(parts), base=base)
    pointers = {"words": words, "bytes": _tensor(np.stack(planes).astype(np.uint8))}
    if factors is not None:
        pointers |= _prepare_factors(structure, entries.astype(np.int64), factors)
    for name, tensor in pointers.items():
        setattr(structure, name, tensor.data_ptr())
    return PreparedTable(structure, tuple(pointers.values()))


def _prepare_factors(structure: CTable, entries: Integers, factors: Factors) -> dict[str, torch.Tensor]:
    """Lay out the planes, what belongs to lanes alone as factors of their digits, and the row term."""
    nothing = np.zeros(CODES, dtype=np.int64)
    planes = _planes(factors) or [_Plane(nothing[: entries.shape[1]], nothing[: len(entries)], 1)]
    rest = entries - sum(plane.scale * np.outer(plane.row, plane.lane) for plane in planes)
    lane_factors, lane_rest = _lane_factors(planes, entries, rest)
    rest = rest - sum(f * plane.lane for f, plane in zip(lane_factors, planes, strict=True)) - lane_rest
    lanes = [plane.lane for plane in planes]
    for shift in range(0, int(lane_rest.max()).bit_length(), 8):
        lanes.append(lane_rest >> shift & 0xFF)
        lane_factors.append(1 << shift)
    structure.plane_count, structure.lane_plane_count = len(planes), len(lanes)
    return {
        "lane_digits": _codes(lanes, np.uint8),
        "lane_factors": _words(np.array(lane_factors)),
        "row_digits": _codes([plane.row for plane in planes], np.int8),
        "scales": _words(np.array([plane.scale for plane in planes])),
        "row_term": _words(np.pad(rest[:, 0], (0, CODES - len(rest)))),
    }


def _planes(factors: Factors) -> list[_Plane]:
    """Return the planes with as few different scales as the room in their digits allows."""
    left = [
        (u, v, int(scale))
        for u, v, scale in zip(
            factors.a_digits.astype(np.int64), factors.b_digits.astype(np.int64), factors.scales, strict=True
        )
        if scale != 0
    ]
    planes: list[_Plane] = []
    while left:
        scale = min(abs(plane[2]) for plane in left)
        placed = [_scaled(*plane, scale) for plane in left]
        planes += [plane for plane in placed if plane is not None]
        left = [plane for plane, found in zip(left, placed, strict=True) if found is None]
    return planes


def _scaled(u: Integers, v: Integers, scale: int, wanted: int) -> _Plane | None:
    """Return the plane scale * u * v, less terms of one operand, in the wanted scale, None if it cannot."""
    lane = u - u.min()
    if scale % wanted:
        return None
    factor = scale // wanted
    for lane_factor in range(1, 255 // max(int(lane.max()), 1) + 1):
        if factor % lane_factor == 0:
            row = _signed(v * (factor // lane_factor))
            if row is not None:
                return _Plane(lane * lane_factor, row, wanted)
    return None


def _signed(values: Integers) -> Integers | None:
    """Return values shifted into -128..127, with 0 first where possible; None where they span too much."""
    for shift in (values[0], values.min() + 128):
        shifted: Integers = values - shift
        if shifted.min() >= -128 and shifted.max() <= 127:
            return shifted
    return None


def _lane_factors(planes: list[_Plane], entries: Integers, rest: Integers) -> tuple[list[int], Integers]:
    """Return what belongs to lanes alone as a factor per plane and, by code, what is left, 0..2**32 - 1.

    Where code 0 of the row operand gives a constant, the factors leave nothing.
    """
    choices = []
    for factors, left in (
        ([-plane.scale * int(plane.row[0]) for plane in planes], entries[0]),
        ([0] * len(planes), (rest[0] + WORD // 2) % WORD),
    ):
        left = left - left.min()
        cost = (int(left.max()).bit_length() + 7) // 8 + sum(factor != 0 for factor in factors)
        choices.append((cost, factors, left))
    _, factors, left = min(choices, key=lambda choice: choice[0])
    return factors, left


def _codes(vectors: list[Integers], dtype: npt.DTypeLike) -> torch.Tensor:
    """Return vectors by operand code as [vector][256]."""
    out = np.zeros((len(vectors), CODES), dtype=dtype)
    for to, vector in zip(out, vectors, strict=True):
        to[: len(vector)] = vector
    return _tensor(out)


def _words(values: Integers) -> torch.Tensor:
    """Return integers modulo 2**32 as int32."""
    return _tensor((values % WORD).astype(np.uint32).view(np.int32))


def _tensor(array: npt.NDArray[np.generic]) -> torch.Tensor:
    """Copy into torch's memory, which begins at multiples of 64 bytes."""
    return torch.from_numpy(np.ascontiguousarray(array)).clone()
