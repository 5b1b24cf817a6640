"""What a search over topologies looks for: the published weighted sum, or least energy within the bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mulsmith.search.program.kernel import Floats

Metrics = Mapping[str, float]
NOISE, PRECISION_NOISE = 0.02, 0.1
"""Of training: deviation of the accuracy, and of the logarithm of the mean error."""


class Goal(Protocol):
    """Ranks evaluated topologies, and says what others promise."""

    def merit(self, metrics: Metrics) -> float:
        """Return one figure to be maximised."""
        ...

    def targets(self, told: Sequence[Metrics]) -> Floats:
        """Return what a surrogate shall predict, [targets, told]."""
        ...

    def gain(self, told: Sequence[Metrics], mean: Floats, deviation: Floats, caution: int) -> Floats:
        """Return the expected improvement of a pool; mean and deviation are [targets, pool].

        Args:
            told: metrics of evaluated topologies.
            mean: of the predicted targets.
            deviation: of the same.
            caution: place in the batch; the later ones may prefer the safe to the promising.
        """
        ...


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return sigma (z Phi(z) + phi(z)) with z = (mean - best) / sigma, for maximisation; 0 where sigma is."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        z = (mean - best) / deviation
        gain = deviation * (z * ndtr(z) + np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi))
    return np.where(deviation > 0, gain, np.maximum(mean - best, 0.0))


@dataclass(frozen=True, slots=True)
class WeightedGoal:
    """The published merit alpha P_acc + beta P_speed + epsilon P_energy.

    The publication does not scale P_speed and P_energy; here both are the share that the least possible
    figure, one multiplication, has in the network's (in logarithms), so that each lies in 0..1.

    Attributes:
        accuracy: name of the metric P_acc.
        alpha, beta, epsilon: the weights.
    """

    accuracy: str
    alpha: float = 0.9
    beta: float = 0.05
    epsilon: float = 0.01

    def merit(self, metrics: Metrics) -> float:
        """Return the sum."""
        speed, energy = (1.0 / (1.0 + np.log1p(metrics[name])) for name in ("npu_ns", "npu_pj"))
        return float(self.alpha * metrics[self.accuracy] + self.beta * speed + self.epsilon * energy)

    def targets(self, told: Sequence[Metrics]) -> Floats:
        """Return the sum alone."""
        return np.array([[self.merit(metrics) for metrics in told]])

    def gain(self, told: Sequence[Metrics], mean: Floats, deviation: Floats, caution: int) -> Floats:
        """Return the expected improvement of the sum."""
        return expected_improvement(mean[0], deviation[0], max(map(self.merit, told)))


@dataclass(frozen=True, slots=True)
class BoundedGoal:
    """Least energy with an accuracy of at least ``least``.

    Until a topology is accurate enough the mean error is reduced, which says more than the accuracy where
    that is near 0; then the saving that a topology promises counts with its probability of being accurate
    enough (constrained expected improvement, Gardner et al. 2014).

    Attributes:
        accuracy: name of the metric.
        least: the accuracy that is enough.
        steepness: logarithmic energy that a missing share of 1 costs in ``merit``.
    """

    accuracy: str
    least: float
    steepness: float = 40.0

    def merit(self, metrics: Metrics) -> float:
        """Return -log(energy) less a penalty for missing accuracy."""
        missing = max(0.0, self.least - metrics[self.accuracy])
        return float(-np.log(metrics["npu_pj"]) - self.steepness * missing)

    def targets(self, told: Sequence[Metrics]) -> Floats:
        """Return accuracy, logarithmic energy and the negative logarithm of the mean error.

        Errors beyond the median are cut to it: how bad the bad ones are says nothing of the best.
        """
        precision = np.array([_precision(metrics) for metrics in told])
        return np.array(
            [
                [metrics[self.accuracy] for metrics in told],
                [np.log(metrics["npu_pj"]) for metrics in told],
                np.maximum(precision, np.median(precision)),
            ]
        )

    def gain(self, told: Sequence[Metrics], mean: Floats, deviation: Floats, caution: int) -> Floats:
        """Return the improvement of the mean error, or the probable saving once there is a solution.

        The first of a batch is judged by its mean error, which tells how far from enough a small topology is
        even where its accuracy is 0; the others by their accuracy, and the more carefully the later.
        """
        from scipy.special import ndtr

        good = [np.log(m["npu_pj"]) for m in told if m[self.accuracy] >= self.least]
        if not good:
            return expected_improvement(mean[2], deviation[2], max(map(_precision, told)))
        if caution:
            probability = ndtr((mean[0] - self.least) / np.hypot(deviation[0], NOISE)) ** (1 + 2 * caution)
        else:
            probability = ndtr((mean[2] - self._enough(told)) / np.hypot(deviation[2], PRECISION_NOISE))
        return np.asarray(probability * np.maximum(min(good) - mean[1], 0.0))

    def _enough(self, told: Sequence[Metrics]) -> float:
        """Return the precision that best parts the topologies that are accurate enough from the others."""
        precision = np.array([_precision(metrics) for metrics in told])
        good = np.array([metrics[self.accuracy] >= self.least for metrics in told])
        steps = np.sort(precision)
        edges = 0.5 * (steps[1:] + steps[:-1])
        return float(edges[((precision > edges[:, None]) != good).sum(axis=1).argmin()])


def _precision(metrics: Metrics) -> float:
    return -float(np.log(max(metrics["mean_error"], 1e-12)))
