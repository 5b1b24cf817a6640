"""The nets of a circuit while it is read: gates, aliases, drivers, and at last the levelised netlist."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT, Gate, Netlist, Op, Port
from mulsmith.errors import NetlistError

MAX_GATES = 200_000
MAX_NETS = 1_000_000

Bits = list[int]
"""Nets of a word, least significant bit first."""


@dataclass(frozen=True, slots=True)
class Label:
    """What the source calls ``width`` nets from ``first`` on, and where it declares them."""

    first: int
    width: int
    name: str
    line: int
    msb: int
    lsb: int

    def bit(self, net: int) -> str:
        """Return the name of one bit."""
        if self.width == 1 and self.msb == self.lsb == 0:
            return self.name
        step = 1 if self.msb >= self.lsb else -1
        return f"{self.name}[{self.lsb + step * (net - self.first)}]"


class NetGraph:
    """Nets with their drivers; a driver is another net (an alias) or a gate.

    Gates with constant inputs are simplified as they are added, so that fixed operands leave no gates behind.
    """

    def __init__(self) -> None:
        self._count = FIRST_INPUT
        self._alias: dict[int, int] = {}
        self._driver: dict[int, Gate] = {}
        self._driven_line: dict[int, int] = {}
        self._labels: list[Label] = []
        self._inverse: dict[int, int] = {CONST0: CONST1, CONST1: CONST0}

    def declare(self, name: str, width: int, line: int, msb: int, lsb: int) -> Bits:
        """Return new undriven nets that errors will call ``name``."""
        first = self._new(width)
        self._labels.append(Label(first, width, name, line, msb, lsb))
        return list(range(first, first + width))

    def gate(self, op: Op, *inputs: int) -> int:
        """Return the net driven by a gate of one output."""
        if op is Op.NOT:
            return self._not(inputs[0])
        if op is Op.MUX:
            return self._mux(*inputs)
        simple = self._fold(op, *inputs) if min(inputs) < FIRST_INPUT or inputs[0] == inputs[1] else None
        return self._add(op, inputs, 1) if simple is None else simple

    def half_adder(self, a: int, b: int) -> tuple[int, int]:
        """Return (sum, carry) of two bits."""
        for one, other in ((a, b), (b, a)):
            if one == CONST0:
                return other, CONST0
            if one == CONST1:
                return self._not(other), other
        first = self._add(Op.HA, (a, b), 2)
        return first, first + 1

    def full_adder(self, a: int, b: int, c: int) -> tuple[int, int]:
        """Return (sum, carry) of three bits."""
        for one, two, three in ((c, a, b), (a, b, c), (b, a, c)):
            if one == CONST0:
                return self.half_adder(two, three)
            if one == CONST1 and min(two, three) < FIRST_INPUT:
                fixed, other = (two, three) if two < FIRST_INPUT else (three, two)
                return (other, CONST1) if fixed == CONST1 else (self._not(other), other)
        first = self._add(Op.FA, (a, b, c), 2)
        return first, first + 1

    def connect(self, net: int, source: int, line: int) -> None:
        """Let ``source`` drive the declared net ``net``.

        Raises:
            NetlistError: the net has a driver already.
        """
        if net in self._driven_line:
            raise NetlistError(
                f"net '{self.name(net)}' is driven twice, first on line {self._driven_line[net]}", line=line
            )
        self._driven_line[net] = line
        self._alias[net] = source

    def name(self, net: int) -> str:
        """Return what the source calls a net."""
        label = self._label(net)
        return label.bit(net) if label else f"net {net}"

    def netlist(
        self,
        name: str,
        inputs: tuple[Port, ...],
        outputs: tuple[Port, ...],
        output_bits: Bits,
        signed: bool | None,
    ) -> Netlist:
        """Return the levelised circuit of what the outputs need.

        The input ports must have been the first nets declared.

        Raises:
            NetlistError: a needed net has no driver or lies on a combinational loop.
        """
        first_gate_net = FIRST_INPUT + sum(port.width for port in inputs)
        number = {net: net for net in range(first_gate_net)}
        gates: list[Gate] = []
        next_net = first_gate_net
        path: dict[int, None] = {}
        for root in output_bits:
            stack = [root]
            while stack:
                net = stack[-1]
                if net in number:
                    stack.pop()
                    continue
                source = self._alias.get(net)
                gate = self._driver.get(net)
                needed = gate.inputs if gate else () if source is None else (source,)
                if not needed:
                    raise self._undriven(net)
                missing = [n for n in needed if n not in number]
                if missing:
                    if net in path:
                        nets = list(path)
                        raise self._loop(nets[nets.index(net) :])
                    path[net] = None
                    missing.reverse()
                    stack.extend(missing)
                    continue
                stack.pop()
                path.pop(net, None)
                if source is not None:
                    number[net] = number[source]
                elif gate is not None:
                    driven = tuple(range(next_net, next_net + len(gate.outputs)))
                    next_net += len(driven)
                    number.update(zip(gate.outputs, driven, strict=True))
                    gates.append(Gate(gate.op, tuple([number[n] for n in gate.inputs]), driven))
        return Netlist(name, inputs, outputs, tuple(gates), tuple(number[n] for n in output_bits), signed)

    def _new(self, width: int) -> int:
        first = self._count
        self._count += width
        if self._count > MAX_NETS:
            raise NetlistError(f"the circuit has more than {MAX_NETS} nets")
        return first

    def _add(self, op: Op, inputs: tuple[int, ...], outputs: int) -> int:
        if len(self._driver) >= MAX_GATES:
            raise NetlistError(f"the circuit has more than {MAX_GATES} gates")
        first = self._new(outputs)
        gate = Gate(op, inputs, (first,) if outputs == 1 else (first, first + 1))
        for net in gate.outputs:
            self._driver[net] = gate
        return first

    def _not(self, a: int) -> int:
        known = self._inverse.get(a)
        if known is None:
            known = self._add(Op.NOT, (a,), 1)
            self._inverse[a] = known
        return known

    def _mux(self, select: int, if_0: int, if_1: int) -> int:
        if select == CONST0 or if_0 == if_1:
            return if_0
        if select == CONST1:
            return if_1
        if if_0 == CONST0:
            return self.gate(Op.AND, select, if_1)
        if if_1 == CONST1:
            return self.gate(Op.OR, select, if_0)
        if if_0 == CONST1:
            return self.gate(Op.OR, self._not(select), if_1)
        if if_1 == CONST0:
            return self.gate(Op.AND, self._not(select), if_0)
        return self._add(Op.MUX, (select, if_0, if_1), 1)

    def _fold(self, op: Op, a: int, b: int) -> int | None:
        """Return the net of a gate with a constant input or twice the same input, where it needs no gate."""
        if op in (Op.NAND, Op.NOR, Op.XNOR):
            positive = {Op.NAND: Op.AND, Op.NOR: Op.OR, Op.XNOR: Op.XOR}[op]
            return self._not(self.gate(positive, a, b))
        if op is Op.XOR:
            if a == b:
                return CONST0
            fixed, other = (a, b) if a < FIRST_INPUT else (b, a)
            return other if fixed == CONST0 else self._not(other)
        if a == b:
            return a
        fixed, other = (a, b) if a < FIRST_INPUT else (b, a)
        neutral = CONST1 if op is Op.AND else CONST0
        return other if fixed == neutral else fixed

    def _label(self, net: int) -> Label | None:
        index = bisect_right(self._labels, net, key=lambda label: label.first) - 1
        if index >= 0 and net < self._labels[index].first + self._labels[index].width:
            return self._labels[index]
        return None

    def _undriven(self, net: int) -> NetlistError:
        label = self._label(net)
        return NetlistError(
            f"net '{self.name(net)}' is used but nothing drives it", line=label.line if label else None
        )

    def _loop(self, nets: list[int]) -> NetlistError:
        labels = [(label, net) for net in nets if (label := self._label(net))]
        names = [f"'{label.bit(net)}'" for label, net in labels]
        shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
        line = min((self._driven_line.get(net, label.line) for label, net in labels), default=None)
        return NetlistError(f"combinational loop through {shown}", line=line)
