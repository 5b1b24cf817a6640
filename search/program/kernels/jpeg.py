"""jpeg: cosine transform and quantisation of an 8 x 8 block (ITU-T T.81, luminance table K.1)."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats, Kernel
from mulsmith.search.program.kernels.scene import windows

LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    dtype=np.float64,
)


def cosines() -> Floats:
    """Return the orthonormal matrix of the eight-point cosine transform, [frequency, sample]."""
    frequency, place = np.arange(8)[:, None], np.arange(8)[None, :]
    matrix = 0.5 * np.cos((2 * place + 1) * frequency * np.pi / 16.0)
    matrix[0] /= np.sqrt(2.0)
    return np.asarray(matrix)


def encode(inputs: Floats) -> Floats:
    """Return the quantised coefficients / 256 in row order, [blocks, 64], of pixels / 256, [blocks, 64]."""
    blocks = 256.0 * inputs.reshape(-1, 8, 8) - 128.0
    matrix = cosines()
    levels = np.rint(matrix @ blocks @ matrix.T / LUMINANCE)
    return (levels / 256.0).reshape(-1, 64)


def decode(outputs: Floats) -> Floats:
    """Return the pixels / 256, [blocks, 64], of quantised coefficients / 256, rounded to levels first."""
    matrix = cosines()
    blocks = np.rint(256.0 * outputs.reshape(-1, 8, 8)) * LUMINANCE
    return np.clip((matrix.T @ blocks @ matrix + 128.0) / 256.0, 0.0, 1.0).reshape(-1, 64)


def sample(rng: np.random.Generator, count: int) -> Floats:
    """Return blocks of generated scenes."""
    return windows(rng, count, 8)


JPEG = Kernel(
    "jpeg", 64, 64, encode, sample, "pixel", (0.002, 0.005), (64, 16, 64), "transform and quantisation"
)
