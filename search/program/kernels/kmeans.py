"""kmeans: the distance of two colours."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats, Kernel


def distance(inputs: Floats) -> Floats:
    """Return the Euclidean distance, [calls, 1], of two colours with channels in [0, 1], [calls, 6]."""
    return np.asarray(np.sqrt(((inputs[:, :3] - inputs[:, 3:]) ** 2).sum(axis=1, keepdims=True)))


def sample(rng: np.random.Generator, count: int) -> Floats:
    """Return pairs of colours, uniform."""
    return rng.uniform(0.0, 1.0, (count, 6))


KMEANS = Kernel(
    "kmeans", 6, 1, distance, sample, "output", (0.05, 0.1), (6, 8, 4, 1), "distance of two colours"
)
