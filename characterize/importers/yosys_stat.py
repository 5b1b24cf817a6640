"""Reports of Yosys: ``stat -liberty``, in the layouts of versions before and after 0.55."""

from __future__ import annotations

import re

from mulsmith.characterize.importers.reading import NUMBER, Reading, Units
from mulsmith.errors import ReportError

TOOL = "yosys"

_AREA = re.compile(rf"^\s*Chip area for (?:top )?module '\\?([^']+)': ({NUMBER})", re.MULTILINE)
_NEW_CELL = re.compile(rf"^\s*(\d+)\s+{NUMBER}\s+([A-Za-z_]\w*)\s*$", re.MULTILINE)
_OLD_CELL = re.compile(r"^\s*([A-Za-z_]\w*)\s+(\d+)\s*$", re.MULTILINE)
_CELLS = re.compile(rf"^\s*(?:Number of cells:\s+(\d+)|(\d+)\s+{NUMBER}\s+cells)\s*$", re.MULTILINE)


def recognises(text: str) -> bool:
    """Return whether a text is a report of this tool."""
    return _AREA.search(text) is not None


def read(text: str, _units: Units) -> Reading:
    """Return what the text says: of several modules the last one, the top.

    Raises:
        ReportError: the number of cells contradicts the list of cells.
    """
    area = list(_AREA.finditer(text))[-1]
    counts = list(_CELLS.finditer(text))
    if not counts:
        return Reading(TOOL, design=area[1], area_um2=float(area[2]))
    count = counts[-1]
    listing = text[count.end() : area.start()]
    if count[1] is not None:
        n_cells = int(count[1])
        cells = {name: int(number) for name, number in _OLD_CELL.findall(listing)}
    else:
        n_cells = int(count[2])
        cells = {name: int(number) for number, name in _NEW_CELL.findall(listing)}
    if sum(cells.values()) != n_cells:
        raise ReportError(f"the report counts {n_cells} cells, but lists {sum(cells.values())}")
    return Reading(TOOL, design=area[1], area_um2=float(area[2]), cells=cells, n_cells=n_cells)
