"""Worst-case errors by SAT: those of exhaustive simulation, known ones at larger widths, honest on time."""

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.simulate import simulate, simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.characterize.worst_case import worst_case
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.generators import generate
from mulsmith.circuits.generators.truncated import truncated
from mulsmith.circuits.miter import ErrorMiter
from mulsmith.circuits.netlist import CONST0
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.cli import run
from mulsmith.errors import ConfigError, NetlistError

pytest.importorskip("pyosys")

CASES = [
    ("truncated", {"cut": 6}),
    ("dadda", {}),
    ("truncated", {"cut": 5, "correction": "constant", "b_bits": 5}),
    ("row_or", {"depth": 2, "columns": 6, "b_bits": 5}),
    ("mitchell", {"b_bits": 4}),
    ("kulkarni", {"b_bits": 4}),
]


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("family", "parameters"), CASES)
def test_it_is_that_of_exhaustive_simulation(family, parameters, signed):
    netlist = generate(family, signed=signed, **parameters)
    expected = error_stats(simulate_lut(netlist)).wce
    found = worst_case(netlist, 60)
    assert (found.lower, found.upper, found.timed_out) == (expected, expected, False)
    table = simulate_lut(netlist).table
    exact = Lut.exact(netlist.a_bits, netlist.b_bits, signed).table
    assert abs(int(table[found.operands]) - int(exact[found.operands])) == expected


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("bits", "cut"), [(12, 6), (16, 8)])
def test_wide_truncated_multipliers_err_by_what_they_leave_out(bits, cut, signed):
    builder = MultiplierBuilder("wide", bits, bits, signed=signed)
    netlist = truncated(builder, cut=cut, correction="none", reduction="dadda")
    found = worst_case(netlist, 120)
    # All partial products of the columns left out: c + 1 of weight 2^c.
    assert found.lower == found.upper == sum((column + 1) << column for column in range(cut))


@pytest.mark.parametrize("bound", [0, 1, 17, 48, 49, 300])
def test_the_miter_tells_which_operands_exceed_a_bound(bound):
    netlist = generate("truncated", a_bits=5, b_bits=4, cut=4, signed=True)
    exceeds = ErrorMiter(netlist).exceeds(bound)
    error = simulate_lut(netlist).table - Lut.exact(5, 4, True).table
    expected = np.abs(error) > bound
    if exceeds.output_nets[0] == CONST0:
        assert not expected.any()
        return
    for (a, b), answer in np.ndenumerate(expected):
        assert _output(exceeds, a | b << 5) == answer


def _output(netlist, code):
    stimulus = [np.array([code >> bit & 1], dtype=np.uint64) for bit in range(netlist.n_inputs)]
    return int(simulate(netlist, stimulus)[netlist.output_nets[0]][0]) & 1


def test_a_time_limit_leaves_an_interval_and_says_so(tmp_path, capsys):
    path = tmp_path / "wide.v"
    path.write_text(
        "module wide(input [15:0] A, input [15:0] B, output [31:0] O);\n"
        "  wire [31:0] P = A[15:4] * B[15:3];\n"
        "  assign O = P << 7;\nendmodule\n"
    )
    assert run(["circuits", "bound", str(path), "--unsigned", "--seconds", "1"]) == 5
    text = capsys.readouterr().out
    assert "the time limit of 1 s was reached" in text
    lower, upper = int(text.split()[3]), int(text.split()[5].rstrip(";"))
    assert lower <= 0xFFFF**2 - (0xFFF * 0x1FFF << 7) <= upper


def test_the_command_prints_what_is_proven(tmp_path, capsys):
    path = tmp_path / "small.v"
    path.write_text(write_verilog(generate("truncated", b_bits=4, cut=4)))
    assert run(["circuits", "bound", str(path)]) == 2
    assert "does not say whether it is signed (add --signed or --unsigned)" in capsys.readouterr().err
    assert run(["circuits", "bound", str(path), "--unsigned"]) == 0
    assert capsys.readouterr().out.startswith("small.v: WCE 49, proven; 49 at codes ")


def test_wrong_arguments_are_named():
    netlist = generate("dadda")
    with pytest.raises(ConfigError, match="seconds = 0, but more than 0 is needed"):
        worst_case(netlist, 0)
    with pytest.raises(NetlistError, match="does not say whether it is signed"):
        worst_case(netlist.with_signed(None), 1)
