"""What the gates of an evolving circuit cost in a cell library: area, and energy per toggle."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

from mulsmith.characterize.cell_kinds import CellKind
from mulsmith.characterize.liberty import Cell, Liberty, Pin
from mulsmith.circuits.cgp_genome import COMPOUNDS, Compound
from mulsmith.circuits.cgp_problem import CellCost, Costs
from mulsmith.circuits.netlist import Op

SLEW_NS = 0.05
FAN_OUT = 2

_SIMPLE = {
    Op.NOT: (CellKind.INVERTER, None), Op.AND: (CellKind.AND, 2), Op.OR: (CellKind.OR, 2),
    Op.XOR: (CellKind.XOR, 2), Op.NAND: (CellKind.NAND, 2), Op.NOR: (CellKind.NOR, 2),
    Op.XNOR: (CellKind.XNOR, 2),
    Op.HA: (CellKind.HALF_ADDER, None), Op.FA: (CellKind.FULL_ADDER, None),
}  # fmt: skip

_COMPOUND = {
    Compound.NAND3: (CellKind.NAND, ()), Compound.NOR3: (CellKind.NOR, ()),
    Compound.AND_OR_INVERT: (CellKind.AND_OR_INVERT, (2, 1)),
    Compound.OR_AND_INVERT: (CellKind.OR_AND_INVERT, (2, 1)),
}  # fmt: skip


def evolution_costs(liberty: Liberty) -> Costs:
    """Return the cost of every gate, mapped one to one to the smallest cell of its function.

    An inverting multiplexer and an inverter stand for a multiplexer where the library has none, two gates for
    a cell of three inputs. Synthesis chooses pins that are alike, so each costs their mean. An adder of
    which one result is unused costs what the simple gates for the other cost, if that is less.
    Energy within a cell is the mean over its power tables at a slew of 0.05 ns and a load of two inverters.

    Raises:
        LibertyError: the library lacks one of the functions.
    """
    cells = {op: liberty.require(kind, fan_in) for op, (kind, fan_in) in _SIMPLE.items()}
    plain_mux = liberty.find(CellKind.MUX)
    cells[Op.MUX] = plain_mux or liberty.require(CellKind.INVERTING_MUX)
    compounds: dict[Op | Compound, Cell] = {
        compound: cell
        for compound, (kind, groups) in _COMPOUND.items()
        if (cell := liberty.find(kind, 3, groups)) is not None
    }
    load_pf = FAN_OUT * fmean(cells[Op.NOT].pins[pin].capacitance_pf for pin in cells[Op.NOT].inputs)
    simple_areas = {op: cell.area_um2 for op, cell in cells.items()}
    costs = {
        op: CellCost(
            area_um2=_areas(op, simple_areas) if isinstance(op, Op) else (cell.area_um2,) * 3,
            result_energy_fj=_result_energies(cell, load_pf),
            pin_load_fj=_by_pin(cell, {n: _charge_fj(p, liberty.voltage) for n, p in cell.pins.items()}),
            pin_energy_fj=_by_pin(cell, {n: _internal_fj(p, load_pf) for n, p in cell.pins.items()}),
        )
        for op, cell in (cells | compounds).items()
    }
    if not plain_mux:
        costs[Op.MUX] = _in_series(costs[Op.MUX], costs[Op.NOT])
    for compound, (first, second) in COMPOUNDS.items():
        if compound not in costs:
            costs[compound] = _in_series(costs[first], costs[second])
    return costs


def _in_series(first: CellCost, second: CellCost) -> CellCost:
    """Return the cost of two cells, as if the net between them toggled with the result."""
    area = first.area_um2[0] + second.area_um2[0]
    between = second.pin_load_fj[0] + second.pin_energy_fj[0]
    energy = first.result_energy_fj[0] + between + second.result_energy_fj[0]
    load, inside = first.pin_load_fj, first.pin_energy_fj
    return CellCost((area, area, area), (energy, energy), load, inside)


def _areas(op: Op, area: dict[Op, float]) -> tuple[float, float, float]:
    if op is Op.HA:
        return area[Op.XOR], area[Op.AND], min(area[Op.HA], area[Op.XOR] + area[Op.AND])
    if op is Op.FA:
        majority = 2 * area[Op.AND] + 2 * area[Op.OR]
        both = min(area[Op.FA], 2 * area[Op.HA] + area[Op.OR])
        return min(area[Op.FA], 2 * area[Op.XOR]), min(area[Op.FA], majority), both
    return area[op], area[op], area[op]


def _result_energies(cell: Cell, load_pf: float) -> tuple[float, float]:
    roles = cell.recognition.roles if cell.recognition is not None else {}
    pins = [roles["sum"], roles["carry"]] if "sum" in roles else list(cell.outputs)
    energies = [_internal_fj(cell.pins[pin], load_pf) for pin in pins]
    return energies[0], energies[-1]


def _by_pin(cell: Cell, energies: Mapping[str, float]) -> tuple[float, float, float]:
    roles = cell.recognition.roles if cell.recognition is not None else {}
    if "select" in roles:
        return energies[roles["select"]], energies[roles["if_0"]], energies[roles["if_1"]]
    mean = fmean(energies[pin] for pin in cell.inputs)
    return mean, mean, mean


def _charge_fj(pin: Pin, voltage: float) -> float:
    return 500 * pin.capacitance_pf * voltage**2


def _internal_fj(pin: Pin, load_pf: float) -> float:
    tables = [table for power in pin.internal_power for table in (power.rise, power.fall)]
    return 1000 * fmean([table(SLEW_NS, load_pf) for table in tables if table is not None] or [0.0])
