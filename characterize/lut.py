"""The look-up table of a multiplier: every product that it computes, indexed by raw operand codes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.errors import LutError

MIN_BITS = 1
MAX_BITS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Lut:
    """Every product of a multiplier.

    Attributes:
        table: int32 [2**a_bits, 2**b_bits], read-only. ``table[a, b]`` is the result for the raw operand
            codes a (activation) and b (weight); for a signed multiplier the codes are two's complement
            and the values are sign-interpreted.
        a_bits: width of operand A.
        b_bits: width of operand B.
        signed: whether operands and result are two's complement.
    """

    table: npt.NDArray[np.int32]
    a_bits: int
    b_bits: int
    signed: bool

    def __post_init__(self) -> None:
        for name, bits in (("a_bits", self.a_bits), ("b_bits", self.b_bits)):
            if not MIN_BITS <= bits <= MAX_BITS:
                raise LutError(f"{name} = {bits} is outside {MIN_BITS}..{MAX_BITS}")
        shape = (1 << self.a_bits, 1 << self.b_bits)
        if self.table.shape != shape:
            raise LutError(
                f"table has shape {self.table.shape}, but {self.a_bits} x {self.b_bits} bits need {shape}"
            )
        if self.table.dtype != np.int32:
            raise LutError(f"table has dtype {self.table.dtype}, but int32 is needed")
        table = np.ascontiguousarray(self.table).view()
        table.flags.writeable = False
        object.__setattr__(self, "table", table)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Lut):
            return NotImplemented
        same = (self.a_bits, self.b_bits, self.signed) == (other.a_bits, other.b_bits, other.signed)
        return same and np.array_equal(self.table, other.table)

    def __hash__(self) -> int:
        return hash((self.a_bits, self.b_bits, self.signed, self.sha256()))

    def sha256(self) -> str:
        """Return the hash of the table as little-endian int32 in C order, A outermost."""
        return hashlib.sha256(self.table.astype("<i4").tobytes()).hexdigest()

    @classmethod
    def exact(cls, a_bits: int, b_bits: int, signed: bool) -> Lut:
        """Return the table of the exact multiplier."""
        a = operand_values(a_bits, signed)
        b = operand_values(b_bits, signed)
        return cls(np.multiply.outer(a, b).astype(np.int32), a_bits, b_bits, signed)


def operand_values(bits: int, signed: bool) -> npt.NDArray[np.int64]:
    """Return the value of every raw code of an operand, int64 [2**bits]."""
    codes = np.arange(1 << bits, dtype=np.int64)
    return np.where(codes >= 1 << (bits - 1), codes - (1 << bits), codes) if signed else codes
