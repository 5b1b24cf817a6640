"""The structure of a combinational circuit: ports, nets and levelised gates, adders kept as adders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from mulsmith.errors import NetlistError

CONST0 = 0
CONST1 = 1
FIRST_INPUT = 2

MAX_IDENTIFIER = 128
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


class Op(StrEnum):
    """Function of a gate. ``HA`` and ``FA`` drive two nets, sum and carry; every other one drives one."""

    NOT = "not"
    AND = "and"
    OR = "or"
    XOR = "xor"
    NAND = "nand"
    NOR = "nor"
    XNOR = "xnor"
    MUX = "mux"
    HA = "ha"
    FA = "fa"


FAN_IN = {
    Op.NOT: 1, Op.AND: 2, Op.OR: 2, Op.XOR: 2, Op.NAND: 2, Op.NOR: 2, Op.XNOR: 2,
    Op.MUX: 3, Op.HA: 2, Op.FA: 3,
}  # fmt: skip
FAN_OUT = {op: 2 if op in (Op.HA, Op.FA) else 1 for op in Op}


class Gate(NamedTuple):
    """One gate: ``op`` of the nets ``inputs`` drives the nets ``outputs``.

    ``MUX`` takes (select, if_0, if_1); ``HA`` (a, b) and ``FA`` (a, b, c) drive (sum, carry).
    """

    op: Op
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """A port of ``width`` bits."""

    name: str
    width: int


@dataclass(frozen=True, slots=True)
class Netlist:
    """A combinational circuit.

    Net 0 is constant 0 and net 1 constant 1; the bits of the input ports follow from net 2 in port order,
    least significant bit first; every further net is driven by exactly one gate.

    Attributes:
        name: module name.
        inputs: input ports in Verilog order; of a multiplier: A (activation), then B (weight).
        outputs: output ports in Verilog order.
        gates: in topological order.
        output_nets: nets of the output bits, ports in order, least significant bit first.
        signed: two's-complement operands and result, or not; None where the source does not say.
    """

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    gates: tuple[Gate, ...]
    output_nets: tuple[int, ...]
    signed: bool | None = None

    def __post_init__(self) -> None:
        check_identifier(self.name)
        known = set(range(self.first_gate_net))
        for gate in self.gates:
            if len(gate.inputs) != FAN_IN[gate.op] or len(gate.outputs) != FAN_OUT[gate.op]:
                raise NetlistError(f"gate {gate} has the wrong number of nets for {gate.op}")
            if not known.issuperset(gate.inputs):
                raise NetlistError(f"gate {gate} uses a net that no earlier gate drives")
            for net in gate.outputs:
                if net in known:
                    raise NetlistError(f"net {net} has several drivers")
                known.add(net)
        if len(self.output_nets) != sum(port.width for port in self.outputs):
            raise NetlistError("the number of output nets differs from the widths of the output ports")
        if not known.issuperset(self.output_nets):
            raise NetlistError("an output net has no driver")

    @property
    def first_gate_net(self) -> int:
        """First net number behind the constants and inputs."""
        return FIRST_INPUT + sum(port.width for port in self.inputs)

    @property
    def n_inputs(self) -> int:
        """Number of input bits over all ports."""
        return sum(port.width for port in self.inputs)

    @property
    def a_bits(self) -> int:
        """Width of the first operand."""
        return self._multiplier()[0]

    @property
    def b_bits(self) -> int:
        """Width of the second operand."""
        return self._multiplier()[1]

    @property
    def out_bits(self) -> int:
        """Width of the product."""
        return self._multiplier()[2]

    def input_nets(self, port: int) -> range:
        """Return the nets of input port number ``port``, least significant bit first."""
        start = FIRST_INPUT + sum(p.width for p in self.inputs[:port])
        return range(start, start + self.inputs[port].width)

    def with_signed(self, signed: bool | None) -> Netlist:
        """Return the same structure with its signedness stated."""
        return replace(self, signed=signed)

    def live(self) -> Netlist:
        """Return the circuit without gates that reach no output, nets renumbered, in a canonical order.

        The order is a depth-first walk from the outputs, so it does not depend on the order of statements
        in the source.
        """
        driver = {net: gate for gate in self.gates for net in gate.outputs}
        rename = {net: net for net in range(self.first_gate_net)}
        ordered: list[Gate] = []
        next_net = self.first_gate_net
        for root in self.output_nets:
            stack = [root]
            while stack:
                net = stack[-1]
                if net in rename:
                    stack.pop()
                    continue
                gate = driver[net]
                pending = [n for n in reversed(gate.inputs) if n not in rename]
                if pending:
                    stack.extend(pending)
                    continue
                stack.pop()
                outputs = tuple(range(next_net, next_net + len(gate.outputs)))
                next_net += len(outputs)
                rename.update(zip(gate.outputs, outputs, strict=True))
                ordered.append(Gate(gate.op, tuple(rename[n] for n in gate.inputs), outputs))
        nets = tuple(rename[net] for net in self.output_nets)
        return replace(self, gates=tuple(ordered), output_nets=nets)

    def sha256(self) -> str:
        """Return the hash of the live structure, its port widths and signedness; names do not count."""
        form = self.live()
        digest = hashlib.sha256()
        widths = [[port.width for port in ports] for ports in (form.inputs, form.outputs)]
        digest.update(f"{widths} {form.signed} {form.output_nets}\n".encode())
        for op, inputs, outputs in form.gates:
            digest.update(f"{op.value} {inputs} {outputs}\n".encode())
        return digest.hexdigest()

    def _multiplier(self) -> tuple[int, int, int]:
        if len(self.inputs) != 2 or len(self.outputs) != 1:
            raise NetlistError(
                f"module '{self.name}' has {len(self.inputs)} inputs and {len(self.outputs)} outputs, "
                "but a multiplier has two inputs and one output"
            )
        return self.inputs[0].width, self.inputs[1].width, self.outputs[0].width


def check_identifier(name: str) -> str:
    """Return ``name`` if it is a plain Verilog identifier, else raise ``NetlistError``."""
    if len(name) > MAX_IDENTIFIER:
        raise NetlistError(f"identifier of {len(name)} characters is longer than {MAX_IDENTIFIER}")
    if not IDENTIFIER.fullmatch(name):
        raise NetlistError(
            f"identifier {name!r} is not a plain Verilog identifier",
            remedy="use letters, digits, '_' and '$' only",
        )
    return name


def count_gates(gates: Iterable[Gate]) -> dict[str, int]:
    """Return how many gates there are of each function, by its name, sorted."""
    counts: dict[str, int] = {}
    for gate in gates:
        counts[gate.op.value] = counts.get(gate.op.value, 0) + 1
    return dict(sorted(counts.items()))
