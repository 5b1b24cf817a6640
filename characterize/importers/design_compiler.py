"""Reports of Synopsys Design Compiler: ``report_area``, ``report_timing``, ``report_power``.

The layout is that of the tool's command reference; figures are taken by their labels, not by their place.
"""

from __future__ import annotations

import re

from mulsmith.characterize.importers.reading import NUMBER, Power, Reading, Units, check_power, unit_scale
from mulsmith.errors import ReportError

TOOL = "design compiler"

_HEADER = re.compile(r"^Report : (\w+)", re.MULTILINE)
_DESIGN = re.compile(r"^Design : (\S+)", re.MULTILINE)
_LIBRARY = re.compile(r"^Library\(s\) Used:\s+(\S+)", re.MULTILINE)
_AREA = re.compile(rf"^Total cell area:\s+({NUMBER})", re.MULTILINE)
_CELLS = re.compile(r"^Number of cells:\s+(\d+)", re.MULTILINE)
_TIME_UNIT = re.compile(r"^\s*Time Units? *[=:] *(\S+)", re.MULTILINE | re.IGNORECASE)
_ARRIVAL = re.compile(rf"^\s*data arrival time\s+({NUMBER})\s*$", re.MULTILINE)
_EXTERNAL = re.compile(rf"^\s*input external delay\s+{NUMBER}\s+({NUMBER})", re.MULTILINE)
_REGISTER = re.compile(r"^\s*(?:Start|End)point:.*(?:flip-flop|latch)", re.MULTILINE)


def recognises(text: str) -> bool:
    """Return whether a text is a report of this tool."""
    return _HEADER.search(text) is not None and _DESIGN.search(text) is not None


def read(text: str, units: Units) -> Reading:
    """Return what the text says; ``units`` count where the text states none.

    Raises:
        ReportError: a section lacks its figure or its unit, or contradicts itself.
    """
    design, library = _DESIGN.search(text), _LIBRARY.search(text)
    stated = _TIME_UNIT.search(text)
    time_unit = stated[1] if stated else None
    area_um2: float | None = None
    n_cells: int | None = None
    delay_ns: float | None = None
    power: Power | None = None
    starts = [found.start() for found in _HEADER.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        section = text[start:end]
        kind = section.split()[2]
        if kind == "area":
            area_um2 = _figure(_AREA, section, "Total cell area")
            count = _CELLS.search(section)
            n_cells = int(count[1]) if count else None
        elif kind == "timing":
            delay_ns = _delay(section, time_unit or units.time)
        elif kind == "power":
            power = _power(section)
    return Reading(
        TOOL,
        design=design[1] if design else None,
        liberty=library[1] if library else None,
        area_um2=area_um2,
        delay_ns=delay_ns,
        power=power,
        n_cells=n_cells,
        time_unit=time_unit,
    )


def _figure(pattern: re.Pattern[str], section: str, label: str) -> float:
    found = pattern.search(section)
    if found is None:
        raise ReportError(f"the report has no line '{label}'")
    return float(found[1])


def _delay(section: str, unit: str | None) -> float:
    if _REGISTER.search(section):
        raise ReportError("the timing path begins or ends at a register, but a multiplier has none")
    arrival = _figure(_ARRIVAL, section, "data arrival time")
    if unit is None:
        raise ReportError(
            "the timing report does not state its time unit",
            remedy="give the power report too, which does, add the output of report_units, or name the unit",
        )
    external = _EXTERNAL.search(section)
    scale = unit_scale(unit, "s") * 1e9
    return (arrival - (float(external[1]) if external else 0.0)) * scale


def _power(section: str) -> Power:
    figures = {}
    for label in ("Cell Internal Power", "Net Switching Power", "Total Dynamic Power", "Cell Leakage Power"):
        found = re.search(rf"^\s*{label}\s*=\s*({NUMBER})\s*(\w+)", section, re.MULTILINE)
        if found is not None:
            figures[label] = float(found[1]) * unit_scale(found[2], "W") * 1e3
    for label in ("Total Dynamic Power", "Cell Leakage Power"):
        if label not in figures:
            raise ReportError(f"the report has no line '{label} = ...'")
    return check_power(
        Power(
            dynamic_mw=figures["Total Dynamic Power"],
            leakage_mw=figures["Cell Leakage Power"],
            internal_mw=figures.get("Cell Internal Power"),
            switching_mw=figures.get("Net Switching Power"),
        )
    )
