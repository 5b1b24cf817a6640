"""Partial products compressed by OR gates: groups of rows are ORed column by column before they are added."""

from __future__ import annotations

from mulsmith.circuits.arithmetic import dadda, partial_products, to_columns
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import A_BITS, B_BITS, OUT_BITS, Integer, register
from mulsmith.circuits.netlist import Netlist


@register(
    "row_or",
    summary="In columns below `columns`, the partial products of each `depth` rows of B ORed into one.",
    source="I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017",
    signed_by="Baugh-Wooley",
    parameters=(
        Integer("depth", "rows that make a group", 1, B_BITS, 2),
        Integer("columns", "columns that are compressed", 0, OUT_BITS, A_BITS),
    ),
)
def row_or(m: MultiplierBuilder, *, depth: int, columns: int) -> Netlist:
    """Return the sum of the ORed groups and the other partial products; depth = b_bits makes one group.

    In a signed multiplier the complemented bits of Baugh-Wooley's form are ORed as they stand.
    """
    rows, constant = partial_products(m)
    merged: list[dict[int, int]] = []
    for start in range(0, len(rows), depth):
        group = rows[start : start + depth]
        low = sorted({column for row in group for column in row if column < columns})
        merged.append({c: m.or_all([row[c] for row in group if c in row]) for c in low})
        merged += [{c: net for c, net in row.items() if c >= columns} for row in group]
    return m.product(dadda(m, to_columns(merged, constant, m.out_bits)))
