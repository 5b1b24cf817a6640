"""Whole programs around the seven regions, in numpy as in ``native/applications.c``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mulsmith.search.program.applications.application import Application
from mulsmith.search.program.applications.images import COMPRESSION, EDGES, SEGMENTATION
from mulsmith.search.program.applications.numbers import OPTION_BOOK, SOUP, SPECTRUM, TRAJECTORY
from mulsmith.search.program.kernel import Floats, Function
from mulsmith.search.program.kernels import kernel_named

APPLICATIONS: dict[str, Application] = {
    program.kernel: program
    for program in (OPTION_BOOK, SPECTRUM, TRAJECTORY, SOUP, COMPRESSION, SEGMENTATION, EDGES)
}
DATA_SEED = 2024


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A program run with the exact region and with its replacement.

    Attributes:
        data: what it ran on.
        exact, approximate: both results.
        quality: figures of the program's quality, the most telling first.
    """

    data: Floats
    exact: Floats
    approximate: Floats
    quality: Mapping[str, float]


def compare(kernel: str, replacement: Function, seed: int = DATA_SEED) -> Outcome:
    """Run a kernel's program twice, on data that no search has seen.

    Args:
        kernel: name of the region.
        replacement: takes its place, [calls, inputs] -> [calls, outputs].
        seed: of the data.

    Raises:
        ConfigError: unknown kernel.
    """
    region = kernel_named(kernel).function
    program = APPLICATIONS[kernel]
    data = program.make(np.random.default_rng(seed))
    exact, approximate = program.run(region, data), program.run(replacement, data)
    return Outcome(data, exact, approximate, program.quality(data, exact, approximate))


def picture(kernel: str, outcome: Outcome) -> bytes:
    """Return both results and their difference as a PNG file."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    program = APPLICATIONS[kernel]
    figure = Figure(figsize=(10.5, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    program.draw(figure.subplots(1, 3), outcome.data, outcome.exact, outcome.approximate)
    name, value = next(iter(outcome.quality.items()))
    figure.suptitle(f"{kernel}: {program.summary}; {name} {value:.3g}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
