"""Multipliers reduced by 4:2 compressors, approximate ones in the low columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mulsmith.circuits.arithmetic import Columns, partial_products, ripple, to_columns
from mulsmith.circuits.builder import MultiplierBuilder, NetlistBuilder
from mulsmith.circuits.generators.registry import OUT_BITS, Choice, Integer, register
from mulsmith.circuits.netlist import CONST0, Netlist


class Compressed(NamedTuple):
    """Results of a 4:2 compressor: ``total`` of its column's weight, ``carries`` and ``chain`` of the next.

    ``chain`` enters the compressor beside it in the next column, None for a design without chain.
    """

    total: int
    carries: list[int]
    chain: int | None


Compressor = Callable[[NetlistBuilder, list[int], int], Compressed]


def exact(m: NetlistBuilder, x: list[int], chain: int) -> Compressed:
    """Two full adders: x1 + x2 + x3 + x4 + chain."""
    partial, out = m.full_adder(x[0], x[1], x[2])
    total, carry = m.full_adder(partial, x[3], chain)
    return Compressed(total, [carry], out)


def momeni1(m: NetlistBuilder, x: list[int], chain: int) -> Compressed:
    """Momeni's design 1: carry = chain in, sum is 0 wherever chain in is 1; wrong for 12 of 32 inputs."""
    either = m.or_(m.xnor(x[0], x[1]), m.xnor(x[2], x[3]))
    out = m.and_(m.or_(x[0], x[1]), m.or_(x[2], x[3]))
    return Compressed(m.and_(m.not_(chain), either), [chain], out)


def momeni2(m: NetlistBuilder, x: list[int], _chain: int) -> Compressed:
    """Momeni's design 2, without chain; wrong for 4 of 16 inputs: 0000, 0011, 1100, 1111."""
    total = m.or_(m.xnor(x[0], x[1]), m.xnor(x[2], x[3]))
    return Compressed(total, [m.and_(m.or_(x[0], x[1]), m.or_(x[2], x[3]))], None)


def venkatachalam(m: NetlistBuilder, x: list[int], _chain: int) -> Compressed:
    """Venkatachalam and Ko: the carry misses pairs across (x1, x2) and (x3, x4); wrong for 5 of 16 inputs."""
    first, second = m.and_(x[0], x[1]), m.and_(x[2], x[3])
    odd = m.or_(m.xor(x[0], x[1]), m.xor(x[2], x[3]))
    return Compressed(m.or_(odd, m.and_(first, second)), [m.or_(first, second)], None)


def lin(m: NetlistBuilder, x: list[int], _chain: int) -> Compressed:
    """Lin and Lin: exact but for 1111, which gives 2."""
    first_sum, first = m.half_adder(x[0], x[1])
    second_sum, second = m.half_adder(x[2], x[3])
    total, across = m.half_adder(first_sum, second_sum)
    return Compressed(total, [m.or_(m.or_(first, second), across)], None)


DESIGNS: dict[str, Compressor] = {
    "momeni1": momeni1,
    "momeni2": momeni2,
    "venkatachalam": venkatachalam,
    "lin": lin,
}


@register(
    "compressors",
    summary="Partial products reduced by 4:2 compressors, approximate ones in columns below `columns`.",
    source="A. Momeni et al., IEEE Trans. Computers 64(4), 2015 (momeni1, momeni2); S. Venkatachalam, "
    "S.-B. Ko, IEEE Trans. VLSI Systems 25(5), 2017; C.-H. Lin, I.-C. Lin, ICCD 2013",
    signed_by="Baugh-Wooley",
    parameters=(
        Choice("design", "approximate compressor", tuple(DESIGNS)),
        Integer("columns", "columns with approximate compressors", 0, OUT_BITS, OUT_BITS),
    ),
)
def compressors(m: MultiplierBuilder, *, design: str, columns: int) -> Netlist:
    """Return the product reduced stage by stage until no column holds more than two nets.

    In each stage a column's nets, in their order, feed compressors by fours; three that remain feed a full
    adder. Results follow in the order: sums of the column itself, nets that remain, carries from below.
    """
    rows, constant = partial_products(m)
    work = to_columns(rows, constant, m.out_bits)
    while max(map(len, work)) > 2:
        work = _stage(m, work, DESIGNS[design], columns)
    return m.product(ripple(m, work))


def _stage(m: NetlistBuilder, work: Columns, design: Compressor, columns: int) -> Columns:
    result: Columns = [[] for _ in work]
    carries: list[int] = []
    chains: list[int] = []
    for position, column in enumerate(work):
        compressor = design if position < columns else exact
        arriving, carries = carries, []
        waiting, chains = chains, []
        rest = list(column)
        while len(rest) >= 4:
            taken, rest = rest[:4], rest[4:]
            chained = compressor in (exact, momeni1)
            outcome = compressor(m, taken, waiting.pop(0) if chained and waiting else CONST0)
            result[position].append(outcome.total)
            carries += outcome.carries
            if outcome.chain is not None:
                chains.append(outcome.chain)
        if len(rest) == 3:
            total, carry = m.full_adder(*rest)
            result[position].append(total)
            carries.append(carry)
            rest = []
        result[position] += [net for net in (*rest, *arriving, *waiting) if net != CONST0]
    return result
