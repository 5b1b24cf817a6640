"""What a whole program around a region is: its data, its result with any function in the region's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mulsmith.search.program.kernel import Floats, Function


@dataclass(frozen=True, slots=True)
class Application:
    """A program with one region.

    Attributes:
        kernel: name of the region.
        summary: what the program computes.
        make: draws the program's data.
        count: what ``native/applications.c`` is told of the data: calls, or the edge of an image.
        run: region and data -> result, with the region called on batches.
        quality: data, exact and approximate result -> figures by name, the first one for a table.
        draw: draws the two results into three matplotlib axes (data or exact, approximate, difference).
    """

    kernel: str
    summary: str
    make: Callable[[np.random.Generator], Floats]
    count: Callable[[Floats], int]
    run: Callable[[Function, Floats], Floats]
    quality: Callable[[Floats, Floats, Floats], Mapping[str, float]]
    draw: Callable[[Any, Floats, Floats, Floats], None]


def psnr_db(exact: Floats, approximate: Floats) -> float:
    """Return the peak signal-to-noise ratio of pictures in [0, 1], at most 200."""
    mse = float(np.mean((exact - approximate) ** 2))
    return 200.0 if mse <= 1e-20 else -10.0 * float(np.log10(mse))
