"""tf-approximate's ``.bin``: 256 x 256 little-endian uint16, the row is the second operand."""

from __future__ import annotations

import numpy as np

from mulsmith.characterize.dialects.shape import Shape, check_range, require_8x8, sign_extended
from mulsmith.characterize.lut import Lut
from mulsmith.errors import LutError

NAME = "tf-approximate"
SIZE = 131_072


def write(lut: Lut, name: str) -> bytes:
    """Return the file of an 8x8 table; signed products stand as 16-bit two's complement.

    Raises:
        LutError: other widths, or a product that does not fit 16 bits.
    """
    require_8x8(lut, NAME)
    check_range(lut.table, 16, lut.signed)
    return (lut.table.T & 0xFFFF).astype("<u2").tobytes()


def read(data: bytes, shape: Shape) -> Lut:
    """Return the table of such a file.

    Raises:
        LutError: other widths, or a file of another size.
    """
    require_8x8(shape, NAME)
    if len(data) != SIZE:
        raise LutError(f"the file has {len(data)} bytes, but {NAME} needs {SIZE}")
    codes = np.frombuffer(data, dtype="<u2").reshape(256, 256).T.astype(np.int64)
    return shape.lut(sign_extended(codes, 16, shape.signed))
