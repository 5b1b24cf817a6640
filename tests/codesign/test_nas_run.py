"""EvoApproxNAS end to end on few images: result, resumption after kill -9, independence of the workers."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mulsmith.cli.search import search
from mulsmith.codesign.nas_config import NasConfig
from mulsmith.codesign.nas_run import run_nas
from mulsmith.errors import ConfigError
from mulsmith.search.nas import evoapproxnas
from mulsmith.search.nas.methods import preset_names, preset_path
from mulsmith.toml_file import read_toml
from tests.codesign.nas_runs import (
    check_one_diverged,
    figures,
    let_one_diverge,
    run_and_kill,
    run_small,
    written,
)

SMALL = """
[circuits]
names = ["mul8x8u_dadda", "mul8x8u_trunc8_cc"]
[run]
accelerator = ""
workers = {workers}
[evoapproxnas]
population = 3
offspring = 2
generations = 2
finals = 1
[evoapproxnas.training]
batch = 64
learning_rate = {rate}
[evoapproxnas.search]
epochs = 1
table_epochs = 0
images = 128
[evoapproxnas.final]
epochs = 1
table_epochs = 1
images = 128
"""
PARETO = 'pareto = ["mae", "power_mw"]\n'


def _text(workers: int = 1, rate: float = 3e-3) -> str:
    return SMALL.format(workers=workers, rate=rate)


def _run(folder: Path, **settings: Any) -> dict[str, Any]:
    return run_small("evoapproxnas", folder, _text(**settings))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _run(tmp_path_factory.mktemp("whole"))


def test_a_run_leaves_pictures_sources_and_a_comparison(whole: dict[str, Any]) -> None:
    folder = Path(whole["run"])
    assert whole["exact"]["multiplier"] == "mul8x8u_dadda"
    assert {path.name for path in (folder / "fronts").iterdir()} == {
        f"generation-{number:03d}.svg" for number in range(3)
    }
    for point in whole["front"]:
        assert {p.suffix for p in (folder / "networks").glob(f"{point['id']}.*")} == {".svg", ".py", ".pt"}
    assert figures(json.loads((folder / "result.json").read_text())) == figures(whole)


def test_a_killed_run_resumes_to_the_same_result(whole: dict[str, Any], tmp_path: Path) -> None:
    run_and_kill("evoapproxnas", tmp_path, _text(), lambda run: len(list((run / "floats").glob("*"))) >= 2)
    assert figures(_run(tmp_path)) == figures(whole)


@pytest.mark.nightly
def test_the_result_does_not_depend_on_the_workers(whole: dict[str, Any], tmp_path: Path) -> None:
    assert figures(_run(tmp_path, workers=2)) == figures(whole)


def test_diverging_candidates_are_marked_and_a_search_of_nothing_else_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="every candidate of the initial population failed"):
        _run(tmp_path, rate=1e30)


def test_a_diverging_candidate_is_marked_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_one_diverge(monkeypatch, evoapproxnas, 1)
    check_one_diverged(_run(tmp_path))


def test_circuits_that_may_not_be_chosen_are_told(tmp_path: Path) -> None:
    text = _text().replace('"mul8x8u_dadda", "mul8x8u_trunc8_cc"', '"mul8x8u_*"')
    config = read_toml(NasConfig, written(tmp_path, text.replace("[run]", PARETO + "[run]")))
    told: list[str] = []
    result = run_nas("evoapproxnas", config, tmp_path / "run", on_step=lambda step: told.append(step.stage))
    beaten = result["left_out"]
    assert set(beaten.values()) == {"not on the front of mae and power_mw"}
    assert f"{len(beaten)} circuits left out: not on the front of mae and power_mw" in told
    lines = (tmp_path / "run" / "evaluations.jsonl").read_text().splitlines()
    assert beaten.keys().isdisjoint(json.loads(line)["genome"]["multiplier"] for line in lines)


def test_presets_are_read_and_wrong_ones_named(tmp_path: Path) -> None:
    for name in preset_names("evoapproxnas"):
        assert read_toml(NasConfig, preset_path("evoapproxnas", name)).options("evoapproxnas")
    with pytest.raises(ConfigError, match="did you mean 'digits-minutes'"):
        preset_path("evoapproxnas", "digits-minute")
    with pytest.raises(ConfigError, match=r"has no section \[evoapproxnas\]"):
        NasConfig().options("evoapproxnas")
    both = [
        "evoapproxnas",
        str(written(tmp_path, _text())),
        "--preset",
        "paper",
        "--run",
        str(tmp_path / "run"),
    ]
    failure = CliRunner().invoke(search, both).exception
    assert isinstance(failure, ConfigError)
    other = CliRunner().invoke(search, ["greedy", "--preset", "paper", "--run", str(tmp_path)]).exception
    assert isinstance(other, ConfigError)
