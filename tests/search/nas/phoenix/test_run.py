"""Phoenix end to end on few images: result, resumption after kill -9, independence of the workers."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mulsmith.codesign.nas_config import NasConfig
from mulsmith.codesign.nas_run import run_nas
from mulsmith.errors import ConfigError
from mulsmith.search.evaluator import UnfitError
from mulsmith.search.nas.methods import preset_names, preset_path
from mulsmith.search.nas.phoenix import evaluator
from mulsmith.search.nas.training import train_candidate
from mulsmith.toml_file import read_toml

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


def _config(folder: Path, workers: int = 1, rate: float = 3e-3, more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "nas.toml"
    text = SMALL.format(workers=workers, rate=rate)
    path.write_text(text.replace("[phoenix]\n", f"[phoenix]\n{more}\n"))
    return path


def _run(folder: Path, **settings: Any) -> dict[str, Any]:
    return run_nas("phoenix", read_toml(NasConfig, _config(folder, **settings)), folder / "run")


def _figures(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key not in ("run", "search_seconds")}


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
    command = [sys.executable, "-m", "mulsmith", "search", "phoenix", str(_config(tmp_path))]
    process = subprocess.Popen([*command, "--run", str(tmp_path / "run")], env=os.environ)
    weights = tmp_path / "run" / "weights"
    while process.poll() is None and not (weights.exists() and len(list(weights.iterdir())) >= 4):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert _figures(_run(tmp_path)) == _figures(whole)


@pytest.mark.nightly
def test_the_result_does_not_depend_on_the_workers(whole: dict[str, Any], tmp_path: Path) -> None:
    assert _figures(_run(tmp_path, workers=2)) == _figures(whole)


@pytest.mark.nightly
def test_the_result_over_ray_is_that_of_one_process(whole: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="ray is not installed")
    config = _config(tmp_path, workers=2)
    config.write_text(config.read_text().replace("[run]\n", '[run]\nrunner = "ray"\n'))
    # Ray keeps threads and sockets for the life of a process, so it gets one of its own.
    command = [sys.executable, "-m", "mulsmith", "search", "phoenix", str(config)]
    subprocess.run([*command, "--run", str(tmp_path / "run")], check=True, timeout=600)
    assert _figures(json.loads((tmp_path / "run" / "result.json").read_text())) == _figures(whole)


def test_a_diverging_candidate_is_marked_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = itertools.count()

    def sometimes(*arguments: Any, **options: Any) -> Any:
        if next(calls) == 3:
            raise UnfitError("diverged: the loss became nan")
        return train_candidate(*arguments, **options)

    monkeypatch.setattr(evaluator, "train_candidate", sometimes)
    result = _run(tmp_path)
    assert len(result["diverged"]) == 1
    assert result["failed"] == []
    assert result["front"]


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
    config = _config(tmp_path)
    config.write_text(config.read_text().replace('"mul8x8u_dadda", ', ""))
    with pytest.raises(ConfigError, match="no exact 8x8 multiplier"):
        run_nas("phoenix", read_toml(NasConfig, config), tmp_path / "run")


def test_a_search_whose_suggestions_all_diverge_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="every suggested network failed"):
        _run(tmp_path, rate=1e30)


def test_a_halved_search_runs_to_its_end(tmp_path: Path) -> None:
    result = _run(tmp_path, more="rungs = 2")
    assert result["failed"] == []
    assert result["front"]


def test_presets_are_read() -> None:
    assert preset_names("phoenix") == ["cifar10-gpu", "digits-minutes", "paper"]
    for name in preset_names("phoenix"):
        assert read_toml(NasConfig, preset_path("phoenix", name)).options("phoenix")
