"""Expected growth of the hypervolume of (energy, accuracy) by candidates that were not evaluated yet.

The accuracy of a candidate is normal around a prior mean, corrected by the residuals of evaluated candidates
that share multipliers with it (a Gaussian process over the number of differing layers); its energy is known.
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
"""Share of the residual variance that candidates do not share with any other."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """What is known: choices [points, layers], accuracies, their prior means and energies, each [points]."""

    choices: Indices
    accuracy: Floats
    prior: Floats
    energy: Floats


def posterior(known: Evaluated, choices: Indices, prior: Floats, spread: float) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of the accuracy of candidates, each [candidates].

    Args:
        known: the evaluated candidates.
        choices: multiplier of every layer, [candidates, layers].
        prior: accuracy that the model of losses predicts, [candidates].
        spread: standard deviation of accuracies around the prior.
    """
    across = _kernel(choices, known.choices)
    within = _kernel(known.choices, known.choices) + NUGGET * np.eye(len(known.choices))
    solved = np.linalg.solve(within, across.T)
    mean = prior + (known.accuracy - known.prior) @ solved
    share = np.clip(1 + NUGGET - np.einsum("ij,ji->i", across, solved), NUGGET, None)
    return mean, spread * np.sqrt(share)


def expected_gain(
    known: Evaluated, mean: Floats, deviation: Floats, energy: Floats, floor: float, limit: float
) -> Floats:
    """Return the expected growth of the hypervolume by every candidate, in accuracy x energy.

    Args:
        known: the evaluated candidates, whose front is to be exceeded.
        mean: of the candidates' accuracy.
        deviation: of it.
        energy: of the candidates.
        floor: accuracy of the reference corner.
        limit: energy of the reference corner.
    """
    from scipy.stats import norm

    order = np.argsort(known.energy, kind="stable")
    steps = np.concatenate([[-np.inf], known.energy[order], [limit]])
    levels = np.maximum.accumulate(np.concatenate([[floor], known.accuracy[order]]))
    left = np.maximum(steps[:-1][None, :], energy[:, None])
    width = np.clip(np.minimum(steps[1:], limit)[None, :] - left, 0.0, None)
    z = (mean[:, None] - levels[None, :]) / deviation[:, None]
    exceeding = deviation[:, None] * (z * norm.cdf(z) + norm.pdf(z))
    gain: Floats = (width * exceeding).sum(axis=1)
    return gain


def _kernel(first: Indices, second: Indices) -> Floats:
    differing = (first[:, None, :] != second[None, :, :]).sum(axis=2)
    kernel: Floats = np.exp(-differing / CORRELATION_LAYERS)
    return kernel
