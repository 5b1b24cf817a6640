"""Says what ``auto`` takes for a layer, and why: the time that every backend predicts for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.backends import AUTO, Problem, availability, backend_names, choose, get_backend
from mulsmith.emulate.kernel_costs import SHIPPED, kernel_costs
from mulsmith.emulate.kernels_native import chosen_kernel
from mulsmith.emulate.native_library import find_library
from mulsmith.emulate.tables import Table

EXAMPLE = (4096, 576, 64)


@dataclass(frozen=True, slots=True)
class Choice:
    """What ``auto`` takes.

    Attributes:
        backend: its name.
        kernel: which of the compiled kernels, for ``native``.
        seconds: backend -> predicted time, of those that can do it.
    """

    backend: str
    kernel: str | None
    seconds: dict[str, float]


def explain(problem: Problem) -> Choice:
    """Return the backend that ``auto`` takes for a problem."""
    usable = [get_backend(name) for name in backend_names()]
    seconds = {
        backend.name: backend.seconds(problem)
        for backend in usable
        if backend.unavailable(problem.device) is None
    }
    taken = choose(AUTO, problem).name
    kernel = chosen_kernel(problem) if taken == "native" else None
    return Choice(taken, kernel, {name: value for name, value in seconds.items() if math.isfinite(value)})


def report() -> dict[str, object]:
    """Return what emulation finds on this machine, in the form of ``mulsmith doctor --json``."""
    library, reason = find_library()
    noise = np.random.default_rng(0).integers(0, 1 << 16, (256, 256)).astype(np.int32)
    examples = {"exact table": Lut.exact(8, 8, True), "random table": Lut(noise, 8, 8, False)}
    m, k, n = EXAMPLE
    choices = {
        name: explain(Problem(m, k, n, 1, True, Table.of(lut), torch.device("cpu")))
        for name, lut in examples.items()
    }
    return {
        "backends": {name: why or "available" for name, why in availability("cpu").items()},
        "library": None if library is None else str(library.path),
        "kernels": [] if library is None else list(library.kernels),
        "why_no_library": reason,
        "kernel_costs": "shipped" if kernel_costs() is SHIPPED else "measured on this machine",
        "auto": {
            name: choice.backend + (f" ({choice.kernel})" if choice.kernel else "")
            for name, choice in choices.items()
        },
    }
