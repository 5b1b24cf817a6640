"""fft: the twiddle factor of a radix-2 transform."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats, Kernel


def twiddle(inputs: Floats) -> Floats:
    """Return sin(-2 pi x) and cos(-2 pi x), [calls, 2], of x = k / N in [0, 0.5), [calls, 1]."""
    angle = -2.0 * np.pi * inputs[:, 0]
    return np.column_stack([np.sin(angle), np.cos(angle)])


def sample(rng: np.random.Generator, count: int) -> Floats:
    """Return positions on the half circle, uniform."""
    return rng.uniform(0.0, 0.5, (count, 1))


FFT = Kernel(
    "fft", 1, 2, twiddle, sample, "relative_l2", (1e-4, 1e-3), (1, 4, 4, 2), "twiddle factor of a transform"
)
