"""``mulsmith codesign``, killed with -9 in every stage and resumed, ends like the run that was not."""

import json
import os
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulsmith.cli import run, search
from mulsmith.codesign import Step
from tests.codesign.forked import run_forked

STAGES = {
    "characterize": "circuit 1 of 2",
    "architecture": "architecture: search 3",
    "train": "training: epoch 1 of 2",
    "quantise": "operands",
    "search": "search 4",
    "retrain": "search 7 trained",
    "evaluate": "figures on the test split",
    "choice": "choice",
    "energy": "figures",
    "export": "export: csv",
    "next export": "export: c",
    "report": "report",
}
"""Stage -> the progress at which it is killed: where it stands, or which evaluation came last."""
CONFIG = """
[circuits]
files = ["{rtl}"]
[network]
method = "phoenix"
[phoenix]
trials = 4
batch = 2
finals = 1
ensemble_every = 0
final_ensemble = false
search = {{epochs = 1, table_epochs = 0, images = 128}}
final = {{epochs = 1, table_epochs = 1, images = 128}}
[training]
epochs = 2
[search]
method = "assign"
[assign]
budget = 6
rounds = 2
[evaluation]
images = 60
[retraining]
epochs = 1
images = 128
[accelerator]
name = "eyeriss-like"
[constraints]
max_loss_pp = 100
[runner]
workers = {workers}
[export]
formats = ["csv", "c"]
"""


def _at(step: Step) -> str:
    """Return where a run stands, as ``STAGES`` writes it."""
    if step.search is None:
        return step.stage
    trained = " trained" if step.search.evaluation.trial.fidelity.get("epochs") else ""
    return f"{step.stage} {step.search.finished}{'' if step.stage.startswith('arch') else trained}"


def _kill_at(stage: str) -> None:
    """Let this process kill itself when the run comes to a stage."""

    def show(display: search.Display, step: Step) -> None:
        if _at(step).startswith(stage):
            os.kill(os.getpid(), signal.SIGKILL)

    search.Display.show = show  # type: ignore[method-assign]


class _Runs:
    """Starts the command over run folders of one set of circuits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, family, *more in (("exact", "dadda"), ("cut", "truncated", "-p", "cut=6")):
            path = folder / "rtl" / f"{name}.v"
            assert run(["circuits", "generate", family, *more, "--name", name, "-o", str(path)]) == 0

    def start(self, name: str, stage: str = "", workers: int = 1, lives_s: float | None = None) -> int:
        """Run the command, killed at a stage or after a while; return the process's exit code."""
        config = self.folder / f"{name}.toml"
        config.write_text(CONFIG.format(rtl=self.folder / "rtl", workers=workers))
        arguments = ["codesign", str(config), "--run", str(self.folder / name)]
        return run_forked(arguments, lives_s, partial(_kill_at, stage) if stage else None)

    def outcome(self, name: str) -> dict[str, Any]:
        """Return what a run left: its result, its report and the hand-offs' hashes, folder names left out."""
        folder = self.folder / name
        handoffs = {
            kind: json.loads((folder / "handoff" / kind / "manifest.json").read_text())["files"]
            for kind in ("csv", "c")
        }
        return {
            "result": {**json.loads((folder / "result.json").read_text()), "run": ""},
            "report": (folder / "report.html").read_text().replace(str(folder), "RUN"),
            "handoffs": handoffs,
        }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> _Runs:
    started = _Runs(tmp_path_factory.mktemp("killed"))
    assert started.start("intact") == 0
    return started


def test_a_run_killed_in_every_stage_ends_the_same(runs: _Runs) -> None:
    for name, progress in STAGES.items():
        assert runs.start("killed", progress) == -signal.SIGKILL, f"not killed in {name}"
    assert runs.start("killed") == 0
    assert runs.outcome("killed") == runs.outcome("intact")


@pytest.mark.nightly
def test_a_run_killed_twenty_times_at_random_with_any_workers_ends_the_same(runs: _Runs) -> None:
    begun = time.monotonic()
    assert runs.start("timed") == 0
    seconds = time.monotonic() - begun
    rng = np.random.default_rng(0)
    for number in range(20):
        runs.start("random", workers=1 + number % 2, lives_s=float(rng.uniform(0.05, 1.0)) * seconds)
    assert runs.start("random", workers=2) == 0
    kept, expected = runs.outcome("random"), runs.outcome("intact")
    for outcome in (kept, expected):
        outcome["result"]["provenance"]["configuration"]["runner"]["workers"] = 0
        outcome.pop("report")
    assert kept == expected
