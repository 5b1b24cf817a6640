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

ABI = 3
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
        ("lane_plane_count", ctypes.c_int64),
        ("lane_digits", ctypes.c_void_p),
        ("lane_factors", ctypes.c_void_p),
        ("row_digits", ctypes.c_void_p),
        ("scales", ctypes.c_void_p),
        ("row_term", ctypes.c_void_p),
    )


class CQuantiser(ctypes.Structure):
    """``MulsmithQuantiser`` of emulate/native/layer_passes.h."""

    _fields_ = (
        ("scale", ctypes.c_float),
        ("lowest", ctypes.c_float),
        ("highest", ctypes.c_float),
        ("zero", ctypes.c_int32),
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

    def quantise(self, x: torch.Tensor, quantiser: CQuantiser, codes: torch.Tensor) -> bool:
        """Write the codes of contiguous float32 x; return whether x is free of NaN and infinity."""
        finite = self._library.mulsmith_quantise(
            _pointer(x), ctypes.c_int64(x.numel()), ctypes.byref(quantiser), _pointer(codes),
            torch.get_num_threads(),
        )  # fmt: skip
        return bool(finite)

    def inside(self, x: torch.Tensor, low: float, high: float, inside: torch.Tensor) -> None:
        """Write whether contiguous float32 x lies in low..high."""
        self._library.mulsmith_inside(
            _pointer(x), ctypes.c_int64(x.numel()), ctypes.c_float(low), ctypes.c_float(high),
            _pointer(inside), torch.get_num_threads(),
        )  # fmt: skip

    def field_sums(self, problem: CProblem, codes_signed: bool, zero: int) -> None:
        """Write the sums of code - zero over every receptive field, per group, into the problem's sums.

        Raises:
            MemoryError: memory ran out.
        """
        status = self._library.mulsmith_field_sums(
            ctypes.byref(problem), int(codes_signed), zero, torch.get_num_threads()
        )
        if status != 0:
            raise MemoryError(STATUS[status])

    def scale_sums(
        self,
        sums: torch.Tensor,
        offset: torch.Tensor,
        unit: torch.Tensor,
        factor: torch.Tensor | None,
        fields: torch.Tensor | None,
    ) -> None:
        """Turn int32 sums [N, O, H, W] into the bits of float32 (sums + offset - factor * fields) * unit."""
        images, outputs, height, width = sums.shape
        groups = 1 if fields is None else fields.shape[1]
        self._library.mulsmith_scale_sums(
            _pointer(sums),
            *(ctypes.c_int64(size) for size in (images, outputs, groups, height * width)),
            _pointer(offset), _pointer(factor), _pointer(fields), _pointer(unit), torch.get_num_threads(),
        )  # fmt: skip


def _pointer(tensor: torch.Tensor | None) -> ctypes.c_void_p:
    return ctypes.c_void_p(None if tensor is None else tensor.data_ptr())


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
