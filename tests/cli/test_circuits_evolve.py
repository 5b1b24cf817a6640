"""``mulsmith circuits evolve``: verified results, identical after a kill, clear errors."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.cgp import Search
from mulsmith.circuits.cgp_library import cgp_library
from mulsmith.circuits.verilog import read_verilog
from mulsmith.cli import run
from mulsmith.errors import ToolError

try:
    cgp_library()
except ToolError as reason:
    pytest.skip(str(reason), allow_module_level=True)

EVOLVE = ["circuits", "evolve", "dadda(b_bits=4)", "--mae", "6", "--wce", "40"]


def test_the_result_is_verified_verilog(tmp_path, capsys):
    arguments = [*EVOLVE, "--run", str(tmp_path), "--generations", "2000", "--json"]
    assert run(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    netlist = read_verilog(tmp_path / "evolved.v").with_signed(False)
    errors = error_stats(simulate_lut(netlist))
    assert document["errors"]["mae"] == errors.mae
    assert 0 < errors.mae <= 6
    assert errors.wce <= 40
    text = (tmp_path / "evolved.v").read_text()
    assert text.startswith("// evolved: evolved from dadda(b_bits=4) under mae <= 6, wce <= 40\n")
    assert f"// mulsmith: wce = {errors.wce}\n" in text


def test_a_killed_run_continues_identically(tmp_path, capsys):
    arguments = [*EVOLVE, "--generations", "30000"]
    assert run([*arguments, "--run", str(tmp_path / "whole")]) == 0
    broken = tmp_path / "broken"
    process = subprocess.Popen([sys.executable, "-m", "mulsmith", *arguments, "--run", str(broken)])
    while not (broken / "state.npz").exists() and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert run([*arguments, "--run", str(broken)]) == 0
    assert (broken / "evolved.v").read_bytes() == (tmp_path / "whole" / "evolved.v").read_bytes()


def test_an_interrupted_run_leaves_its_best_circuit(tmp_path, monkeypatch, capsys):
    def interrupt(search, generations):
        run_engine(search, generations)
        if search.counters["generations"] == 3000:
            raise KeyboardInterrupt

    run_engine = Search.run
    monkeypatch.setattr(Search, "run", interrupt)
    assert run([*EVOLVE, "--run", str(tmp_path), "--generations", "9000"]) == 130
    assert "interrupted" in capsys.readouterr().err
    text = (tmp_path / "evolved.v").read_text()
    assert "// 3000 generations of 4 offspring" in text
    assert error_stats(simulate_lut(read_verilog(tmp_path / "evolved.v").with_signed(False))).wce <= 40


def test_a_seed_is_any_verilog_of_the_right_interface(tmp_path, capsys):
    behavioural = tmp_path / "behavioural.v"
    behavioural.write_text(
        "module m(input [7:0] x, input [3:0] y, output reg [11:0] z);\n"
        "  integer i;\n"
        "  always @* begin\n    z = 0;\n"
        "    for (i = 0; i < 4; i = i + 1) if (y[i]) z = z + (x << i);\n  end\nendmodule\n"
    )
    options = ["--unsigned", "--wce", "10", "--generations", "200", "--run", str(tmp_path / "run")]
    assert run(["circuits", "evolve", str(behavioural), *options]) == 0
    for ports, message in (
        ("input [7:0] x, input [3:0] y, output [9:0] z", "8 x 4 -> 10"),
        ("input [7:0] x, output [9:0] z", "a multiplier has two inputs"),
    ):
        behavioural.write_text(f"module m({ports});\n  assign z = x;\nendmodule\n")
        assert run(["circuits", "evolve", str(behavioural), *options]) in (2, 3)
        assert message in capsys.readouterr().err


def test_a_file_may_be_the_seed(tmp_path, capsys):
    seed = tmp_path / "seed.v"
    assert run(["circuits", "generate", "truncated", "--b-bits", "3", "-p", "cut=2", "-o", str(seed)]) == 0
    options = ["--wce", "20", "--generations", "100", "--run", str(tmp_path / "run")]
    assert run(["circuits", "evolve", str(seed), *options]) == 2
    assert (
        "the file does not say whether it is signed (add --signed or --unsigned)" in capsys.readouterr().err
    )
    assert run(["circuits", "evolve", str(seed), "--unsigned", *options]) == 0
    assert (tmp_path / "run" / "evolved.v").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mitchell()", "--wce", "5"], "error: the seed circuit exceeds a bound (loosen the bounds or "),
        (["dadda()", "--mae", "-1"], "error: the bound mae = -1.0 is negative or not finite"),
        (["dadda()", "--generations", "0"], "error: generations = 0, but at least 1 is needed"),
        (["nosuch()"], "error: there is no generator 'nosuch'"),
        (["absent.v", "--signed"], "error: absent.v: "),
    ],
)
def test_bad_calls_are_explained(arguments, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["circuits", "evolve", *arguments, "--run", str(tmp_path / "run")]) in (2, 3)
    assert capsys.readouterr().err.startswith(message)


def test_a_folder_belongs_to_one_recipe(tmp_path, capsys):
    options = ["--generations", "50", "--run", str(tmp_path)]
    assert run([*EVOLVE, *options]) == 0
    assert run([*EVOLVE, "--seed", "2", *options]) == 2
    assert "the folder holds the run of another recipe (name another folder)" in capsys.readouterr().err
