"""The logic between the adders of a circuit: BLIF for ABC, read back mapped and joined with the adders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mulsmith.characterize.genlib import CONSTANTS, INPUT_PINS, OUTPUT_PIN, WIRE, GateLibrary
from mulsmith.characterize.liberty import Cell
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT, Netlist, Op
from mulsmith.errors import ToolError

_ADDERS = (Op.FA, Op.HA)
# Rows of the BLIF cover of each gate, over its inputs in order.
_COVER = {
    Op.NOT: ("0 1",), Op.AND: ("11 1",), Op.OR: ("1- 1", "-1 1"), Op.XOR: ("10 1", "01 1"),
    Op.NAND: ("0- 1", "-0 1"), Op.NOR: ("00 1",), Op.XNOR: ("11 1", "00 1"), Op.MUX: ("01- 1", "1-1 1"),
}  # fmt: skip


class PlacedCell(NamedTuple):
    """A cell with the names of the nets at its input and output pins."""

    cell: Cell
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MappedGlue:
    """What ABC made of the logic between the adders.

    Attributes:
        cells: the cells.
        alias: nets that repeat another net or a constant, by name.
        area_um2: sum of the cell areas.
    """

    cells: tuple[PlacedCell, ...]
    alias: Mapping[str, str]
    area_um2: float


def write_glue(netlist: Netlist) -> bytes:
    """Return every gate that is no adder as BLIF; the adders' outputs are inputs there, and vice versa."""
    adders = [gate for gate in netlist.gates if gate.op in _ADDERS]
    logic = [gate for gate in netlist.gates if gate.op not in _ADDERS]
    sources = [*range(FIRST_INPUT, netlist.first_gate_net), *(net for gate in adders for net in gate.outputs)]
    driven = {gate.outputs[0] for gate in logic}
    wanted = [*netlist.output_nets, *(net for gate in adders for net in gate.inputs)]
    sinks = dict.fromkeys(net for net in wanted if net in driven)
    lines = [".model glue"]
    lines += [f".inputs {_name(net)}" for net in sources]
    lines += [f".outputs {_name(net)}" for net in sinks]
    lines += [f".names {_name(CONST0)}", f".names {_name(CONST1)}", "1"]
    for gate in logic:
        lines.append(".names " + " ".join(map(_name, (*gate.inputs, *gate.outputs))))
        lines += _COVER[gate.op]
    return "\n".join([*lines, ".end", ""]).encode()


def read_glue(blif: bytes, gates: GateLibrary) -> MappedGlue:
    """Return the cells in the mapped BLIF that ABC wrote.

    Raises:
        ToolError: it holds something else than cells of ``gates``.
    """
    cells: list[PlacedCell] = []
    alias: dict[str, str] = {}
    for line in blif.decode("ascii", "replace").replace("\\\n", " ").splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] in (".model", ".inputs", ".outputs", ".default_input_arrival", ".end"):
            continue
        if words[0] != ".gate" or len(words) < 3:
            raise ToolError(f"ABC gave a line that is not expected: '{line[:80]}'")
        kind, pins = words[1], dict(pin.split("=", 1) for pin in words[2:])
        output = pins[OUTPUT_PIN]
        if kind in CONSTANTS:
            alias[output] = CONSTANTS[kind]
        elif kind == WIRE:
            alias[output] = pins["A"]
        else:
            cell = gates.cells[int(kind.removeprefix("c"))]
            inputs = {pin: pins[name] for pin, name in zip(cell.inputs, INPUT_PINS, strict=False)}
            cells.append(PlacedCell(cell, inputs, {cell.outputs[0]: output}))
    return MappedGlue(tuple(cells), alias, sum(placed.cell.area_um2 for placed in cells))


def adder_cells(netlist: Netlist, gates: GateLibrary) -> tuple[PlacedCell, ...]:
    """Return the adders of a circuit as cells of the library, which must have them."""
    found = []
    for gate in netlist.gates:
        if gate.op in _ADDERS:
            cell = gates.full_adder if gate.op is Op.FA else gates.half_adder
            if cell is None or cell.recognition is None:
                raise ToolError(f"the library has no cell for '{gate.op.value}'")
            inputs = dict(zip(cell.inputs, map(_name, gate.inputs), strict=True))
            roles = (cell.recognition.roles["sum"], cell.recognition.roles["carry"])
            found.append(PlacedCell(cell, inputs, dict(zip(roles, map(_name, gate.outputs), strict=True))))
    return tuple(found)


def join(netlist: Netlist, glue: MappedGlue, adders: tuple[PlacedCell, ...], flow: str) -> MappedNetlist:
    """Return adders and mapped logic together, cells in topological order, depth first from the outputs."""
    alias = dict(glue.alias)

    def source(name: str) -> str:
        while name in alias:
            name = alias[name]
        return name

    placed = [*adders, *glue.cells]
    driver = {net: k for k, cell in enumerate(placed) for net in cell.outputs.values()}
    net_of = {_name(net): net for net in range(netlist.first_gate_net)}
    cells: list[MappedCell] = []
    roots = [source(_name(net)) for net in netlist.output_nets]
    next_net = netlist.first_gate_net
    for root in roots:
        stack = [root]
        while stack:
            name = stack[-1]
            if name in net_of:
                stack.pop()
                continue
            if name not in driver:
                raise ToolError(f"synthesis of '{netlist.name}' left net '{name}' without driver")
            cell, inputs, outputs = placed[driver[name]]
            sources = {pin: source(net) for pin, net in inputs.items()}
            pending = [net for net in sources.values() if net not in net_of]
            if pending:
                stack.extend(reversed(pending))
                continue
            for net in outputs.values():
                net_of[net] = next_net
                next_net += 1
            pins = {pin: net_of[net] for pin, net in {**sources, **outputs}.items()}
            cells.append(MappedCell(cell.name, pins))
    return MappedNetlist(
        netlist.name,
        netlist.inputs,
        netlist.outputs,
        tuple(cells),
        tuple(net_of[root] for root in roots),
        flow,
    )


def _name(net: int) -> str:
    return f"n{net}"
