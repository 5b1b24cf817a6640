"""What the gates of an evolving circuit cost in a cell library: area, and energy per toggle."""

from __future__ import annotations

from statistics import fmean

from mulsmith.characterize.cell_kinds import CellKind
from mulsmith.characterize.liberty import Cell, Liberty
from mulsmith.circuits.cgp_problem import CellCost
from mulsmith.circuits.netlist import Op

SLEW_NS = 0.05
FAN_OUT = 2

_SIMPLE = {
    Op.NOT: (CellKind.INVERTER, None), Op.AND: (CellKind.AND, 2), Op.OR: (CellKind.OR, 2),
    Op.XOR: (CellKind.XOR, 2), Op.NAND: (CellKind.NAND, 2), Op.NOR: (CellKind.NOR, 2),
    Op.XNOR: (CellKind.XNOR, 2),
    Op.HA: (CellKind.HALF_ADDER, None), Op.FA: (CellKind.FULL_ADDER, None),
}  # fmt: skip


def evolution_costs(liberty: Liberty) -> dict[Op, CellCost]:
    """Return the cost of every gate, mapped one to one to the smallest cell of its function.

    An inverting multiplexer and an inverter stand for a multiplexer where the library has none. An adder of
    which one result is unused costs what the simple gates for the other cost, if that is less.
    Energy within a cell is the mean over its power tables at a slew of 0.05 ns and a load of two inverters.

    Raises:
        LibertyError: the library lacks one of the functions.
    """
    cells = {op: liberty.require(kind, fan_in) for op, (kind, fan_in) in _SIMPLE.items()}
    plain_mux = liberty.find(CellKind.MUX)
    cells[Op.MUX] = plain_mux or liberty.require(CellKind.INVERTING_MUX)
    load_pf = FAN_OUT * fmean(cells[Op.NOT].pins[pin].capacitance_pf for pin in cells[Op.NOT].inputs)
    costs = {
        op: CellCost(
            area_um2=_areas(op, {o: c.area_um2 for o, c in cells.items()}),
            result_energy_fj=_result_energies(cell, load_pf),
            pin_energy_fj=_pin_energies(cell, liberty.voltage, load_pf),
        )
        for op, cell in cells.items()
    }
    return costs if plain_mux else {**costs, Op.MUX: _with_inverter(costs[Op.MUX], costs[Op.NOT])}


def _with_inverter(cost: CellCost, inverter: CellCost) -> CellCost:
    area = cost.area_um2[0] + inverter.area_um2[0]
    energy = cost.result_energy_fj[0] + inverter.result_energy_fj[0] + inverter.pin_energy_fj[0]
    return CellCost((area, area, area), (energy, energy), cost.pin_energy_fj)


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
    energies = [_internal_fj(cell, pin, load_pf) for pin in pins]
    return energies[0], energies[-1]


def _pin_energies(cell: Cell, voltage: float, load_pf: float) -> tuple[float, float, float]:
    roles = cell.recognition.roles if cell.recognition is not None else {}
    pins = [roles["select"], roles["if_0"], roles["if_1"]] if "select" in roles else list(cell.inputs)
    energies = [
        500 * cell.pins[pin].capacitance_pf * voltage**2 + _internal_fj(cell, pin, load_pf) for pin in pins
    ]
    first, second, third = (*energies, 0.0, 0.0)[:3]
    return first, second, third


def _internal_fj(cell: Cell, pin: str, load_pf: float) -> float:
    tables = [table for power in cell.pins[pin].internal_power for table in (power.rise, power.fall)]
    return 1000 * fmean([table(SLEW_NS, load_pf) for table in tables if table is not None] or [0.0])
