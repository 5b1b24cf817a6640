"""Static timing of a mapped circuit over NLDM tables: arrivals, slews and the critical path.

Conventions: every input bit arrives at 0 ns with ``input_slew_ns`` (0 by default); an output bit loads its
net with ``output_load_pf`` (0 by default); wires have neither capacitance nor delay. Of several arcs into an
edge the latest arrival and, independently, the slowest slew count. Loads use the rise or fall capacitance of
the driven pins. A constant launches nothing. OpenSTA with an ideal clock and no parasitics does the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.instances import Loads, instances, n_inputs, n_nets, net_loads
from mulsmith.characterize.liberty import Liberty, Sense, TimingArc
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.circuits.netlist import FIRST_INPUT
from mulsmith.errors import LibertyError

RISE, FALL = 0, 1
EDGES = ("rise", "fall")

_SOURCE_EDGES = {
    Sense.POSITIVE: ((RISE,), (FALL,)),
    Sense.NEGATIVE: ((FALL,), (RISE,)),
    Sense.NON_UNATE: ((RISE, FALL), (RISE, FALL)),
}
_NEVER = float("-inf")


class PathStep(NamedTuple):
    """One step of a path: ``edge`` arrives on ``net`` through pin ``input_pin`` of instance ``instance``.

    ``instance`` is an index into ``MappedNetlist.cells``; the first step, an input bit, has -1 and no pins.
    """

    net: int
    edge: str
    arrival_ns: float
    instance: int
    cell: str
    input_pin: str
    output_pin: str


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """Static timing of a circuit.

    Attributes:
        delay_ns: latest arrival at an output bit.
        arrival_ns: [2, n_nets] by edge (rise, fall); -inf where no edge arrives.
        slew_ns: [2, n_nets] by edge.
        loads: capacitance of every net.
        critical_path: from an input bit to the latest output bit; empty where nothing arrives.
    """

    delay_ns: float
    arrival_ns: npt.NDArray[np.float64]
    slew_ns: npt.NDArray[np.float64]
    loads: Loads
    critical_path: tuple[PathStep, ...]


class _Origin(NamedTuple):
    """Where the latest arrival of an edge comes from."""

    net: int
    edge: int
    instance: int
    cell: str
    input_pin: str
    output_pin: str


def analyze(
    mapped: MappedNetlist, liberty: Liberty, *, input_slew_ns: float = 0.0, output_load_pf: float = 0.0
) -> Timing:
    """Return the static timing of a mapped circuit.

    Raises:
        LibertyError: a cell that the library lacks, or an arc without delay tables.
        NetlistError: a broken structure.
    """
    loads = net_loads(mapped, liberty, output_load_pf)
    edge_loads = [loads.rise.tolist(), loads.fall.tolist()]
    size, start = n_nets(mapped), FIRST_INPUT + n_inputs(mapped)
    arrival = [[_NEVER] * size for _ in EDGES]
    slew = [[0.0] * size for _ in EDGES]
    origin: list[dict[int, _Origin]] = [{}, {}]
    for edge in (RISE, FALL):
        arrival[edge][FIRST_INPUT:start] = [0.0] * (start - FIRST_INPUT)
        slew[edge][FIRST_INPUT:start] = [input_slew_ns] * (start - FIRST_INPUT)
    for index, (cell, inputs, outputs) in enumerate(instances(mapped, liberty)):
        source_of = dict(zip(cell.inputs, inputs, strict=True))
        for pin, net in zip(cell.outputs, outputs, strict=True):
            if net is None:
                continue
            for arc in cell.pins[pin].arcs:
                source = source_of[arc.related_pin]
                for edge in (RISE, FALL):
                    best = _through(arc, edge, edge_loads[edge][net], source, arrival, slew)
                    if best is None:
                        continue
                    time, source_edge, transition = best
                    slew[edge][net] = max(slew[edge][net], transition)
                    if time > arrival[edge][net]:
                        arrival[edge][net] = time
                        origin[edge][net] = _Origin(
                            source, source_edge, index, cell.name, arc.related_pin, pin
                        )
            if inputs and not cell.pins[pin].arcs:
                raise LibertyError(
                    f"pin '{pin}' of cell '{cell.name}' has no timing", path=liberty.path, line=cell.line
                )
    arrivals = np.array(arrival)
    path = _critical_path(mapped, arrivals, origin)
    return Timing(path[-1].arrival_ns if path else 0.0, arrivals, np.array(slew), loads, path)


def _through(
    arc: TimingArc,
    edge: int,
    load_pf: float,
    source: int,
    arrival: Sequence[Sequence[float]],
    slew: Sequence[Sequence[float]],
) -> tuple[float, int, float] | None:
    """Return latest arrival, the input edge behind it and slowest slew of an output edge through one arc."""
    delay = arc.cell_rise if edge == RISE else arc.cell_fall
    transition = arc.rise_transition if edge == RISE else arc.fall_transition
    if delay is None or transition is None:
        return None
    delays, transitions = delay.at_load(load_pf), transition.at_load(load_pf)
    best, best_edge, slowest = _NEVER, edge, 0.0
    for source_edge in _SOURCE_EDGES[arc.sense][edge]:
        start = arrival[source_edge][source]
        if start == _NEVER:
            continue
        time = start + delay.along_slew(delays, slew[source_edge][source])
        slowest = max(slowest, transition.along_slew(transitions, slew[source_edge][source]))
        if time > best:
            best, best_edge = time, source_edge
    return None if best == _NEVER else (best, best_edge, slowest)


def _critical_path(
    mapped: MappedNetlist, arrival: npt.NDArray[np.float64], origin: Sequence[dict[int, _Origin]]
) -> tuple[PathStep, ...]:
    ends = [(arrival[edge, net], -net, edge) for net in mapped.output_nets for edge in (RISE, FALL)]
    time, negative, edge = max(ends)
    if time == _NEVER:
        return ()
    net = -negative
    steps = []
    while net in origin[edge]:
        source = origin[edge][net]
        steps.append(
            PathStep(
                net, EDGES[edge], float(arrival[edge, net]),
                source.instance, source.cell, source.input_pin, source.output_pin,
            )
        )  # fmt: skip
        net, edge = source.net, source.edge
    steps.append(PathStep(net, EDGES[edge], float(arrival[edge, net]), -1, "", "", ""))
    return tuple(reversed(steps))
