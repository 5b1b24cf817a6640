"""``mulsmith circuits evolve-set``: limits hold, the set is non-dominated, runs resume identically."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.cgp_library import cgp_library
from mulsmith.circuits.verilog import read_verilog
from mulsmith.cli import run
from mulsmith.codesign.evolution_config import EvolutionConfig
from mulsmith.codesign.evolution_run import evolve_set
from mulsmith.errors import ToolError
from mulsmith.toml_file import read_toml

try:
    cgp_library()
except ToolError as reason:
    pytest.skip(str(reason), allow_module_level=True)

CAMPAIGN = """
[multiplier]
b_bits = 3
[starts]
embedded = false
calls = ["dadda()", "truncated(cut=3)"]
[limits]
pairs = [[6, 24], [1, 4]]
[evolution]
seeds = [1, 2]
generations = 3000
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "campaign.toml"
    path.write_text(CAMPAIGN)
    return path


def published(folder):
    return {path.name: path.read_text() for path in (folder / "front").glob("*.v")}


def test_every_member_keeps_the_limits_it_names(config, tmp_path, capsys):
    library = tmp_path / "library"
    arguments = ["circuits", "evolve-set", str(config), "--run", str(tmp_path / "run"), "--json"]
    assert run([*arguments, "--library", str(library)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["circuits"] == 2 + 2 * 2
    assert result["offspring"] == 4 * 3000 * 4
    front = result["front"]
    for member in front:
        netlist = read_verilog(tmp_path / "run" / "front" / f"{member['name']}.v").with_signed(False)
        errors = error_stats(simulate_lut(netlist))
        assert (errors.mae, errors.wce) == (member["mae"], member["wce"])
    evolved = [member for member in front if member["name"].startswith("mul8x3u_e")]
    assert evolved
    assert all(member["mae"] <= 6 and member["wce"] <= 24 for member in evolved)
    names = ("mae", "wce", "area_um2", "power_mw")
    for one in front:
        for other in front:
            better = [one[name] <= other[name] for name in names]
            assert one is other or not all(better)
    assert run(["library", "list", "--library", str(library), "--json"]) == 0
    listed = {circuit["name"] for circuit in json.loads(capsys.readouterr().out)["circuits"]}
    assert listed == {member["name"] for member in front}


def test_the_set_depends_neither_on_workers_nor_on_a_kill(config, tmp_path, capsys):
    assert run(["circuits", "evolve-set", str(config), "--run", str(tmp_path / "whole")]) == 0
    arguments = ["circuits", "evolve-set", str(config), "--run", str(tmp_path / "broken"), "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mulsmith", *arguments], start_new_session=True, stderr=subprocess.DEVNULL
    )
    work = tmp_path / "broken" / "work"
    while not work.exists() and process.poll() is None:
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert run(arguments) == 0
    assert published(tmp_path / "broken") == published(tmp_path / "whole")


def test_limits_may_come_from_a_library(config, tmp_path, capsys):
    source = tmp_path / "own.v"
    call = ["truncated", "--b-bits", "3", "-p", "cut=2", "-o", str(source)]
    assert run(["circuits", "generate", *call]) == 0
    assert run(["characterize", str(source), "--library", str(tmp_path / "like"), "--no-synth"]) == 0
    lines = CAMPAIGN.replace("pairs = [[6, 24], [1, 4]]", f'like = "{tmp_path / "like"}"')
    config.write_text(lines.replace("seeds = [1, 2]", "seeds = [1]"))
    capsys.readouterr()
    assert run(["circuits", "evolve-set", str(config), "--run", str(tmp_path / "run"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["circuits"] == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("pairs = [[6, 24], [1, 4]]", "", "the campaign has no limits"),
        ("seeds = [1, 2]", "seeds = []", "the campaign has no seeds"),
        ('calls = ["dadda()", "truncated(cut=3)"]', "", "has no start circuits (name one in starts.calls)"),
        ('"dadda()"', '"dadda(b_bits=4)"', "dadda(b_bits=4) is 8x4, but the campaign is for 8x3"),
        ("generations = 3000", "generations = 0", "evolution.generations: "),
        ("seeds", "seed", "did you mean 'seeds'?"),
    ],
)
def test_a_wrong_campaign_says_what_is_wrong(old, new, message, config, tmp_path, capsys):
    config.write_text(CAMPAIGN.replace(old, new))
    assert run(["circuits", "evolve-set", str(config), "--run", str(tmp_path / "run")]) == 2
    assert message in capsys.readouterr().err


def test_an_interrupted_campaign_leaves_the_set_so_far(config, tmp_path):
    def interrupt(progress):
        if progress.finished == 4:
            raise KeyboardInterrupt

    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        evolve_set(read_toml(EvolutionConfig, config), folder, on_progress=interrupt)
    result = json.loads((folder / "result.json").read_text())
    assert (result["finished"], result["circuits"]) == (False, 4)
    assert set(published(folder)) == {f"{member['name']}.v" for member in result["front"]}
    assert evolve_set(read_toml(EvolutionConfig, config), folder)["finished"]


def test_the_width_of_b_may_be_given(config, tmp_path, capsys):
    config.write_text(CAMPAIGN.replace("3000", "20"))
    arguments = ["circuits", "evolve-set", str(config), "--run", str(tmp_path / "run"), "--json"]
    assert run([*arguments, "--b-bits", "4"]) == 0
    assert json.loads(capsys.readouterr().out)["multiplier"] == "mul8x4u"
    assert run(arguments) == 3
    assert "differs in" in capsys.readouterr().err


def test_limits_that_no_start_keeps_are_named(config, tmp_path, capsys):
    config.write_text(CAMPAIGN.replace('"dadda()", ', "").replace("[1, 4]", "[0.5, 1]"))
    assert run(["circuits", "evolve-set", str(config), "--run", str(tmp_path / "run")]) == 0
    assert "no start circuit keeps mae 0.5, wce 1" in capsys.readouterr().err


def test_a_run_folder_keeps_its_configuration(config, tmp_path, capsys):
    arguments = ["circuits", "evolve-set", str(config), "--run", str(tmp_path / "run")]
    config.write_text(CAMPAIGN.replace("3000", "10"))
    assert run(arguments) == 0
    config.write_text(CAMPAIGN.replace("3000", "20"))
    assert run(arguments) == 3
    assert "begun with another configuration (differs in evolution)" in capsys.readouterr().err
    assert run([*arguments, "--fresh"]) == 0
