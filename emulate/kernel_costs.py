"""What the compiled kernels cost: shipped figures, or those that ``mulsmith doctor --measure`` took.

A measurement times every kernel on a few matrix products and fits the constants of ``KernelCost`` to the
times; it is kept per processor (``measured_costs``).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import torch

from mulsmith.emulate.measured_costs import costs_file, keep, measured

CPU = torch.device("cpu")
INFINITY = math.inf
TILE_LANES = 4096
REPEATS = 3
FITTED = ("lookup_ns", "code_ns", "table_ns", "sum_ns")
SHAPES = (
    (16384, 27, 16),
    (16384, 144, 32),
    (4096, 288, 64),
    (4096, 64, 64),
    (1024, 576, 64),
    (256, 576, 128),
)
"""Lanes, k and rows of the matrix products that are measured."""

_log = logging.getLogger("mulsmith")


@dataclass(frozen=True, slots=True)
class KernelCost:
    """Cost of a kernel on one core in nanoseconds.

    Attributes:
        lookup_ns: per lane, row and k; per plane too for the factorised kernel.
        code_ns: per lane and k, for packing.
        table_ns: per row and k, for building its table, once per ``TILE_LANES`` lanes.
        sum_ns: per lane and row, for finishing and storing a sum.
        channel_ns: per look-up of a depthwise convolution.
        lanes: lanes are computed in multiples of this.
        rows: rows are computed in multiples of this.
    """

    lookup_ns: float
    code_ns: float
    table_ns: float
    sum_ns: float
    channel_ns: float
    lanes: int
    rows: int

    def terms(self, m: int, k: int, n: int) -> tuple[int, int, int, int]:
        """Return how often each of ``FITTED`` counts for m lanes and n rows."""
        lanes, rows = -(-m // self.lanes) * self.lanes, -(-n // self.rows) * self.rows
        return lanes * k * rows, lanes * k, -(-m // TILE_LANES) * k * rows, lanes * rows

    def nanoseconds(self, m: int, k: int, n: int, planes: int = 1) -> float:
        """Return the time for m lanes and n rows; ``planes`` is 1 unless the kernel is the factorised one."""
        lookups, codes, tables, sums = self.terms(m, k, n)
        return (
            lookups * self.lookup_ns * planes
            + codes * self.code_ns
            + tables * self.table_ns
            + sums * self.sum_ns
        )


SHIPPED = {
    "gather_loop": KernelCost(0.4, 0.05, 0.0, 0.4, INFINITY, 1, 1),
    "packed_gather_loop": KernelCost(0.2, 0.05, 0.0, 0.4, INFINITY, 1, 1),
    "row_table_base": KernelCost(0.052, 0.0, 12.38, 0.53, 0.4, 1, 16),
    "row_table_avx2": KernelCost(0.026, 0.0, 10.01, 0.31, 0.39, 1, 16),
    "row_table_avx512": KernelCost(0.016, 0.044, 7.96, 0.42, 0.4, 1, 16),
    "byte_table_vbmi": KernelCost(0.018, 0.094, 0.12, 0.28, 0.07, 64, 1),
    "dot_avxvnni": KernelCost(0.0045, 0.25, 0.58, 0.22, INFINITY, 8, 1),
    "dot_vnni": KernelCost(0.0021, 0.1, 0.45, 0.21, INFINITY, 16, 1),
}
"""From ``mulsmith doctor --measure`` on a Zen 5 core; ``channel_ns`` and the baselines from ``mulsmith
emulate bench``."""


@cache
def kernel_costs() -> dict[str, KernelCost]:
    """Return the costs measured on this processor where there are any, else the shipped ones."""
    found = measured(CPU, "kernels")
    try:
        costs = {
            name: _with_constants(SHIPPED[name], [float(values[key]) for key in FITTED])
            for name, values in found.items()
        }
    except (ValueError, KeyError, TypeError):
        _log.warning("%s is damaged and not used; 'mulsmith doctor --measure' makes it anew", costs_file())
        return SHIPPED
    return SHIPPED | costs if costs else SHIPPED


def _with_constants(cost: KernelCost, constants: list[float]) -> KernelCost:
    """Return a cost with other values of ``FITTED``."""
    lookup, code, table, total = constants
    return replace(cost, lookup_ns=lookup, code_ns=code, table_ns=table, sum_ns=total)


def measure(calls: Callable[[str, int, int, int], Callable[[], object]], names: list[str]) -> None:
    """Time kernels, fit their costs and keep them.

    Args:
        calls: (kernel, lanes, k, rows) -> a call that multiplies matrices of these sizes by that kernel.
        names: the kernels.

    Raises:
        StoreError: the cache folder cannot be written.
    """
    found = {}
    for name in names:
        terms = np.array([SHIPPED[name].terms(*shape) for shape in SHAPES], dtype=np.float64)
        times = np.array([_best_ns(calls(name, *shape)) for shape in SHAPES])
        fitted = _fit(terms / times[:, None])
        found[name] = dict(zip(FITTED, fitted.tolist(), strict=True))
    keep(CPU, "kernels", found)
    kernel_costs.cache_clear()


def _best_ns(call: Callable[[], object]) -> float:
    best = INFINITY
    for _ in range(REPEATS + 1):
        start = time.thread_time()
        call()
        best = min(best, time.thread_time() - start)
    return best * 1e9


def _fit(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the constants >= 0 that make every row of ``shares`` sum to about 1: relative least squares.

    A constant that comes out negative is left out, and the others are fitted again.
    """
    used = list(range(shares.shape[1]))
    while True:
        found = np.linalg.lstsq(shares[:, used], np.ones(len(shares)), rcond=None)[0]
        if len(used) == 1 or found.min() >= 0:
            break
        used.remove(used[int(found.argmin())])
    constants = np.zeros(shares.shape[1])
    constants[used] = np.maximum(found, 0.0)
    return constants
