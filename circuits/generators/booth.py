"""Booth multipliers, radix 4: exact, and broken, where the lowest columns of their rows are left out."""

from __future__ import annotations

from mulsmith.circuits.arithmetic import REDUCTIONS, to_columns
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import LAST_COLUMN, Choice, Integer, register
from mulsmith.circuits.netlist import CONST0, Netlist


@register(
    "booth",
    summary="Exact product from radix-4 Booth digits of B.",
    source="O. L. MacSorley, Proc. IRE 49(1), 1961",
    signed_by="Booth digits",
    parameters=(Choice("reduction", "adder tree", tuple(REDUCTIONS)),),
)
def booth(m: MultiplierBuilder, *, reduction: str) -> Netlist:
    """Return the exact radix-4 Booth multiplier."""
    return _booth(m, 0, reduction)


@register(
    "broken_booth",
    summary="Radix-4 Booth multiplier without the bits of its rows in columns below `vbl`.",
    source="F. Farshchi, M. S. Abrishami, S. M. Fakhraie, CADS 2013 (BBM)",
    signed_by="Booth digits",
    unsigned=False,
    parameters=(
        Integer("vbl", "vertical break level: columns left out", 0, LAST_COLUMN, 4),
        Choice("reduction", "adder tree", tuple(REDUCTIONS)),
    ),
)
def broken_booth(m: MultiplierBuilder, *, vbl: int, reduction: str) -> Netlist:
    """Return the sum of the Booth rows, each rounded down to a multiple of 2**vbl.

    A negative row is the complement of its magnitude, bit by bit, and a 1 in its lowest column, which is
    left out as well where that column is below vbl. A row whose sign bit lies below vbl is 0.
    """
    return _booth(m, vbl, reduction)


def _booth(m: MultiplierBuilder, vbl: int, reduction: str) -> Netlist:
    width = m.out_bits
    rows: list[dict[int, int]] = []
    constant = 0
    digits = (m.b_bits + (1 if m.is_signed else 2)) // 2
    for digit in range(digits):
        one, two, negative = _recode(m, 2 * digit)
        row: dict[int, int] = {}
        last = m.a_bits if m.is_signed else m.a_bits + 1
        for position in range(last + 1):
            multiple = m.or_(m.and_(one, _a_bit(m, position)), m.and_(two, _a_bit(m, position - 1)))
            row[2 * digit + position] = m.xor(multiple, negative)
        top = 2 * digit + last
        if top >= vbl:
            # The sign bit counts negative: -s = ~s - 1.
            row[top] = m.not_(row[top])
            constant -= 1 << top
        rows += [row, {2 * digit: negative}]
    kept = [{column: net for column, net in row.items() if column >= vbl} for row in rows]
    return m.product(REDUCTIONS[reduction](m, to_columns(kept, constant, width)))


def _recode(m: MultiplierBuilder, low: int) -> tuple[int, int, int]:
    below, middle, high = (_b_bit(m, low + offset) for offset in (-1, 0, 1))
    one = m.xor(middle, below)
    two = m.or_(m.and_(high, m.nor(middle, below)), m.and_(m.not_(high), m.and_(middle, below)))
    return one, two, high


def _a_bit(m: MultiplierBuilder, position: int) -> int:
    if position < 0:
        return CONST0
    if position < m.a_bits:
        return m.a[position]
    return m.a[-1] if m.is_signed else CONST0


def _b_bit(m: MultiplierBuilder, position: int) -> int:
    if position < 0:
        return CONST0
    if position < m.b_bits:
        return m.b[position]
    return m.b[-1] if m.is_signed else CONST0
