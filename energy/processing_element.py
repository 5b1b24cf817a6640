"""What a processing element takes besides its multiplier: registers, accumulator, signs.

A linear model, fitted to processing elements of the RTL hand-off that were synthesised to FreePDK45's
gscl45nm (1.1 V; operand bits toggle with probability 0.1 per cycle; no clock tree).
``benchmarks/pe_overhead.py`` fits it again and tests it on circuits that were not fitted: 5.1 % in area and
8.0 % in power at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier
from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.multipliers import MultiplierCost
from mulsmith.energy.prices import Prices
from mulsmith.energy.workload import Tensor, Workload
from mulsmith.errors import ConfigError

CELLS = "gscl45nm"
Element = Literal["plain", "signs"]
"""How unsigned multipliers are wired: ``signs`` puts them between sign-magnitude operands."""


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
        (operands + shape.p_bits - shape.idle_bits) * shape.signs,
    )
    area = sum(weight * bits for weight, bits in zip(_AREA_UM2, features, strict=True))
    energy = sum(weight * bits for weight, bits in zip(_ENERGY_PJ, features, strict=True))
    # Two's complement to magnitude: the multiplier's operands toggle more often.
    energy += _SIGNS * multiplier_pj * shape.signs
    return ElementCost(multiplier_area_um2 + area, multiplier_pj + energy)


def idle_bits(lut: Lut) -> int:
    """Return how many of the lowest bits are the same in every product of a table."""
    varying = int(np.bitwise_or.reduce((lut.table ^ lut.table[0, 0]).ravel()))
    return (varying & -varying).bit_length() - 1 if varying else 0


def element_shape(lut: Lut, terms: int, element: Element) -> ElementShape:
    """Return the widths of a processing element that holds every sum of so many products of a table."""
    peak = int(np.abs(lut.table.astype(np.int64)).max())
    return ElementShape(
        lut.a_bits,
        lut.b_bits,
        lut.a_bits + lut.b_bits + (0 if lut.signed else 1),
        (terms * peak).bit_length() + 1,
        idle_bits(lut),
        element == "signs" and not lut.signed,
    )


def with_elements(
    costs: Mapping[str, MultiplierCost],
    library: Mapping[str, Multiplier],
    workload: Workload,
    element: Element,
    assignment: Mapping[str, str] | None = None,
) -> dict[str, MultiplierCost]:
    """Return the costs with what the multipliers' processing elements take besides them.

    Args:
        costs: multiplier -> its cost by the convention ``shared_clock``.
        library: where the multipliers' tables are.
        workload: the network.
        element: how unsigned multipliers are wired.
        assignment: layer -> multiplier; a multiplier's accumulator then holds the sums of its own layers. One
            that it does not name, or every one without it, holds the sums of all layers.
    """
    found: dict[str, MultiplierCost] = {}
    for name, cost in costs.items():
        own = [layer for layer in workload if assignment is not None and assignment[layer.name] == name]
        terms = max(layer.C * layer.R * layer.S for layer in own or workload)
        shape = element_shape(library[name].lut, terms, element)
        whole = element_cost(shape, cost.area_um2, cost.energy_pj)
        found[name] = replace(
            cost,
            element_pj=whole.energy_pj - cost.energy_pj,
            element_um2=whole.area_um2 - cost.area_um2,
        )
    return found


def beside_elements(accelerator: Accelerator, prices: Prices) -> Prices:
    """Return prices without what processing elements contain: the adder, and registers inside the array."""
    inside = {s.name for s in accelerator.storages if s.kind == "register" and accelerator.instances(s) > 1}

    def without(table: Mapping[tuple[str, Tensor], float]) -> dict[tuple[str, Tensor], float]:
        return {key: 0.0 if key[0] in inside else pj for key, pj in table.items()}

    return replace(
        prices,
        read_pj=without(prices.read_pj),
        write_pj=without(prices.write_pj),
        fill_pj=without(prices.fill_pj),
        add_pj=0.0,
    )


# Per operand and control bit, per sum bit, per idle sum bit, per operand and busy product bit with signs.
_AREA_UM2 = (9.45862, 27.082, 12.4651, 6.55697)
_ENERGY_PJ = (0.051279, 0.0231864, 0.00159561, 0.000238388)
_SIGNS = 0.574779
