"""Broken-array multiplier: cells of the array left out below a horizontal and right of a vertical break."""

from __future__ import annotations

from mulsmith.circuits.arithmetic import REDUCTIONS, partial_products, to_columns
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import B_BITS, LAST_COLUMN, Choice, Integer, register
from mulsmith.circuits.netlist import Netlist


@register(
    "broken_array",
    summary="Partial products in columns below `vbl` and in rows of B below `hbl` left out.",
    source="H. R. Mahdiani et al., IEEE Trans. Circuits and Systems I 57(4), 2010",
    signed_by="Baugh-Wooley",
    parameters=(
        Integer("vbl", "vertical break level: columns left out", 0, LAST_COLUMN, 4),
        Integer("hbl", "horizontal break level: rows of B left out", 0, B_BITS, 1),
        Choice("reduction", "adder tree", ("array", "dadda", "wallace")),
    ),
)
def broken_array(m: MultiplierBuilder, *, vbl: int, hbl: int, reduction: str) -> Netlist:
    """Return the product of all partial products a[i] b[j] with i + j >= vbl and j >= hbl."""
    rows, constant = partial_products(m, lambda i, j: i + j >= vbl and j >= hbl)
    return m.product(REDUCTIONS[reduction](m, to_columns(rows, constant, m.out_bits)))
