"""ApproxDARTS end to end on few images: result, exports, resumption after kill -9, the workers."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from mulsmith.codesign.nas_config import NasConfig
from mulsmith.emulate.training import load_state
from mulsmith.errors import ConfigError
from mulsmith.search.nas.darts.derived import DerivedNetwork
from mulsmith.search.nas.darts.genotype import Genotype
from mulsmith.search.nas.darts.shape import Shape
from mulsmith.search.nas.methods import preset_names, preset_path
from mulsmith.search.store import Store
from mulsmith.toml_file import read_toml
from tests.codesign.nas_runs import figures, run_and_kill, run_small

NAMES = ["mul8x8u_dadda", "mul8x8u_trunc8_cc"]
SMALL = f"""
[circuits]
names = {json.dumps(NAMES)}
[run]
accelerator = ""
workers = %d
[approxdarts]
choices = "both"
energy_weights = [0.2]
finals = 1
[approxdarts.cells]
channels = 2
cells = 2
epochs = 1
images = 48
batch = 24
[approxdarts.network]
channels = 2
cells = 2
cutout = 2
[approxdarts.training]
batch = 32
[approxdarts.final]
epochs = 1
table_epochs = 1
images = 96
"""


def _run(folder: Path, workers: int = 1, searched: str = "epochs = 1", more: str = "") -> dict[str, Any]:
    text = (SMALL % workers).replace("epochs = 1", searched, 1)
    return run_small("approxdarts", folder, text.replace("[approxdarts]\n", f"[approxdarts]\n{more}\n"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _run(tmp_path_factory.mktemp("whole"))


def test_a_run_searches_every_choice_and_compares_with_exact(whole: dict[str, Any]) -> None:
    folder = Path(whole["run"])
    lines = [json.loads(line) for line in (folder / "evaluations.jsonl").read_text().splitlines()]
    searches = [line["genome"]["choices"] for line in lines if "choices" in line["genome"]]
    assert searches == [[NAMES[0]], [NAMES[1]], NAMES]
    assert whole["exact"]["multiplier"] == NAMES[0]
    assert whole["exact"]["metrics"]["saving_all_percent"] == 0
    assert {path.suffix for path in (folder / "searches").iterdir()} == {".json", ".pt", ".txt"}
    assert not any((folder / "checkpoints").iterdir())
    assert figures(json.loads((folder / "result.json").read_text())) == figures(whole)


def test_the_exported_module_is_the_searched_network(whole: dict[str, Any]) -> None:
    folder = Path(whole["run"])
    point = whole["exact"]
    assert "conv" in (folder / "networks" / f"{point['id']}.svg").read_text()
    names: dict[str, Any] = {}
    exec((folder / "networks" / f"{point['id']}.py").read_text(), names)
    network = DerivedNetwork(Genotype.from_json(point["genome"]), Shape(2, 2, (1, 8, 8), 10)).eval()
    exported = names["Network"]().eval()
    exported.load_state_dict(network.state_dict())
    images = torch.rand(3, 1, 8, 8)
    assert torch.equal(exported(images), network(images))
    kept = load_state(folder / "networks" / f"{point['id']}.pt")
    assert set(network.state_dict()) <= set(kept)
    assert not any(name.startswith("head") for name in kept)


def test_a_killed_run_resumes_to_the_same_result(whole: dict[str, Any], tmp_path: Path) -> None:
    run_and_kill(
        "approxdarts", tmp_path, SMALL % 1, lambda run: len(list((run / "searches").glob("*.pt"))) >= 2
    )
    assert figures(_run(tmp_path)) == figures(whole)


@pytest.mark.nightly
def test_the_result_does_not_depend_on_the_workers(whole: dict[str, Any], tmp_path: Path) -> None:
    assert figures(_run(tmp_path, workers=2)) == figures(whole)


def test_halving_searches_all_choices_shortly_and_the_best_again(tmp_path: Path) -> None:
    result = _run(tmp_path, searched="epochs = 2", more="rungs = 2")
    lines = [json.loads(line) for line in (tmp_path / "run" / "evaluations.jsonl").read_text().splitlines()]
    searches = [line["fidelity"]["epochs"] for line in lines if "choices" in line["genome"]]
    assert searches == [1, 1, 1, 2, 2]
    assert result["failed"] == []
    assert result["front"]


def test_cells_of_all_searches_can_be_trained_at_length(tmp_path: Path) -> None:
    result = _run(tmp_path, more='trained = "all"')
    lines = [json.loads(line) for line in (tmp_path / "run" / "evaluations.jsonl").read_text().splitlines()]
    finals = [line for line in lines if "choices" not in line["genome"]]
    searches = (tmp_path / "run" / "searches").glob("*.json")
    cells = {json.dumps(_without_multipliers(json.loads(path.read_text()))) for path in searches}
    assert {json.dumps(_without_multipliers(line["genome"])) for line in finals} == cells
    assert result["failed"] == []


def _without_multipliers(genotype: dict[str, Any]) -> list[Any]:
    return [[edge[:2] for edge in node] for cell in ("normal", "reduction") for node in genotype[cell]]


def test_cell_searches_no_better_than_guessing_end_early(tmp_path: Path) -> None:
    slow = "epochs = 4\npatience = 2\nlearning_rate = 1e-9\nlast_rate = 0"
    with pytest.raises(
        ConfigError, match="every candidate failed, the first one so: hopeless: after 2 epochs"
    ):
        _run(tmp_path, searched=slow)
    with Store(tmp_path / "run", read_toml(NasConfig, tmp_path / "nas.toml").identity("approxdarts")) as rows:
        reasons = [row.error or "" for row in rows]
    assert len(reasons) == 3
    assert all("hopeless: after 2 epochs the loss is 2." in reason for reason in reasons)


def test_presets_are_read() -> None:
    assert preset_names("approxdarts") == ["cifar10-cpu", "cifar10-gpu", "digits-minutes", "paper"]
    for name in preset_names("approxdarts"):
        assert read_toml(NasConfig, preset_path("approxdarts", name)).options("approxdarts")
