"""Campaigns with an archive, and campaigns for the operands of a network."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.cgp_library import cgp_library
from mulsmith.circuits.verilog import read_verilog
from mulsmith.cli import run
from mulsmith.energy.operands import Form, LayerHistograms, OperandHistograms
from mulsmith.errors import ToolError

try:
    cgp_library()
except ToolError as reason:
    pytest.skip(str(reason), allow_module_level=True)

ARCHIVE = """
[multiplier]
b_bits = 3
[starts]
embedded = false
calls = ["dadda()", "truncated(cut=3)"]
[limits]
steps = [{wce = 60}]
[evolution]
method = "archive"
seeds = [1, 2]
generations = 300
steps = 4
batch = 2
front = ["mae", "wce", "area_um2", "power_mw", "delay_ns"]
"""
A, B = np.arange(256.0) < 16, np.array([5.0, 1, 1, 0, 0, 0, 0, 1])
FOR_A_NETWORK = """
[multiplier]
b_bits = 3
[starts]
embedded = false
calls = ["dadda()"]
[limits]
steps = [{weighted_mae = 2}]
exact_zero = true
exact_one = true
[operands]
histograms = "operands.npz"
layers = {first = 1}
[evolution]
generations = 3000
front = ["weighted_mae", "area_um2", "operand_power_mw"]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "archive.toml").write_text(ARCHIVE)
    (tmp_path / "network.toml").write_text(FOR_A_NETWORK)
    layers = {"first": LayerHistograms(A.astype(float), B), "second": LayerHistograms(np.ones(256), B)}
    OperandHistograms({Form(8, 3, False): layers}).write(tmp_path / "operands.npz")
    return tmp_path


def published(folder):
    return {path.name: path.read_text() for path in (folder / "front").glob("*.v")}


def test_an_archive_holds_what_no_other_beats_within_the_limits(folder, capsys):
    assert run(["circuits", "evolve-set", "archive.toml", "--run", "run", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["circuits"] == 2 + 2 * 4
    front = result["front"]
    assert sum(member["name"].startswith("mul8x3u_e") for member in front) > 1
    figures = ("mae", "wce", "area_um2", "power_mw", "delay_ns")
    for one in front:
        assert one["wce"] <= 60
        for other in front:
            assert one is other or any(one[name] > other[name] for name in figures)


def test_an_archive_depends_neither_on_workers_nor_on_a_kill(folder):
    arguments = ["circuits", "evolve-set", "archive.toml", "--run"]
    assert run([*arguments, "whole"]) == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "mulsmith", *arguments, "broken", "--workers", "2"],
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    while not (folder / "broken" / "work").exists() and process.poll() is None:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert run([*arguments, "broken"]) == 0
    assert published(folder / "broken") == published(folder / "whole")


def test_errors_are_weighed_by_the_operands_of_a_layer(folder, capsys):
    assert run(["circuits", "evolve-set", "network.toml", "--run", "run", "--json"]) == 0
    evolved = [m for m in json.loads(capsys.readouterr().out)["front"] if "_e" in m["name"]]
    assert evolved
    for member in evolved:
        table = simulate_lut(
            read_verilog(folder / "run" / "front" / f"{member['name']}.v").with_signed(False)
        ).table
        exact = np.multiply.outer(np.arange(256), np.arange(8))
        error = np.abs(table - exact)
        expected = (np.multiply.outer(A / 16, B / 8) * error).sum()
        assert member["weighted_mae"] == pytest.approx(expected)
        assert 0 < expected <= 2.002
        assert not error[:2].any()
        assert not error[:, :2].any()
        # Codes that never occur may be wrong without limit.
        assert error.mean() > expected


def test_what_corrections_leave_is_bounded_over_a_layer(folder, capsys):
    ladder = FOR_A_NETWORK.replace("weighted_mae", "corrected_rms").replace("exact_zero = true", "")
    (folder / "network.toml").write_text(ladder.replace("exact_one = true", ""))
    assert run(["circuits", "evolve-set", "network.toml", "--run", "run", "--json"]) == 0
    evolved = [m for m in json.loads(capsys.readouterr().out)["front"] if "_e" in m["name"]]
    assert evolved
    for member in evolved:
        path = folder / "run" / "front" / f"{member['name']}.v"
        results = simulate_lut(read_verilog(path).with_signed(False)).table[:16].astype(float)
        products = np.multiply.outer(np.arange(16.0), np.arange(8.0))
        rests = [[(products[:, w] - results[:, other]).var() for other in range(8)] for w in range(8)]
        expected = np.sqrt(B / 8 @ np.min(rests, axis=1))
        assert member["corrected_rms"] == pytest.approx(expected)
        assert 0 < expected <= 2.002


def test_one_circuit_is_evolved_for_a_layer(folder, capsys):
    arguments = ["circuits", "evolve", "dadda(b_bits=3)", "--operands", "operands.npz", "--run", "run"]
    assert run([*arguments, "--wmed", "2", "--layer", "first", "--generations", "500", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["recipe"]["bounds"] == {"weighted_mae": 2.0}
    corrected = ["--corrected-rms", "2", "--layer", "first", "--generations", "500", "--run", "corrected"]
    assert run([*arguments, *corrected, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recipe"]["bounds"] == {"corrected_rms": 2.0}
    assert run([*arguments, "--wmed", "2", "--layer", "second", "--generations", "500"]) == 2, (
        "other operands are another recipe"
    )
    assert run([*arguments, "--wmed", "2", "--layer", "third", "--run", "other"]) == 2
    assert "there are no operand histograms of layer third" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("archive", 'front = ["mae", "wce", "area_um2", "power_mw", "delay_ns"]', 'front = ["area_um2"]',
         "the campaign has no error in front"),
        ("archive", "[{wce = 60}]", "[{wce = 60}, {mae = 3}]", "the archive method takes one set of limits"),
        ("archive", '"dadda()", "truncated(cut=3)"', "", "has no start circuits"),
        ("archive", "steps = 4", "steps = 0", "evolution.steps: "),
        ("archive", '"delay_ns"', '"speed"', "evolution.front"),
        ("network", 'histograms = "operands.npz"', "", "weighted_mae needs the operands of a network"),
        ("network", "first = 1", "third = 1", "histograms of layer third (the layers known are first"),
        ("network", "b_bits = 3", "b_bits = 4", "there are no operand histograms for 8x4u multipliers"),
        ("network", "operands.npz", "absent.npz", "absent.npz: these are no operand histograms"),
        ("network", "first = 1", "first = -1", "row of the layers' shares is empty, negative"),
    ],
)  # fmt: skip
def test_a_wrong_campaign_says_what_is_wrong(name, old, new, message, folder, capsys):
    path = folder / f"{name}.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert run(["circuits", "evolve-set", f"{name}.toml", "--run", "run"]) == 2
    assert message in capsys.readouterr().err


def test_limits_that_no_start_keeps_leave_the_archive_empty(folder, capsys):
    path = folder / "archive.toml"
    path.write_text(ARCHIVE.replace('"dadda()", ', "").replace("wce = 60", "wce = 1"))
    assert run(["circuits", "evolve-set", "archive.toml", "--run", "run"]) == 0
    assert "no start circuit keeps wce 1" in capsys.readouterr().err
