"""ApproxTorch's ``.txt``: 256 lines of 256 products, row and column are the operands' values plus 128."""

from __future__ import annotations

import numpy as np

from mulsmith.characterize.dialects.shape import Shape, decoded, require_8x8
from mulsmith.characterize.lut import Lut
from mulsmith.errors import LutError

NAME = "approxtorch"
OFFSET = 128


def write(lut: Lut, name: str) -> bytes:
    """Return the file of a signed 8x8 table.

    Raises:
        LutError: an unsigned table or other widths.
    """
    _check(lut)
    ordered = np.roll(lut.table, (OFFSET, OFFSET), axis=(0, 1))
    lines = (" ".join(map(str, row)) for row in ordered.tolist())
    return ("\n".join(lines) + "\n").encode("ascii")


def read(data: bytes, shape: Shape) -> Lut:
    """Return the table of such a file; blanks or commas separate the products.

    Raises:
        LutError: an unsigned table or other widths asked for, or a file of another form.
    """
    _check(shape)
    rows: list[list[int]] = []
    for number, line in enumerate(decoded(data).splitlines(), start=1):
        fields = line.replace(",", " ").split()
        if not fields:
            continue
        try:
            rows.append([int(field) for field in fields])
        except ValueError:
            raise LutError("this line holds something else than integers", line=number) from None
        if len(fields) != 2 * OFFSET:
            raise LutError(f"this line holds {len(fields)} products, but 256 are needed", line=number)
    if len(rows) != 2 * OFFSET:
        raise LutError(f"the file has {len(rows)} lines of products, but 256 are needed")
    try:
        table = np.array(rows, dtype=np.int64)
    except OverflowError:
        raise LutError("a product does not fit into 16 signed bits") from None
    return shape.lut(np.roll(table, (-OFFSET, -OFFSET), axis=(0, 1)))


def _check(lut: Lut | Shape) -> None:
    require_8x8(lut, NAME)
    if not lut.signed:
        raise LutError(f"{NAME} takes signed tables only: its rows and columns are values offset by {OFFSET}")
