"""Grey and colour scenes with edges, gradients and texture, for the kernels that work on images."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats

TEXTURE = 0.06
SHAPES = 14


def grey_scene(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Return a picture in [0, 1) with steps of 1 / 256, [height, width]: ellipses, gradients and texture.

    The power of the texture falls as 1 / f^2, as that of photographs does.
    """
    rows, columns = np.mgrid[0:height, 0:width] / max(height, width)
    picture = rng.uniform(0.2, 0.8) + rng.uniform(-0.3, 0.3) * rows + rng.uniform(-0.3, 0.3) * columns
    for _ in range(SHAPES):
        centre, radii = rng.uniform(0.0, 1.0, 2), rng.uniform(0.04, 0.3, 2)
        inside = ((rows - centre[0]) / radii[0]) ** 2 + ((columns - centre[1]) / radii[1]) ** 2 < 1.0
        shade = rng.uniform(0.0, 1.0) + rng.uniform(-0.5, 0.5) * (rows - centre[0])
        picture = np.where(inside, shade, picture)
    picture = picture + TEXTURE * _texture(rng, height, width)
    return np.asarray(np.floor(np.clip(picture, 0.0, 255.0 / 256.0) * 256.0) / 256.0)


def colour_scene(rng: np.random.Generator, height: int, width: int) -> Floats:
    """Return a picture of three channels in [0, 1), [height, width, 3]: one layout, coloured by shade."""
    shade = grey_scene(rng, height, width)
    tint = rng.uniform(0.3, 1.0, (2, 3))
    colours = tint[0] * shade[..., None] + 0.4 * tint[1] * np.sin(3.0 * np.pi * shade[..., None] + [0, 2, 4])
    return np.asarray(np.clip(colours + 0.1, 0.0, 255.0 / 256.0))


def windows(rng: np.random.Generator, count: int, size: int) -> Floats:
    """Return square windows from random places of generated scenes, [count, size * size]."""
    extent, per_scene = 128, 1000
    found = []
    for start in range(0, count, per_scene):
        picture = grey_scene(rng, extent, extent)
        places = rng.integers(0, extent - size + 1, (min(per_scene, count - start), 2))
        view = np.lib.stride_tricks.sliding_window_view(picture, (size, size))
        found.append(view[places[:, 0], places[:, 1]].reshape(len(places), -1))
    return np.concatenate(found)


def _texture(rng: np.random.Generator, height: int, width: int) -> Floats:
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = np.inf
    noise = np.fft.rfft2(rng.standard_normal((height, width))) / frequency
    texture = np.fft.irfft2(noise, s=(height, width))
    return np.asarray(texture / texture.std())
