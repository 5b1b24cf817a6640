"""The builder's folding rules, checked by simulating every operation with constant and repeated inputs."""

from itertools import product

import numpy as np
import pytest

from mulsmith.characterize.simulate import counting_words, simulate
from mulsmith.circuits.builder import NetlistBuilder
from mulsmith.circuits.netlist import CONST0, CONST1, Op, Port, count_gates

OPERATIONS = {
    "not_": (1, lambda a: [not a]),
    "and_": (2, lambda a, b: [a and b]),
    "or_": (2, lambda a, b: [a or b]),
    "xor": (2, lambda a, b: [a != b]),
    "nand": (2, lambda a, b: [not (a and b)]),
    "nor": (2, lambda a, b: [not (a or b)]),
    "xnor": (2, lambda a, b: [a == b]),
    "mux": (3, lambda s, p, q: [q if s else p]),
    "half_adder": (2, lambda a, b: [(a + b) & 1, (a + b) >> 1]),
    "full_adder": (3, lambda a, b, c: [(a + b + c) & 1, (a + b + c) >> 1]),
}


def evaluate(netlist, n_bits):
    value = simulate(netlist, counting_words(n_bits))
    return [[int(value[net][0]) >> v & 1 for net in netlist.output_nets] for v in range(1 << n_bits)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_folds_correctly(name):
    fan_in, model = OPERATIONS[name]
    for choice in product(range(6), repeat=fan_in):
        builder = NetlistBuilder("t", (Port("X", 2),))
        x, y = builder.input_nets(0)
        nets = [CONST0, CONST1, x, y, builder.not_(x), builder.not_(y)]
        result = getattr(builder, name)(*(nets[i] for i in choice))
        outputs = [result] if isinstance(result, int) else list(result)
        rows = evaluate(builder.build({"Z": outputs}), 2)
        for v, row in enumerate(rows):
            bits = [0, 1, v & 1, v >> 1, 1 - (v & 1), 1 - (v >> 1)]
            assert row == [int(bit) for bit in model(*(bits[i] for i in choice))], (choice, v)


def test_an_adder_with_constants_is_no_adder():
    builder = NetlistBuilder("t", (Port("X", 2),))
    x, y = builder.input_nets(0)
    zero, one = builder.full_adder(x, CONST0, y), builder.full_adder(CONST1, x, y)
    netlist = builder.build({"Z": [*zero, *one]})
    assert count_gates(netlist.gates) == {"ha": 1, "or": 1, "xnor": 1}


def test_equal_gates_are_shared_unless_told_otherwise():
    for share, expected in ((True, 1), (False, 2)):
        builder = NetlistBuilder("t", (Port("X", 2),), share=share)
        x, y = builder.input_nets(0)
        netlist = builder.build({"Z": [builder.and_(x, y), builder.and_(y, x)]})
        assert len(netlist.gates) == expected


@pytest.mark.parametrize("wanted", [0, 1])
@pytest.mark.parametrize("fan_in", [2, 3])
def test_an_adder_used_by_half_becomes_simple_gates(fan_in, wanted):
    builder = NetlistBuilder("t", (Port("X", fan_in),))
    nets = builder.input_nets(0)
    result = builder.full_adder(*nets) if fan_in == 3 else builder.half_adder(*nets)
    netlist = builder.build({"Z": [result[wanted]]})
    assert not {gate.op for gate in netlist.gates} & {Op.HA, Op.FA}
    total = np.array([v.bit_count() for v in range(1 << fan_in)])
    expected = total & 1 if wanted == 0 else total >> 1
    assert [row[0] for row in evaluate(netlist, fan_in)] == expected.tolist()
