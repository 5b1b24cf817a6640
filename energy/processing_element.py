"""What a processing element takes besides its multiplier: registers, accumulator, signs.

A linear model, fitted to processing elements of the RTL hand-off that were synthesised to FreePDK45's
gscl45nm (1.1 V; operand bits toggle with probability 0.1 per cycle; no clock tree).
``benchmarks/pe_overhead.py`` fits it again and tests it on circuits that were not fitted: 3.9 % in area and
8.1 % in power at most.
"""

from __future__ import annotations

from dataclasses import dataclass

from mulsmith.errors import ConfigError

CELLS = "gscl45nm"


@dataclass(frozen=True, slots=True)
class ElementShape:
    """The widths of a processing element.

    Attributes:
        a_bits: of an activation code.
        b_bits: of a weight code.
        p_bits: of the signed product.
        sum_bits: of the accumulator.
        idle_bits: how many of the lowest product bits never change.
        signs: whether an unsigned multiplier runs between sign-magnitude operands.
    """

    a_bits: int
    b_bits: int
    p_bits: int
    sum_bits: int
    idle_bits: int = 0
    signs: bool = False


@dataclass(frozen=True, slots=True)
class ElementCost:
    """What a processing element takes.

    Attributes:
        area_um2: multiplier included.
        energy_pj: of one cycle in which it multiplies and adds, multiplier included.
    """

    area_um2: float
    energy_pj: float


def element_cost(shape: ElementShape, multiplier_area_um2: float, multiplier_pj: float) -> ElementCost:
    """Return area and energy of a processing element.

    It takes the place of a multiplier and the adder and registers beside it: do not add those of a table.

    Args:
        shape: its widths.
        multiplier_area_um2: area of its multiplier.
        multiplier_pj: energy of a multiplication by the convention ``shared_clock``.

    Raises:
        ConfigError: more idle bits than the sum has.
    """
    if not 0 <= shape.idle_bits <= shape.sum_bits:
        raise ConfigError(f"{shape.idle_bits} idle bits do not fit into a sum of {shape.sum_bits} bits")
    operands = shape.a_bits + shape.b_bits
    features = (
        operands + 2,
        shape.sum_bits - shape.idle_bits,
        shape.idle_bits,
        (operands + shape.p_bits) * shape.signs,
    )
    area = sum(weight * bits for weight, bits in zip(_AREA_UM2, features, strict=True))
    energy = sum(weight * bits for weight, bits in zip(_ENERGY_PJ, features, strict=True))
    # Two's complement to magnitude: the multiplier's operands toggle more often.
    energy += _SIGNS * multiplier_pj * shape.signs
    return ElementCost(multiplier_area_um2 + area, multiplier_pj + energy)


# Per operand and control bit, per sum bit, per idle sum bit, per operand and product bit with signs.
_AREA_UM2 = (9.12178, 27.0801, 14.4545, 7.07934)
_ENERGY_PJ = (0.0510701, 0.0233805, 0.00180199, -0.000152237)
_SIGNS = 0.629088
