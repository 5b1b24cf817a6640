"""Multipliers that leave out whole operand bits: truncated operands and perforated partial products."""

from __future__ import annotations

from mulsmith.circuits.arithmetic import dadda, partial_products, to_columns
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import A_BITS, B_BITS, Choice, Integer, register
from mulsmith.circuits.netlist import CONST0, CONST1, Netlist


@register(
    "operand_truncation",
    summary="Exact product of the operands without their lowest `a_cut` and `b_cut` bits.",
    source="the usual reduction of operand precision",
    signed_by="Baugh-Wooley",
    parameters=(
        Integer("a_cut", "bits of A left out", 0, A_BITS, 2),
        Integer("b_cut", "bits of B left out", 0, B_BITS, 0),
        Choice("filling", "bits left out are 0, or the highest of them is 1 (half)", ("zero", "half")),
    ),
)
def operand_truncation(m: MultiplierBuilder, *, a_cut: int, b_cut: int, filling: str) -> Netlist:
    """Return the exact product of A and B after their lowest bits are replaced by constants."""
    for operand, cut in ((m.a, a_cut), (m.b, b_cut)):
        operand[:cut] = [CONST0] * cut
        if filling == "half" and cut > 0:
            operand[cut - 1] = CONST1
    return _exact(m)


@register(
    "perforated",
    summary="Partial products of B's bits `first` .. `first` + `rows` - 1 left out.",
    source="G. Zervakis et al., IEEE Trans. VLSI Systems 24(10), 2016",
    signed_by="Baugh-Wooley",
    parameters=(
        Integer("first", "first row left out", 0, B_BITS, 0),
        Integer("rows", "how many rows are left out", 0, B_BITS, 1),
    ),
)
def perforated(m: MultiplierBuilder, *, first: int, rows: int) -> Netlist:
    """Return the exact product of A and of B with some of its bits cleared."""
    left_out = range(first, min(first + rows, m.b_bits))
    m.b[first : left_out.stop] = [CONST0] * len(left_out)
    return _exact(m)


def _exact(m: MultiplierBuilder) -> Netlist:
    rows, constant = partial_products(m)
    return m.product(dadda(m, to_columns(rows, constant, m.out_bits)))
