"""Area, timing and power of a synthesised processing element that multiplies and adds in every cycle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.cell_states import CellStates
from mulsmith.characterize.instances import area_um2, instances, simulate_mapped
from mulsmith.characterize.liberty import InternalPower, Liberty
from mulsmith.characterize.power import energy_model
from mulsmith.characterize.switching import NetActivity
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.netlist import FIRST_INPUT
from mulsmith.codesign.handoff.pe_yosys import MappedElement, register_inputs

Words = npt.NDArray[np.uint64]

TOGGLE = 0.1
CYCLES = 256
STREAMS = 64
_DATA_INPUTS = ("x", "w")
_ONES = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class ElementFigures:
    """What one processing element takes.

    Attributes:
        area_um2: sum of the cell areas.
        register_area_um2: of that, registers.
        registers: number of register bits.
        delay_ns: longest path from a register or input to a register or output, without what the registers
            themselves take.
        power_mw: power while it multiplies and adds in every cycle, without the clock tree.
        register_power_mw: of that, inside the registers and on their clock pins.
    """

    area_um2: float
    register_area_um2: float
    registers: int
    delay_ns: float
    power_mw: float
    register_power_mw: float


def element_figures(
    element: MappedElement,
    liberty: Liberty,
    terms: int,
    *,
    point: int = 0,
    clock_ghz: float = 1.0,
    seed: int = 0,
) -> ElementFigures:
    """Return the figures of a processing element.

    Every operand bit toggles with probability 0.1 per cycle, as in the figures of the multipliers; sums begin
    anew after ``terms`` products. The element is simulated over 256 cycles of 64 independent streams.

    Args:
        element: the synthesised element.
        liberty: its cells.
        terms: products in one sum.
        point: the operating point.
        clock_ghz: cycles per nanosecond.
        seed: of the operands.
    """
    cells = [liberty.cells[name] for name in element.registers]
    data_pf = max(register_inputs(cell)[0].capacitance_pf for cell in cells)
    timing = analyze(element.logic, liberty, output_load_pf=data_pf)
    values = _simulate(element, liberty, terms, point, seed)
    toggles = _toggles(values)
    placed = instances(element.logic, liberty)
    states = CellStates.of(placed).counted(np.concatenate(list(values[1:]), axis=1))
    logic = energy_model(element.logic, liberty, timing).power(NetActivity(toggles, states), clock_ghz)
    volts = liberty.voltage**2
    # Nets that registers drive, here or in the neighbour, which is the same element.
    starts = slice(FIRST_INPUT, FIRST_INPUT + element.ports + len(cells))
    driven_pj = float((0.5 * volts * timing.loads.power[starts] * toggles[starts]).sum())
    register_pj, leakage_nw = 0.0, 0.0
    data_nets = element.logic.output_nets[: len(cells)]
    first = FIRST_INPUT + element.ports
    for number, (cell, net) in enumerate(zip(cells, data_nets, strict=True)):
        data, clock = register_inputs(cell)
        register_pj += 2 * _energy(clock.internal_power) + volts * clock.capacitance_pf
        register_pj += toggles[net] * _energy(data.internal_power)
        register_pj += toggles[first + number] * _energy(cell.pins[cell.outputs[0]].internal_power)
        leakage_nw += cell.leakage_nw
    register_mw = register_pj * clock_ghz + leakage_nw * 1e-6
    register_area = sum(cell.area_um2 for cell in cells)
    return ElementFigures(
        area_um2=area_um2(element.logic, liberty) + register_area,
        register_area_um2=register_area,
        registers=len(cells),
        delay_ns=timing.delay_ns,
        power_mw=logic.total_mw + driven_pj * clock_ghz + register_mw,
        register_power_mw=register_mw,
    )


def _energy(tables: tuple[InternalPower, ...]) -> float:
    """Return the mean energy of an edge at sharp inputs and no load, pJ, over all tables of a pin."""
    edges = [
        0.5 * ((table.rise(0.0, 0.0) if table.rise else 0.0) + (table.fall(0.0, 0.0) if table.fall else 0.0))
        for table in tables
    ]
    return sum(edges) / len(edges) if edges else 0.0


def _simulate(element: MappedElement, liberty: Liberty, terms: int, point: int, seed: int) -> list[Words]:
    """Return the value of every net in every cycle, uint64 [n_nets, words] each."""
    rng = np.random.default_rng(seed)
    words = STREAMS // 64
    data = {name: _random(rng, bits, words) for name, bits in element.operand_bits if name in _DATA_INPUTS}
    state = [np.zeros(words, np.uint64) for _ in element.registers]
    cycles = []
    for cycle in range(CYCLES):
        stimulus: list[Words] = []
        for name, bits in element.operand_bits:
            if name in data:
                data[name] = [word ^ _sparse(rng, words) for word in data[name]]
                stimulus += data[name]
            else:
                value = {"step": 1, "first": int(cycle % terms == 0), "point": point}.get(name, 0)
                stimulus += [np.full(words, _ONES * (value >> k & 1), np.uint64) for k in range(bits)]
        values = simulate_mapped(element.logic, liberty, [*stimulus, *state])
        state = [values[net] for net in element.logic.output_nets[: len(state)]]
        cycles.append(values)
    return cycles


def _random(rng: np.random.Generator, bits: int, words: int) -> list[Words]:
    return list(rng.integers(0, _ONES, (bits, words), np.uint64, endpoint=True))


def _sparse(rng: np.random.Generator, words: int) -> Words:
    """Return words whose bits are 1 with the probability of a toggle."""
    return np.packbits(rng.random((words, 64)) < TOGGLE, axis=1).view(np.uint64).ravel()


def _toggles(cycles: list[Words]) -> npt.NDArray[np.float64]:
    changed = [np.bitwise_count(new ^ old).sum(axis=1) for old, new in pairwise(cycles)]
    return np.asarray(np.sum(changed, axis=0) / (len(changed) * STREAMS), np.float64)
