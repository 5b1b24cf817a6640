"""BLIF, the Berkeley Logic Interchange Format: writing netlists and reading combinational models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mulsmith.circuits.bit_names import bit_names, ports_of_bits
from mulsmith.circuits.frontend import arithmetic
from mulsmith.circuits.frontend.graph import NetGraph
from mulsmith.circuits.frontend.source import read_source
from mulsmith.circuits.netlist import CONST0, CONST1, Netlist, Op, check_identifier
from mulsmith.errors import MulsmithError, NetlistError

MAX_COVER_INPUTS = 16

_COVERS: dict[Op, tuple[tuple[str, ...], ...]] = {
    Op.NOT: (("0 1",),),
    Op.AND: (("11 1",),),
    Op.OR: (("1- 1", "-1 1"),),
    Op.XOR: (("10 1", "01 1"),),
    Op.NAND: (("0- 1", "-0 1"),),
    Op.NOR: (("00 1",),),
    Op.XNOR: (("00 1", "11 1"),),
    Op.MUX: (("01- 1", "1-1 1"),),
    Op.HA: (("10 1", "01 1"), ("11 1",)),
    Op.FA: (("100 1", "010 1", "001 1", "111 1"), ("11- 1", "1-1 1", "-11 1")),
}
_XOR3, _MAJORITY = 0b10010110, 0b11101000


def write_blif(netlist: Netlist) -> str:
    """Return the BLIF text of a netlist; the same netlist always gives the same text.

    A full adder becomes two tables over the same three nets, which ``read_blif`` joins again.
    """
    inputs, outputs = bit_names(netlist.inputs), bit_names(netlist.outputs)
    names = {CONST0: "const0", CONST1: "const1"}
    names.update(enumerate(inputs, start=2))
    taken = {*inputs, *outputs}
    for net in [CONST0, CONST1, *(net for gate in netlist.gates for net in gate.outputs)]:
        name = names.get(net, f"n{net}")
        while name in taken:
            name += "_"
        names[net] = name
    lines = [f".model {netlist.name}", " ".join([".inputs", *inputs]), " ".join([".outputs", *outputs])]
    used = {net for gate in netlist.gates for net in gate.inputs} | set(netlist.output_nets)
    for net in (CONST0, CONST1):
        if net in used:
            lines += [f".names {names[net]}", *(["1"] if net == CONST1 else [])]
    for gate in netlist.gates:
        for net, cover in zip(gate.outputs, _COVERS[gate.op], strict=True):
            lines += [" ".join([".names", *(names[i] for i in gate.inputs), names[net]]), *cover]
    for name, net in zip(outputs, netlist.output_nets, strict=True):
        lines += [f".names {names[net]} {name}", "1 1"]
    return "\n".join([*lines, ".end", ""])


def read_blif(path: Path) -> Netlist:
    """Return the circuit of a BLIF file.

    Raises:
        NetlistError: not one combinational model of truth tables; names file and line.
    """
    return parse_blif(read_source(path), path=str(path))


def parse_blif(text: str, *, path: str = "<text>") -> Netlist:
    """Return the circuit of a BLIF text; ``path`` is what errors call it.

    Raises:
        NetlistError: as for ``read_blif``.
    """
    try:
        return _netlist(_model(text))
    except MulsmithError as error:
        raise error.at(path) from None


@dataclass(slots=True)
class _Table:
    inputs: list[str]
    output: str
    rows: list[tuple[str, str]]
    line: int


@dataclass(slots=True)
class _Model:
    name: str
    inputs: list[str]
    outputs: list[str]
    tables: list[_Table]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, content) with comments dropped and continued lines joined."""
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        content = raw.split("#", 1)[0].rstrip()
        start = start if held else number
        if content.endswith("\\"):
            held += content[:-1] + " "
            continue
        if (held + content).strip():
            yield start, (held + content).strip()
        held = ""
    if held.strip():
        yield start, held.strip()


def _model(text: str) -> _Model:
    model = _Model("", [], [], [])
    ended = False
    for line, content in _lines(text):
        word, *rest = content.split()
        if ended and word != ".model":
            raise NetlistError("text after .end", line=line)
        if word == ".model":
            if model.name:
                raise NetlistError("several models in one file", line=line)
            if len(rest) != 1:
                raise NetlistError("a model needs one name", line=line)
            model.name = check_identifier(rest[0])
        elif not model.name:
            raise NetlistError("is not BLIF: no .model at its beginning", line=line)
        elif word == ".inputs":
            model.inputs += rest
        elif word == ".outputs":
            model.outputs += rest
        elif word == ".names":
            if not rest or len(rest) > MAX_COVER_INPUTS + 1:
                raise NetlistError(f"a table takes 0 to {MAX_COVER_INPUTS} inputs and 1 output", line=line)
            model.tables.append(_Table(rest[:-1], rest[-1], [], line))
        elif word == ".end":
            ended = True
        elif word == ".latch":
            raise NetlistError("clocked logic (.latch)", line=line)
        elif word.startswith("."):
            raise NetlistError(f"{word} is not supported", line=line)
        else:
            _row(model, content.split(), line)
    if not model.name:
        raise NetlistError("holds no model")
    return model


