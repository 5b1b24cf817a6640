"""Gradient tables: what the derivative of an approximate multiplier is taken to be in training.

``straight-through`` uses the derivative of the exact product. The tables follow the idea of C. Meng et al.,
"Gradient Estimation Methods of Approximate Multipliers" (arXiv 2509.10519): ``2-d`` takes central differences
of the table after smoothing along the operand, ``1-d`` keeps one slope per code of the other operand (here
the least-squares slope of the table's row or column). A 2-D table D enters the layers through low-rank
factors, D[a, b] = sum_r u_r[a] * v_r[b], so that every term costs one ordinary convolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch

from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.errors import ConfigError

STRAIGHT_THROUGH = "straight-through"
KINDS = (STRAIGHT_THROUGH, "1-d", "2-d")
HALF_WINDOW = 8
MAX_RANK = 6
KEPT_ENERGY = 0.99

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GradientFactors:
    """The derivative of a table with respect to one operand as sum_r a_side[r][a] * b_side[r][b].

    Attributes:
        a_side: float32 [R, 2**a_bits], indexed by raw code.
        b_side: float32 [R, 2**b_bits].
    """

    a_side: torch.Tensor
    b_side: torch.Tensor


def check_kind(kind: str) -> str:
    """Return ``kind``.

    Raises:
        ConfigError: it is no gradient mode.
    """
    if kind not in KINDS:
        raise ConfigError(f"no gradient is named '{kind}'", remedy=f"use one of {', '.join(KINDS)}")
    return kind


@lru_cache(maxsize=256)
def gradient_factors(lut: Lut, kind: str) -> tuple[GradientFactors, GradientFactors]:
    """Return the factors of d lut/da and of d lut/db.

    Raises:
        ConfigError: unknown kind.
    """
    a, b = operand_values(lut.a_bits, lut.signed), operand_values(lut.b_bits, lut.signed)
    table = lut.table.astype(np.float64)
    if kind == STRAIGHT_THROUGH:
        one_a, one_b = np.ones((1, a.size)), np.ones((1, b.size))
        return _factors(one_a, b[None].astype(float)), _factors(a[None].astype(float), one_b)
    if kind == "1-d":
        return (
            _factors(np.ones((1, a.size)), _slopes(table, a)[None]),
            _factors(_slopes(table.T, b)[None], np.ones((1, b.size))),
        )
    check_kind(kind)
    to_a = _low_rank(_differences(table, a), np.ones(a.size), b.astype(float))
    to_b = _low_rank(_differences(table.T, b).T, a.astype(float), np.ones(b.size))
    return _factors(*to_a), _factors(*to_b)


def _factors(a_side: Floats, b_side: Floats) -> GradientFactors:
    return GradientFactors(
        torch.from_numpy(np.ascontiguousarray(a_side, dtype=np.float32)),
        torch.from_numpy(np.ascontiguousarray(b_side, dtype=np.float32)),
    )


def _slopes(table: Floats, values: npt.NDArray[np.int64]) -> Floats:
    """Return the least-squares slope of every column over the operand's values."""
    centred = values - values.mean()
    slopes: Floats = centred @ table / (centred @ centred)
    return slopes


def _differences(table: Floats, values: npt.NDArray[np.int64]) -> Floats:
    """Return central differences along axis 0 of the smoothed table, rows in raw-code order."""
    order = np.argsort(values)
    ordered = table[order]
    half = min(HALF_WINDOW, max((len(values) - 1) // 4, 0))
    sums = np.concatenate([np.zeros((1, table.shape[1])), ordered.cumsum(0)])
    first = np.clip(np.arange(len(values)) - half, 0, None)
    last = np.clip(np.arange(len(values)) + half + 1, None, len(values))
    smooth = (sums[last] - sums[first]) / (last - first)[:, None]
    centre = (first + last - 1) / 2
    difference = np.gradient(smooth, axis=0) / np.gradient(centre)[:, None]
    out: Floats = np.empty(difference.shape)
    out[order] = difference
    return out


def _low_rank(derivative: Floats, u: Floats, v: Floats) -> tuple[Floats, Floats]:
    """Return factors of a derivative: the exact product's term first, then the SVD of the rest."""
    left, values, right = np.linalg.svd(derivative - np.outer(u, v), full_matrices=False)
    energy = np.cumsum(values**2)
    needed = int(np.searchsorted(energy, KEPT_ENERGY * energy[-1])) + 1 if energy[-1] > 1e-9 else 0
    rank = min(needed, MAX_RANK)
    return (
        np.concatenate([u[None], (left[:, :rank] * values[:rank]).T]),
        np.concatenate([v[None], right[:rank]]),
    )
