"""Truncated multipliers: the lowest columns of partial products are left out, with or without correction."""

from __future__ import annotations

from mulsmith.circuits.arithmetic import REDUCTIONS, partial_products, to_columns
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import LAST_COLUMN, Choice, Integer, register
from mulsmith.circuits.netlist import Netlist


@register(
    "truncated",
    summary="Partial products below column `cut` left out; their mean or top column may stand for them.",
    source="M. J. Schulte, E. E. Swartzlander, VLSI Signal Processing VI, 1993 (constant); "
    "E. J. King, E. E. Swartzlander, Asilomar 1997 (variable)",
    signed_by="Baugh-Wooley",
    parameters=(
        Integer("cut", "columns left out", 0, LAST_COLUMN, 0),
        Choice("correction", "what stands for the columns left out", ("none", "constant", "variable")),
        Choice("reduction", "adder tree", tuple(REDUCTIONS)),
    ),
)
def truncated(m: MultiplierBuilder, *, cut: int, correction: str, reduction: str) -> Netlist:
    """Return the product of all partial products a[i] b[j] of i + j >= cut.

    ``constant`` adds the mean of the others, rounded to a multiple of 2**cut (ties upward); ``variable``
    adds the bits of column cut - 1 in column cut, as if each stood for the columns below as well.
    Bits left out count as 0, also where Baugh-Wooley's form would complement them.
    """
    constant = mean_of_dropped(m, cut) if correction == "constant" else 0
    rows, constant = partial_products(m, lambda i, j: i + j >= cut, correction=constant)
    columns = to_columns(rows, constant, m.out_bits)
    if correction == "variable" and cut > 0:
        moved, rest = partial_products(m, lambda i, j: i + j == cut - 1)
        shifted = [{column + 1: net for column, net in row.items()} for row in moved]
        columns = to_columns([*rows, *shifted], constant + 2 * rest, m.out_bits)
    return m.product(REDUCTIONS[reduction](m, columns))


def mean_of_dropped(m: MultiplierBuilder, cut: int) -> int:
    """Return the mean of the partial products below column ``cut``, rounded to a multiple of 2**cut.

    Every bit a[i] b[j] of uniform operands is 1 with probability 1/4; it counts negative where exactly one
    of the two is a sign bit. Ties round upward.
    """
    quarters = 0
    for i in range(m.a_bits):
        for j in range(m.b_bits):
            if i + j < cut:
                negative = m.is_signed and (i == m.a_bits - 1) != (j == m.b_bits - 1)
                quarters += (-1 if negative else 1) << (i + j)
    return (quarters + (2 << cut)) // (4 << cut) << cut
