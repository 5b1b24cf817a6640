"""What a region of a program is: a batched function, its inputs, its error metric and its bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
ErrorName = Literal["relative", "relative_l2", "miss", "pixel", "output"]
Function = Callable[[Floats], Floats]
Sampler = Callable[[np.random.Generator, int], Floats]


@dataclass(frozen=True, slots=True)
class Kernel:
    """A region with everything that a search needs to know of it.

    Attributes:
        name: its name.
        inputs, outputs: values that a call takes and returns.
        function: batched region, float64 [calls, inputs] -> [calls, outputs].
        sampler: generator and count -> inputs of that many calls.
        error: metric of one call (``quality.call_errors``).
        bounds: error bounds, one for each group; a miss rate has none and holds a half.
        topology: layer widths that the original publication used, inputs and outputs included.
        summary: one line for lists and reports.
    """

    name: str
    inputs: int
    outputs: int
    function: Function
    sampler: Sampler
    error: ErrorName
    bounds: tuple[float, ...]
    topology: tuple[int, ...] = ()
    summary: str = ""
