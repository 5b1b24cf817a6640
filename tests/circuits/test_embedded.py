"""Every embedded circuit is what its header says: call or limits, signedness, metrics, byte for byte."""

import importlib.util
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.embedded import embedded_files, evolved_files, generated_files
from mulsmith.circuits.generators import generate
from mulsmith.circuits.generators.call import header_call, parse_call
from mulsmith.circuits.netlist import count_gates
from mulsmith.circuits.verilog import read_verilog

TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_embedded_rtl.py"
specification = importlib.util.spec_from_file_location("make_embedded_rtl", TOOL)
assert specification is not None
assert specification.loader is not None
tool = importlib.util.module_from_spec(specification)
specification.loader.exec_module(tool)

FILES = {path.stem: path for path in generated_files()}
EVOLVED = {path.stem: path for path in evolved_files()}
SET = tool.read_set()

# Two-input gates per function, an adder as its textbook gates: a full adder is 2 XOR, 2 AND, 1 OR, and an
# XOR counts two.
GATE_EQUIVALENTS = {
    "not": 0.5, "and": 1, "or": 1, "nand": 1, "nor": 1, "xor": 2, "xnor": 2, "mux": 2, "ha": 3, "fa": 7,
}  # fmt: skip


def netlist_of(name):
    family, parameters = parse_call(SET[name])
    return generate(family, name=name, **parameters)


@pytest.fixture(scope="module")
def tables():
    return {name: simulate_lut(netlist_of(name)) for name in SET}


def test_the_files_read_back_as_the_generated_circuits(tables):
    for name, path in FILES.items():
        generated, netlist = netlist_of(name), read_verilog(path)
        assert simulate_lut(netlist.with_signed(generated.signed)) == tables[name], name
        mine, theirs = count_gates(netlist.gates), count_gates(generated.gates)
        assert [mine.get(op) for op in ("fa", "ha")] == [theirs.get(op) for op in ("fa", "ha")], name


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="iverilog is not installed")
@pytest.mark.parametrize("name", ["mul8x4s_trunc5_vc", "mul8x4u_mitchell", "mul8x4u_dadda"])
def test_icarus_computes_the_same_products(name, tables, tmp_path):
    bench = tmp_path / "bench.v"
    bench.write_text(
        "module bench; reg [7:0] a; reg [3:0] b; wire [11:0] o; integer i;\n"
        f"{name} dut(.A(a), .B(b), .O(o));\n"
        'initial for (i = 0; i < 4096; i = i + 1) begin {a, b} = i; #1 $display("%0d", o); end\n'
        "endmodule\n"
    )
    program = str(tmp_path / "bench.vvp")
    subprocess.run(["iverilog", "-o", program, str(bench), str(FILES[name])], check=True)
    output = subprocess.run(["vvp", "-n", program], check=True, capture_output=True, text=True).stdout
    assert [int(line) for line in output.split()] == (tables[name].table.ravel() & 0xFFF).tolist()


def test_the_folder_holds_the_set():
    assert sorted(FILES) == sorted(SET)
    assert len(FILES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_the_header_regenerates_the_file(name):
    text = FILES[name].read_text(encoding="utf-8")
    assert header_call(text) == SET[name]
    assert tool.source_of(name, SET[name]) == text


def test_no_function_stands_twice(tables):
    first = {}
    for name, table in tables.items():
        assert first.setdefault(table, name) == name


def test_every_width_has_an_exact_circuit(tables):
    widths = {(lut.a_bits, lut.b_bits, lut.signed) for lut in tables.values()}
    exact = {(lut.a_bits, lut.b_bits, lut.signed) for lut in tables.values() if error_stats(lut).wce == 0}
    assert exact == widths
    assert {(8, b, False) for b in range(2, 9)} | {(8, 8, True)} <= widths


def test_no_circuit_of_a_front_is_dominated(tables):
    with tool.SET_FILE.open("rb") as file:
        document = tomllib.load(file)
    for prefix, section in document.items():
        figures = {}
        for name in (
            f"{prefix}_{short}" for group in ("front", "families") for short in section.get(group, ())
        ):
            errors = error_stats(tables[name])
            counts = count_gates(netlist_of(name).gates)
            cost = sum(GATE_EQUIVALENTS[op] * count for op, count in counts.items())
            figures[name] = (cost, errors.mae, errors.wce, errors.mre_percent)
        for name in (f"{prefix}_{short}" for short in section["front"]):
            mine = figures[name]
            for other, theirs in figures.items():
                no_worse = all(t <= m for t, m in zip(theirs, mine, strict=True))
                assert other == name or not no_worse, f"{other} dominates {name}"


def test_evolved_circuits_keep_the_limits_and_errors_of_their_headers():
    seen = {}
    for name, path in EVOLVED.items():
        text = path.read_text(encoding="utf-8")
        said = dict(re.findall(r"^// mulsmith: (\w+) = (\S+)$", text, re.MULTILINE))
        limits = re.search(r"evolved under mae <= (\S+), wce <= (\d+); \d+ generations, seed \d", text)
        interface = re.match(r"mul8x(\d)([us])_", name)
        lut = simulate_lut(read_verilog(path).with_signed(said["signed"] == "true"))
        errors = error_stats(lut)
        assert (lut.a_bits, lut.b_bits, lut.signed) == (8, int(interface[1]), interface[2] == "s")
        for key in ("mae", "wce", "ep_percent", "mre_percent"):
            assert f"{getattr(errors, key):.8g}" == said[key], name
        assert errors.mae <= float(limits[1]) * (1 + 1e-5)
        assert errors.wce <= int(limits[2])
        assert seen.setdefault(lut, name) == name


def test_evolved_names_are_their_own():
    assert len(embedded_files()) == len({*FILES, *EVOLVED})
    assert not any(name.partition("_")[2].startswith("e") for name in FILES)
