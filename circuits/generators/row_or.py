"""Partial products compressed by OR gates: groups of rows are ORed column by column before they are added."""

from __future__ import annotations

from fractions import Fraction
from math import floor, prod

from mulsmith.circuits.arithmetic import dadda, partial_products, to_columns
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import (
    A_BITS,
    B_BITS,
    LAST_COLUMN,
    OUT_BITS,
    Choice,
    Integer,
    register,
)
from mulsmith.circuits.netlist import Netlist


@register(
    "row_or",
    summary="In columns below `columns`, the partial products of each `depth` rows of B ORed into one.",
    source="I. Qiqieh et al., Significance-Driven Logic Compression, DATE 2017",
    signed_by="Baugh-Wooley",
    parameters=(
        Integer("depth", "rows that make a group", 1, B_BITS, 2),
        Integer("columns", "columns that are compressed", 0, OUT_BITS, A_BITS),
        Integer("cut", "columns left out altogether", 0, LAST_COLUMN, 0),
        Choice("correction", "what is added against the mean error", ("none", "constant")),
    ),
)
def row_or(m: MultiplierBuilder, *, depth: int, columns: int, cut: int, correction: str) -> Netlist:
    """Return the sum of the ORed groups and the other partial products; depth = b_bits makes one group.

    In a signed multiplier the complemented bits of Baugh-Wooley's form are ORed as they stand; bits left
    out count as 0. ``constant`` adds the mean of what is lost, rounded to a multiple of 2**cut (ties
    upward).
    """
    constant = mean_loss(m, depth, columns, cut) if correction == "constant" else 0
    rows, constant = partial_products(m, lambda i, j: i + j >= cut, correction=constant)
    merged: list[dict[int, int]] = []
    for start in range(0, len(rows), depth):
        group = rows[start : start + depth]
        low = sorted({column for row in group for column in row if column < columns})
        merged.append({c: m.or_all([row[c] for row in group if c in row]) for c in low})
        merged += [{c: net for c, net in row.items() if c >= columns} for row in group]
    return m.product(dadda(m, to_columns(merged, constant, m.out_bits)))


def mean_loss(m: MultiplierBuilder, depth: int, columns: int, cut: int) -> int:
    """Return the mean of exact product minus ORed product, rounded to a multiple of 2**cut.

    The bits of one column depend on disjoint operand bits, so they are independent; with uniform operands
    each is 1 with probability 1/4, or 3/4 where it is complemented.
    """
    loss = Fraction(0)
    for column in range(max(columns, cut)):
        for start in range(0, m.b_bits, depth):
            cells = [(column - j, j) for j in range(start, min(start + depth, m.b_bits))]
            negative = [
                m.is_signed and (i == m.a_bits - 1) != (j == m.b_bits - 1)
                for i, j in cells
                if 0 <= i < m.a_bits
            ]
            if column < cut:
                loss += Fraction(sum(-1 if n else 1 for n in negative), 4) * (1 << column)
            else:
                ones = [Fraction(3 if n else 1, 4) for n in negative]
                loss += (sum(ones, Fraction(0)) - (1 - prod(1 - p for p in ones))) * (1 << column)
    return floor(loss / (1 << cut) + Fraction(1, 2)) << cut
