"""``mulsmith search``, killed with -9 at random moments and resumed with any workers, ends the same.

A new method needs one line in ``CONFIGURATIONS``.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulsmith.search.methods import METHODS
from tests.codesign.forked import run_forked

BASE = """
[circuits]
names = ["mul8x8u_dadda", "mul8x8u_trunc8", "mul8x8u_or2_c12_cut9"]
"""
ASSIGNMENT = """
[training]
epochs = 2
[evaluation]
images = 60
[retraining]
epochs = 1
images = 256
[runner]
workers = {workers}
"""
ARCHITECTURE = """
[run]
accelerator = ""
workers = {workers}
"""
FIDELITIES = """
[{name}.search]
epochs = 1
table_epochs = 0
images = 128
[{name}.final]
epochs = 1
table_epochs = 1
images = 128
"""
CONFIGURATIONS = {
    "agn": f"{BASE}{ASSIGNMENT}[agn]\nnoise_epochs = 1\nweights = [0.1, 0.3]\nmode = 'joint'\n",
    "alwann": f"{BASE}{ASSIGNMENT}[alwann]\npopulation = 4\noffspring = 4\ngenerations = 2\n",
    "assign": f"{BASE}{ASSIGNMENT}[assign]\nbudget = 10\nrounds = 2\n",
    "greedy": f"{BASE}{ASSIGNMENT}[greedy]\nmax_loss_pp = 5\n",
    "qos": f"{BASE}{ASSIGNMENT}[qos]\nnoise_epochs = 1\nsizes = [2]\ntwins = true\n",
    "uniform": f"{BASE}{ASSIGNMENT}",
    "evoapproxnas": f"{BASE}{ARCHITECTURE}[evoapproxnas]\npopulation = 3\noffspring = 2\ngenerations = 2\n"
    f"finals = 1\n{FIDELITIES.format(name='evoapproxnas')}",
    "approxdarts": f"{BASE}{ARCHITECTURE}[approxdarts]\nfinals = 1\n"
    "final = {epochs = 0, table_epochs = 1, images = 96}\n"
    "network = {channels = 2, cells = 2, cutout = 2}\ntraining = {batch = 32}\n"
    "cells = {channels = 2, cells = 2, epochs = 1, images = 64, batch = 16}\n",
    "phoenix": f"{BASE}{ARCHITECTURE}[phoenix]\ntrials = 8\nbatch = 2\nfinals = 1\n"
    f"{FIDELITIES.format(name='phoenix')}",
}


def _search(method: str, folder: Path, workers: int = 1, lives_s: float | None = None) -> float:
    """Run the command and kill it after a while; return how long it lived."""
    config = folder.parent / f"{folder.name}.toml"
    config.write_text(CONFIGURATIONS[method].replace("{workers}", str(workers)))
    start = time.monotonic()
    code = run_forked(["search", method, str(config), "--run", str(folder)], lives_s)
    assert lives_s is not None or code == 0
    return time.monotonic() - start


def _result(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return {key: value for key, value in result.items() if key not in ("run", "search_seconds")}


def _rows(folder: Path) -> dict[str, Any]:
    """Return what was evaluated: trial -> metrics."""
    found = {}
    for line in (folder / "evaluations.jsonl").read_text().splitlines():
        row = json.loads(line)
        found[json.dumps([row["genome"], row["fidelity"], row["seed"]])] = (row["metrics"], row["error"])
    return found


def _killed(method: str, rounds: int, folder: Path) -> None:
    whole, other = folder / "whole", folder / "killed"
    seconds = _search(method, whole)
    rng = np.random.default_rng(rounds)
    for number in range(rounds):
        lived = float(rng.uniform(0.05, 1.0)) * seconds
        _search(method, other, workers=1 + number % 2, lives_s=lived)
    _search(method, other, workers=2)
    assert _result(other) == _result(whole)
    assert _rows(other) == _rows(whole)


def test_every_assignment_method_is_among_them() -> None:
    assert set(METHODS) <= set(CONFIGURATIONS)


def test_a_killed_run_ends_the_same(tmp_path: Path) -> None:
    _killed("agn", 2, tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("method", CONFIGURATIONS)
def test_a_run_that_is_killed_twenty_times_ends_the_same(method: str, tmp_path: Path) -> None:
    _killed(method, 20, tmp_path)
