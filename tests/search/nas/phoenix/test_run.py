"""Phoenix end to end on few images: result, resumption after kill -9, independence of the workers."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mulsmith.codesign.nas_config import NasConfig
from mulsmith.errors import ConfigError
from mulsmith.search.nas.methods import preset_names, preset_path
from mulsmith.search.nas.phoenix import evaluator
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
[phoenix]
suggestions = [["fixed_conv_16:mul8x8u_trunc8_cc", "flatten"], ["conv_3x3", "max_pool", "flatten"]]
trials = 8
batch = 3
finals = 2
ensemble_every = 4
ensemble_width = 2
min_depth = 3
[phoenix.training]
batch = 64
learning_rate = {rate}
[phoenix.search]
epochs = 1
table_epochs = 1
images = 192
[phoenix.final]
epochs = 2
table_epochs = 1
images = 256
"""


def _text(workers: int = 1, rate: float = 3e-3, more: str = "") -> str:
    text = SMALL.format(workers=workers, rate=rate)
    return text.replace("[phoenix]\n", f"[phoenix]\n{more}\n")


def _run(folder: Path, **settings: Any) -> dict[str, Any]:
    return run_small("phoenix", folder, _text(**settings))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _run(tmp_path_factory.mktemp("whole"))


def test_a_run_leaves_pictures_sources_weights_and_a_comparison(whole: dict[str, Any]) -> None:
    folder = Path(whole["run"])
    assert whole["failed"] == []
    assert whole["exact"]["multiplier"] == "mul8x8u_dadda"
    assert len(list((folder / "fronts").glob("generation-*.svg"))) == 3
    for point in whole["front"]:
        assert {p.suffix for p in (folder / "networks").glob(f"{point['id']}.*")} == {".svg", ".py", ".pt"}
    lines = (folder / "evaluations.jsonl").read_text()
    assert '"origin": "final ensemble"' in lines
    assert '"origin": "ensemble"' in lines


def test_a_killed_run_resumes_to_the_same_result(whole: dict[str, Any], tmp_path: Path) -> None:
    run_and_kill("phoenix", tmp_path, _text(), lambda run: len(list((run / "weights").glob("*"))) >= 4)
    assert figures(_run(tmp_path)) == figures(whole)


@pytest.mark.nightly
def test_the_result_does_not_depend_on_the_workers(whole: dict[str, Any], tmp_path: Path) -> None:
    assert figures(_run(tmp_path, workers=2)) == figures(whole)


@pytest.mark.nightly
def test_the_result_over_ray_is_that_of_one_process(whole: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="ray is not installed")
    config = written(tmp_path, _text(workers=2).replace("[run]\n", '[run]\nrunner = "ray"\n'))
    # Ray keeps threads and sockets for the life of a process, so it gets one of its own.
    command = [sys.executable, "-m", "mulsmith", "search", "phoenix", str(config)]
    subprocess.run([*command, "--run", str(tmp_path / "run")], check=True, timeout=600)
    assert figures(json.loads((tmp_path / "run" / "result.json").read_text())) == figures(whole)


def test_a_diverging_candidate_is_marked_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_one_diverge(monkeypatch, evaluator, 3)
    check_one_diverged(_run(tmp_path))


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('blocks = ["conv_3x4"]', "no block is named 'conv_3x4'"),
        ("max_multiplications = 1000", "makes more multiplications than the limit"),
        ("max_depth = 1", "min_depth = 3 is above max_depth = 1"),
        ("beam = 0", "phoenix.beam"),
    ],
)
def test_bad_options_are_named_before_anything_is_trained(tmp_path: Path, section: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _run(tmp_path, more=section)
    assert not (tmp_path / "run" / "weights").exists()


def test_circuits_without_an_exact_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no exact 8x8 multiplier"):
        run_small("phoenix", tmp_path, _text().replace('"mul8x8u_dadda", ', ""))


def test_a_search_whose_suggestions_all_diverge_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="every suggested network failed"):
        _run(tmp_path, rate=1e30)


def test_a_halved_search_runs_to_its_end(tmp_path: Path) -> None:
    result = _run(tmp_path, more="rungs = 2")
    assert result["failed"] == []
    assert result["front"]


def test_presets_are_read() -> None:
    assert preset_names("phoenix") == ["cifar10-cpu", "cifar10-gpu", "digits-minutes", "paper"]
    for name in preset_names("phoenix"):
        assert read_toml(NasConfig, preset_path("phoenix", name)).options("phoenix")
