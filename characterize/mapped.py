"""A circuit mapped to the cells of a Liberty library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mulsmith.circuits.netlist import Port


class MappedCell(NamedTuple):
    """One instance: ``cell`` is the library cell's name, ``pins`` maps its pins to nets."""

    cell: str
    pins: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MappedNetlist:
    """A mapped combinational circuit; nets are numbered as in ``Netlist`` (0, 1 constants, then inputs).

    Attributes:
        name: module name.
        inputs: input ports, operand A first.
        outputs: output ports.
        cells: instances in topological order.
        output_nets: nets of the output bits, least significant first.
        flow: how it was mapped (e.g. ``mulsmith fa-amap``).
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    cells: tuple[MappedCell, ...]
    output_nets: tuple[int, ...]
    flow: str = ""

    def cell_counts(self) -> dict[str, int]:
        """Return how many instances there are of each cell, by its name, sorted."""
        return dict(sorted(Counter(cell for cell, _ in self.cells).items()))
