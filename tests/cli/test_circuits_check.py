"""``mulsmith circuits check`` on good, bad and mixed files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mulsmith.circuits.aiger import write_aiger
from mulsmith.circuits.blif import write_blif
from mulsmith.circuits.embedded import embedded_files
from mulsmith.circuits.verilog import parse_verilog
from mulsmith.cli import run
from mulsmith.cli.circuits_check import depth

EXACT = "module mul(input [3:0] x, input [2:0] y, output [6:0] p); assign p = x * y; endmodule\n"
SIGNED = (
    EXACT.replace("[3:0]", "signed [3:0]").replace("[2:0]", "signed [2:0]").replace("[6:0]", "signed [6:0]")
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exact.v").write_text(EXACT)
    (tmp_path / "signed.v").write_text(SIGNED)
    (tmp_path / "bad.v").write_text("module m(input a, output z);\nassign z = b;\nendmodule\n")
    return tmp_path


def test_an_exact_circuit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["circuits", "check", "exact.v"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "exact.v: mul, exact unsigned multiplier, 4 x 3 bits"
    assert lines[1] == "  operand A = x[3:0], operand B = y[2:0], product = p[6:0]"
    assert lines[2].startswith("  unsigned: as unsigned its MAE is 0, otherwise ")
    assert lines[3].startswith("  20 gates, depth 7: 12 and, 5 fa, 3 ha")
    assert len(lines) == 4


def test_ports_declare_the_sign(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["circuits", "check", "signed.v", "--json"]) == 0
    (circuit,) = json.loads(capsys.readouterr().out)["circuits"]
    assert (circuit["signed"], circuit["signed_by"]) == (True, "declared by the ports")
    assert circuit["errors"]["wce"] == 0


def test_an_approximate_circuit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "cut.v").write_text(EXACT.replace("x * y", "(x * y) & 7'h7e"))
    assert run(["circuits", "check", "--unsigned", "cut.v"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "cut.v: mul, approximate unsigned multiplier, 4 x 3 bits"
    assert lines[2] == "  unsigned: asked for by option"
    assert lines[-1] == "  MAE 0.25 (0.195 %), WCE 1 (0.781 %), wrong for 25 % of the operands"


def test_a_bad_file_does_not_stop_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["circuits", "check", "bad.v", "exact.v", "none.v"]) == 5
    captured = capsys.readouterr()
    assert captured.out.startswith("exact.v: mul")
    assert captured.err == "error: bad.v:2: net 'b' is not declared\nerror: none.v: no such file\n"


def test_only_bad_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["circuits", "check", "bad.v", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document == {
        "circuits": [],
        "failed": [{"path": "bad.v", "error": "bad.v:2: net 'b' is not declared"}],
    }


BAD = {
    "module m(input a, b, c, output z); assign z = a & b & c; endmodule": (
        "module 'm' has 3 inputs and 1 outputs, but a multiplier has two inputs and one output"
    ),
    "module m(input [15:0] a, input [7:0] b, output [23:0] z); assign z = a * b; endmodule": (
        "operand 'a' has 16 bits, but a look-up table takes at most 12"
    ),
    "module m(input [3:0] a, input [3:0] b, output [39:0] z); assign z = a * b; endmodule": (
        "the result has 40 bits, but a look-up table takes at most 31"
    ),
}


@pytest.mark.parametrize("text", BAD)
def test_circuits_that_are_no_multipliers(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "m.v").write_text(text)
    assert run(["circuits", "check", "m.v"]) == 3
    assert capsys.readouterr().err == f"error: m.v: {BAD[text]}\n"


def test_an_open_sign_asks_for_the_option(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "m.v").write_text(EXACT.replace("x * y", "7'd20"))
    assert run(["circuits", "check", "m.v"]) == 3
    error = capsys.readouterr().err
    assert error.startswith("error: m.v: cannot tell whether the operands are signed (MAE ")
    assert "give --signed or --unsigned" in error
    assert run(["circuits", "check", "--signed", "m.v"]) == 0


def test_blif_and_aiger(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    netlist = parse_verilog(EXACT)
    (folder / "m.blif").write_text(write_blif(netlist))
    (folder / "m.aag").write_bytes(write_aiger(netlist, binary=False))
    (folder / "m.aig").write_bytes(write_aiger(netlist))
    assert run(["circuits", "check", "m.blif", "m.aag", "m.aig", "--json"]) == 0
    circuits = json.loads(capsys.readouterr().out)["circuits"]
    assert [circuit["kind"] for circuit in circuits] == ["exact unsigned multiplier"] * 3


def test_every_embedded_circuit_passes(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in embedded_files()[::10]]
    assert run(["circuits", "check", "--json", *files]) == 0
    circuits = json.loads(capsys.readouterr().out)["circuits"]
    assert [circuit["path"] for circuit in circuits] == files


def test_depth_counts_gates_on_the_longest_path() -> None:
    text = "module m(input a, input b, output z); wire t = ~(a & b); assign z = t ^ a; endmodule"
    assert depth(parse_verilog(text)) == 3
