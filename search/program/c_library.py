"""C regions through ctypes: the compiled kernels of ``native/``, and functions of a user's own library."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np

import mulsmith.search.program
from mulsmith.errors import ConfigError, ToolError
from mulsmith.search.program.kernel import Floats, Function

STEM = "libmulsmith_regions"


def c_function(library: str | Path, symbol: str, inputs: int, outputs: int) -> Function:
    """Return a batched function over ``void symbol(const double *in, double *out)`` of a shared library.

    Args:
        library: path of the library.
        symbol: the function's name.
        inputs: values that one call reads.
        outputs: values that it writes.

    Raises:
        ToolError: the library cannot be loaded.
        ConfigError: it has no such function.
    """
    try:
        loaded = ctypes.CDLL(str(library))
    except OSError as error:
        raise ToolError(
            f"cannot be loaded: {error}", path=library, remedy="compile it with -shared"
        ) from error
    try:
        call = loaded[symbol]
    except AttributeError as error:
        raise ConfigError(f"the library has no function '{symbol}'", path=library) from error
    pointer = ctypes.POINTER(ctypes.c_double)
    call.argtypes, call.restype = [pointer, pointer], None

    def batched(values: Floats) -> Floats:
        rows = np.ascontiguousarray(values, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != inputs:
            raise ConfigError(f"{symbol} takes [calls, {inputs}], not {list(rows.shape)}")
        results = np.empty((len(rows), outputs), dtype=np.float64)
        for row, result in zip(rows, results, strict=True):
            call(row.ctypes.data_as(pointer), result.ctypes.data_as(pointer))
        return results

    return batched


def compiled_region(name: str, inputs: int, outputs: int) -> Function:
    """Return the compiled twin of a shipped kernel.

    Raises:
        ToolError: the package was built without a C compiler.
    """
    for place in mulsmith.search.program.__path__:
        room = Path(place).resolve()
        for folder in (room, room.parent.parent / "build"):
            for path in sorted(folder.glob(f"{STEM}*")):
                if path.suffix in (".so", ".dylib"):
                    return c_function(path, f"mulsmith_{name}", inputs, outputs)
    raise ToolError("the regions were not compiled", remedy="install a C compiler and reinstall mulsmith")
