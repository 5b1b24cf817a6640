"""What a table in a foreign format does not say about itself, and the checks that all formats share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import MAX_BITS, MIN_BITS, Lut
from mulsmith.errors import LutError


@dataclass(frozen=True, slots=True)
class Shape:
    """Operand widths and signedness.

    Attributes:
        a_bits: width of operand A.
        b_bits: width of operand B.
        signed: two's-complement operands and products.
    """

    a_bits: int
    b_bits: int
    signed: bool

    def __post_init__(self) -> None:
        for bits in (self.a_bits, self.b_bits):
            if not MIN_BITS <= bits <= MAX_BITS:
                raise LutError(f"an operand of {bits} bits is outside {MIN_BITS}..{MAX_BITS}")

    @property
    def size(self) -> tuple[int, int]:
        """Number of codes of A and of B."""
        return 1 << self.a_bits, 1 << self.b_bits

    @property
    def out_bits(self) -> int:
        """Width of the product."""
        return self.a_bits + self.b_bits

    def lut(self, table: npt.NDArray[np.integer]) -> Lut:
        """Return the table of products [A code, B code] as a ``Lut``.

        Raises:
            LutError: the number of entries is wrong, or a product does not fit its width.
        """
        rows, columns = self.size
        if table.shape != (rows, columns):
            shape = " x ".join(str(n) for n in table.shape)
            raise LutError(f"the table is {shape}, but {rows} x {columns} entries are needed")
        check_range(table, self.out_bits, self.signed)
        return Lut(table.astype(np.int32), self.a_bits, self.b_bits, self.signed)


def check_range(table: npt.NDArray[np.integer], out_bits: int, signed: bool) -> None:
    """Raise ``LutError`` where a product does not fit into ``out_bits``."""
    low = -(1 << (out_bits - 1)) if signed else 0
    high = low + (1 << out_bits) - 1
    for value in (int(table.min()), int(table.max())):
        if not low <= value <= high:
            kind = "signed" if signed else "unsigned"
            raise LutError(f"the product {value} does not fit into {out_bits} {kind} bits")


def require_8x8(lut: Lut | Shape, dialect: str) -> None:
    """Raise ``LutError`` where a format that knows 8 x 8 bits only is asked for another width."""
    if (lut.a_bits, lut.b_bits) != (8, 8):
        raise LutError(f"{dialect} takes 8x8 bits only, not {lut.a_bits}x{lut.b_bits}")


def sign_extended(codes: npt.NDArray[np.int64], out_bits: int, signed: bool) -> npt.NDArray[np.int64]:
    """Return the values of two's-complement or plain codes of ``out_bits``."""
    return np.where(codes >> (out_bits - 1) != 0, codes - (1 << out_bits), codes) if signed else codes


def decoded(data: bytes) -> str:
    """Return the text of a file.

    Raises:
        LutError: it is no ASCII text.
    """
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise LutError(f"the file is no ASCII text (byte {error.start})") from None
