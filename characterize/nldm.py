"""Non-linear delay and power tables: a value over input slew and output load."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from mulsmith.errors import LibertyError


@dataclass(frozen=True, slots=True)
class Table:
    """A value over input slew and output load.

    Between grid points the value is bilinear; beyond the grid the outermost cell is continued, as static
    timing tools do. An axis of one point means that the value does not depend on it.

    Attributes:
        slews_ns: slew axis, rising.
        loads_pf: load axis, rising.
        rows: one row per slew, one value per load; in ns or pJ.
    """

    slews_ns: tuple[float, ...]
    loads_pf: tuple[float, ...]
    rows: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        for name, axis in (("slew", self.slews_ns), ("load", self.loads_pf)):
            if not axis or any(low >= high for low, high in pairwise(axis)):
                raise LibertyError(f"the {name} axis of a table does not rise")
        if len(self.rows) != len(self.slews_ns) or any(len(row) != len(self.loads_pf) for row in self.rows):
            raise LibertyError("a table has another number of values than its axes ask for")

    def at_load(self, load_pf: float) -> tuple[float, ...]:
        """Return the values along the slew axis for one load."""
        loads = self.loads_pf
        if len(loads) == 1:
            return tuple(row[0] for row in self.rows)
        j = min(max(bisect_right(loads, load_pf) - 1, 0), len(loads) - 2)
        fraction = (load_pf - loads[j]) / (loads[j + 1] - loads[j])
        return tuple(row[j] + (row[j + 1] - row[j]) * fraction for row in self.rows)

    def along_slew(self, values: tuple[float, ...], slew_ns: float) -> float:
        """Return the value at one slew, given the values of ``at_load``."""
        slews = self.slews_ns
        if len(slews) == 1:
            return values[0]
        i = min(max(bisect_right(slews, slew_ns) - 1, 0), len(slews) - 2)
        fraction = (slew_ns - slews[i]) / (slews[i + 1] - slews[i])
        return values[i] + (values[i + 1] - values[i]) * fraction

    def __call__(self, slew_ns: float, load_pf: float) -> float:
        """Return the value at a slew and a load."""
        slews, loads, rows = self.slews_ns, self.loads_pf, self.rows
        j, j_next, y = _place(loads, load_pf)
        i, i_next, x = _place(slews, slew_ns)
        low = rows[i][j] + (rows[i][j_next] - rows[i][j]) * y
        high = rows[i_next][j] + (rows[i_next][j_next] - rows[i_next][j]) * y
        return low + (high - low) * x


def _place(axis: tuple[float, ...], value: float) -> tuple[int, int, float]:
    """Return the two neighbouring grid points and how far between (or beyond) them the value lies."""
    if len(axis) == 1:
        return 0, 0, 0.0
    i = min(max(bisect_right(axis, value) - 1, 0), len(axis) - 2)
    return i, i + 1, (value - axis[i]) / (axis[i + 1] - axis[i])
