"""A multiplier's table in the layouts that the compiled kernels read (``MulsmithTable`` of abi.h).

The dot-product kernels multiply unsigned lane digits with signed row digits; planes of equal scale share
their sums, and what belongs to lanes alone costs a sum of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.native_library import CTable
from mulsmith.emulate.scaled_planes import Integers, Plane, shared_scales

CODES = 256
WORD = 1 << 32


@dataclass(frozen=True, slots=True)
class PreparedTable:
    """A table in the kernels' layout; the tensors own the memory that ``structure`` points to."""

    structure: CTable
    tensors: tuple[torch.Tensor, ...]


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
    planes = shared_scales(factors) or [Plane(nothing[: entries.shape[1]], nothing[: len(entries)], 1)]
    rest = entries - sum(plane.scale * np.outer(plane.signed, plane.unsigned) for plane in planes)
    lane_factors, lane_rest = _lane_factors(planes, entries, rest)
    rest = rest - sum(f * plane.unsigned for f, plane in zip(lane_factors, planes, strict=True)) - lane_rest
    lanes = [plane.unsigned for plane in planes]
    for shift in range(0, int(lane_rest.max()).bit_length(), 8):
        lanes.append(lane_rest >> shift & 0xFF)
        lane_factors.append(1 << shift)
    structure.plane_count, structure.lane_plane_count = len(planes), len(lanes)
    return {
        "lane_digits": _codes(lanes, np.uint8),
        "lane_factors": _words(np.array(lane_factors)),
        "row_digits": _codes([plane.signed for plane in planes], np.int8),
        "scales": _words(np.array([plane.scale for plane in planes])),
        "row_term": _words(np.pad(rest[:, 0], (0, CODES - len(rest)))),
    }


def _lane_factors(planes: list[Plane], entries: Integers, rest: Integers) -> tuple[list[int], Integers]:
    """Return what belongs to lanes alone as a factor per plane and, by code, what is left, 0..2**32 - 1.

    Where code 0 of the row operand gives a constant, the factors leave nothing.
    """
    choices = []
    for factors, left in (
        ([-plane.scale * int(plane.signed[0]) for plane in planes], entries[0]),
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
