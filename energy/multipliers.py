"""What one multiplication costs, from a library's figures, by a named convention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mulsmith.characterize.record import Multiplier
from mulsmith.errors import ConfigError

Convention = Literal["pdp", "shared_clock"]
Figures = Literal["synthesis", "reported"]
CONVENTIONS: tuple[Convention, ...] = ("pdp", "shared_clock")


@dataclass(frozen=True, slots=True)
class MultiplierCost:
    """The figures of a multiplier that an accelerator's cost depends on.

    Attributes:
        name: its name.
        energy_pj: energy of one multiplication.
        area_um2: area of one instance.
        leakage_mw: leakage of one instance; 0 where only total power is known.
        delay_ns: longest path.
        exact: whether it computes every product exactly.
        element_pj: energy of a multiplication in the rest of its processing element, where that is charged.
        element_um2: area of that rest.
    """

    name: str
    energy_pj: float
    area_um2: float = 0.0
    leakage_mw: float = 0.0
    delay_ns: float = 0.0
    exact: bool = False
    element_pj: float = 0.0
    element_um2: float = 0.0


def multiplier_cost(
    multiplier: Multiplier,
    convention: Convention = "pdp",
    *,
    clock_ghz: float = 1.0,
    figures: Figures = "synthesis",
) -> MultiplierCost:
    """Return what a multiplication on a library's multiplier costs.

    Args:
        multiplier: the record.
        convention: ``pdp`` is power x delay (EvoApproxNAS, ALWANN, ApproxDARTS); ``shared_clock`` is the
            energy of one clock period, for arrays in which all multipliers run at one clock.
        clock_ghz: clock that the power figure refers to, for ``shared_clock`` and reported figures.
        figures: ``synthesis`` uses what mulsmith measured, ``reported`` what the source file's header says.

    Raises:
        ConfigError: the record lacks the figures.
    """
    exact = multiplier.errors.wce == 0
    if figures == "reported":
        missing = [key for key in ("power_mw", "delay_ns", "area_um2") if key not in multiplier.reported]
        if missing:
            raise ConfigError(f"{multiplier.name} reports no {', '.join(missing)} in its header")
        power, delay = multiplier.reported["power_mw"], multiplier.reported["delay_ns"]
        area, leakage, clock = multiplier.reported["area_um2"], 0.0, clock_ghz
    else:
        if multiplier.synthesis is None:
            raise ConfigError(
                f"{multiplier.name} has no synthesis figures",
                remedy="characterize it without --no-synth, or use --figures reported",
            )
        power, delay = multiplier.synthesis.power_mw, multiplier.synthesis.delay_ns
        area, leakage = multiplier.synthesis.area_um2, multiplier.synthesis.power_leakage_mw
        clock = multiplier.synthesis.clock_ghz
    energy = power * delay if convention == "pdp" else power / clock
    return MultiplierCost(multiplier.name, energy, area, leakage, delay, exact)


def exact_reference(costs: Mapping[str, MultiplierCost]) -> MultiplierCost:
    """Return the exact multiplier of least energy, which savings refer to.

    Raises:
        ConfigError: none is exact.
    """
    exact = [cost for cost in costs.values() if cost.exact]
    if not exact:
        raise ConfigError(
            "no exact multiplier is among those given, so savings have no reference",
            remedy="name one with `baseline` (--baseline)",
        )
    return min(exact, key=lambda cost: (cost.energy_pj, cost.name))
