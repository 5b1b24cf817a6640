"""RoBA: operands rounded to powers of two, the product of their rounding errors left out."""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.circuits.arithmetic import Bits, add, sign_magnitude
from mulsmith.circuits.builder import MultiplierBuilder, NetlistBuilder
from mulsmith.circuits.generators.registry import register
from mulsmith.circuits.netlist import CONST0, CONST1, Netlist
from mulsmith.circuits.shifting import leading_one, times_one_hot


@register(
    "roba",
    summary="Ar * B + A * Br - Ar * Br, where Ar and Br are the operands rounded to powers of two.",
    source="R. Zendegani et al., IEEE Trans. VLSI Systems 25(2), 2017",
    signed_by="sign-magnitude",
)
def roba(m: MultiplierBuilder) -> Netlist:
    """Return A * B - (A - Ar) * (B - Br); half way a number rounds up, but 3 rounds to 2, as in the paper."""

    def core(x: Sequence[int], y: Sequence[int]) -> Bits:
        width = len(x) + len(y)
        x_power, y_power = _nearest_power(m, x), _nearest_power(m, y)
        total = add(m, times_one_hot(m, y, x_power, width), times_one_hot(m, x, y_power, width))
        both = times_one_hot(m, y_power, x_power, width)
        return add(m, total[:width], [m.not_(bit) for bit in both], CONST1)[:width]

    return m.product(sign_magnitude(m, core))


def _nearest_power(m: NetlistBuilder, x: Sequence[int]) -> Bits:
    """Return the power of two nearest to x as len(x) + 1 lines, none of them 1 for x = 0."""
    lead = leading_one(m, x)
    up = [m.and_(lead[p], x[p - 1]) if p >= 2 else CONST0 for p in range(len(x))]
    stay = [m.and_(line, m.not_(up[p])) for p, line in enumerate(lead)]
    return [m.or_(here, below) for here, below in zip([*stay, CONST0], [CONST0, *up], strict=True)]
