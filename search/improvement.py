"""Expected growth of the hypervolume of (energy, accuracy) by candidates that were not evaluated yet.

The accuracy of a candidate is normal around a prior mean; its energy is known. Deviations from the mean come
from images whose class flips, the more the larger the predicted loss is, and candidates share flips where
they share multipliers: a Gaussian process whose deviation grows with the fourth root of the loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

CORRELATION_LAYERS = 1.5
"""Number of differing layers over which residuals lose a factor e of their correlation."""
NUGGET = 0.1
"""Share of the variance that candidates do not share with any other."""
MAX_REFITS = 20
"""Of the slope, until the candidates that it rests on stay the same."""
LEAST_LOSS = 1e-3
"""Losses count as at least this share of the largest one of an evaluated candidate."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Choices [points, layers], the loss predicted for each of their layers, the same shape, and energies."""

    choices: Indices
    losses: Floats
    energy: Floats

    @property
    def loss(self) -> Floats:
        """Predicted loss of each point."""
        total: Floats = self.losses.sum(axis=1)
        return total

    def joined(self, other: Candidates, place: int) -> Candidates:
        """Return these points and one of others."""
        return Candidates(
            np.vstack([self.choices, other.choices[place]]),
            np.vstack([self.losses, other.losses[place]]),
            np.append(self.energy, other.energy[place]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class AccuracyModel:
    """What evaluated candidates say about the accuracy of others.

    Attributes:
        known: the evaluated candidates.
        accuracy: theirs, 0..1; values below ``lowest`` count as ``lowest``.
        exact: accuracy at loss 0.
        slope: accuracy lost per unit of predicted loss.
        spread: deviation of the accuracy at loss 1.
        lowest: accuracy below which nothing is told apart.
        least: losses count as at least this much in deviations.
    """

    known: Candidates
    accuracy: Floats
    exact: float
    slope: float
    spread: float
    lowest: float
    least: float

    @classmethod
    def fit(cls, known: Candidates, accuracy: Floats, depth: float, smallest: float) -> AccuracyModel:
        """Return the model of evaluated candidates, of which the first one is exact.

        Args:
            known: the candidates.
            accuracy: theirs.
            depth: accuracy below the exact one that matters.
            smallest: deviation that is assumed at least for a typical candidate.
        """
        exact, loss = float(accuracy[0]), known.loss
        least = max(LEAST_LOSS * float(loss.max()), 1e-12)
        lowest = exact - 1.5 * depth
        scale = np.sqrt(np.maximum(loss, least))
        clipped = np.maximum(accuracy, lowest)
        slope = _slope(loss, exact - clipped, accuracy >= exact - depth, scale)
        plain = cls(known, clipped, exact, slope, 1.0, lowest, least)
        residual = plain.accuracy - plain.prior(known)
        mean_square = float(residual @ np.linalg.solve(plain._within(), residual)) / len(residual)
        floor = smallest / float(np.median(scale)) ** 0.5
        return cls(known, plain.accuracy, exact, slope, max(mean_square**0.5, floor), lowest, least)

    def prior(self, candidates: Candidates) -> Floats:
        """Return the accuracy that predicted losses imply."""
        implied: Floats = np.maximum(self.exact - self.slope * candidates.loss, self.lowest)
        return implied

    def posterior(self, candidates: Candidates) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of the accuracy of candidates, each [candidates]."""
        across = self._covariance(candidates, self.known)
        solved = np.linalg.solve(self._within(), across.T)
        mean = self.prior(candidates) + (self.accuracy - self.prior(self.known)) @ solved
        whole = self._amplitude(candidates) ** 2
        left = np.maximum(whole * (1 + NUGGET) - np.einsum("ij,ji->i", across, solved), NUGGET * whole)
        return mean, self.spread * np.sqrt(left)

    def believing(self, candidates: Candidates, place: int, mean: float) -> AccuracyModel:
        """Return the model as if a candidate had been found at its mean."""
        known = self.known.joined(candidates, place)
        accuracy = np.append(self.accuracy, mean)
        return AccuracyModel(known, accuracy, self.exact, self.slope, self.spread, self.lowest, self.least)

    def _within(self) -> Floats:
        own = np.diag(NUGGET * self._amplitude(self.known) ** 2)
        return self._covariance(self.known, self.known) + own

    def _amplitude(self, candidates: Candidates) -> Floats:
        return np.maximum(candidates.loss, self.least) ** 0.25

    def _covariance(self, first: Candidates, second: Candidates) -> Floats:
        same = first.choices[:, None, :] == second.choices[None, :, :]
        closeness = np.exp(-(~same).sum(axis=2) / CORRELATION_LAYERS)
        shared = np.einsum("ijl,il->ij", same, first.losses)
        sizes = [np.maximum(some.loss, self.least) for some in (first, second)]
        overlap = shared / np.sqrt(np.outer(*sizes))
        size = np.outer(self._amplitude(first), self._amplitude(second))
        covariance: Floats = size * 0.5 * (closeness + overlap)
        return covariance


def _slope(loss: Floats, drop: Floats, near: npt.NDArray[np.bool_], scale: Floats) -> float:
    """Return the accuracy lost per unit of loss, by weighted least squares.

    Candidates that are not ``near`` say only that they lose at least ``drop``: they count while less is
    expected of them. Without them nothing contradicts a slope of 0 where all that is near loses next to
    nothing.
    """
    counted, slope = near, 0.0
    for _ in range(MAX_REFITS):
        square = float((np.square(loss) / scale)[counted].sum())
        slope = max(float((loss * drop / scale)[counted].sum()) / max(square, 1e-12), 0.0)
        before, counted = counted, near | (slope * loss < drop)
        if (counted == before).all():
            break
    return slope


def expected_gain(
    model: AccuracyModel, mean: Floats, deviation: Floats, energy: Floats, floor: float, limit: float
) -> Floats:
    """Return the expected growth of the hypervolume by every candidate, in accuracy x energy.

    Args:
        model: of the evaluated candidates, whose front is to be exceeded.
        mean: of the candidates' accuracy.
        deviation: of it.
        energy: of the candidates.
        floor: accuracy of the reference corner.
        limit: energy of the reference corner.
    """
    from scipy.stats import norm

    known, accuracy = model.known, model.accuracy
    order = np.argsort(known.energy, kind="stable")
    steps = np.concatenate([[-np.inf], known.energy[order], [limit]])
    levels = np.maximum.accumulate(np.concatenate([[floor], accuracy[order]]))
    left = np.maximum(steps[:-1][None, :], energy[:, None])
    width = np.clip(np.minimum(steps[1:], limit)[None, :] - left, 0.0, None)
    z = (mean[:, None] - levels[None, :]) / deviation[:, None]
    exceeding = deviation[:, None] * (z * norm.cdf(z) + norm.pdf(z))
    gain: Floats = (width * exceeding).sum(axis=1)
    return gain
