"""Underdesigned multiplier: built from 2x2 blocks that compute 3 * 3 = 7."""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.circuits.arithmetic import Bits, Columns, dadda, multiply, sign_magnitude
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators.registry import OUT_BITS, Integer, register
from mulsmith.circuits.netlist import CONST0, Netlist


@register(
    "kulkarni",
    summary="2x2 blocks of which those of weight below 2**`columns` compute 3 * 3 = 7, added up exactly.",
    source="P. Kulkarni, P. Gupta, M. Ercegovac, VLSI Design 2011",
    signed_by="sign-magnitude",
    parameters=(
        Integer("columns", "blocks of weight below 2**columns are approximate", 0, OUT_BITS, OUT_BITS),
    ),
)
def kulkarni(m: MultiplierBuilder, *, columns: int) -> Netlist:
    """Return the sum over digits i of A and j of B, base 4, of block(A_i, B_j) * 4**(i+j)."""

    def core(x: Sequence[int], y: Sequence[int]) -> Bits:
        work: Columns = [[] for _ in range(len(x) + len(y) + 2)]
        for low in range(0, len(x), 2):
            for high in range(0, len(y), 2):
                weight = low + high
                block = _block if weight < columns else multiply
                for position, net in enumerate(block(m, _digit(x, low), _digit(y, high))):
                    work[weight + position].append(net)
        return dadda(m, work[: len(x) + len(y)])

    return m.product(sign_magnitude(m, core))


def _digit(bits: Sequence[int], low: int) -> Bits:
    return [*bits[low : low + 2], CONST0][:2]


def _block(m: MultiplierBuilder, x: Sequence[int], y: Sequence[int]) -> Bits:
    middle = m.or_(m.and_(x[1], y[0]), m.and_(x[0], y[1]))
    return [m.and_(x[0], y[0]), middle, m.and_(x[1], y[1])]
