"""How well modelled figures follow published ones: a common factor, deviations and rank correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Agreement of a modelled figure with a published one over several circuits.

    Attributes:
        factor: published / modelled, the one factor for all circuits that makes ``mean_deviation`` smallest.
        mean_deviation: mean of |published - factor x modelled| / published, over the circuits where both
            figures are positive.
        left_out: number of circuits where one is not, such as bare wires.
        correlation: Pearson's, over all circuits.
        rank_correlation: Spearman's, over all circuits.
        rank_correlation_within: Spearman's within each group; a pooled one flatters where the groups
            differ in size.
    """

    factor: float
    mean_deviation: float
    left_out: int
    correlation: float
    rank_correlation: float
    rank_correlation_within: Mapping[str, float]


def calibrate(modelled: npt.ArrayLike, published: npt.ArrayLike, groups: Sequence[str]) -> Calibration:
    """Return the agreement of modelled with published figures.

    Args:
        modelled: a figure per circuit.
        published: the same figure as published, per circuit.
        groups: a label per circuit, such as its width.

    Raises:
        ConfigError: unequal lengths, or no circuit where both figures are positive.
    """
    x, y = (np.asarray(figures, dtype=np.float64) for figures in (modelled, published))
    if x.ndim != 1 or x.shape != y.shape or len(groups) != len(x):
        raise ConfigError("modelled figures, published figures and groups differ in number")
    both = (x > 0) & (y > 0)
    if not both.any():
        raise ConfigError("no circuit has a positive modelled and published figure")
    ratio = x[both] / y[both]
    factor = _weighted_median(1 / ratio, ratio)
    labels = np.asarray(groups)
    within = {str(label): spearman(x[labels == label], y[labels == label]) for label in np.unique(labels)}
    return Calibration(
        factor=factor,
        mean_deviation=float(np.abs(1 - factor * ratio).mean()),
        left_out=int((~both).sum()),
        correlation=_pearson(x, y),
        rank_correlation=spearman(x, y),
        rank_correlation_within=within,
    )


def spearman(x: Floats, y: Floats) -> float:
    """Return Spearman's rank correlation, equal figures sharing their mean rank; nan for a constant."""
    return _pearson(_ranks(x), _ranks(y))


def _ranks(figures: Floats) -> Floats:
    _, first, counts = np.unique(figures, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: Floats = last - (counts - 1) / 2
    return mean[first]


def _pearson(x: Floats, y: Floats) -> float:
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def _weighted_median(values: Floats, weights: Floats) -> float:
    """Return the value that makes the weighted sum of absolute deviations smallest."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
