"""Verilog, BLIF and AIGER: what is written is read back as the same function, and other tools agree."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.circuits.icarus import needs_icarus, run_icarus, run_netlist
from tests.circuits.random_netlists import netlists

from mulsmith.circuits.aiger import parse_aiger, read_aiger, write_aiger
from mulsmith.circuits.blif import parse_blif, read_blif, write_blif
from mulsmith.circuits.netlist import Netlist, Op, Port, count_gates
from mulsmith.circuits.verilog import parse_verilog, read_verilog
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.errors import NetlistError

ABC = shutil.which("berkeley-abc") or shutil.which("yosys-abc")
needs_abc = pytest.mark.skipif(ABC is None, reason="ABC is not installed (apt install berkeley-abc)")

MULTIPLIER = parse_verilog(
    "module mul(input [3:0] a, input [2:0] b, output [6:0] z); assign z = a * b; endmodule"
)


def same_circuit(written: Netlist, read: Netlist) -> None:
    assert (read.inputs, read.outputs) == (written.inputs, written.outputs)
    assert run_netlist(read) == run_netlist(written)


@settings(max_examples=120, deadline=None)
@given(netlists())
def test_every_format_keeps_ports_and_function(netlist: Netlist) -> None:
    same_circuit(netlist, parse_verilog(write_verilog(netlist)))
    same_circuit(netlist, parse_blif(write_blif(netlist)))
    for binary in (False, True):
        same_circuit(netlist, parse_aiger(write_aiger(netlist, binary=binary)))


@settings(max_examples=30, deadline=None)
@given(netlists())
def test_writing_is_deterministic(netlist: Netlist) -> None:
    read = parse_blif(write_blif(netlist))
    assert write_blif(parse_blif(write_blif(read))) == write_blif(read)
    assert write_aiger(netlist) == write_aiger(netlist)


def test_names_and_full_adders_survive() -> None:
    assert count_gates(MULTIPLIER.gates)["fa"] == 5
    for read in (parse_verilog(write_verilog(MULTIPLIER)), parse_blif(write_blif(MULTIPLIER))):
        assert read.name == "mul"
        assert count_gates(read.gates)["fa"] == count_gates(MULTIPLIER.gates)["fa"]
    assert parse_aiger(write_aiger(MULTIPLIER)).name == "mul"
    verilog = parse_verilog(write_verilog(MULTIPLIER))
    assert verilog.sha256() == MULTIPLIER.sha256()


@needs_icarus
@settings(max_examples=6, deadline=None)
@given(netlists())
def test_icarus_reads_the_verilog_alike(netlist: Netlist) -> None:
    with tempfile.TemporaryDirectory() as folder:
        judged = run_icarus(Path(folder), write_verilog(netlist), "m", netlist.inputs, netlist.outputs)
    assert judged == run_netlist(netlist)


def abc(folder: Path, script: str) -> str:
    assert ABC is not None
    done = subprocess.run(
        [ABC, "-q", script], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout + done.stderr


@needs_abc
def test_abc_proves_blif_and_aiger_equal_and_its_own_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "ours.blif").write_text(write_blif(MULTIPLIER))
    (tmp_path / "ours.aig").write_bytes(write_aiger(MULTIPLIER))
    (tmp_path / "ours.aag").write_bytes(write_aiger(MULTIPLIER, binary=False))
    assert "Networks are equivalent" in abc(tmp_path, "cec -n ours.blif ours.aig")
    abc(tmp_path, "read ours.blif; strash; dc2; write_aiger -s theirs.aig; write_blif theirs.blif")
    abc(tmp_path, "read ours.aig; if -K 4; sop; write_blif sop.blif")
    same_circuit(MULTIPLIER, read_aiger(tmp_path / "theirs.aig"))
    same_circuit(MULTIPLIER, read_blif(tmp_path / "theirs.blif"))
    same_circuit(MULTIPLIER, read_blif(tmp_path / "sop.blif"))
    assert read_aiger(tmp_path / "ours.aag").sha256() == read_aiger(tmp_path / "ours.aig").sha256()


def test_files_of_evoapproxlib_go_through_every_format(evoapproxlib: Path) -> None:
    for file in sorted(evoapproxlib.glob("*/*.v"))[::40]:
        netlist = read_verilog(file)
        expected = run_netlist(netlist)
        assert run_netlist(parse_verilog(write_verilog(netlist))) == expected
        assert run_netlist(parse_blif(write_blif(netlist))) == expected
        assert run_netlist(parse_aiger(write_aiger(netlist))) == expected


def test_an_aiger_file_without_names_has_ports_of_one_bit() -> None:
    netlist = parse_aiger(b"aag 3 2 0 1 1\n2\n4\n7\n6 2 4\n")
    assert netlist.inputs == (Port("i0", 1), Port("i1", 1))
    assert [gate.op for gate in netlist.gates] == [Op.AND, Op.NOT]


def test_a_reserved_word_is_no_name_in_verilog() -> None:
    netlist = parse_blif(".model m\n.inputs wire b\n.outputs z\n.names wire b z\n11 1\n.end\n")
    with pytest.raises(NetlistError, match="'wire' is a reserved word of Verilog"):
        write_verilog(netlist)


BAD_BLIF = {
    "": "b.blif: holds no model",
    ".inputs a\n": "b.blif:1: is not BLIF: no .model at its beginning",
    ".model a;b\n": (
        "b.blif: identifier 'a;b' is not a plain Verilog identifier (use letters, digits, '_' and '$' only)"
    ),
    ".model m\n.inputs a\n.outputs z\n.latch a z re c 0\n.end\n": "b.blif:4: clocked logic (.latch)",
    ".model m\n.inputs a\n.outputs z\n.subckt n x=a y=z\n": "b.blif:4: .subckt is not supported",
    ".model m\n.inputs a\n.outputs z\n.names a z\n11 1\n": "b.blif:5: row '11 1' does not fit its table",
    ".model m\n.inputs a\n.outputs z\n.names a z\n1 1\n0 0\n": (
        "b.blif:6: rows of a table differ in their output value"
    ),
    ".model m\n.inputs a\n.outputs z\n": "b.blif: nothing drives output 'z'",
    ".model m\n.inputs a\n.outputs z\n.names y z\n1 1\n": "b.blif:4: net 'y' is used but nothing drives it",
    ".model m\n.inputs a\n.outputs z\n.names z y\n1 1\n.names y z\n1 1\n": (
        "b.blif:4: combinational loop through 'z', 'y'"
    ),
    ".model m\n.inputs a\n.outputs z\n.names a z\n1 1\n.names a z\n0 1\n": (
        "b.blif:6: net 'z' is driven twice, first on line 4"
    ),
    ".model m\n.inputs x[0] x[2]\n.outputs z\n": "b.blif: port 'x' lacks some of its bits 0 to 2",
    ".model m\n.inputs x[0] x[0]\n.outputs z\n": "b.blif: port bit 'x[0]' is listed twice",
    ".model m\n.model n\n": "b.blif:2: several models in one file",
}


@pytest.mark.parametrize("text", BAD_BLIF)
def test_bad_blif_is_refused(text: str) -> None:
    with pytest.raises(NetlistError) as caught:
        parse_blif(text, path="b.blif")
    assert str(caught.value) == BAD_BLIF[text]


BAD_AIGER = {
    b"": "b.aig:1: is not AIGER: no header 'aag M I L O A' or 'aig M I L O A'",
    b"aag 1 1 1 1 0\n2\n": "b.aig:1: clocked logic (AIGER latches)",
    b"aag 1 1 0 1 0\n2\n": "b.aig:3: AIGER line with 1 numbers expected",
    b"aag 9 1 0 1 0\n2\n8\n": "b.aig: AIGER literal 8 is not defined",
    b"aag 1 1 0 1 0\n3\n2\n": "b.aig: AIGER literal 3 is negated or defined twice",
    b"aag 999999999 1 0 1 999999990\n": "b.aig:1: AIGER header with numbers out of range",
    b"aig 3 1 0 1 2\n4\n\x02": "b.aig: binary AIGER file ends too early or is damaged",
    b"aag 3 1 0 1 2\n2\n4\n4 6 2\n6 4 2\n": "b.aig:1: combinational loop through 'literal 4', 'literal 6'",
}


@pytest.mark.parametrize("data", BAD_AIGER)
def test_bad_aiger_is_refused(data: bytes) -> None:
    with pytest.raises(NetlistError) as caught:
        parse_aiger(data, path="b.aig")
    assert str(caught.value) == BAD_AIGER[data]
