"""Array multiplier whose rows are added by lower-part-OR adders (LOA)."""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.circuits.arithmetic import Bits, add, constant_bits, partial_products
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import OUT_BITS, Integer, register
from mulsmith.circuits.netlist import CONST0, Netlist


@register(
    "lower_or",
    summary="Rows added one after the other; in columns below `lower` the sum is an OR without carries.",
    source="H. R. Mahdiani et al., IEEE Trans. Circuits and Systems I 57(4), 2010 (LOA)",
    signed_by="Baugh-Wooley",
    parameters=(Integer("lower", "columns in which OR gates stand for adders", 0, OUT_BITS, 4),),
)
def lower_or(m: MultiplierBuilder, *, lower: int) -> Netlist:
    """Return the rows b[j] * A * 2**j accumulated from j = 0 upward by adders of ``lower`` OR columns.

    Each adder's upper part takes the AND of the two bits of column lower - 1 as carry in. A signed
    multiplier adds the constant of Baugh-Wooley's form to the sum, exactly.
    """
    rows, constant = partial_products(m)
    total = [CONST0] * m.out_bits
    for row in rows:
        addend = [row.get(column, CONST0) for column in range(m.out_bits)]
        total = _lower_or_adder(m, total, addend, lower)[: m.out_bits]
    return m.product(add(m, total, constant_bits(constant, m.out_bits)))


def _lower_or_adder(m: MultiplierBuilder, x: Sequence[int], y: Sequence[int], lower: int) -> Bits:
    low = [m.or_(p, q) for p, q in zip(x[:lower], y[:lower], strict=True)]
    carry = m.and_(x[lower - 1], y[lower - 1]) if lower > 0 else CONST0
    return low + add(m, x[lower:], y[lower:], carry)
