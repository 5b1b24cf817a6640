"""What one report says, in this project's units, and how its numbers and units are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mulsmith.errors import ReportError

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"

_PREFIX = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_UNIT = re.compile(rf"({NUMBER})?\s*([fpnuµmkM]?)([sW])")
# The parts of a sum may each be rounded in the report's last digit.
_SUM_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Units:
    """Units of a report that states none.

    Attributes:
        time: text such as ``1ns`` or ``ps``; None where the reports must state it.
        power: text such as ``1mW`` or ``W``; None where the reports must state it.
    """

    time: str | None = None
    power: str | None = None


@dataclass(frozen=True, slots=True)
class Power:
    """Power figures of a report in mW; the parts are None where it gives only their sum."""

    dynamic_mw: float
    leakage_mw: float
    internal_mw: float | None = None
    switching_mw: float | None = None
    total_mw: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says; everything that it does not say is None.

    Attributes:
        tool: name of the tool.
        design: name of the circuit.
        liberty: name of the cell library.
        area_um2: cell area; the tools state no unit, Liberty's custom is µm².
        delay_ns: longest input-to-output arrival, without the external input delay.
        power: power figures.
        cells: cell type -> how many.
        n_cells: number of cells, where the types are not listed.
        time_unit: the time unit of the whole session, where the text states it.
    """

    tool: str
    design: str | None = None
    liberty: str | None = None
    area_um2: float | None = None
    delay_ns: float | None = None
    power: Power | None = None
    cells: Mapping[str, int] = field(default_factory=dict)
    n_cells: int | None = None
    time_unit: str | None = None


def unit_scale(text: str, quantity: str) -> float:
    """Return how many s or W a unit such as ``1ns``, ``ps``, ``100ps`` or ``uW`` stands for.

    Raises:
        ReportError: not a unit of ``quantity``, which is ``s`` or ``W``.
    """
    found = _UNIT.fullmatch(text.strip())
    if found is None or found[3] != quantity or float(found[1] or 1) <= 0:
        raise ReportError(f"'{text.strip()[:40]}' is no unit of {'time' if quantity == 's' else 'power'}")
    return float(found[1] or 1) * _PREFIX[found[2]]


def check_power(power: Power) -> Power:
    """Return the figures if their sums agree within 1 %.

    Raises:
        ReportError: parts and sum contradict each other, or a figure is negative.
    """
    parts = [
        (
            "internal and switching",
            "dynamic",
            _total(power.internal_mw, power.switching_mw),
            power.dynamic_mw,
        ),
        ("dynamic and leakage", "total", power.dynamic_mw + power.leakage_mw, power.total_mw),
    ]
    for left, right, found, stated in parts:
        if found is None or stated is None:
            continue
        if abs(found - stated) > _SUM_TOLERANCE * max(abs(found), abs(stated)):
            raise ReportError(
                f"the report's {left} power sum to {found:.6g} mW, but its {right} power is {stated:.6g} mW"
            )
    if power.dynamic_mw < 0 or power.leakage_mw < 0:
        raise ReportError("the report's power is negative")
    return power


def _total(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second
