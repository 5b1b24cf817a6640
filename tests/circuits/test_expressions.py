"""Width, sign and operator rules of Verilog expressions: random ones against Icarus Verilog."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.circuits.icarus import needs_icarus, run_icarus, run_netlist

from mulsmith.circuits.netlist import Port
from mulsmith.circuits.verilog import parse_verilog

INPUTS = "input [3:0] a, input signed [2:0] b, input c, input signed [0:2] d"
LEAVES = [
    "a", "b", "c", "d", "a[2]", "a[3:1]", "b[1:0]", "d[0:1]", "a[1 +: 2]", "a[2 -: 2]", "d[1 +: 2]",
    "4'd9", "3'sd5", "5", "1'b1", "8'hf3", "-4'sd3", "$signed(a)", "$unsigned(b)", "P", "Q",
]  # fmt: skip
BINARY = [
    "+",
    "-",
    "*",
    "&",
    "|",
    "^",
    "~^",
    "^~",
    "&&",
    "||",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "===",
    "!==",
]
UNARY = ["~", "-", "+", "!", "&", "|", "^", "~&", "~|", "~^", "^~"]


def expression(rng: random.Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.15:
        return rng.choice(LEAVES)
    kind = rng.randrange(12)

    def part() -> str:
        return expression(rng, depth - 1)

    if kind < 5:
        return f"({part()} {rng.choice(BINARY)} {part()})"
    if kind == 5:
        return f"{part()} {rng.choice(['+', '&', '|', '^', '-', '=='])} {part()} {rng.choice(['+', '<'])} c"
    if kind < 8:
        return f"({rng.choice(UNARY)}({part()}))"
    if kind == 8:
        return f"(({part()}) ? ({part()}) : ({part()}))"
    if kind == 9:
        return f"{{{sized(rng)}, {sized(rng)}}}"
    if kind == 10:
        return f"{{{rng.randint(1, 3)}{{{sized(rng)}}}}}"
    amount = rng.choice(["1", "2", "7", "a[1:0]", "c", "{c, c, c, c, c, c, c}"])
    return f"(({part()}) {rng.choice(['<<', '>>', '<<<', '>>>'])} {amount})"


def sized(rng: random.Random) -> str:
    return rng.choice(["a", "b", "d[2]", "3'b101", "~a", "(a & b)", "{a, c}", "(a + b)", "(b >>> 1)"])


def module(expressions: list[tuple[int, str]]) -> str:
    outputs = ", ".join(f"output [{width - 1}:0] o{i}" for i, (width, _) in enumerate(expressions))
    body = "\n".join(f"  assign o{i} = {text};" for i, (_, text) in enumerate(expressions))
    constants = "  parameter signed [3:0] P = -3;\n  localparam Q = 6'd41;\n"
    return f"module m({INPUTS}, {outputs});\n{constants}{body}\nendmodule\n"


def check(folder: Path, seed: int, count: int) -> None:
    rng = random.Random(seed)
    expressions = [(rng.randint(1, 12), expression(rng, rng.randint(1, 4))) for _ in range(count)]
    text = module(expressions)
    netlist = parse_verilog(text)
    assert netlist.inputs == (Port("a", 4), Port("b", 3), Port("c", 1), Port("d", 3))
    judged = run_icarus(folder, text, "m", netlist.inputs, netlist.outputs)
    for (width, source), ours, theirs in zip(expressions, run_netlist(netlist), judged, strict=True):
        assert ours == theirs, f"{width} bits = {source}"


@needs_icarus
@pytest.mark.parametrize("seed", range(4))
def test_random_expressions_equal_icarus(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed, 60)


@needs_icarus
@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(1000, 1100))
def test_many_random_expressions_equal_icarus(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed, 200)
