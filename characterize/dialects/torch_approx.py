"""torch-approx's ``.npy``: int32 [2**a_bits, 2**b_bits], both operands in the order of their raw codes.

For signed operands that order is 0, 1, ..., 127, -128, ..., -1: the two's-complement code is the index.
"""

from __future__ import annotations

import io

import numpy as np

from mulsmith.characterize.dialects.shape import Shape
from mulsmith.characterize.lut import Lut
from mulsmith.errors import LutError


def write(lut: Lut, name: str) -> bytes:
    """Return the file of a table."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, lut.table.astype("<i4"), allow_pickle=False)
    return buffer.getvalue()


def read(data: bytes, shape: Shape) -> Lut:
    """Return the table of such a file; nothing in it is unpickled.

    Raises:
        LutError: no such file, another dtype or shape, or trailing bytes.
    """
    buffer = io.BytesIO(data)
    try:
        table = np.lib.format.read_array(buffer, allow_pickle=False, max_header_size=10_000)
    except (ValueError, EOFError, OSError) as error:
        raise LutError(f"the file is no plain .npy array ({str(error).splitlines()[0]})") from None
    if buffer.read(1):
        raise LutError("the file goes on behind its array")
    if table.dtype != np.int32:
        raise LutError(f"the array has dtype {table.dtype}, but int32 is needed")
    return shape.lut(table)
