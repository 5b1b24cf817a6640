"""One search run over one folder: setting, method, evaluations, front; resumable at any point.

A run folder holds ``run.sqlite`` (configuration and every evaluation), ``network.pt`` (the float network),
``front.svg`` (grows with the run), ``evaluations.jsonl`` and ``result.json`` (at the end).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.setting import Setting, open_library, prepare, train_or_load, untrained_network
from mulsmith.emulate.corrections import Corrections
from mulsmith.emulate.data import Split, load_data
from mulsmith.emulate.training import accuracy
from mulsmith.search.assignment import EmulatedAssignment
from mulsmith.search.front_picture import front_svg
from mulsmith.search.methods import (
    OBJECTIVES,
    AssignmentProblem,
    method_named,
    predicted_errors,
)
from mulsmith.search.objective import costs
from mulsmith.search.operands import NetworkOperands, sample_network
from mulsmith.search.pareto import ParetoArchive, hypervolume
from mulsmith.search.run import Progress, search
from mulsmith.search.runner import ProcessRunner, SerialRunner
from mulsmith.search.store import Store
from mulsmith.search.trial import Candidate, Evaluation, Trial
from mulsmith.storage import atomic_write, writer_lock

_DATABASE = ("run.sqlite", "run.sqlite-wal", "run.sqlite-shm")
_OWN_FILES = (*_DATABASE, "network.pt", "training.pt", "front.svg", "evaluations.jsonl", "result.json")
OPERAND_IMAGES = 64
PICTURE_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """Where a search run stands; ``search`` is None before the first evaluation."""

    stage: str
    search: Progress | None = None
    best: str = ""


def run_search(
    method: str,
    config: SearchConfig,
    folder: Path,
    library: Mapping[str, Multiplier] | None = None,
    fresh: bool = False,
    on_step: Callable[[Step], None] = lambda step: None,
) -> dict[str, Any]:
    """Run, or resume, a search and return its result (also in ``result.json``).

    Args:
        method: name of a registered method.
        config: the setting and the method's options.
        folder: the run folder; made if it is not there.
        library: multipliers; without it the configured library or the embedded circuits.
        fresh: start over, removing what an earlier search left in the folder.
        on_step: told of every stage and evaluation.

    Raises:
        StoreError: the folder belongs to another configuration or writer, or cannot be written.
        ConfigError: an unknown method or name in the configuration.
    """
    method_named(method)
    with writer_lock(folder):
        for name in _OWN_FILES if fresh else ():
            (folder / name).unlink(missing_ok=True)
        with Store(folder, config.identity(method)) as store:
            on_step(Step("network"))
            setting = _setting(config, folder, library)
            on_step(Step("operands"))
            evaluator, problem = _problem(method, config, setting)
            on_step(Step("search"))
            archive = _search(method, config, folder, store, evaluator, problem, on_step)
            return _result(method, config, folder, store, evaluator, problem, archive, setting.data.test)


def _setting(config: SearchConfig, folder: Path, library: Mapping[str, Multiplier] | None) -> Setting:
    plan = config.setting()
    data = load_data(plan.data.name, plan.data.folder, plan.training.seed)
    network = untrained_network(plan, data)
    train_or_load(network, plan, data, folder, lambda epoch: None)
    return prepare(plan, data, network, open_library(plan.circuits) if library is None else library)


def _problem(
    method: str, config: SearchConfig, setting: Setting
) -> tuple[EmulatedAssignment, AssignmentProblem]:
    mapping, bias = config.corrections(method)
    evaluator, multipliers = setting.evaluator, setting.multipliers
    count = config.evaluation.images or len(evaluator.images)
    images, _ = next(iter(setting.data.train.batches(OPERAND_IMAGES)))
    sampled: list[NetworkOperands] = []

    def operands() -> NetworkOperands:
        if not sampled:
            generator = torch.Generator().manual_seed(config.training.seed)
            sampled.append(sample_network(evaluator.network, images, multipliers, generator))
        return sampled[0]

    prices = np.array([evaluator.energy.energy_pj[name] for name in multipliers])
    counts = np.array([evaluator.energy.multiplications[layer] for layer in setting.layers])
    problem = AssignmentProblem(
        setting.layers,
        tuple(multipliers),
        setting.exact,
        counts[:, None] * prices[None, :],
        lambda: predicted_errors(operands(), multipliers, setting.layers, mapping=mapping, bias=bias),
    )
    evaluator = replace(evaluator, images=evaluator.images[:count], labels=evaluator.labels[:count])
    if mapping == "none" and not bias:
        return evaluator, problem
    corrections = Corrections(operands().samples, mapping, bias)
    return replace(evaluator, correct=corrections, correction=corrections.name), problem


def _search(
    method: str,
    config: SearchConfig,
    folder: Path,
    store: Store,
    evaluator: EmulatedAssignment,
    problem: AssignmentProblem,
    on_step: Callable[[Step], None],
) -> ParetoArchive:
    searcher = method_named(method).build(problem, config.options(method))
    workers = config.evaluation.workers
    runner = SerialRunner() if workers == 1 else ProcessRunner(workers)
    exact_pj = float(problem.energy_pj[:, problem.multipliers.index(problem.baseline)].sum())
    drawn = [0.0]

    def progress(step: Progress) -> None:
        now = time.monotonic()
        if now - drawn[0] > PICTURE_EVERY_S:
            drawn[0] = now
            _draw(folder, method, store, exact_pj)
        good = "" if step.evaluation.failed else f"{100 * step.evaluation.metrics['accuracy']:.2f} %"
        on_step(Step("search", step, good))

    archive = search(searcher, evaluator, runner, store, OBJECTIVES, progress)
    _draw(folder, method, store, exact_pj)
    return archive


def _draw(folder: Path, method: str, store: Store, exact_pj: float) -> None:
    archive = ParetoArchive(OBJECTIVES)
    good = [evaluation for evaluation in store if not evaluation.failed]
    for evaluation in good:
        archive.add(evaluation)
    title = f"{method}: {len(good)} evaluations"
    picture = front_svg(_places(good, exact_pj), _places(archive.front(), exact_pj), title)
    atomic_write(folder / "front.svg", picture.encode())


def _places(evaluations: list[Evaluation], exact_pj: float) -> list[tuple[float, float]]:
    return [(e.metrics["energy_all_pj"] / exact_pj, e.metrics["accuracy"]) for e in evaluations]


def _result(
    method: str,
    config: SearchConfig,
    folder: Path,
    store: Store,
    evaluator: EmulatedAssignment,
    problem: AssignmentProblem,
    archive: ParetoArchive,
    test: Split,
) -> dict[str, Any]:
    exact = dict.fromkeys(problem.layers, problem.baseline)
    baseline = evaluator.evaluate(Trial(Candidate({"layers": exact})))
    depth = config.evaluation.reference_loss_pp / 100
    front = [evaluation.metrics for evaluation in archive.front()]
    # The test split reports what the validation split chose; nothing below goes back into a choice.
    on_test = [accuracy(evaluator.reassigned(e.trial.candidate.genome), test) for e in archive.front()]
    exact_test = accuracy(evaluator.reassigned({"layers": exact}), test)
    as_tested = [{**metrics, "accuracy": found} for metrics, found in zip(front, on_test, strict=True)]
    failed = [evaluation for evaluation in store if evaluation.failed]
    result = {
        "method": method,
        "run": str(folder),
        "evaluations": len(store),
        "failed": [
            {"id": e.trial.candidate.id, "error": (e.error or "unknown").strip().splitlines()[-1]}
            for e in failed
        ],
        "convention": config.evaluation.energy,
        "correction": evaluator.correction,
        "baseline": {"multiplier": problem.baseline, "metrics": dict(baseline), "test_accuracy": exact_test},
        "front": [
            {
                "id": e.trial.candidate.id,
                "metrics": dict(e.metrics),
                "assignment": dict(e.trial.candidate.genome["layers"]),
                "test_accuracy": found,
            }
            for e, found in zip(archive.front(), on_test, strict=True)
        ],
        "hypervolume": _volume(front, baseline["accuracy"], baseline["energy_all_pj"], depth),
        "test_hypervolume": _volume(as_tested, exact_test, baseline["energy_all_pj"], depth),
        "hypervolume_reference": {
            "accuracy": baseline["accuracy"] - depth,
            "energy_pj": baseline["energy_all_pj"],
        },
    }
    store.write_jsonl(folder / "evaluations.jsonl")
    atomic_write(folder / "result.json", json.dumps(result, indent=2, allow_nan=False).encode())
    return result


def _volume(points: Sequence[Mapping[str, float]], exact: float, exact_pj: float, depth: float) -> float:
    """Return the volume between the points and (exact accuracy - depth, exact energy), in that box."""
    scaled = costs(OBJECTIVES, points) / np.array([depth, exact_pj])
    return hypervolume(scaled, (1 - exact / depth, 1.0))
