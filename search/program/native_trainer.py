"""Finds, loads and calls the compiled trainer (search/program/native/, plain C interface) through ctypes.

An installed package carries the library beside this file. In a source tree that was not installed, it is
found in ``build/`` at the top of the repository.
"""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

import mulsmith.search.program
from mulsmith.errors import ConfigError, ToolError
from mulsmith.search.program.mlp import Topology

ABI = 1
STEM = "libmulsmith_trainer"
_ACTIVATIONS = ("relu", "sigmoid", "tanh")
Singles = npt.NDArray[np.float32]


class _Epoch(ctypes.Structure):
    """``MulsmithEpoch`` of native/trainer_abi.h."""

    _fields_ = (
        ("layers", ctypes.c_int32),
        ("widths", ctypes.c_void_p),
        ("activations", ctypes.c_void_p),
        *((name, ctypes.c_void_p) for name in ("parameters", "first", "second")),
        *((name, ctypes.c_void_p) for name in ("inputs", "targets", "shares", "order")),
        ("batch", ctypes.c_int64),
        ("steps", ctypes.c_int64),
        ("rates", ctypes.c_void_p),
    )


class NativeTrainer:
    """The loaded library.

    Args:
        path: where it lies.

    Raises:
        ToolError: it cannot be loaded or has another interface.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._library = ctypes.CDLL(str(path))
            version = self._library.mulsmith_trainer_abi()
        except (OSError, AttributeError) as error:
            raise ToolError(f"cannot be loaded: {error}", path=path, remedy="reinstall mulsmith") from error
        if version != ABI:
            raise ToolError(
                f"has interface {version}, not {ABI}", path=path, remedy="build it from these sources"
            )
        self._library.mulsmith_trainer_kernel.restype = ctypes.c_char_p
        self.kernel: str = self._library.mulsmith_trainer_kernel().decode()

    def epoch(
        self,
        topology: Topology,
        parameters: tuple[Singles, Singles, Singles],
        data: tuple[Singles, Singles, Singles],
        order: npt.NDArray[np.int64],
        batch: int,
        rates: Singles,
    ) -> None:
        """Take one step of Adam for each batch; the parameters are changed in place.

        Args:
            topology: of the network.
            parameters: values and both moments, float32, each flat and contiguous.
            data: inputs, targets and shares of all calls, contiguous.
            order: the calls that the steps take, batch after batch.
            batch: calls per step.
            rates: learning rate of each step.

        Raises:
            ConfigError: arrays of another layout.
        """
        if not all(array.flags.c_contiguous for array in (*parameters, *data, order, rates)):
            raise ConfigError("the compiled trainer takes contiguous arrays only")
        widths = np.array(topology.widths, dtype=np.int32)
        kinds = np.array([_ACTIVATIONS.index(name) for name in topology.activations], dtype=np.int32)
        arrays = [array.ctypes.data for array in (widths, kinds, *parameters, *data, order)]
        request = _Epoch(len(widths) - 1, *arrays, batch, len(rates), rates.ctypes.data)
        if self._library.mulsmith_trainer_epoch(ctypes.byref(request)):
            raise MemoryError(f"no memory to train {topology.text} with batches of {batch}")


@cache
def native_trainer() -> NativeTrainer | None:
    """Return the compiled trainer, or None where the package was built without a compiler.

    Raises:
        ToolError: it is there but cannot be used.
    """
    for place in mulsmith.search.program.__path__:
        room = Path(place).resolve()
        for folder in (room, room.parent.parent / "build"):
            for path in sorted(folder.glob(f"{STEM}*")):
                if path.suffix in (".so", ".dylib"):
                    return NativeTrainer(path)
    return None
