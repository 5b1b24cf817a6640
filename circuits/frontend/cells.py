"""Gates that a file may use undefined: Verilog's primitives and the cells of FreePDK45."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mulsmith.circuits.frontend import arithmetic
from mulsmith.circuits.frontend.graph import Bits, NetGraph
from mulsmith.circuits.netlist import Netlist, Op

_PRIMITIVES = {
    "and": (Op.AND, False), "nand": (Op.AND, True), "or": (Op.OR, False), "nor": (Op.OR, True),
    "xor": (Op.XOR, False), "xnor": (Op.XOR, True),
}  # fmt: skip
PRIMITIVES = frozenset({*_PRIMITIVES, "not", "buf"})


def primitive(graph: NetGraph, name: str, inputs: Bits) -> int:
    """Return the output of one of Verilog's gate primitives; ``not`` and ``buf`` take one input."""
    if name == "buf":
        return inputs[0]
    if name == "not":
        return graph.gate(Op.NOT, inputs[0])
    op, inverted = _PRIMITIVES[name]
    if len(inputs) == 2 and inverted:
        return graph.gate({Op.AND: Op.NAND, Op.OR: Op.NOR, Op.XOR: Op.XNOR}[op], *inputs)
    bit = arithmetic.any_of(graph, inputs, op)
    return graph.gate(Op.NOT, bit) if inverted else bit


def _one(op: Op) -> Callable[[NetGraph, Bits], Bits]:
    return lambda graph, x: [graph.gate(op, *x)]


def _nand3(graph: NetGraph, x: Bits) -> Bits:
    return [graph.gate(Op.NAND, graph.gate(Op.AND, x[0], x[1]), x[2])]


def _nor3(graph: NetGraph, x: Bits) -> Bits:
    return [graph.gate(Op.NOR, graph.gate(Op.OR, x[0], x[1]), x[2])]


def _aoi21(graph: NetGraph, x: Bits) -> Bits:
    return [graph.gate(Op.NOR, graph.gate(Op.AND, x[0], x[1]), x[2])]


def _oai21(graph: NetGraph, x: Bits) -> Bits:
    return [graph.gate(Op.NAND, graph.gate(Op.OR, x[0], x[1]), x[2])]


def _aoi22(graph: NetGraph, x: Bits) -> Bits:
    return [graph.gate(Op.NOR, graph.gate(Op.AND, x[0], x[1]), graph.gate(Op.AND, x[2], x[3]))]


def _mux2(graph: NetGraph, x: Bits) -> Bits:
    # gscl45nm: Y = !(S ? A : B)
    return [graph.gate(Op.NOT, graph.gate(Op.MUX, x[2], x[1], x[0]))]


_Build = Callable[[NetGraph, Bits], Bits]
_CELLS: Mapping[str, tuple[str, str, _Build]] = {
    "FA": ("A B C", "YS YC", lambda graph, x: list(graph.full_adder(*x))),
    "HA": ("A B", "YS YC", lambda graph, x: list(graph.half_adder(*x))),
    "BUF": ("A", "Y", lambda graph, x: x),
    "INV": ("A", "Y", _one(Op.NOT)),
    "AND2": ("A B", "Y", _one(Op.AND)),
    "OR2": ("A B", "Y", _one(Op.OR)),
    "XOR2": ("A B", "Y", _one(Op.XOR)),
    "XNOR2": ("A B", "Y", _one(Op.XNOR)),
    "NAND2": ("A B", "Y", _one(Op.NAND)),
    "NOR2": ("A B", "Y", _one(Op.NOR)),
    "NAND3": ("A B C", "Y", _nand3),
    "NOR3": ("A B C", "Y", _nor3),
    "AOI21": ("A B C", "Y", _aoi21),
    "OAI21": ("A B C", "Y", _oai21),
    "AOI22": ("A B C D", "Y", _aoi22),
    "MUX2": ("A B S", "Y", _mux2),
}
_CELL_NAME = re.compile(r"(?:PDKGEN)?([A-Z]+\d*)X\d+")


def library_cell(name: str) -> tuple[list[str], list[str], _Build] | None:
    """Return (input pins, output pins, builder) of a FreePDK45 cell such as FAX1, or None."""
    match = _CELL_NAME.fullmatch(name)
    entry = _CELLS.get(match.group(1)) if match else None
    return None if entry is None else (entry[0].split(), entry[1].split(), entry[2])


def adder_outputs(cell: Netlist) -> tuple[int, int] | None:
    """Return the positions of (sum, carry) among the outputs of a half or full adder, or None.

    Told by function: the outputs are the sum and the carry of all two or three inputs.
    """
    n = cell.n_inputs
    if n not in (2, 3) or len(cell.output_nets) != 2:
        return None
    tables = [_table(cell, net) for net in cell.output_nets]
    ones = [bin(row).count("1") for row in range(1 << n)]
    total = sum((count & 1) << row for row, count in enumerate(ones))
    carry = sum((count >> 1) << row for row, count in enumerate(ones))
    if tables == [total, carry]:
        return 0, 1
    return (1, 0) if tables == [carry, total] else None


def _table(cell: Netlist, output: int) -> int:
    """Return the truth table of one output over the cell's inputs as an integer, input row 0 lowest."""
    n = cell.n_inputs
    full = (1 << (1 << n)) - 1
    value = {0: 0, 1: full}
    for i in range(n):
        value[2 + i] = sum(1 << row for row in range(1 << n) if row >> i & 1)
    for op, ins, outs in cell.gates:
        a = value[ins[0]]
        b = value[ins[1]] if len(ins) > 1 else 0
        c = value[ins[2]] if len(ins) > 2 else 0
        simple = {
            Op.NOT: full ^ a, Op.AND: a & b, Op.OR: a | b, Op.XOR: a ^ b, Op.NAND: full ^ (a & b),
            Op.NOR: full ^ (a | b), Op.XNOR: full ^ a ^ b, Op.MUX: (b & ~a) | (c & a),
        }  # fmt: skip
        if op in simple:
            value[outs[0]] = simple[op]
        else:
            value[outs[0]], value[outs[1]] = a ^ b ^ c, (a & b) | (c & (a ^ b))
    return value[output]
