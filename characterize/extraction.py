"""Full and half adders found in the gates of a circuit by Yosys, whatever the source called them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mulsmith.characterize.rtlil import GATE_TYPES, INPUT, OUTPUT, TOP, write_rtlil
from mulsmith.circuits.netlist import CONST0, CONST1, FAN_IN, FIRST_INPUT, Gate, Netlist, Op
from mulsmith.circuits.yosys import Limits, run_yosys
from mulsmith.errors import ToolError

COMMANDS = (
    "read_rtlil circuit.il",
    # Wider and deeper cones found no further adder in EvoApproxLib, and take a third longer.
    "extract_fa -d 8 -b 4 -fa",
    "opt_clean",
    "write_json circuit.json",
)

_OP = {cell: op for op, cell in GATE_TYPES.items()}

_SUMS = (Op.XOR, Op.XNOR)
_CARRIES = (Op.AND, Op.NAND)

Bit = int | str


def extract_adders(netlist: Netlist, limits: Limits | None = None) -> Netlist:
    """Return the circuit with its adders as ``FA`` and ``HA`` gates.

    Yosys looks for three nets whose XOR, and any majority-like function beside it, the circuit computes
    (pass ``extract_fa``), then for pairs in the same way.

    Raises:
        ToolError: Yosys is missing, failed, or was ended by a limit.
    """
    result = run_yosys(COMMANDS, {"circuit.il": write_rtlil(netlist)}, ["circuit.json"], limits)
    module = json.loads(result["circuit.json"])["modules"][TOP]
    net_of: dict[Bit, int] = {"0": CONST0, "1": CONST1}
    net_of.update((bit, FIRST_INPUT + k) for k, bit in enumerate(module["ports"][INPUT]["bits"]))
    gates = [_gate(cell) for cell in module["cells"].values()]
    driver = {bit: gate for gate in gates for bit in gate[2]}
    ordered: list[Gate] = []
    roots = module["ports"][OUTPUT]["bits"]
    for root in roots:
        _place(root, driver, net_of, ordered)
    nets = tuple(net_of[bit] for bit in roots)
    return replace(netlist, gates=tuple(ordered), output_nets=nets)


def pair_half_adders(netlist: Netlist) -> Netlist:
    """Return the circuit with every XOR (XNOR) and AND (NAND) of the same two nets as one ``HA``.

    Where only the inverted sum or carry is there, an inverter follows the half adder.
    """
    pairs: dict[tuple[int, ...], dict[Op, Gate]] = {}
    for gate in netlist.gates:
        if gate.op in _SUMS or gate.op in _CARRIES:
            pairs.setdefault(tuple(sorted(gate.inputs)), {}).setdefault(gate.op, gate)
    spare = 1 + max((net for gate in netlist.gates for net in gate.outputs), default=netlist.first_gate_net)
    gates: list[Gate] = []
    placed: set[tuple[int, ...]] = set()
    for gate in netlist.gates:
        key = tuple(sorted(gate.inputs))
        found = pairs.get(key, {})
        total = next((found[op] for op in _SUMS if op in found), None)
        carry = next((found[op] for op in _CARRIES if op in found), None)
        if total is None or carry is None or gate not in found.values():
            gates.append(gate)
            continue
        if key in placed:
            continue
        placed.add(key)
        straight = [found.get(Op.XOR), found.get(Op.AND)]
        nets = []
        for straight_gate in straight:
            nets.append(straight_gate.outputs[0] if straight_gate else spare)
            spare += straight_gate is None
        gates.append(Gate(Op.HA, key, tuple(nets)))
        for op, net in zip((Op.XNOR, Op.NAND), nets, strict=True):
            if op in found:
                gates.append(Gate(Op.NOT, (net,), found[op].outputs))
    return replace(netlist, gates=tuple(gates))


def _gate(cell: Mapping[str, Any]) -> tuple[Op, list[Bit], list[Bit]]:
    bits = {pin: pin_bits[0] for pin, pin_bits in cell["connections"].items()}
    if cell["type"] == "$fa":
        operands = [bits[pin] for pin in "ABC"]
        if "0" in operands:
            operands.remove("0")
            return Op.HA, operands, [bits["Y"], bits["X"]]
        return Op.FA, operands, [bits["Y"], bits["X"]]
    op = _OP.get(cell["type"])
    if op is None:
        raise ToolError(f"Yosys gave a cell of type '{cell['type']}', which is not expected")
    pins = "SAB" if op is Op.MUX else "AB"[: FAN_IN[op]]
    return op, [bits[pin] for pin in pins], [bits["Y"]]


def _place(
    root: Bit,
    driver: Mapping[Bit, tuple[Op, list[Bit], list[Bit]]],
    net_of: dict[Bit, int],
    ordered: list[Gate],
) -> None:
    """Append the gates that ``root`` needs in topological order, and number their nets."""
    stack = [root]
    while stack:
        bit = stack[-1]
        if bit in net_of:
            stack.pop()
            continue
        if bit not in driver:
            raise ToolError("Yosys left a net without driver")
        op, inputs, outputs = driver[bit]
        pending = [b for b in inputs if b not in net_of]
        if pending:
            stack.extend(reversed(pending))
            continue
        for output in outputs:
            net_of[output] = max(len(net_of), FIRST_INPUT)
        ordered.append(Gate(op, tuple(net_of[b] for b in inputs), tuple(net_of[b] for b in outputs)))
