"""Finds, loads and calls the compiled kernels (emulate/native/, plain C interface) through ctypes.

An installed package carries the library beside this file. In a source tree that was not installed, it is
found in ``build/`` at the top of the repository after ``cmake -S . -B build && cmake --build build``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch

import mulsmith.emulate

ABI = 1
STEM = "libmulsmith_kernels"
STATUS = {
    1: "this processor lacks its instructions",
    2: "it cannot compute this problem",
    3: "memory ran out",
}


class CProblem(ctypes.Structure):
    """``MulsmithProblem`` of emulate/native/abi.h."""

    _fields_ = (
        ("lanes", ctypes.c_void_p),
        ("rows", ctypes.c_void_p),
        ("sums", ctypes.c_void_p),
        *(
            (name, ctypes.c_int64)
            for name in (
                "images", "channels", "height", "width", "outputs", "kernel_h", "kernel_w", "out_h", "out_w",
                "stride_h", "stride_w", "pad_h", "pad_w", "dilation_h", "dilation_w", "groups", "pad_code",
            )
        ),
    )  # fmt: skip


class CTable(ctypes.Structure):
    """``MulsmithTable`` of emulate/native/abi.h."""

    _fields_ = (
        ("parts", ctypes.c_int64),
        ("base", ctypes.c_int64),
        ("words", ctypes.c_void_p),
        ("bytes", ctypes.c_void_p),
        ("plane_count", ctypes.c_int64),
        ("lane_digits", ctypes.c_void_p),
        ("row_digits", ctypes.c_void_p),
        ("scales", ctypes.c_void_p),
        ("lane_term_bytes", ctypes.c_void_p),
        ("lane_term_count", ctypes.c_int64),
        ("row_term", ctypes.c_void_p),
    )


class NativeLibrary:
    """A loaded library.

    Attributes:
        path: where it lies.
        kernels: name of every kernel that this processor runs -> its index.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._library = ctypes.CDLL(str(path))
        self._library.mulsmith_kernel_name.restype = ctypes.c_char_p
        names = [
            self._library.mulsmith_kernel_name(index).decode()
            for index in range(self._library.mulsmith_kernel_count())
        ]
        self.kernels = {
            name: index for index, name in enumerate(names) if self._library.mulsmith_kernel_runs(index)
        }

    def conv2d(self, problem: CProblem, table: CTable, kernel: str) -> str | None:
        """Run a kernel on as many threads as torch uses; return why it could not, None when it did."""
        status = self._library.mulsmith_conv2d(
            ctypes.byref(problem), ctypes.byref(table), self.kernels[kernel], torch.get_num_threads()
        )
        return None if status == 0 else STATUS.get(status, f"status {status}")


def _candidates() -> Iterator[Path]:
    for place in mulsmith.emulate.__path__:
        room = Path(place).resolve()
        for folder in (room, room.parent / "build"):
            yield from sorted(path for path in folder.glob(f"{STEM}*") if path.suffix in (".so", ".dylib"))


@cache
def find_library() -> tuple[NativeLibrary | None, str | None]:
    """Return the library, or None and the reason why there is none."""
    reason = "the package was built without a C++ compiler; install one and reinstall mulsmith"
    for path in _candidates():
        try:
            version = ctypes.CDLL(str(path)).mulsmith_abi()
        except (OSError, AttributeError) as error:
            reason = f"{path} cannot be loaded: {error}"
            continue
        if version == ABI:
            return NativeLibrary(path), None
        reason = f"{path} has interface {version}, but {ABI} is needed; build it again"
    return None, reason
