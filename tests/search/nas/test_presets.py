"""Every shipped preset plans a search, evaluates a candidate and trains a final network, on few images."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mulsmith.codesign.nas_config import NAS_METHODS, NasConfig
from mulsmith.codesign.nas_setting import choose_circuits
from mulsmith.emulate.data import DataSet, TensorSplit
from mulsmith.search.evaluator import run_trial
from mulsmith.search.nas.methods import preset_names, preset_path
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.nas.training import DIVERGED
from mulsmith.search.trial import Trial
from mulsmith.toml_file import read_toml

IMAGES = 10
LARGE = {("approxdarts", "paper"), ("approxdarts", "cifar10-gpu"), ("evoapproxnas", "cifar10-gpu")}
DEEPEST = ("approxdarts", "paper")
"""One step leaves the statistics of its 20 cells' batch norms so far off that its evaluation may overflow."""
CASES = [
    pytest.param(method, preset, marks=[pytest.mark.nightly] if (method, preset) in LARGE else [])
    for method in sorted(NAS_METHODS)
    for preset in preset_names(method)
]
ONCE = {"epochs": 1, "table_epochs": 1, "images": 0}


def _data(shape: tuple[int, int, int]) -> DataSet:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (IMAGES, *shape), generator=generator, dtype=torch.uint8)
    mean, std = (0.5,) * shape[0], (0.3,) * shape[0]
    split = TensorSplit(images, torch.arange(IMAGES) % 10, mean, std)
    return DataSet("few", split, split, split, 10, shape)


def _once(trial: Trial) -> Trial:
    """Return the trial with one epoch of each kind that it has, on all images."""
    short = {name: min(ONCE[name], value) for name, value in trial.fidelity.items() if name in ONCE}
    return replace(trial, fidelity={**trial.fidelity, **short})


def _all_images(options: Any) -> Any:
    """Return the method's section without its count of images: there are few here."""
    parts = [name for name in ("search", "cells") if hasattr(options, name)]
    changed = {name: getattr(options, name).model_copy(update={"images": 0}) for name in parts}
    return options.model_copy(update=changed)


@pytest.mark.parametrize(("method", "preset"), CASES)
def test_a_preset_searches_and_trains(method: str, preset: str, tmp_path: Path) -> None:
    config = read_toml(NasConfig, preset_path(method, preset))
    shape = (1, 8, 8) if config.data.name == "digits" else (3, 32, 32)
    circuits, _ = choose_circuits(config.circuits)
    options = config.run.model_copy(update={"device": "cpu"})
    setting = NasSetting.of(_data(shape), circuits, options)
    plan = NAS_METHODS[method].plan(setting, _all_images(config.options(method)), tmp_path)
    assert (plan.searcher.planned() or 1) >= 1
    found = run_trial(plan.evaluator, _once(plan.searcher.ask()[0]))
    assert found.error is None
    assert {objective.metric for objective in plan.objectives} <= set(found.metrics)
    final = plan.final([found])[0]
    trained = run_trial(plan.evaluator, _once(final))
    if (method, preset) == DEEPEST and trained.error is not None:
        assert trained.error.startswith(DIVERGED)
        return
    assert trained.error is None
    assert trained.metrics["epochs"] == sum(
        min(1, final.fidelity[name]) for name in ("epochs", "table_epochs")
    )
