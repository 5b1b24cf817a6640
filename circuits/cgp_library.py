"""Finds, loads and calls the compiled CGP engine (circuits/native/, plain C interface) through ctypes.

An installed package carries the library beside this file. In a source tree that was not installed, it is
found in ``build/`` at the top of the repository after ``cmake -S . -B build && cmake --build build``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import mulsmith.circuits
from mulsmith.errors import ToolError

ABI = 4
STEM = "libmulsmith_cgp"
OK, NO_KERNEL, INFEASIBLE, NO_MEMORY = range(4)
COUNTERS = (
    "generations", "offspring", "neutral", "costlier", "simulated", "infeasible", "accepted", "improved",
)  # fmt: skip


class CProblem(ctypes.Structure):
    """``MulsmithCgpProblem`` of circuits/native/cgp_abi.h."""

    _fields_ = (
        ("input_bits", ctypes.c_int32),
        ("output_bits", ctypes.c_int32),
        ("is_signed", ctypes.c_int32),
        ("words", ctypes.c_int64),
        ("inputs", ctypes.c_void_p),
        ("exact", ctypes.c_void_p),
        ("must", ctypes.c_void_p),
        ("weight_count", ctypes.c_int64),
        ("weights", ctypes.c_void_p),
        ("weight_bounds", ctypes.c_void_p),
        ("squared", ctypes.c_void_p),
        ("max_abs_sum", ctypes.c_int64),
        ("max_abs", ctypes.c_int64),
        ("max_wrong", ctypes.c_int64),
        ("max_bias_sum", ctypes.c_int64),
        ("layers", ctypes.c_int64),
        ("column_words", ctypes.c_int64),
        ("a_counts", ctypes.c_void_p),
        ("a_values", ctypes.c_void_p),
        ("b_shares", ctypes.c_void_p),
        ("b_values", ctypes.c_void_p),
        ("max_corrected", ctypes.c_double),
        ("pair_words", ctypes.c_int64),
        ("before", ctypes.c_void_p),
        ("after", ctypes.c_void_p),
        ("area", ctypes.c_void_p),
        ("result_energy", ctypes.c_void_p),
        ("pin_load", ctypes.c_void_p),
        ("pin_energy", ctypes.c_void_p),
        ("area_weight", ctypes.c_int64),
        ("power_weight", ctypes.c_int64),
    )


class CTotals(ctypes.Structure):
    """``MulsmithCgpTotals`` of circuits/native/cgp_abi.h."""

    _fields_ = tuple(
        (name, ctypes.c_int64) for name in ("area", "power", "cost", "abs_sum", "wrong", "bias_sum")
    )


class CState(ctypes.Structure):
    """``MulsmithCgpState`` of circuits/native/cgp_abi.h."""

    _fields_ = (
        ("node_count", ctypes.c_int64),
        ("nodes", ctypes.c_void_p),
        ("outputs", ctypes.c_void_p),
        ("random", ctypes.c_uint64 * 4),
        *((name, ctypes.c_int64) for name in COUNTERS),
        ("totals", CTotals),
    )


class CgpLibrary:
    """A loaded engine.

    Attributes:
        path: where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._library = ctypes.CDLL(str(path))
        self._library.mulsmith_cgp_kernel_name.restype = ctypes.c_char_p
        self._library.mulsmith_cgp_kernel_runs.argtypes = [ctypes.c_int32, ctypes.c_int64]
        self._library.mulsmith_cgp_run.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64, ctypes.c_int32, ctypes.c_int32,
        ]  # fmt: skip

    def kernels(self, words: int) -> dict[str, int]:
        """Return the kernels that run here on problems of that many words, fastest first: name -> index."""
        count: int = self._library.mulsmith_cgp_kernel_count()
        return {
            self._library.mulsmith_cgp_kernel_name(index).decode(): index
            for index in range(count)
            if self._library.mulsmith_cgp_kernel_runs(index, words)
        }

    def measure(self, problem: CProblem, state: CState, kernel: int) -> int:
        """Fill ``state.totals``; return the engine's status."""
        status: int = self._library.mulsmith_cgp_measure(ctypes.byref(problem), ctypes.byref(state), kernel)
        return status

    def run(
        self, problem: CProblem, state: CState, kernel: int, generations: int, offspring: int, mutations: int
    ) -> int:
        """Run generations; return the engine's status."""
        status: int = self._library.mulsmith_cgp_run(
            ctypes.byref(problem), ctypes.byref(state), kernel, generations, offspring, mutations
        )
        return status


def _candidates() -> Iterator[Path]:
    for place in mulsmith.circuits.__path__:
        room = Path(place).resolve()
        for folder in (room, room.parent / "build"):
            yield from sorted(path for path in folder.glob(f"{STEM}*") if path.suffix in (".so", ".dylib"))


@cache
def cgp_library() -> CgpLibrary:
    """Return the engine.

    Raises:
        ToolError: it was not compiled, or with another interface.
    """
    reason = "the CGP engine was not compiled"
    for path in _candidates():
        try:
            version = ctypes.CDLL(str(path)).mulsmith_cgp_abi()
        except (OSError, AttributeError) as error:
            reason = f"{path} cannot be loaded: {error}"
            continue
        if version == ABI:
            return CgpLibrary(path)
        reason = f"{path} has interface {version}, but {ABI} is needed"
    raise ToolError(reason, remedy="install a C++ compiler and reinstall mulsmith")
