"""Segment multipliers: a short exact multiplier works on the leading part of each operand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mulsmith.circuits.arithmetic import Bits, multiply, sign_magnitude
from mulsmith.circuits.builder import MultiplierBuilder, NetlistBuilder
from mulsmith.circuits.generators.registry import MAX_BITS, Integer, register
from mulsmith.circuits.netlist import CONST0, CONST1, Netlist
from mulsmith.circuits.shifting import encode, leading_one, select, shift_left

Segment = Callable[[NetlistBuilder, Sequence[int], int], tuple[Bits, Bits]]


@register(
    "drum",
    summary="Exact product of the `k` bits from each operand's leading 1, the lowest of them set to 1.",
    source="S. Hashemi, R. I. Bahar, S. Reda, DRUM, ICCAD 2015",
    signed_by="sign-magnitude",
    parameters=(Integer("k", "bits of a segment", 2, MAX_BITS, 4),),
)
def drum(m: MultiplierBuilder, *, k: int) -> Netlist:
    """Return the DRUM product; an operand below 2**k is taken exactly."""
    return _segment_multiplier(m, k, _dynamic_segment)


@register(
    "static_segment",
    summary="Exact product of `k` bits of each operand: its highest if any bit above its lowest k is 1.",
    source="S. Narayanamoorthy et al., IEEE Trans. VLSI Systems 23(6), 2015 (SSM)",
    signed_by="sign-magnitude",
    parameters=(Integer("k", "bits of a segment", 2, MAX_BITS, 4),),
)
def static_segment(m: MultiplierBuilder, *, k: int) -> Netlist:
    """Return the product of the operands' segments, bits below a high segment counting as 0."""
    return _segment_multiplier(m, k, _static_segment)


def _segment_multiplier(m: MultiplierBuilder, k: int, segment: Segment) -> Netlist:
    def core(x: Sequence[int], y: Sequence[int]) -> Bits:
        x_part, x_shift = segment(m, x, k)
        y_part, y_shift = segment(m, y, k)
        width = len(x) + len(y)
        product = shift_left(m, multiply(m, x_part, y_part), x_shift, width)
        return shift_left(m, product, y_shift, width)

    return m.product(sign_magnitude(m, core))


def _dynamic_segment(m: NetlistBuilder, x: Sequence[int], k: int) -> tuple[Bits, Bits]:
    if len(x) <= k:
        return list(x), []
    high = leading_one(m, x[k:])
    small = m.not_(m.or_all(high))
    lines = [small, *high]
    words = [list(x[:k])] + [[CONST1, *x[p + 2 : p + k + 1]] for p in range(len(high))]
    return select(m, lines, words), encode(m, lines)


def _static_segment(m: NetlistBuilder, x: Sequence[int], k: int) -> tuple[Bits, Bits]:
    if len(x) <= k:
        return list(x), []
    high = m.or_all(x[k:])
    shift = len(x) - k
    part = [m.mux(high, low, top) for low, top in zip(x[:k], x[shift:], strict=True)]
    return part, [high if shift >> bit & 1 else CONST0 for bit in range(shift.bit_length())]
