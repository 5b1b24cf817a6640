"""``mulsmith circuits generate`` and ``families``: output, files, and the exact messages of bad calls."""

import json

import pytest

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.generators import families, generate
from mulsmith.circuits.verilog import read_verilog
from mulsmith.cli import run


def test_the_verilog_on_stdout_is_the_circuit(capsys, tmp_path):
    assert run(["circuits", "generate", "truncated", "--b-bits", "4", "-p", "cut=4", "--signed"]) == 0
    text = capsys.readouterr().out
    path = tmp_path / "t.v"
    path.write_text(text)
    expected = simulate_lut(generate("truncated", b_bits=4, signed=True, cut=4))
    assert simulate_lut(read_verilog(path).with_signed(True)) == expected
    assert "// mulsmith: generate = truncated(a_bits=8, b_bits=4, signed=true, cut=4, " in text
    assert "// mulsmith: mae = " in text


def test_the_same_call_writes_the_same_file(tmp_path, capsys):
    for name in ("one.v", "two.v"):
        assert run(["circuits", "generate", "drum", "-p", "k=5", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "one.v").read_bytes() == (tmp_path / "two.v").read_bytes()
    assert "mul8x8u_drum_k5 written to" in capsys.readouterr().err


def test_json_holds_call_gates_and_errors(capsys):
    assert run(["circuits", "generate", "kulkarni", "--b-bits", "2", "--name", "k", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["call"] == "kulkarni(a_bits=8, b_bits=2, signed=false, columns=10)"
    # Only B = 3 errs, by 2 * 4**i for every digit 3 of A: at most 2 * 85 (Kulkarni 2011, 3 * 3 = 7).
    assert document["errors"]["wce"] == 170
    assert document["verilog"].startswith("// k: ")


def test_wide_operands_leave_the_metrics_out(capsys):
    assert run(["circuits", "generate", "array", "--a-bits", "12", "--b-bits", "12"]) == 0
    captured = capsys.readouterr()
    assert "mulsmith: mae" not in captured.out
    assert "24 operand bits are more than the 20 simulated here" in captured.err


def test_families_are_listed_with_sources(capsys):
    assert run(["circuits", "families"]) == 0
    text = capsys.readouterr().out
    for family in families().values():
        assert f"{family.name}: {family.summary}" in text
        assert family.source in text
    assert run(["circuits", "families", "--json"]) == 0
    assert [f["name"] for f in json.loads(capsys.readouterr().out)["families"]] == list(families())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch"], "error: there is no generator 'nosuch' (choose one of alm, array, "),
        (
            ["truncated", "-p", "cut=16"],
            "error: truncated: cut = 16 is not allowed (for 8 x 8 bits it is an integer in 0..15)",
        ),
        (
            ["truncated", "-p", "cut=x"],
            "error: truncated: cut = x is not allowed (for 8 x 8 bits it is an integer in 0..15)",
        ),
        (
            ["truncated", "-p", "correction=some"],
            "error: truncated: correction = some is not allowed (for 8 x 8 bits it is one of none, "
            "constant, variable)",
        ),
        (
            ["truncated", "-p", "cuts=4"],
            "error: truncated has no parameter 'cuts' (it takes a_bits, b_bits, signed, cut, correction, "
            "reduction)",
        ),
        (["truncated", "-p", "cut"], "error: '-p cut' has no value (write -p NAME=VALUE)"),
        (["truncated", "-p", "cut=1", "-p", "cut=2"], "error: the parameter 'cut' is given twice"),
        (["array", "--b-bits", "1"], "error: array: b_bits = 1 is not allowed (it is an integer in 2..12)"),
        (
            ["broken_booth", "--unsigned"],
            "error: broken_booth is signed only (leave out signed or set it to true)",
        ),
    ],
)
def test_a_bad_call_names_the_allowed_range(arguments, message, capsys):
    assert run(["circuits", "generate", *arguments]) == 2
    assert capsys.readouterr().err.startswith(message)


def test_a_bad_module_name_is_refused(capsys):
    assert run(["circuits", "generate", "array", "--name", "a;b"]) == 3
    assert "identifier 'a;b' is not a plain Verilog identifier" in capsys.readouterr().err
