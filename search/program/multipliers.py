"""The multipliers that small networks may run on: the 8 x 8 ones of a library, with their energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier
from mulsmith.energy.multipliers import multiplier_cost
from mulsmith.errors import ConfigError


@dataclass(frozen=True, slots=True, eq=False)
class NetworkMultiplier:
    """A multiplier of the array.

    Attributes:
        name: in the library.
        lut: its table.
        energy_pj: of one multiplication, power times delay from synthesis.
        mae: mean absolute error over all operands.
        exact: whether every product is exact.
    """

    name: str
    lut: Lut
    energy_pj: float
    mae: float
    exact: bool


def network_multipliers(library: Mapping[str, Multiplier]) -> dict[str, NetworkMultiplier]:
    """Return the 8 x 8 multipliers of a library that were synthesised, by name.

    Raises:
        ConfigError: none of them is exact; savings would have no reference.
    """
    found = {}
    for name in library:
        multiplier = library[name]
        if (multiplier.lut.a_bits, multiplier.lut.b_bits) == (8, 8) and multiplier.synthesis is not None:
            cost = multiplier_cost(multiplier)
            found[name] = NetworkMultiplier(
                name, multiplier.lut, cost.energy_pj, multiplier.errors.mae, cost.exact
            )
    reference(found)
    return found


def reference(multipliers: Mapping[str, NetworkMultiplier]) -> NetworkMultiplier:
    """Return the exact multiplier of least energy.

    Raises:
        ConfigError: there is none.
    """
    exact = [multiplier for multiplier in multipliers.values() if multiplier.exact]
    if not exact:
        raise ConfigError(
            "the library has no exact 8 x 8 multiplier with synthesis figures",
            remedy="characterize one, e.g. mul8x8u_dadda, without --no-synth",
        )
    return min(exact, key=lambda multiplier: multiplier.energy_pj)
