"""sobel: the gradient of a 3 x 3 window, clamped to 1."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats, Kernel
from mulsmith.search.program.kernels.scene import windows

ACROSS = np.array([-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0])
DOWN = np.array([-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0])


def gradient(inputs: Floats) -> Floats:
    """Return the clamped magnitude of the gradient, [calls, 1], of windows in [0, 1], [calls, 9]."""
    return np.asarray(np.minimum(np.hypot(inputs @ ACROSS, inputs @ DOWN), 1.0))[:, None]


def sample(rng: np.random.Generator, count: int) -> Floats:
    """Return windows of generated scenes."""
    return windows(rng, count, 3)


SOBEL = Kernel(
    "sobel", 9, 1, gradient, sample, "pixel", (0.01, 0.05), (9, 8, 1), "gradient of an image window"
)
