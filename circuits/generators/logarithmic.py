"""Logarithmic multipliers: Mitchell's, with approximate adders (ALM), and minimally biased (MBM)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mulsmith.circuits.arithmetic import Bits, add, constant_bits, sign_magnitude
from mulsmith.circuits.builder import MultiplierBuilder, NetlistBuilder
from mulsmith.circuits.generators.registry import Choice, Integer, Limit, register
from mulsmith.circuits.netlist import CONST0, CONST1, Netlist
from mulsmith.circuits.shifting import normalise, shift_right

Adder = Callable[[Sequence[int], Sequence[int]], Bits]

FRACTION_BITS = Limit("max(a_bits, b_bits) - 1", lambda shape: max(shape.a_bits, shape.b_bits) - 1)

MBM_CORRECTION = (5, 64)


@register(
    "mitchell",
    summary="Antilogarithm of the sum of the operands' piecewise linear logarithms of `fraction` bits.",
    source="J. N. Mitchell, IRE Trans. Electronic Computers 11(4), 1962",
    signed_by="sign-magnitude",
    parameters=(Integer("fraction", "fraction bits of the logarithms", 1, FRACTION_BITS, FRACTION_BITS),),
)
def mitchell(m: MultiplierBuilder, *, fraction: int) -> Netlist:
    """Return 2**(k+l) (1 + x + y), or 2**(k+l+1) (x + y) where x + y >= 1, rounded down; 0 for an operand 0.

    The operands are 2**k (1 + x) and 2**l (1 + y); x and y are cut to ``fraction`` bits.
    """
    return _logarithmic(m, fraction, lambda x, y: add(m, x, y), 0)


@register(
    "alm",
    summary="Mitchell's multiplier, the lowest `lower` bits of the logarithms added approximately.",
    source="W. Liu et al., IEEE Trans. Circuits and Systems I 65(9), 2018 (ALM-SOA, ALM-LOA)",
    signed_by="sign-magnitude",
    parameters=(
        Choice("adder", "lower sum bits: set to one (soa) or ORed (loa)", ("soa", "loa")),
        Integer("lower", "approximate bits of the adder", 0, FRACTION_BITS, 3),
    ),
)
def alm(m: MultiplierBuilder, *, adder: str, lower: int) -> Netlist:
    """Return Mitchell's product with an approximate fraction adder.

    The adder's upper part takes the AND of the two bits of position lower - 1 as carry in.
    """

    def add_fractions(x: Sequence[int], y: Sequence[int]) -> Bits:
        low = [CONST1 if adder == "soa" else m.or_(p, q) for p, q in zip(x, y, strict=True)][:lower]
        carry = m.and_(x[lower - 1], y[lower - 1]) if lower else CONST0
        return low + add(m, x[lower:], y[lower:], carry)

    return _logarithmic(m, max(m.a_bits, m.b_bits) - 1, add_fractions, 0)


@register(
    "mbm",
    summary="Mitchell's multiplier with `fraction` bits plus a constant 5/64 of 2**(k+l) against its bias.",
    source="H. Saadat, H. Bokhari, S. Parameswaran, IEEE Trans. CAD 37(11), 2018 (MBM)",
    signed_by="sign-magnitude",
    parameters=(Integer("fraction", "fraction bits of the logarithms", 1, FRACTION_BITS, FRACTION_BITS),),
)
def mbm(m: MultiplierBuilder, *, fraction: int) -> Netlist:
    """Return Mitchell's product plus 5/64 * 2**(k+l), rounded down, saturated at the largest product.

    5/64 stands for the paper's mean error 1/12.
    """
    numerator, denominator = MBM_CORRECTION
    scale = 1 << (m.out_bits - 2)
    return _logarithmic(m, fraction, lambda x, y: add(m, x, y), scale * numerator // denominator)


def _logarithmic(m: MultiplierBuilder, fraction: int, add_fractions: Adder, correction: int) -> Netlist:
    def core(x: Sequence[int], y: Sequence[int]) -> Bits:
        x_mantissa, x_shift = normalise(m, x)
        y_mantissa, y_shift = normalise(m, y)
        width = len(x) + len(y)
        bits = max(len(x), len(y)) - 1
        # The sum of the fractions carries into the exponent: twice the mantissa 1.f.
        total = add_fractions(_fraction(x_mantissa, bits, fraction), _fraction(y_mantissa, bits, fraction))
        mantissa = [*total[:bits], CONST1]
        place = [CONST0] * (width - 2 - bits)
        single, double = [*place, *mantissa, CONST0], [*place, CONST0, *mantissa]
        value = [m.mux(total[bits], low, high) for low, high in zip(single, double, strict=True)]
        if correction:
            value = add(m, value, constant_bits(correction, width))
        shifted = shift_right(m, shift_right(m, value, x_shift), y_shift)
        nonzero = m.and_(m.or_all(x), m.or_all(y))
        return [m.and_(bit, nonzero) for bit in _saturated(m, shifted, width)]

    return m.product(sign_magnitude(m, core))


def _fraction(mantissa: Sequence[int], bits: int, kept: int) -> Bits:
    full = [CONST0] * (bits - len(mantissa) + 1) + list(mantissa[:-1])
    return [CONST0] * (bits - kept) + full[bits - kept :]


def _saturated(m: NetlistBuilder, x: Sequence[int], width: int) -> Bits:
    overflow = m.or_all(x[width:])
    return [m.or_(bit, overflow) for bit in x[:width]]