def _row(model: _Model, words: list[str], line: int) -> None:
    if not model.tables:
        raise NetlistError("table row outside a table", line=line)
    table = model.tables[-1]
    cube, value = ("", words[0]) if len(words) == 1 else (words[0], words[-1])
    if len(words) > 2 or len(cube) != len(table.inputs) or set(cube) - set("01-") or value not in ("0", "1"):
        raise NetlistError(f"row '{' '.join(words)}' does not fit its table", line=line)
    if table.rows and table.rows[0][1] != value:
        raise NetlistError("rows of a table differ in their output value", line=line)
    table.rows.append((cube, value))


def _netlist(model: _Model) -> Netlist:
    inputs, input_order = ports_of_bits(model.inputs)
    outputs, output_order = ports_of_bits(model.outputs)
    graph = NetGraph()
    nets: dict[str, int] = {}
    for position in input_order:
        name = model.inputs[position]
        nets[name] = graph.declare(name, 1, 1, 0, 0)[0]
    for table in model.tables:
        if table.output in model.inputs:
            raise NetlistError(f"input '{table.output}' is driven inside its model", line=table.line)
        if table.output not in nets:
            nets[table.output] = graph.declare(table.output, 1, table.line, 0, 0)[0]
    for table in model.tables:
        for name in table.inputs:
            if name not in nets:
                raise NetlistError(f"net '{name}' is used but nothing drives it", line=table.line)
    carries = {_sorted(table): table for table in model.tables if _truth(table) == _MAJORITY}
    joined: set[int] = set()
    for table in model.tables:
        if id(table) in joined:
            continue
        bits = [nets[name] for name in table.inputs]
        partner = carries.pop(_sorted(table), None) if _truth(table) == _XOR3 else None
        if partner is not None and len(set(bits)) == 3:
            total, carry = graph.full_adder(*bits)
            graph.connect(nets[partner.output], carry, partner.line)
            joined.add(id(partner))
        else:
            total = _logic(graph, table, bits)
        graph.connect(nets[table.output], total, table.line)
    for name in model.outputs:
        if name not in nets:
            raise NetlistError(f"nothing drives output '{name}'")
    bits = [nets[model.outputs[position]] for position in output_order]
    return graph.netlist(model.name, inputs, outputs, bits, None)


def _sorted(table: _Table) -> tuple[str, ...]:
    return tuple(sorted(table.inputs))


def _truth(table: _Table) -> int:
    """Return the truth table over up to three inputs as an integer, input row 0 lowest; -1 beyond."""
    n = len(table.inputs)
    if n > 3:
        return -1
    ones = 0
    for cube, _ in table.rows:
        for row in range(1 << n):
            if all(want == "-" or int(want) == (row >> i & 1) for i, want in enumerate(cube)):
                ones |= 1 << row
    return ones if not table.rows or table.rows[0][1] == "1" else ones ^ ((1 << (1 << n)) - 1)


_TWO = {0b1000: Op.AND, 0b1110: Op.OR, 0b0110: Op.XOR, 0b0111: Op.NAND, 0b0001: Op.NOR, 0b1001: Op.XNOR}


def _logic(graph: NetGraph, table: _Table, bits: list[int]) -> int:
    truth = _truth(table)
    if not bits:
        return CONST1 if truth else CONST0
    if len(bits) == 2 and truth in _TWO:
        return graph.gate(_TWO[truth], *bits)
    if len(bits) == 3 and truth == _XOR3:
        return graph.gate(Op.XOR, graph.gate(Op.XOR, bits[0], bits[1]), bits[2])
    if len(bits) == 3 and truth == 0b11100100:
        return graph.gate(Op.MUX, *bits)
    cubes = []
    for cube, _ in table.rows:
        literals = [
            bit if want == "1" else graph.gate(Op.NOT, bit)
            for want, bit in zip(cube, bits, strict=True)
            if want != "-"
        ]
        cubes.append(arithmetic.any_of(graph, literals, Op.AND) if literals else CONST1)
    result = arithmetic.any_of(graph, cubes) if cubes else CONST0
    return graph.gate(Op.NOT, result) if table.rows and table.rows[0][1] == "0" else result
