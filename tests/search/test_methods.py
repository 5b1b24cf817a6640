"""What every registered assignment method must keep: determinism, resumption, independence of workers."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulsmith.errors import ConfigError
from mulsmith.search.methods import METHODS
from mulsmith.search.noise import NoiseRecipe
from mulsmith.search.predicted import PredictedAssignment, additive_front, fit_slopes
from mulsmith.search.problem import OBJECTIVES, AssignmentProblem, Tolerance
from mulsmith.search.run import search
from mulsmith.search.runner import ProcessRunner, Runner, SerialRunner
from mulsmith.search.store import Store
from tests.search.problem import ENERGY, ERROR, LAYERS, MULTIPLIERS, OPERATIONS, ToyEvaluator, true_front

ENERGIES = np.array([[OPERATIONS[layer] * ENERGY[name] for name in MULTIPLIERS] for layer in LAYERS])
# The toy loss is linear in ERROR, so a right prediction of the relative deviation is its root.
ERRORS = np.array([[ERROR[name] ** 0.5 for name in MULTIPLIERS] for _ in LAYERS])


def _tolerance(recipe: NoiseRecipe) -> Tolerance:
    return Tolerance(dict.fromkeys(LAYERS, recipe.weight), ERRORS)


PROBLEM = AssignmentProblem(
    LAYERS, MULTIPLIERS, "exact", ENERGIES, lambda: ERRORS, tolerance=_tolerance, retraining=2
)
SMALL: dict[str, dict[str, Any]] = {
    "agn": {"weights": (0.1, 0.35, 0.7), "scales": (1.0, 2.0)},
    "alwann": {"population": 6, "offspring": 6, "generations": 4},
    "assign": {"budget": 24, "probes": 1, "rounds": 2},
    "qos": {"sizes": (2, 3), "twins": True, "weight": 0.5},
}


class _StoppedError(Exception):
    pass


@dataclass(frozen=True)
class _StopsAfter:
    """A runner that dies in the middle of a batch, as a killed run does."""

    evaluations: int
    counter: Any

    def run(self, evaluator: Any, trials: Any) -> Any:
        for index, outcome in SerialRunner().run(evaluator, trials):
            if next(self.counter) >= self.evaluations:
                raise _StoppedError
            yield index, outcome


def _run(name: str, folder: Path, runner: Runner) -> list[tuple[object, Mapping[str, float]]]:
    method = METHODS[name]
    searcher = method.build(PROBLEM, method.options(**SMALL.get(name, {})))
    with Store(folder, {"method": name}) as store:
        front = search(searcher, ToyEvaluator(), runner, store, OBJECTIVES).front()
    return [(e.trial.candidate.genome, e.metrics) for e in front]


@pytest.mark.parametrize("name", METHODS)
def test_method_is_deterministic_and_survives_being_killed(name: str, tmp_path: Path) -> None:
    whole = _run(name, tmp_path / "whole", SerialRunner())
    assert whole
    assert _run(name, tmp_path / "again", SerialRunner()) == whole
    with Store(tmp_path / "whole", {"method": name}) as store:
        count = len(store)
    rng = np.random.default_rng(count)
    for stop in {0, 1, count - 1, *rng.integers(count, size=4).tolist()}:
        folder = tmp_path / f"killed {stop}"
        with pytest.raises(_StoppedError):
            _run(name, folder, _StopsAfter(stop, itertools.count()))
        assert _run(name, folder, SerialRunner()) == whole


@pytest.mark.parametrize(
    "name", [name if name == "uniform" else pytest.param(name, marks=pytest.mark.nightly) for name in METHODS]
)
def test_result_does_not_depend_on_the_workers(name: str, tmp_path: Path) -> None:
    assert _run(name, tmp_path / "many", ProcessRunner(2)) == _run(name, tmp_path / "one", SerialRunner())


@pytest.mark.parametrize("name", METHODS)
def test_every_trial_is_a_whole_assignment(name: str) -> None:
    method = METHODS[name]
    for trial in method.build(PROBLEM, method.options(**SMALL.get(name, {}))).ask():
        genome = trial.candidate.genome
        for layers in genome.get("points", [genome.get("layers")]):
            assert set(layers) == set(LAYERS)
            assert set(layers.values()) <= set(MULTIPLIERS)


def test_assign_finds_the_true_front_when_losses_add_up(tmp_path: Path) -> None:
    # The toy's front reaches down to an accuracy of 0.73; what lies below the corner is not looked for.
    searcher = PredictedAssignment(
        LAYERS, MULTIPLIERS, "exact", ENERGIES, ERRORS, budget=60, tiles=3, depth=0.5
    )
    with Store(tmp_path, {}) as store:
        archive = search(searcher, ToyEvaluator(), SerialRunner(), store, OBJECTIVES)
        assert len(store) <= 60
    assert {tuple(row) for row in np.round(archive.costs(), 9).tolist()} == true_front()


def test_assign_looks_as_deep_as_the_hypervolume_reaches() -> None:
    method = METHODS["assign"]
    searcher = method.build(replace(PROBLEM, depth=0.02), method.options())
    assert isinstance(searcher, PredictedAssignment)
    assert searcher.depth == 0.02


def test_assign_spends_its_budget_on_what_saves_enough(tmp_path: Path) -> None:
    saved = 0.6 * float(ENERGIES[:, MULTIPLIERS.index("exact")].sum())
    method = METHODS["assign"]
    searcher = method.build(replace(PROBLEM, depth=0.5, saved_pj=saved), method.options(budget=30))
    with Store(tmp_path, {}) as store:
        archive = search(searcher, ToyEvaluator(), SerialRunner(), store, OBJECTIVES)
        found = [
            evaluation
            for evaluation in store
            if evaluation.trial.candidate.origin not in ("baseline", "probe")
        ]
    limit = float(ENERGIES[:, MULTIPLIERS.index("exact")].sum()) - saved
    assert found
    assert all(e.metrics["energy_all_pj"] <= limit + 1e-9 for e in found)
    within = {point for point in true_front() if point[1] <= limit}
    assert within <= {tuple(row) for row in np.round(archive.costs(), 9).tolist()}


def test_additive_front_is_that_of_brute_force() -> None:
    rng = np.random.default_rng(3)
    loss, energy = rng.random((4, 5)), rng.random((4, 5))
    found = additive_front(loss, energy, np.array([0, 2, 3, 4]))
    rows = np.arange(4)
    everything = [
        (float(loss[rows, list(c)].sum()), float(energy[rows, list(c)].sum()))
        for c in itertools.product([0, 2, 3, 4], repeat=4)
    ]
    best = {p for p in everything if not any(q[0] <= p[0] and q[1] <= p[1] and q != p for q in everything)}
    assert sorted((round(a, 9), round(b, 9)) for a, b, _ in found) == sorted(
        (round(a, 9), round(b, 9)) for a, b in best
    )
    for total_loss, total_energy, choice in found:
        assert loss[rows, choice].sum() == pytest.approx(total_loss)
        assert energy[rows, choice].sum() == pytest.approx(total_energy)


def test_slopes_are_recovered_from_probes() -> None:
    rng = np.random.default_rng(1)
    slopes = np.array([5.0, 2.0, 0.5])
    squares = np.concatenate([np.diag([0.3, 0.2, 0.4]), rng.random((6, 3)) * 0.1])
    assert fit_slopes(squares, squares @ slopes) == pytest.approx(slopes, rel=0.15)


def test_failed_probes_are_survived_and_a_failed_baseline_is_not(tmp_path: Path) -> None:
    method = METHODS["assign"]
    with Store(tmp_path / "probe", {}) as store:
        searcher = method.build(PROBLEM, method.options(**SMALL["assign"]))
        broken = ToyEvaluator(fail_on="medium")
        front = search(searcher, broken, SerialRunner(), store, OBJECTIVES).front()
        assert front
        assert any(evaluation.failed for evaluation in store)
    with Store(tmp_path / "base", {}) as store, pytest.raises(ConfigError, match="baseline could not be"):
        searcher = method.build(PROBLEM, method.options(**SMALL["assign"]))
        search(searcher, ToyEvaluator(fail_on="exact"), SerialRunner(), store, OBJECTIVES)


def test_wrong_names_and_budgets_are_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'alwann'"):
        METHODS.named("alwan")
    with pytest.raises(ConfigError, match="registered already"):
        METHODS.register("assign", METHODS["assign"])
    with pytest.raises(ConfigError, match="too small for 2 probes"):
        PredictedAssignment(LAYERS, MULTIPLIERS, "exact", ENERGIES, ERRORS, budget=5, probes=2)
    with pytest.raises(ConfigError, match="'best' is not among"):
        AssignmentProblem(LAYERS, MULTIPLIERS, "best", ENERGIES, lambda: ERRORS)
