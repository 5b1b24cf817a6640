"""The netlist type: what it refuses, and that its hash sees the function's structure and nothing else."""

import pytest

from mulsmith.circuits.netlist import MAX_IDENTIFIER, Gate, Netlist, Op, Port, check_identifier
from mulsmith.errors import NetlistError

A0, B0, FIRST = 2, 3, 4
ONE_BIT = (Port("A", 1), Port("B", 1))


def _circuit(*gates: Gate, output: int, name: str = "m") -> Netlist:
    return Netlist(name, ONE_BIT, (Port("O", 1),), gates, (output,))


def test_order_of_statements_dead_gates_and_names_do_not_change_the_hash() -> None:
    plain = _circuit(
        Gate(Op.AND, (A0, B0), (4,)), Gate(Op.XOR, (A0, B0), (5,)), Gate(Op.OR, (4, 5), (6,)), output=6
    )
    shuffled = _circuit(
        Gate(Op.NOT, (A0,), (9,)),
        Gate(Op.XOR, (A0, B0), (7,)),
        Gate(Op.AND, (A0, B0), (8,)),
        Gate(Op.OR, (8, 7), (4,)),
        output=4,
        name="other",
    )
    assert plain.sha256() == shuffled.sha256()
    assert len(shuffled.live().gates) == 3


def test_structure_and_signedness_change_the_hash() -> None:
    both = _circuit(Gate(Op.AND, (A0, B0), (4,)), output=4)
    either = _circuit(Gate(Op.OR, (A0, B0), (4,)), output=4)
    assert len({both.sha256(), either.sha256(), both.with_signed(True).sha256()}) == 3


@pytest.mark.parametrize(
    ("gates", "output", "message"),
    [
        ((Gate(Op.AND, (A0, 9), (4,)),), 4, "no earlier gate drives"),
        ((Gate(Op.AND, (A0, B0), (A0,)),), 2, "several drivers"),
        ((Gate(Op.FA, (A0, B0), (4, 5)),), 4, "wrong number of nets"),
        ((), 17, "output net has no driver"),
    ],
)
def test_broken_structures_are_refused(gates: tuple[Gate, ...], output: int, message: str) -> None:
    with pytest.raises(NetlistError, match=message):
        _circuit(*gates, output=output)


@pytest.mark.parametrize("name", ["a;b", "a\nb", 'a"b', "", "1a", "a" * (MAX_IDENTIFIER + 1), "a b"])
def test_unsafe_identifiers_are_refused(name: str) -> None:
    with pytest.raises(NetlistError):
        check_identifier(name)


def test_only_two_inputs_and_one_output_are_a_multiplier() -> None:
    assert _circuit(Gate(Op.AND, (A0, B0), (4,)), output=4).a_bits == 1
    with pytest.raises(NetlistError, match="a multiplier has two inputs and one output"):
        _ = Netlist("m", (Port("A", 1),), (Port("O", 1),), (), (2,)).a_bits
