"""The result document of a search: the front on validation and test, its hypervolume, what failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mulsmith.codesign.search_config import Evaluation as EvaluationOptions
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.emulate.data import Split
from mulsmith.emulate.training import accuracy
from mulsmith.search.objective import costs
from mulsmith.search.operating_points import OperatingPoints, each_point
from mulsmith.search.pareto import ParetoArchive, hypervolume
from mulsmith.search.problem import AssignmentProblem
from mulsmith.search.store import Store
from mulsmith.search.trial import Candidate, Evaluation, Trial, canonical_json
from mulsmith.storage import atomic_write


def summarise_search(
    method: str,
    config: SearchConfig,
    folder: Path,
    store: Store,
    evaluator: OperatingPoints,
    problem: AssignmentProblem,
    test: Split,
) -> dict[str, Any]:
    """Return the result of a finished search, written to ``result.json`` and ``evaluations.jsonl`` as well.

    Everything was chosen on the validation split; the test split only reports.
    """
    exact = Trial(Candidate({"layers": dict.fromkeys(problem.layers, problem.baseline)}))
    baseline = evaluator.evaluate(exact)
    tested = _OnTest(evaluator, test)
    exact_test = tested(exact)
    # Not in the order of commits, which depends on the workers: of equal points the front keeps the first.
    stored = sorted(store, key=lambda evaluation: evaluation.trial.key({}))
    archive = ParetoArchive(problem.objectives)
    for evaluation in stored:
        for point in each_point(evaluation):
            archive.add(point)
    front = archive.front()
    volume = _Volume(problem, config.evaluation)
    as_tested = [{**e.metrics, "accuracy": tested(e.trial)} for e in front]
    plans = [e for e in stored if "points" in e.trial.candidate.genome and not e.failed]
    result = {
        "method": method,
        "run": str(folder),
        "evaluations": len(stored),
        "failed": [
            {"id": e.trial.candidate.id, "error": (e.error or "unknown").strip().splitlines()[-1]}
            for e in stored
            if e.failed
        ],
        "ledger": config.evaluation.ledger.value,
        "convention": config.evaluation.energy,
        "power": config.evaluation.power,
        "accelerator": config.accelerator.name or None,
        "correction": evaluator.single.base.correction,
        "retraining_epochs": problem.retraining,
        "test_images": len(test),
        "baseline": {
            "multiplier": problem.baseline,
            "metrics": dict(baseline),
            "test_accuracy": exact_test,
        },
        "front": [_member(e, tested(e.trial)) for e in front],
        "plans": [
            _plan(e, stored, tested, evaluator.path(e.trial.candidate.id).relative_to(folder)) for e in plans
        ],
        "hypervolume": volume([e.metrics for e in front], baseline, baseline["accuracy"]),
        "test_hypervolume": volume(as_tested, baseline, exact_test),
        "hypervolume_reference": {
            "accuracy": baseline["accuracy"] - volume.depth,
            "energy_pj": baseline[volume.energy] * volume.share,
        },
    }
    store.write_jsonl(folder / "evaluations.jsonl")
    atomic_write(folder / "result.json", json.dumps(result, indent=2, allow_nan=False).encode())
    return result


class _OnTest:
    """Accuracy of trials on the test split; every network is judged once."""

    def __init__(self, evaluator: OperatingPoints, test: Split) -> None:
        self._evaluator, self._test = evaluator, test
        self._known: dict[str, float] = {}

    def __call__(self, trial: Trial) -> float:
        key = trial.key({})
        if key not in self._known:
            self._known[key] = accuracy(self._evaluator.network_of(trial), self._test)
        return self._known[key]


def _member(evaluation: Evaluation, found: float) -> dict[str, Any]:
    candidate, epochs = evaluation.trial.candidate, evaluation.trial.fidelity.get("epochs")
    member = {
        "id": candidate.id,
        "origin": candidate.origin,
        "metrics": dict(evaluation.metrics),
        "assignment": dict(candidate.genome["layers"]),
        "test_accuracy": found,
    }
    if "plan" in candidate.genome:
        member |= {
            "plan": candidate.genome["plan"],
            "point": candidate.genome["point"],
            "model": f"qos/{candidate.genome['plan']}.pt",
        }
    elif epochs is not None:
        member["model"] = f"trained/{candidate.id}.pt"
    return member


def _plan(
    evaluation: Evaluation, stored: Sequence[Evaluation], tested: _OnTest, model: Path
) -> dict[str, Any]:
    candidate = evaluation.trial.candidate
    twins = {
        canonical_json(other.trial.candidate.genome["layers"]): other
        for other in stored
        if "layers" in other.trial.candidate.genome and not other.failed
    }
    points = []
    for point in each_point(evaluation):
        layers = point.trial.candidate.genome["layers"]
        entry = {
            "accuracy": point.metrics["accuracy"],
            "test_accuracy": tested(point.trial),
            "energy_all_pj": point.metrics["energy_all_pj"],
            "saving_all_percent": point.metrics["saving_all_percent"],
            "assignment": dict(layers),
        }
        if (twin := twins.get(canonical_json(layers))) is not None:
            entry["twin_accuracy"] = twin.metrics["accuracy"]
            entry["twin_test_accuracy"] = tested(twin.trial)
        points.append(entry)
    return {
        "id": candidate.id,
        "model": str(model),
        "subset": list(candidate.genome["subset"]),
        "points": points,
    }


class _Volume:
    """Volume between points and a corner below the exact network, in units of (depth, exact energy).

    The corner lies at the exact accuracy less ``depth`` and at ``share`` of the exact energy.
    """

    def __init__(self, problem: AssignmentProblem, corner: EvaluationOptions) -> None:
        self._objectives = problem.objectives
        self.energy = problem.objectives[1].metric
        self.depth = corner.reference_loss_pp / 100
        self.share = 1 - corner.reference_saving_percent / 100

    def __call__(
        self, points: Sequence[Mapping[str, float]], baseline: Mapping[str, float], exact: float
    ) -> float:
        scaled = costs(self._objectives, points) / np.array([self.depth, baseline[self.energy]])
        return hypervolume(scaled, (1 - exact / self.depth, self.share))
