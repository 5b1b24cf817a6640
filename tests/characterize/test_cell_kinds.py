"""Cells recognised by the functions of their pins, whatever the pins are called."""

import pytest

from mulsmith.characterize.cell_kinds import CellKind, recognise
from mulsmith.characterize.liberty_functions import parse_function


@pytest.mark.parametrize(
    ("function", "kind", "groups"),
    [
        ("!x", CellKind.INVERTER, ()),
        ("x", CellKind.BUFFER, ()),
        ("(x y)'", CellKind.NAND, ()),
        ("!x + !y + !z", CellKind.NAND, ()),
        ("!(x+y+z+w)", CellKind.NOR, ()),
        ("x & y", CellKind.AND, ()),
        ("x | y", CellKind.OR, ()),
        ("x y' + x' y", CellKind.XOR, ()),
        ("!(x ^ y ^ z)", CellKind.XNOR, ()),
        ("!(x y + z)", CellKind.AND_OR_INVERT, (2, 1)),
        ("!((x + y) (z + w))", CellKind.OR_AND_INVERT, (2, 2)),
        ("x y + z + w", CellKind.AND_OR, (2, 1, 1)),
        ("x (y + z)", CellKind.OR_AND, (2, 1)),
        ("z x + z' y", CellKind.MUX, ()),
        ("!(z x + z' y)", CellKind.INVERTING_MUX, ()),
        ("x y + y z + x z", CellKind.OTHER, ()),
    ],
)
def test_single_output(function, kind, groups):
    parsed = parse_function(function)
    pins = sorted(parsed.pins)
    found = recognise(pins, {"out": parsed.table(pins)})
    assert (found.kind, found.fan_in, found.groups) == (kind, len(pins), groups)


def test_multiplexer_roles():
    found = recognise("abc", {"q": parse_function("b a + b' c").table("abc")})
    assert dict(found.roles) == {"select": "b", "if_0": "c", "if_1": "a"}


def test_adder_roles():
    total, carry = parse_function("p ^ q ^ r"), parse_function("p q + r (p + q)")
    found = recognise("pqr", {"u": carry.table("pqr"), "v": total.table("pqr")})
    assert found.kind is CellKind.FULL_ADDER
    assert dict(found.roles) == {"sum": "v", "carry": "u"}
    half = recognise("pq", {"u": parse_function("p q").table("pq"), "v": parse_function("p ^ q").table("pq")})
    assert half.kind is CellKind.HALF_ADDER
    assert recognise("pq", {"u": 0b1110, "v": 0b0110}).kind is CellKind.OTHER


def test_constant_and_wide_cells():
    assert recognise("a", {"q": 0b11}).kind is CellKind.CONSTANT
    assert recognise("", {"q": 0}).kind is CellKind.CONSTANT
    assert recognise("abcdefg", {"q": 1}).kind is CellKind.OTHER
