"""inversek2j: the joint angles of a planar arm with two links of length 0.5."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats, Kernel

LINK = 0.5


def forward(angles: Floats) -> Floats:
    """Return the position x, y of the hand, [calls, 2], for joint angles in radian, [calls, 2]."""
    first, both = angles[:, 0], angles[:, 0] + angles[:, 1]
    return LINK * np.column_stack([np.cos(first) + np.cos(both), np.sin(first) + np.sin(both)])


def inverse(inputs: Floats) -> Floats:
    """Return the joint angles with the elbow down, [calls, 2], for positions in reach, [calls, 2]."""
    x, y = inputs.T
    cosine = (x * x + y * y - 2.0 * LINK * LINK) / (2.0 * LINK * LINK)
    second = np.arccos(np.clip(cosine, -1.0, 1.0))
    first = np.arctan2(
        y * (LINK + LINK * np.cos(second)) - x * LINK * np.sin(second),
        x * (LINK + LINK * np.cos(second)) + y * LINK * np.sin(second),
    )
    return np.column_stack([first, second])


def sample(rng: np.random.Generator, count: int) -> Floats:
    """Return positions whose angles are uniform in [0, pi / 2)."""
    return forward(rng.uniform(0.0, np.pi / 2.0, (count, 2)))


INVERSEK2J = Kernel(
    "inversek2j", 2, 2, inverse, sample, "relative_l2", (0.01, 0.05), (2, 8, 2), "angles of a two-joint arm"
)
