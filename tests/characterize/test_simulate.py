"""Bit-parallel simulation against an interpreter that evaluates one operand pair at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.netlist import FAN_IN, FAN_OUT, FIRST_INPUT, Gate, Netlist, Op, Port
from mulsmith.errors import LutError, NetlistError


def _evaluate(netlist: Netlist, a: int, b: int) -> int:
    value = {0: 0, 1: 1}
    bits = [(a >> i) & 1 for i in range(netlist.a_bits)] + [(b >> i) & 1 for i in range(netlist.b_bits)]
    value.update(enumerate(bits, start=FIRST_INPUT))
    for op, inputs, outputs in netlist.gates:
        x = [value[net] for net in inputs]
        result = {
            Op.NOT: lambda x: [1 - x[0]],
            Op.AND: lambda x: [min(x)],
            Op.OR: lambda x: [max(x)],
            Op.XOR: lambda x: [sum(x) % 2],
            Op.NAND: lambda x: [1 - min(x)],
            Op.NOR: lambda x: [1 - max(x)],
            Op.XNOR: lambda x: [1 - sum(x) % 2],
            Op.MUX: lambda x: [x[1 + x[0]]],
            Op.HA: lambda x: [sum(x) % 2, sum(x) // 2],
            Op.FA: lambda x: [sum(x) % 2, sum(x) // 2],
        }[op](x)
        value.update(zip(outputs, result, strict=True))
    code = sum(value[net] << i for i, net in enumerate(netlist.output_nets))
    if netlist.signed and code >> (netlist.out_bits - 1):
        code -= 1 << netlist.out_bits
    return code


@st.composite
def netlists(draw: st.DrawFn) -> Netlist:
    """Random two-operand circuits of up to 40 gates."""
    a_bits, b_bits, out_bits = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 9))
    next_net = FIRST_INPUT + a_bits + b_bits
    gates = []
    for op in draw(st.lists(st.sampled_from(list(Op)), max_size=40)):
        inputs = tuple(draw(st.integers(0, next_net - 1)) for _ in range(FAN_IN[op]))
        outputs = tuple(range(next_net, next_net + FAN_OUT[op]))
        next_net += len(outputs)
        gates.append(Gate(op, inputs, outputs))
    nets = tuple(draw(st.integers(0, next_net - 1)) for _ in range(out_bits))
    ports = (Port("A", a_bits), Port("B", b_bits))
    return Netlist("m", ports, (Port("O", out_bits),), tuple(gates), nets, draw(st.booleans()))


@given(netlists())
@settings(max_examples=60, deadline=None)
def test_table_equals_one_by_one_evaluation(netlist: Netlist) -> None:
    table = simulate_lut(netlist).table
    for a in range(1 << netlist.a_bits):
        for b in range(1 << netlist.b_bits):
            assert table[a, b] == _evaluate(netlist, a, b)


@given(netlists())
@settings(max_examples=60, deadline=None)
def test_live_keeps_the_function(netlist: Netlist) -> None:
    assert simulate_lut(netlist) == simulate_lut(netlist.live())
    assert netlist.live().live() == netlist.live()


def test_signedness_must_be_stated() -> None:
    netlist = Netlist("m", (Port("A", 1), Port("B", 1)), (Port("O", 1),), (), (2,))
    with pytest.raises(NetlistError, match="does not say whether it is signed"):
        simulate_lut(netlist)


def test_wide_operands_are_refused() -> None:
    netlist = Netlist("m", (Port("A", 40), Port("B", 8)), (Port("O", 1),), (), (2,), False)
    with pytest.raises(NetlistError, match="operand 'A' has 40 bits"):
        simulate_lut(netlist)


def test_a_table_is_checked_and_read_only() -> None:
    with pytest.raises(LutError, match="shape"):
        Lut(np.zeros((256, 16), np.int32), 8, 8, False)
    with pytest.raises(LutError, match="dtype"):
        Lut(np.zeros((256, 256), np.int64), 8, 8, False)  # type: ignore[arg-type]
    lut = Lut.exact(8, 8, True)
    assert lut.table[255, 255] == 1 and lut.table[128, 127] == -128 * 127
    with pytest.raises(ValueError, match="read-only"):
        lut.table[0, 0] = 1
