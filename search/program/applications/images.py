"""Programs on pictures: JPEG, segmentation by k-means, and an edge image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mulsmith.search.program.applications.application import Application, psnr_db
from mulsmith.search.program.kernel import Floats, Function
from mulsmith.search.program.kernels import jpeg
from mulsmith.search.program.kernels.scene import colour_scene, grey_scene

EDGE, COLOUR_EDGE, CLUSTERS, ROUNDS = 192, 96, 6, 10


def make_grey(rng: np.random.Generator) -> Floats:
    """Return a grey picture, [edge, edge]."""
    return grey_scene(rng, EDGE, EDGE)


def run_jpeg(region: Function, picture: Floats) -> Floats:
    """Return the picture after compression and decompression, [edge, edge]."""
    rows, columns = (size // 8 for size in picture.shape)
    blocks = picture.reshape(rows, 8, columns, 8).transpose(0, 2, 1, 3).reshape(-1, 64)
    decoded = jpeg.decode(region(blocks))
    return decoded.reshape(rows, columns, 8, 8).transpose(0, 2, 1, 3).reshape(picture.shape)


def jpeg_quality(picture: Floats, exact: Floats, approximate: Floats) -> Mapping[str, float]:
    """Return the PSNR of the decoded picture against the original, and that of exact JPEG, in decibel."""
    return {"psnr_db": psnr_db(picture, approximate), "exact_psnr_db": psnr_db(picture, exact)}


def draw_grey(axes: Any, picture: Floats, exact: Floats, approximate: Floats) -> None:
    """Draw the exact result, the found one and four times their difference."""
    shown = exact, approximate, np.clip(0.5 + 4 * (approximate - exact), 0, 1)
    for axis, values, title in zip(axes, shown, ("exact", "network", "4 x difference"), strict=True):
        axis.imshow(values, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.set_axis_off()
        axis.set(title=title)


def make_colour(rng: np.random.Generator) -> Floats:
    """Return a colour picture, [edge, edge, 3]."""
    return colour_scene(rng, COLOUR_EDGE, COLOUR_EDGE)


def run_segments(region: Function, picture: Floats) -> Floats:
    """Return the picture in the colours of six clusters after ten rounds of Lloyd's iteration."""
    pixels = picture.reshape(-1, 3)
    centres = pixels[len(pixels) * (2 * np.arange(CLUSTERS) + 1) // (2 * CLUSTERS)]
    nearest = np.zeros(len(pixels), dtype=np.int64)
    for _ in range(ROUNDS):
        pairs = [np.hstack([pixels, np.broadcast_to(centre, pixels.shape)]) for centre in centres]
        nearest = np.argmin([region(pair)[:, 0] for pair in pairs], axis=0)
        centres = np.array(
            [
                pixels[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k]
                for k in range(CLUSTERS)
            ]
        )
    return centres[nearest].reshape(picture.shape)


def segments_quality(picture: Floats, exact: Floats, approximate: Floats) -> Mapping[str, float]:
    """Return the PSNR against the original of the segmented picture and of exact k-means, in decibel."""
    return {"psnr_db": psnr_db(picture, approximate), "exact_psnr_db": psnr_db(picture, exact)}


def draw_segments(axes: Any, picture: Floats, exact: Floats, approximate: Floats) -> None:
    """Draw the original and both segmentations."""
    for axis, values, title in zip(
        axes, (picture, exact, approximate), ("original", "exact", "network"), strict=True
    ):
        axis.imshow(np.clip(values, 0, 1), interpolation="nearest")
        axis.set_axis_off()
        axis.set(title=title)


def run_edges(region: Function, picture: Floats) -> Floats:
    """Return the edge image, two pixels smaller each way, [edge - 2, edge - 2]."""
    view = np.lib.stride_tricks.sliding_window_view(picture, (3, 3))
    return region(view.reshape(-1, 9)).reshape(view.shape[:2])


def edges_quality(picture: Floats, exact: Floats, approximate: Floats) -> Mapping[str, float]:
    """Return the PSNR against the exact edge image, in decibel, and the mean difference in percent."""
    return {
        "psnr_db": psnr_db(exact, approximate),
        "mean_difference_percent": 100.0 * float(np.abs(exact - approximate).mean()),
    }


COMPRESSION = Application("jpeg", "JPEG of a picture", make_grey, len, run_jpeg, jpeg_quality, draw_grey)
SEGMENTATION = Application(
    "kmeans",
    "segmentation by k-means",
    make_colour,
    lambda picture: picture.shape[0] * picture.shape[1],
    run_segments,
    segments_quality,
    draw_segments,
)
EDGES = Application("sobel", "edge image", make_grey, len, run_edges, edges_quality, draw_grey)
