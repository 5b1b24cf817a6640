"""Small architecture searches: run in this process, or by the command and killed on the way."""

import itertools
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mulsmith.codesign.nas_config import NasConfig
from mulsmith.codesign.nas_run import run_nas
from mulsmith.search.evaluator import UnfitError
from mulsmith.search.nas.training import train_candidate
from mulsmith.toml_file import read_toml


def written(folder: Path, text: str) -> Path:
    """Return a configuration file in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "nas.toml"
    path.write_text(text)
    return path


def run_small(method: str, folder: Path, text: str) -> dict[str, Any]:
    """Run, or resume, a search in ``run`` of a folder."""
    return run_nas(method, read_toml(NasConfig, written(folder, text)), folder / "run")


def run_and_kill(method: str, folder: Path, text: str, reached: Callable[[Path], bool]) -> None:
    """Run the command in ``run`` of a folder, and kill it with -9 as soon as it has come far enough."""
    run = folder / "run"
    command = ["search", method, str(written(folder, text)), "--run", str(run)]
    process = subprocess.Popen([sys.executable, "-m", "mulsmith", *command])
    while process.poll() is None and not reached(run):
        time.sleep(0.02)
    process.kill()
    process.wait()


def let_one_diverge(monkeypatch: pytest.MonkeyPatch, trains: ModuleType, number: int) -> None:
    """Let the training of one candidate diverge, counted from 0, in the module that trains them."""
    calls = itertools.count()

    def sometimes(*arguments: Any, **options: Any) -> Any:
        if next(calls) == number:
            raise UnfitError("diverged: the loss became nan")
        return train_candidate(*arguments, **options)

    monkeypatch.setattr(trains, "train_candidate", sometimes)


def check_one_diverged(result: dict[str, Any]) -> None:
    """Check that the candidate is marked as diverged and that the search went on."""
    assert len(result["diverged"]) == 1
    assert result["failed"] == []
    assert result["front"]


def figures(result: dict[str, Any]) -> dict[str, Any]:
    """Return what must be the same in every run of one configuration."""
    return {key: value for key, value in result.items() if key not in ("run", "search_seconds")}
