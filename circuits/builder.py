"""Build netlists gate by gate: constants folded, equal gates shared, adders kept as adders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT, Gate, Netlist, Op, Port
from mulsmith.errors import NetlistError

_COMMUTATIVE = frozenset({Op.AND, Op.OR, Op.XOR, Op.NAND, Op.NOR, Op.XNOR, Op.HA, Op.FA})


class NetlistBuilder:
    """Collects gates; every method that adds one returns the net or nets that it drives.

    A gate whose inputs are constant, equal or complementary is replaced by what it computes, so an adder
    with a constant input becomes a half adder or simple gates. Nets are plain integers as in ``Netlist``.

    Args:
        name: module name.
        inputs: input ports in order.
        signed: what ``Netlist.signed`` shall say.
        share: return the earlier net where the same gate exists already (structural hashing).
    """

    def __init__(
        self, name: str, inputs: Sequence[Port], *, signed: bool | None = None, share: bool = True
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.signed = signed
        self._share = share
        self._gates: list[Gate] = []
        self._known: dict[tuple[Op, tuple[int, ...]], tuple[int, ...]] = {}
        self._inverse: dict[int, int] = {CONST0: CONST1, CONST1: CONST0}
        self._next_net = FIRST_INPUT + sum(port.width for port in self.inputs)

    def input_nets(self, port: int) -> list[int]:
        """Return the nets of input port number ``port``, least significant bit first."""
        start = FIRST_INPUT + sum(p.width for p in self.inputs[:port])
        return list(range(start, start + self.inputs[port].width))

    def not_(self, a: int) -> int:
        """Return the complement of ``a``."""
        known = self._inverse.get(a)
        if known is not None:
            return known
        (net,) = self._add(Op.NOT, a)
        self._inverse[a], self._inverse[net] = net, a
        return net

    def and_(self, a: int, b: int) -> int:
        """Return ``a & b``."""
        if a == CONST0 or b == CONST0 or self._opposite(a, b):
            return CONST0
        if a in (CONST1, b):
            return b
        return a if b == CONST1 else self._add(Op.AND, a, b)[0]

    def or_(self, a: int, b: int) -> int:
        """Return ``a | b``."""
        if a == CONST1 or b == CONST1 or self._opposite(a, b):
            return CONST1
        if a in (CONST0, b):
            return b
        return a if b == CONST0 else self._add(Op.OR, a, b)[0]

    def xor(self, a: int, b: int) -> int:
        """Return ``a ^ b``."""
        if a == b:
            return CONST0
        if self._opposite(a, b):
            return CONST1
        if a in (CONST0, CONST1):
            return b if a == CONST0 else self.not_(b)
        if b in (CONST0, CONST1):
            return a if b == CONST0 else self.not_(a)
        return self._add(Op.XOR, a, b)[0]

    def nand(self, a: int, b: int) -> int:
        """Return ``~(a & b)``."""
        return self._inverted(Op.NAND, a, b)

    def nor(self, a: int, b: int) -> int:
        """Return ``~(a | b)``."""
        return self._inverted(Op.NOR, a, b)

    def xnor(self, a: int, b: int) -> int:
        """Return ``~(a ^ b)``."""
        return self._inverted(Op.XNOR, a, b)

    def mux(self, select: int, if_0: int, if_1: int) -> int:
        """Return ``select ? if_1 : if_0``."""
        if select in (CONST0, CONST1):
            return if_0 if select == CONST0 else if_1
        if if_0 == if_1:
            return if_0
        if if_0 == CONST0:
            return self.and_(select, if_1)
        if if_1 == CONST1:
            return self.or_(select, if_0)
        if if_1 == CONST0:
            return self.and_(self.not_(select), if_0)
        if if_0 == CONST1:
            return self.or_(self.not_(select), if_1)
        if self._opposite(if_0, if_1):
            return self.xor(select, if_0)
        return self._add(Op.MUX, select, if_0, if_1)[0]

    def half_adder(self, a: int, b: int) -> tuple[int, int]:
        """Return (sum, carry) of two bits."""
        if {a, b} & {CONST0, CONST1} or a == b or self._opposite(a, b):
            return self.xor(a, b), self.and_(a, b)
        total, carry = self._add(Op.HA, a, b)
        return total, carry

    def full_adder(self, a: int, b: int, c: int) -> tuple[int, int]:
        """Return (sum, carry) of three bits."""
        a, b, c = sorted((a, b, c))
        if a == CONST0:
            return self.half_adder(b, c)
        if a == CONST1:
            return self.xnor(b, c), self.or_(b, c)
        for x, y, z in ((a, b, c), (b, c, a), (a, c, b)):
            if x == y:
                return z, x
            if self._opposite(x, y):
                return self.not_(z), z
        total, carry = self._add(Op.FA, a, b, c)
        return total, carry

    def gate(self, op: Op, inputs: Sequence[int]) -> tuple[int, ...]:
        """Return the nets of a gate given by its function: one, or the sum and the carry of an adder."""
        functions: dict[Op, Callable[..., int | tuple[int, int]]] = {
            Op.NOT: self.not_, Op.AND: self.and_, Op.OR: self.or_, Op.XOR: self.xor, Op.NAND: self.nand,
            Op.NOR: self.nor, Op.XNOR: self.xnor, Op.MUX: self.mux, Op.HA: self.half_adder,
            Op.FA: self.full_adder,
        }  # fmt: skip
        result = functions[op](*inputs)
        return (result,) if isinstance(result, int) else result

    def or_all(self, nets: Sequence[int]) -> int:
        """Return the OR of any number of nets, as a balanced tree; 0 for none."""
        level = list(nets) or [CONST0]
        while len(level) > 1:
            pairs = [self.or_(x, y) for x, y in zip(level[::2], level[1::2], strict=False)]
            level = pairs + level[len(level) & ~1 :]
        return level[0]

    def build(self, outputs: Mapping[str, Sequence[int]]) -> Netlist:
        """Return the netlist that drives the output ports ``outputs``: name -> nets, least significant first.

        Gates that reach no output are dropped, adders of which only one result is used become simple gates.
        """
        nets = tuple(net for bits in outputs.values() for net in bits)
        gates = self._without_idle_results(nets)
        ports = tuple(Port(name, len(bits)) for name, bits in outputs.items())
        return Netlist(self.name, self.inputs, ports, gates, nets, self.signed).live()

    def _opposite(self, a: int, b: int) -> bool:
        return self._inverse.get(a) == b

    def _inverted(self, op: Op, a: int, b: int) -> int:
        plain = {Op.NAND: (Op.AND, self.and_), Op.NOR: (Op.OR, self.or_), Op.XNOR: (Op.XOR, self.xor)}
        positive, method = plain[op]
        trivial = {a, b} & {CONST0, CONST1} or a == b or self._opposite(a, b)
        if trivial or (positive, self._ordered(positive, (a, b))) in self._known:
            return self.not_(method(a, b))
        return self._add(op, a, b)[0]

    def _add(self, op: Op, *inputs: int) -> tuple[int, ...]:
        key = (op, self._ordered(op, inputs))
        if self._share and key in self._known:
            return self._known[key]
        outputs = self._fresh(2 if op in (Op.HA, Op.FA) else 1)
        self._gates.append(Gate(op, inputs, outputs))
        self._known[key] = outputs
        return outputs

    def _fresh(self, count: int) -> tuple[int, ...]:
        start = self._next_net
        self._next_net += count
        return tuple(range(start, start + count))

    @staticmethod
    def _ordered(op: Op, inputs: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(inputs)) if op in _COMMUTATIVE else inputs

    def _without_idle_results(self, roots: Sequence[int]) -> tuple[Gate, ...]:
        live = set(roots)
        kept: list[list[Gate]] = []
        for gate in reversed(self._gates):
            used = [net in live for net in gate.outputs]
            if not any(used):
                continue
            kept.append([gate] if all(used) else self._single_result(gate, wants_sum=used[0]))
            live.update(gate.inputs)
        return tuple(gate for group in reversed(kept) for gate in group)

    def _single_result(self, gate: Gate, *, wants_sum: bool) -> list[Gate]:
        total, carry = gate.outputs
        if gate.op is Op.HA:
            return [Gate(Op.XOR, gate.inputs, (total,)) if wants_sum else Gate(Op.AND, gate.inputs, (carry,))]
        a, b, c = gate.inputs
        if wants_sum:
            (half,) = self._fresh(1)
            return [Gate(Op.XOR, (a, b), (half,)), Gate(Op.XOR, (half, c), (total,))]
        both, either, through = self._fresh(3)
        return [
            Gate(Op.AND, (a, b), (both,)),
            Gate(Op.OR, (a, b), (either,)),
            Gate(Op.AND, (either, c), (through,)),
            Gate(Op.OR, (both, through), (carry,)),
        ]


class MultiplierBuilder(NetlistBuilder):
    """A builder with the ports of a multiplier: A (activation), B (weight) and the product O.

    Attributes:
        a: nets of operand A, least significant bit first.
        b: nets of operand B.
        is_signed: whether operands and product are two's complement.
    """

    def __init__(self, name: str, a_bits: int, b_bits: int, *, signed: bool) -> None:
        super().__init__(name, (Port("A", a_bits), Port("B", b_bits)), signed=signed)
        self.is_signed = signed
        self.a = self.input_nets(0)
        self.b = self.input_nets(1)

    @property
    def a_bits(self) -> int:
        """Width of operand A."""
        return len(self.a)

    @property
    def b_bits(self) -> int:
        """Width of operand B."""
        return len(self.b)

    @property
    def out_bits(self) -> int:
        """Width of the product, a_bits + b_bits."""
        return self.a_bits + self.b_bits

    def product(self, bits: Sequence[int]) -> Netlist:
        """Return the multiplier whose product has the nets ``bits``, extended or cut to ``out_bits``.

        Raises:
            NetlistError: fewer bits than the product of a signed multiplier needs.
        """
        nets = list(bits[: self.out_bits])
        if len(nets) < self.out_bits and self.is_signed:
            raise NetlistError(f"a signed product of {len(nets)} bits is narrower than {self.out_bits}")
        return self.build({"O": nets + [CONST0] * (self.out_bits - len(nets))})
