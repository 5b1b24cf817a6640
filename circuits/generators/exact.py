"""Exact multipliers: carry-save array, Wallace tree and Dadda tree over the same partial products."""

from __future__ import annotations

from mulsmith.circuits.arithmetic import REDUCTIONS, partial_products, to_columns
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import register
from mulsmith.circuits.netlist import Netlist


def _exact(m: MultiplierBuilder, reduction: str) -> Netlist:
    rows, constant = partial_products(m)
    return m.product(REDUCTIONS[reduction](m, to_columns(rows, constant, m.out_bits)))


@register(
    "array",
    summary="Exact product, carry-save array of adders with a final ripple-carry adder.",
    source="E. L. Braun, Digital Computer Design, 1963",
    signed_by="Baugh-Wooley",
)
def array(m: MultiplierBuilder) -> Netlist:
    """Return the exact array multiplier: the smallest wiring, the longest path."""
    return _exact(m, "array")


@register(
    "wallace",
    summary="Exact product, Wallace tree with a final ripple-carry adder.",
    source="C. S. Wallace, IEEE Trans. Electronic Computers 13(1), 1964",
    signed_by="Baugh-Wooley",
)
def wallace(m: MultiplierBuilder) -> Netlist:
    """Return the exact Wallace-tree multiplier: every stage reduces as much as it can."""
    return _exact(m, "wallace")


@register(
    "dadda",
    summary="Exact product, Dadda tree with a final ripple-carry adder.",
    source="L. Dadda, Alta Frequenza 34, 1965",
    signed_by="Baugh-Wooley",
)
def dadda(m: MultiplierBuilder) -> Netlist:
    """Return the exact Dadda-tree multiplier: as few adders as the number of stages allows."""
    return _exact(m, "dadda")
