"""Power of a mapped circuit: switching of the nets, internal energy of the cells, leakage.

The model is that of OpenSTA: a net takes C V^2 / 2 per transition; a transition of an output pin takes the
mean of the library's rise and fall energy, averaged over the inputs that can cause it with the weight
(transitions of the input) x (probability that the output depends on it); a transition of an input pin takes
its own energy, if the library gives one, while its condition holds. Nets that input ports drive belong to the
circuit before this one and are left out. Unlike OpenSTA, the transition and state probabilities are exact for
the activity model (see ``net_activity``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.activity import Activity
from mulsmith.characterize.cell_states import CellStates
from mulsmith.characterize.instances import Instance, instances, n_nets
from mulsmith.characterize.liberty import Cell, InternalPower, Liberty, Sense
from mulsmith.characterize.liberty_functions import BooleanFunction, counting_bits
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.net_activity import net_activity
from mulsmith.characterize.switching import NetActivity
from mulsmith.characterize.timing import FALL, RISE, Timing
from mulsmith.errors import ConfigError, LibertyError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Power:
    """Power of a circuit in mW.

    Attributes:
        switching_mw: charging of the nets.
        internal_mw: inside the cells, per transition.
        leakage_mw: without any transition.
    """

    switching_mw: float
    internal_mw: float
    leakage_mw: float

    @property
    def dynamic_mw(self) -> float:
        """Switching and internal power."""
        return self.switching_mw + self.internal_mw

    @property
    def total_mw(self) -> float:
        """All of it."""
        return self.switching_mw + self.internal_mw + self.leakage_mw


class _Terms(NamedTuple):
    """Energies that the cells take for transitions of nets, one entry per cause.

    ``net`` is the net that the transition is on, ``source`` the net that causes it, ``group`` the output pin
    (entries of one group share its transitions); ``energy_pj`` the mean of both edges. The states in which
    the entry applies are those ``state`` in the flat array of all cell states whose ``owner`` it is.
    """

    net: Ints
    source: Ints
    group: Ints
    energy_pj: Floats
    state: Ints
    owner: Ints


@dataclass(frozen=True, slots=True, eq=False)
class EnergyModel:
    """What every transition and state of one mapped circuit costs.

    Attributes:
        cells: the instances in topological order.
        net_energy_pj: C V^2 / 2 of every net that a cell drives, [n_nets].
        outputs: energies by cause of transitions of output pins.
        inputs: energies of transitions of input pins.
        state_leakage_nw: leakage of every state of every instance, flat (``CellStates``).
    """

    cells: tuple[Instance, ...]
    net_energy_pj: Floats
    outputs: _Terms
    inputs: _Terms
    state_leakage_nw: Floats

    def power(self, activity: NetActivity, clock_ghz: float = 1.0) -> Power:
        """Return the power under an activity; transitions are per clock cycle."""
        toggles, states = activity.toggles, activity.states
        switching = float((self.net_energy_pj * toggles).sum())
        internal = 0.0
        terms = self.outputs
        if terms.net.size:
            weight = toggles[terms.source] * _duty(terms, states)
            total = np.bincount(terms.group, weight)
            mean = np.bincount(terms.group, weight * terms.energy_pj)
            # A glitch may come through an input that no settled state lets through: then all count alike.
            count = np.bincount(terms.group)
            plain = np.bincount(terms.group, terms.energy_pj) / count
            energy = np.divide(mean, total, out=plain, where=total > 0)
            net_of_group = np.zeros(total.size, dtype=np.int64)
            net_of_group[terms.group] = terms.net
            internal += float((energy * toggles[net_of_group]).sum())
        terms = self.inputs
        if terms.net.size:
            internal += float((toggles[terms.net] * _duty(terms, states) * terms.energy_pj).sum())
        leakage = float((self.state_leakage_nw * states).sum())
        return Power(switching * clock_ghz, internal * clock_ghz, leakage * 1e-6)


def estimate_power(
    mapped: MappedNetlist, liberty: Liberty, timing: Timing, activity: Activity, clock_ghz: float = 1.0
) -> Power:
    """Return the power of a mapped circuit under an activity model.

    Args:
        mapped: the circuit.
        liberty: its cells.
        timing: of the same circuit, from ``analyze``.
        activity: what the operands do.
        clock_ghz: operations per nanosecond.

    Raises:
        LibertyError: a cell that the library lacks.
        ConfigError: the activity model does not fit the circuit, or the clock is not positive.
    """
    if not clock_ghz > 0:
        raise ConfigError(f"the clock is {clock_ghz} GHz, but must be positive")
    model = energy_model(mapped, liberty, timing)
    return model.power(net_activity(mapped, liberty, timing, activity), clock_ghz)


def energy_model(mapped: MappedNetlist, liberty: Liberty, timing: Timing) -> EnergyModel:
    """Return what every transition and state of a mapped circuit costs."""
    cells = tuple(instances(mapped, liberty))
    driven = np.zeros(n_nets(mapped))
    driven[[net for cell in cells for net in cell.outputs if net is not None]] = 1.0
    offsets = CellStates.of(cells).offsets
    outputs, inputs = _TermList(), _TermList()
    leakage = np.zeros(offsets[-1])
    collector = _Collector(timing)
    for cell, offset in zip(cells, offsets, strict=False):
        collector.outputs(cell, offset, outputs)
        collector.inputs(cell, offset, inputs)
        leakage[offset : offset + (1 << len(cell.inputs))] = _state_leakage(cell.cell)
    return EnergyModel(
        cells=cells,
        net_energy_pj=driven * timing.loads.power * (0.5 * liberty.voltage**2),
        outputs=outputs.arrays(),
        inputs=inputs.arrays(),
        state_leakage_nw=leakage,
    )


class _TermList:
    """Entries of ``_Terms`` while they are collected."""

    def __init__(self) -> None:
        self.net: list[int] = []
        self.source: list[int] = []
        self.group: list[int] = []
        self.energy_pj: list[float] = []
        self.state: list[int] = []
        self.owner: list[int] = []

    def add(self, net: int, source: int, group: int, energy_pj: float, states: Iterable[int]) -> None:
        before = len(self.state)
        self.state += states
        self.owner += [len(self.net)] * (len(self.state) - before)
        self.net.append(net)
        self.source.append(source)
        self.group.append(group)
        self.energy_pj.append(energy_pj)

    def arrays(self) -> _Terms:
        ints = (self.net, self.source, self.group, self.state, self.owner)
        net, source, group, state, owner = (np.array(column, dtype=np.int64) for column in ints)
        return _Terms(net, source, group, np.array(self.energy_pj, dtype=np.float64), state, owner)


def _duty(terms: _Terms, states: Floats) -> Floats:
    """Return the probability of the states in which each entry applies."""
    duty = np.bincount(terms.owner, states[terms.state], minlength=terms.net.size)
    return np.asarray(duty, dtype=np.float64)


class _Collector:
    """Turns the internal-power tables of instances into entries, at the slews and loads of one timing."""

    def __init__(self, timing: Timing) -> None:
        self.slew = timing.slew_ns.tolist()
        self.load = timing.loads.power.tolist()
        self.conditions: dict[tuple[str, str, int], list[int]] = {}

    def outputs(self, instance: Instance, offset: int, terms: _TermList) -> None:
        cell = instance.cell
        net_of = dict(zip(cell.inputs, instance.inputs, strict=True))
        for name, net in zip(cell.outputs, instance.outputs, strict=True):
            if net is None:
                continue
            pin = cell.pins[name]
            follows = {arc.related_pin for arc in pin.arcs if arc.sense is not Sense.NEGATIVE}
            group = terms.group[-1] + 1 if terms.group else 0
            for number, power in enumerate(pin.internal_power):
                source = net_of.get(power.related_pin or "", net)
                rise, fall = self.slew[RISE][source], self.slew[FALL][source]
                if power.related_pin not in follows:
                    rise, fall = fall, rise
                energy = _mean_energy(power, rise, fall, self.load[net])
                states = self._states(cell, name, number, power)
                terms.add(net, source, group, energy, [offset + state for state in states])

    def inputs(self, instance: Instance, offset: int, terms: _TermList) -> None:
        cell = instance.cell
        for name, net in zip(cell.inputs, instance.inputs, strict=True):
            for number, power in enumerate(cell.pins[name].internal_power):
                energy = _mean_energy(power, self.slew[RISE][net], self.slew[FALL][net], 0.0)
                states = self._states(cell, name, number, power)
                terms.add(net, net, 0, energy, [offset + state for state in states])

    def _states(self, cell: Cell, pin: str, number: int, power: InternalPower) -> list[int]:
        """Return the states in which an entry applies: its condition holds and the edge can come through."""
        key = (cell.name, pin, number)
        if key not in self.conditions:
            n = len(cell.inputs)
            table = (1 << (1 << n)) - 1
            if pin in cell.tables and power.related_pin in cell.inputs:
                table = _sensitive(cell.tables[pin], cell.inputs.index(power.related_pin), n)
            if power.when is not None:
                table &= _condition(cell, power.when)
            self.conditions[key] = [state for state in range(1 << n) if table >> state & 1]
        return self.conditions[key]


def _mean_energy(power: InternalPower, rise_slew_ns: float, fall_slew_ns: float, load_pf: float) -> float:
    rise = power.rise(rise_slew_ns, load_pf) if power.rise is not None else 0.0
    fall = power.fall(fall_slew_ns, load_pf) if power.fall is not None else 0.0
    return 0.5 * (rise + fall)


def _sensitive(table: int, pin: int, n_pins: int) -> int:
    """Return the truth table of the states in which a function depends on one of its pins."""
    high = counting_bits(pin, n_pins)
    changed = ((table & high) >> (1 << pin)) ^ (table & ~high)
    return changed | changed << (1 << pin)


def _condition(cell: Cell, when: BooleanFunction) -> int:
    """Return the truth table of a condition over the inputs; it may name outputs too."""
    n = len(cell.inputs)
    values = {pin: counting_bits(k, n) for k, pin in enumerate(cell.inputs)} | dict(cell.tables)
    for pin in when.pins:
        if pin not in values:
            raise LibertyError(f"a condition of cell '{cell.name}' names '{pin}', which is no pin of it")
    return when.evaluate(values, (1 << (1 << n)) - 1)


def _state_leakage(cell: Cell) -> list[float]:
    """Return the leakage of every state in nW: the sum of what the file gives for it, else the cell's own."""
    conditions = [(_condition(cell, state.when), state.power_nw) for state in cell.leakage_states]
    result = []
    for state in range(1 << len(cell.inputs)):
        given = [power for table, power in conditions if table >> state & 1]
        result.append(sum(given) if given else cell.leakage_nw)
    return result
