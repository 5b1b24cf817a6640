"""The text that Yosys gets for a netlist: RTLIL with generated names only, adders written as gates."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from mulsmith.circuits.netlist import CONST1, FAN_IN, FIRST_INPUT, Gate, Netlist, Op

TOP = "top"
INPUT = "i"
OUTPUT = "o"

GATE_TYPES = {
    Op.NOT: "$_NOT_", Op.AND: "$_AND_", Op.OR: "$_OR_", Op.XOR: "$_XOR_",
    Op.NAND: "$_NAND_", Op.NOR: "$_NOR_", Op.XNOR: "$_XNOR_", Op.MUX: "$_MUX_",
}  # fmt: skip


def write_rtlil(netlist: Netlist) -> bytes:
    """Return the circuit as module ``top`` with all input bits in port ``i`` and all output bits in ``o``."""
    gates = resolve_adders(netlist, {Op.HA, Op.FA}).gates
    lines = [f"module \\{TOP}", f"wire width {netlist.n_inputs} input 1 \\{INPUT}"]
    lines.append(f"wire width {len(netlist.output_nets)} output 2 \\{OUTPUT}")
    lines += [f"wire \\n{gate.outputs[0]}" for gate in gates]
    for gate in gates:
        output = gate.outputs[0]
        # RTLIL's multiplexer takes B where S is 1.
        pins = "SAB" if gate.op is Op.MUX else "AB"[: FAN_IN[gate.op]]
        lines.append(f"cell {GATE_TYPES[gate.op]} \\g{output}")
        lines += [f"connect \\{pin} {_net(net, netlist)}" for pin, net in zip(pins, gate.inputs, strict=True)]
        lines += [f"connect \\Y \\n{output}", "end"]
    lines += [f"connect \\{OUTPUT} [{k}] {_net(net, netlist)}" for k, net in enumerate(netlist.output_nets)]
    lines.append("end\n")
    return "\n".join(lines).encode()


def _net(net: int, netlist: Netlist) -> str:
    if net <= CONST1:
        return f"1'{net}"
    if net < netlist.first_gate_net:
        return f"\\{INPUT} [{net - FIRST_INPUT}]"
    return f"\\n{net}"


def resolve_adders(netlist: Netlist, ops: Set[Op]) -> Netlist:
    """Return the circuit with the adders of the kinds ``ops`` resolved into gates."""
    return replace(netlist, gates=tuple(_resolved(netlist, ops)))


def _resolved(netlist: Netlist, ops: Set[Op]) -> Iterator[Gate]:
    spare = 1 + max((net for gate in netlist.gates for net in gate.outputs), default=netlist.first_gate_net)
    for gate in netlist.gates:
        if gate.op not in ops:
            yield gate
        elif gate.op is Op.HA:
            yield Gate(Op.XOR, gate.inputs, gate.outputs[:1])
            yield Gate(Op.AND, gate.inputs, gate.outputs[1:])
        else:
            a, b, c = gate.inputs
            half, both, through = spare, spare + 1, spare + 2
            spare += 3
            yield Gate(Op.XOR, (a, b), (half,))
            yield Gate(Op.XOR, (half, c), gate.outputs[:1])
            yield Gate(Op.AND, (a, b), (both,))
            yield Gate(Op.AND, (half, c), (through,))
            yield Gate(Op.OR, (both, through), gate.outputs[1:])
