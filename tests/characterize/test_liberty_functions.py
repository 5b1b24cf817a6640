"""The Boolean functions of Liberty pins against Python's own operators."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mulsmith.characterize.liberty_functions import parse_function
from mulsmith.errors import LibertyError


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("(A B)", lambda a, b, c: a and b),
        ("A*B", lambda a, b, c: a and b),
        ("A & B | C", lambda a, b, c: (a and b) or c),
        ("A + B C", lambda a, b, c: a or (b and c)),
        ("A ^ B & C", lambda a, b, c: (a != b) and c),
        ("A B ^ C", lambda a, b, c: a and (b != c)),
        ("!A B", lambda a, b, c: (not a) and b),
        ("(A B)'", lambda a, b, c: not (a and b)),
        ("A' + B'", lambda a, b, c: (not a) or (not b)),
        ("!A'", lambda a, b, c: a),
        ("!(!A' !B)''", lambda a, b, c: not (a and not b)),
        ("(A)(B)(C)", lambda a, b, c: a and b and c),
        ("A 1 + 0", lambda a, b, c: a),
        ('\\"A\\" + "B"', lambda a, b, c: a or b),
        ("(S * A) + (B * !S)".replace("S", "C"), lambda a, b, c: a if c else b),
    ],
)
def test_operators_and_precedence(text, meaning):
    table = parse_function(text).table("ABC")
    for index, (c, b, a) in enumerate(product((False, True), repeat=3)):
        assert bool(table >> index & 1) == bool(meaning(a, b, c)), (text, a, b, c)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "lacks an operand at its end"),
        ("A +", "lacks an operand at its end"),
        ("(A B", "lacks a closing parenthesis"),
        ("A)", "unexpected ')'"),
        ("A & & B", "lacks an operand before '&'"),
        ("A @ B", "unexpected '@'"),
        ("__import__('os')", "lacks an operand before"),
        ("(" * 100 + "A" + ")" * 100, "nests more than 64"),
    ],
)
def test_broken_expressions(text, cause):
    with pytest.raises(LibertyError) as error:
        function = parse_function(text)
        function.table([])
    assert cause in str(error.value) or "no input pin" in str(error.value)


def test_unknown_pin():
    with pytest.raises(LibertyError, match="names 'C', which is no input pin"):
        parse_function("A C").table("AB")


def _joined(pair):
    (text, left), operator, (other, right) = pair
    meaning = {"&": int.__and__, "|": int.__or__, "^": int.__xor__}[operator]
    return f"({text}{operator}{other})", lambda values: meaning(left(values), right(values))


def _negated(part):
    text, meaning = part
    return f"!{text}", lambda values: 1 - meaning(values)


expressions = st.recursive(
    st.sampled_from(
        [(pin, lambda values, pin=pin: values[pin]) for pin in "ABC"] + [("1", lambda values: 1)]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("&|^"), inner).map(_joined), inner.map(_negated)
    ),
    max_leaves=12,
)


@given(expressions)
def test_words_and_truth_table_agree_with_python(expression):
    text, meaning = expression
    expected = sum(meaning({pin: i >> k & 1 for k, pin in enumerate("ABC")}) << i for i in range(8))
    function = parse_function(text)
    assert function.table("ABC") == expected
    ones = np.array([255], dtype=np.uint64)
    words = {
        pin: np.array([word], dtype=np.uint64) for pin, word in zip("ABC", (0xAA, 0xCC, 0xF0), strict=True)
    }
    assert function.evaluate(words, ones).tolist() == [expected]
