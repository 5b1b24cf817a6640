"""Says what ``auto`` takes for a layer, and why: the time that every backend predicts for it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.backends import (
    AUTO,
    Backend,
    Problem,
    availability,
    backend_names,
    choose,
    get_backend,
    predicted_seconds,
)
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.kernel_costs import SHIPPED, kernel_costs
from mulsmith.emulate.kernels_native import chosen_kernel, measure_kernels
from mulsmith.emulate.measured_costs import device_name, keep, measured
from mulsmith.emulate.native_library import find_library
from mulsmith.emulate.tables import Table

CPU = torch.device("cpu")
EXAMPLE = (4096, 576, 64)
MEASURED_SHAPES = ((4096, 288, 64), (1024, 576, 64))
MEASURED_BACKENDS = ("factor", "triton", "cuda")
REPEATS = 3


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
        backend.name: predicted_seconds(backend, problem)
        for backend in usable
        if backend.unavailable(problem.device) is None
    }
    taken = choose(AUTO, problem).name
    kernel = chosen_kernel(problem) if taken == "native" else None
    return Choice(taken, kernel, {name: value for name, value in seconds.items() if math.isfinite(value)})


def measure_costs() -> None:
    """Measure the compiled kernels and, on every device, the other backends, for ``auto``; it takes seconds.

    Raises:
        StoreError: the cache folder cannot be written.
    """
    if find_library()[0] is not None:
        measure_kernels()
    for device in _devices():
        usable = [get_backend(name) for name in MEASURED_BACKENDS]
        keep(
            device,
            "backends",
            {
                backend.name: _time_factor(backend, device)
                for backend in usable
                if not backend.unavailable(device)
            },
        )


def _devices() -> list[torch.device]:
    return [CPU, *([torch.device("cuda", torch.cuda.current_device())] if torch.cuda.is_available() else [])]


def _time_factor(backend: Backend, device: torch.device) -> float:
    """Return the measured over the predicted time of matrix products with an exact table, geometric mean."""
    table, logs = Table.of(Lut.exact(8, 8, True)), []
    for m, k, n in MEASURED_SHAPES:
        x = torch.randint(0, 256, (1, k, 1, m), dtype=torch.uint8, device=device)
        w = torch.randint(0, 256, (n, k, 1, 1), dtype=torch.uint8, device=device)
        predicted = backend.seconds(Problem(m, k, n, 1, True, table, device))
        best = math.inf
        for _ in range(REPEATS + 1):
            start = time.perf_counter()
            if backend.conv2d is not None:
                backend.conv2d(x, w, table, ConvGeometry())
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            best = min(best, time.perf_counter() - start)
        logs.append(math.log(best / predicted))
    return math.exp(sum(logs) / len(logs))


def report() -> dict[str, object]:
    """Return what emulation finds on this machine, in the form of ``mulsmith doctor --json``."""
    library, reason = find_library()
    noise = np.random.default_rng(0).integers(0, 1 << 16, (256, 256)).astype(np.int32)
    examples = {"exact table": Lut.exact(8, 8, True), "random table": Lut(noise, 8, 8, False)}
    m, k, n = EXAMPLE
    choices = {name: explain(Problem(m, k, n, 1, True, Table.of(lut), CPU)) for name, lut in examples.items()}
    return {
        "backends": {name: why or "available" for name, why in availability("cpu").items()},
        "library": None if library is None else str(library.path),
        "kernels": [] if library is None else list(library.kernels),
        "why_no_library": reason,
        "kernel_costs": "shipped" if kernel_costs() is SHIPPED else f"measured on {device_name(CPU)}",
        "measured over predicted time": {
            f"{backend}, {device_name(device)}": round(float(factor), 2)
            for device in _devices()
            for backend, factor in measured(device, "backends").items()
        },
        "auto": {
            name: choice.backend + (f" ({choice.kernel})" if choice.kernel else "")
            for name, choice in choices.items()
        },
    }
