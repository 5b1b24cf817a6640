"""``mulsmith search`` from the command line: what it writes, resumes and refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mulsmith.characterize.library import Library
from mulsmith.cli import EXIT_REJECTED, EXIT_USAGE, run
from mulsmith.emulate.zoo import build
from mulsmith.energy import estimate

TINY = """
[training]
epochs = 2
[circuits]
names = ["mul8x8u_dadda", "mul8x8u_trunc8", "mul8x8u_or2_c12_cut9"]
[evaluation]
images = 60
[assign]
budget = 8
probes = 1
rounds = 2
"""


def _config(folder: Path, text: str = TINY) -> str:
    path = folder / "config.toml"
    path.write_text(text)
    return str(path)


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    with Library.embedded():
        pass


def test_search_writes_front_picture_and_resumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "run"
    command = ["search", "assign", _config(tmp_path), "--run", str(folder), "--json"]
    assert run(command) == 0
    output = capsys.readouterr()
    result = json.loads(output.out)
    assert result["method"] == "assign"
    assert 5 <= result["evaluations"] <= 8
    assert set(result["front"][0]) == {"id", "origin", "metrics", "assignment", "test_accuracy"}
    assert result == json.loads((folder / "result.json").read_text())
    assert (folder / "front.svg").read_text().count('class="point"') == result["evaluations"]
    assert len((folder / "evaluations.jsonl").read_text().splitlines()) == result["evaluations"]
    assert run(command) == 0
    again = capsys.readouterr()
    assert json.loads(again.out) == result
    assert "evaluation 8 of 8" not in again.err

    changed = _config(tmp_path, TINY.replace("budget = 8", "budget = 9"))
    assert run(["search", "assign", changed, "--run", str(folder)]) == 3
    assert "begun with another configuration (differs in assign)" in capsys.readouterr().err
    assert run(["search", "assign", changed, "--run", str(folder), "--fresh", "--json"]) == 0


def test_search_minimises_the_accelerators_energy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = TINY.replace("images = 60", 'images = 60\nledger = "system"')
    config = _config(tmp_path, text + '[accelerator]\nname = "eyeriss-like"\n')
    assert run(["search", "assign", config, "--run", str(tmp_path / "run"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["ledger"], result["accelerator"]) == ("system", "eyeriss-like")
    with Library.embedded() as library:
        for point in result["front"]:
            account = estimate(
                build("digits-cnn", 10, 1),
                (1, 1, 8, 8),
                assignment=point["assignment"],
                library=library,
                band=(),
                baseline="mul8x8u_dadda",
            )
            assert point["metrics"]["energy_system_pj"] == pytest.approx(account.total_pj)
    assert result["hypervolume_reference"]["energy_pj"] == result["baseline"]["metrics"]["energy_system_pj"]
    assert "energy of the whole accelerator" in (tmp_path / "run" / "front.svg").read_text()


def test_search_counts_power_with_the_operands_of_every_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    energies = {}
    for power in ("synthesis", "data"):
        text = TINY.replace("images = 60", f'images = 60\npower = "{power}"')
        config, folder = _config(tmp_path, text), tmp_path / power
        assert run(["search", "uniform", config, "--run", str(folder), "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert result["power"] == power
        evaluations = [json.loads(line) for line in (folder / "evaluations.jsonl").read_text().splitlines()]
        energies[power] = {e["genome"]["layers"]["fc"]: e["metrics"]["energy_all_pj"] for e in evaluations}
        assert energies[power]["mul8x8u_dadda"] == result["baseline"]["metrics"]["energy_all_pj"]
    assert all(energies["data"][name] != energies["synthesis"][name] for name in energies["data"])
    missing = _config(tmp_path, TINY.replace("images = 60", 'power = "data"\nliberty = "none.lib"'))
    assert run(["search", "uniform", missing, "--run", str(tmp_path / "other")]) == EXIT_REJECTED
    assert "none.lib" in capsys.readouterr().err


def test_search_chooses_for_some_layers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = TINY.replace("images = 60", 'images = 60\nledger = "approximated"\nlayers = ["conv[23]"]')
    assert run(["search", "assign", _config(tmp_path, text), "--run", str(tmp_path / "run"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert all(set(point["assignment"]) == {"conv2", "conv3"} for point in result["front"])
    metrics = result["front"][0]["metrics"]
    assert metrics["energy_approximated_pj"] < metrics["energy_all_pj"]
    assert metrics["saving_approximated_percent"] > metrics["saving_all_percent"] > 0


@pytest.mark.parametrize("kind", ["processes", pytest.param("ray", marks=pytest.mark.nightly)])
def test_the_runner_does_not_change_the_result(kind: str, tmp_path: Path) -> None:
    """Each search in a process of its own: Ray keeps threads and sockets for the life of one."""
    found = []
    for runner in ("serial", kind):
        workers = 1 if runner == "serial" else 2
        config = _config(tmp_path, f'{TINY}[runner]\nkind = "{runner}"\nworkers = {workers}\n')
        arguments = ["search", "assign", config, "--run", str(tmp_path / runner), "--json"]
        done = subprocess.run([sys.executable, "-m", "mulsmith", *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found.append({**json.loads(done.stdout), "run": ""})
    assert found[0] == found[1]


LEARNED = """
[training]
epochs = 2
[circuits]
names = ["mul8x8u_dadda", "mul8x8u_trunc8", "mul8x8u_or2_c12_cut9", "mul8x6s_trunc6_cc"]
[evaluation]
images = 60
seed = 3
test_images = 50
[retraining]
epochs = 1
images = 100
[agn]
noise_epochs = 1
weights = [0.1]
[qos]
noise_epochs = 1
sizes = [2]
twins = true
"""


@pytest.mark.parametrize(("method", "left_out"), [("agn", ""), ("qos", "left out are mul8x6s_trunc6_cc")])
def test_methods_that_learn_noise_retrain_their_front(
    method: str, left_out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["search", method, _config(tmp_path, LEARNED), "--run", str(tmp_path / "run"), "--json"]
    assert run(command) == 0
    output = capsys.readouterr()
    result = json.loads(output.out)
    assert result["method"] == method
    assert left_out in output.err
    assert ("left out" in output.err) == bool(left_out)
    assert any((tmp_path / "run" / point["model"]).is_file() for point in result["front"] if "model" in point)
    assert result["test_images"] == 50
    points = [point for plan in result["plans"] for point in plan["points"]]
    assert all(0 <= point["twin_test_accuracy"] <= 1 for point in points)
    assert bool(points) == (method == "qos")
    on_test = [50 * point["test_accuracy"] for point in result["front"]]
    assert on_test == pytest.approx([round(right) for right in on_test])
    assert run(command) == 0
    assert json.loads(capsys.readouterr().out) == result


def test_the_front_learns_from_labels_or_from_the_float_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for teacher in ("labels", "float"):
        text = TINY + f'[retraining]\nepochs = 1\nimages = 100\nfront_limit = 1\nteacher = "{teacher}"\n'
        command = ["search", "assign", _config(tmp_path, text), "--run", str(tmp_path / teacher), "--json"]
        assert run(command) == 0
        capsys.readouterr()
        lines = (tmp_path / teacher / "evaluations.jsonl").read_text().splitlines()
        (found[teacher],) = [row["metrics"] for row in map(json.loads, lines) if row["fidelity"]]
    assert found["labels"]["energy_all_pj"] == found["float"]["energy_all_pj"]
    assert found["labels"]["loss"] != found["float"]["loss"]
    assert run(["search", "assign", _config(tmp_path, text), "--run", str(tmp_path / "labels")]) != 0
    assert "another configuration" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("method", "text", "message"),
    [
        ("asign", TINY, "did you mean 'assign'"),
        ("assign", "[asign]\nbudget = 3\n", "config.toml:1: asign: unknown key (did you mean 'assign'?)"),
        ("assign", "[assign]\nbudgte = 3\n", "config.toml:2: assign.budgte: unknown key (did you mean 'budg"),
        ("assign", '[network]\nname = "digits-cn"\n', "no network is named 'digits-cn'"),
        ("assign", '[circuits]\nnames = ["nothing*"]\n[training]\nepochs = 1\n', "matches 'nothing*'"),
        ("assign", TINY.replace("budget = 8", "budget = 2"), "a budget of 2 evaluations is too small"),
        ("agn", LEARNED.replace("images = 100", "images = 99999"), "cannot take 99999 of the"),
        ("alwann", "[training]\nepochs = 1\n[alwann]\ntiles = 9\n", "tiles = 9 is outside 1..4"),
        ("assign", TINY + '[accelerator]\nname = "eyeris"\n', "eyeris"),
        ("assign", TINY.replace("images = 60", 'ledger = "system"'), "'system' needs an accelerator"),
        ("assign", TINY.replace("images = 60", 'ledger = "sytem"'), "config.toml:7: evaluation.ledger"),
        ("assign", TINY.replace("images = 60", 'layers = ["conv9"]'), "no layer matches 'conv9'"),
        ("qos", TINY.replace("images = 60", 'layers = ["conv*"]'), "qos chooses for all layers"),
    ],
)
def test_wrong_configurations_are_explained(
    method: str, text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", method, _config(tmp_path, text), "--run", str(tmp_path / "run")]) == EXIT_USAGE
    assert message in capsys.readouterr().err
