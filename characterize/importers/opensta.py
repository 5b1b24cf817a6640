"""Reports of OpenSTA: ``report_checks`` and ``report_power``.

Timing reports state no unit; newer versions print it on ``report_units``. Power is in watts unless
``set_cmd_units`` was called, and newer versions say so.
"""

from __future__ import annotations

import re

from mulsmith.characterize.importers.reading import NUMBER, Power, Reading, Units, check_power, unit_scale
from mulsmith.errors import ReportError

TOOL = "opensta"

_CHECKS = re.compile(r"^\s*Delay\s+Time\s+Description", re.MULTILINE)
_GROUPS = re.compile(r"^\s*Group\s+Internal\s+Switching\s+Leakage\s+Total", re.MULTILINE)
_TIME_UNIT = re.compile(r"^\s*time\s+([\d.]*[fpnum]?s)\s*$", re.MULTILINE)
_POWER_UNIT = re.compile(r"Power\s+\((\w+)\)")
_ARRIVAL = re.compile(rf"^\s*({NUMBER})\s+data arrival time", re.MULTILINE)
_EXTERNAL = re.compile(rf"^\s*{NUMBER}\s+({NUMBER})\s+[v^]\s+input external delay", re.MULTILINE)
_REGISTER = re.compile(r"^\s*(?:Start|End)point:.*(?:flip-flop|latch)", re.MULTILINE)
_TOTAL = re.compile(rf"^\s*Total\s+({NUMBER})\s+({NUMBER})\s+({NUMBER})\s+({NUMBER})", re.MULTILINE)
_WATTS = {"Watts": "W"}


def recognises(text: str) -> bool:
    """Return whether a text is a report of this tool."""
    return _CHECKS.search(text) is not None or _GROUPS.search(text) is not None


def read(text: str, units: Units) -> Reading:
    """Return what the text says; ``units`` count where the text states none.

    Raises:
        ReportError: a table lacks its figure or its unit, or contradicts itself.
    """
    return Reading(
        TOOL,
        delay_ns=_delay(text, units) if _CHECKS.search(text) else None,
        power=_power(text, units) if _GROUPS.search(text) else None,
    )


def _delay(text: str, units: Units) -> float:
    if _REGISTER.search(text):
        raise ReportError("the timing path begins or ends at a register, but a multiplier has none")
    stated, arrival = _TIME_UNIT.search(text), _ARRIVAL.search(text)
    unit = stated[1] if stated else units.time
    if arrival is None:
        raise ReportError("the report has no line 'data arrival time'")
    if unit is None:
        raise ReportError(
            "the timing report does not state its time unit",
            remedy="add the output of report_units to the file, or name the unit",
        )
    external = _EXTERNAL.search(text)
    start = float(external[1]) if external else 0.0
    return (float(arrival[1]) - start) * unit_scale(unit, "s") * 1e9


def _power(text: str, units: Units) -> Power:
    row, stated = _TOTAL.search(text), _POWER_UNIT.search(text)
    unit = _WATTS.get(stated[1], stated[1]) if stated else units.power
    if row is None:
        raise ReportError("the report has no row 'Total'")
    if unit is None:
        raise ReportError(
            "the power report does not state its unit",
            remedy="name the unit; it is W unless set_cmd_units changed it",
        )
    scale = unit_scale(unit, "W") * 1e3
    internal, switching, leakage, total = (float(field) * scale for field in row.groups())
    return check_power(Power(internal + switching, leakage, internal, switching, total))
