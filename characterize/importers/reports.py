"""Reports of other tools joined into one ``SynthesisReport`` that says where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from mulsmith.characterize.importers import design_compiler, genus, opensta, yosys_stat
from mulsmith.characterize.importers.reading import Reading, Units
from mulsmith.characterize.record import SynthesisReport
from mulsmith.errors import ConfigError, ReportError

MAX_BYTES = 64 << 20
NOT_STATED = "not stated by the report"

_Value = TypeVar("_Value")


class _Tool(NamedTuple):
    recognises: Callable[[str], bool]
    read: Callable[[str, Units], Reading]


_TOOLS = tuple(_Tool(tool.recognises, tool.read) for tool in (design_compiler, genus, yosys_stat, opensta))


def import_reports(
    paths: Sequence[Path],
    *,
    clock_ghz: float,
    activity: str = NOT_STATED,
    liberty: str | None = None,
    time_unit: str | None = None,
    power_unit: str | None = None,
) -> SynthesisReport:
    """Return the figures of area, timing and power reports of one circuit.

    Args:
        paths: report files in any order; which tool and which report it is, is seen from the text. One file
            may hold several reports.
        clock_ghz: the clock that the power report refers to; no report states it.
        activity: the stimulus behind the power report, in words.
        liberty: name of the cell library, where no report states it.
        time_unit: unit of timing reports that state none, e.g. ``1ns``.
        power_unit: unit of power reports that state none, e.g. ``1W``.

    Returns:
        The figures; ``flow`` is ``imported:`` and the tools.

    Raises:
        ReportError: a file is unreadable, no known report, incomplete, or contradicts another one.
        ConfigError: the clock is not positive.
    """
    if not clock_ghz > 0:
        raise ConfigError(f"the clock is {clock_ghz} GHz, but must be positive")
    texts = [(path, _text(path)) for path in paths]
    units = Units(time_unit, power_unit)
    session = _agreed(_read_all(texts, units, lenient=True), lambda r: r.time_unit, "time unit")
    readings = _read_all(texts, Units(session or time_unit, power_unit), lenient=False)
    _agreed(readings, lambda r: r.design, "design")
    area_um2 = _needed(readings, lambda r: r.area_um2, "area")
    delay_ns = _needed(readings, lambda r: r.delay_ns, "timing")
    power = _needed(readings, lambda r: r.power, "power")
    n_cells = _agreed(readings, lambda r: r.n_cells, "number of cells")
    cells = next((reading.cells for _, reading in readings if reading.cells), {})
    library = _agreed(readings, lambda r: r.liberty, "library") or liberty
    if area_um2 < 0 or delay_ns < 0:
        raise ReportError("area or delay is negative")
    if library is None:
        raise ReportError("no report states the cell library", remedy="name it")
    tools = dict.fromkeys(reading.tool for _, reading in readings)
    return SynthesisReport(
        area_um2=area_um2,
        delay_ns=delay_ns,
        power_mw=power.dynamic_mw + power.leakage_mw,
        power_dynamic_mw=power.dynamic_mw,
        power_leakage_mw=power.leakage_mw,
        cells=dict(sorted(cells.items())) or ({"(all)": n_cells} if n_cells is not None else {}),
        liberty=library,
        clock_ghz=clock_ghz,
        activity=activity,
        flow=f"imported: {' + '.join(tools)}",
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReportError(f"the report is larger than {MAX_BYTES >> 20} MiB", path=path)
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ReportError(f"cannot be read: {error.strerror}", path=path) from None
    except UnicodeDecodeError:
        raise ReportError("is not a text in UTF-8", path=path) from None


def _read_all(
    texts: Sequence[tuple[Path, str]], units: Units, *, lenient: bool
) -> list[tuple[Path, Reading]]:
    """Read every text; where ``lenient``, a missing time unit is no error yet."""
    readings = []
    # Any unit serves to find out which one the texts state.
    used = replace(units, time=units.time or "1ns", power=units.power or "1W") if lenient else units
    for path, text in texts:
        tool = next((tool for tool in _TOOLS if tool.recognises(text)), None)
        if tool is None:
            raise ReportError(
                "is no report of Design Compiler, Genus, Yosys or OpenSTA that mulsmith knows",
                path=path,
                remedy="give the output of report_area, report_timing, report_power, stat -liberty or "
                "report_checks as the tool wrote it",
            )
        try:
            readings.append((path, tool.read(text, used)))
        except ReportError as error:
            raise error.at(path) from None
    return readings


def _stated(
    readings: Sequence[tuple[Path, Reading]], figure: Callable[[Reading], _Value | None]
) -> list[tuple[Path, _Value]]:
    values = ((path, figure(reading)) for path, reading in readings)
    return [(path, value) for path, value in values if value is not None]


def _agreed(
    readings: Sequence[tuple[Path, Reading]], figure: Callable[[Reading], _Value | None], what: str
) -> _Value | None:
    """Return the value that every report which states it agrees on, or None."""
    stated = _stated(readings, figure)
    for path, value in stated:
        if value != stated[0][1]:
            raise ReportError(
                f"the {what} is '{value}', but '{stated[0][1]}' in '{stated[0][0].name}'", path=path
            )
    return stated[0][1] if stated else None


def _needed(
    readings: Sequence[tuple[Path, Reading]], figure: Callable[[Reading], _Value | None], what: str
) -> _Value:
    """Return the value that exactly one report must state."""
    stated = _stated(readings, figure)
    if not stated:
        raise ReportError(f"there is no {what} report among the files given", remedy="give one")
    if len(stated) > 1:
        names = " and ".join(f"'{path.name}'" for path, _ in stated)
        raise ReportError(f"{names} both give the {what}", remedy="give one report of it")
    return stated[0][1]
