"""Search machinery on a problem with a known front: correctness, workers, failures."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.nsga2 import Nsga2
from mulsmith.search.objective import Objective
from mulsmith.search.pareto import ParetoArchive, fronts
from mulsmith.search.run import Progress, search
from mulsmith.search.runner import ProcessRunner, SerialRunner
from mulsmith.search.space import AssignmentSpace
from mulsmith.search.store import Store
from mulsmith.search.trial import Candidate, Evaluation, Trial
from tests.search.problem import LAYERS, MULTIPLIERS, OBJECTIVES, SPACE, ToyEvaluator, true_front

CONFIGURATION = {"method": "nsga2", "seed": 1}


def _searcher(generations: int = 20, seed: int = 1) -> Nsga2:
    return Nsga2(SPACE, OBJECTIVES, population=10, offspring=10, generations=generations, seed=seed)


def _genomes(archive: ParetoArchive) -> list[object]:
    return [member.trial.candidate.genome for member in archive.front()]


def test_nsga2_finds_the_true_front(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        archive = search(_searcher(), ToyEvaluator(), SerialRunner(), store, OBJECTIVES)
        assert len(store) <= 210
    assert {tuple(row) for row in np.round(archive.costs(), 9).tolist()} == true_front()


def test_workers_do_not_change_the_result(tmp_path: Path) -> None:
    results = []
    for runner, folder in ((SerialRunner(), "serial"), (ProcessRunner(2), "two")):
        with Store(tmp_path / folder, CONFIGURATION) as store:
            results.append(_genomes(search(_searcher(3), ToyEvaluator(), runner, store, OBJECTIVES)))
    assert results[0] == results[1]


def test_a_failing_candidate_is_marked_and_the_run_goes_on(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION) as store:
        archive = search(_searcher(3), ToyEvaluator(fail_on="fine"), SerialRunner(), store, OBJECTIVES)
        failed = [evaluation for evaluation in store if evaluation.failed]
    assert failed and all("this layer cannot be evaluated" in str(e.error) for e in failed)
    assert len(archive) and all(e.trial.candidate.genome["layers"]["fc"] != "fine" for e in archive.front())


def test_a_candidate_that_kills_its_worker_is_marked_and_no_other_is_lost() -> None:
    def trial(fc: str) -> Trial:
        return Trial(Candidate({"layers": {**dict.fromkeys(LAYERS, "exact"), "fc": fc}}))

    trials = [trial(name) for name in MULTIPLIERS]
    outcomes = dict(ProcessRunner(2).run(ToyEvaluator(kill_on="medium"), trials))
    assert sorted(outcomes) == [0, 1, 2, 3]
    errors = [outcomes[i].error for i in range(4)]
    assert errors == [None, None, "the worker process died twice", None]


def test_nan_is_a_failure() -> None:
    class Nan(ToyEvaluator):
        def evaluate(self, trial: Trial) -> dict[str, float]:
            return {"accuracy": float("nan"), "energy_all_pj": 1.0}

    outcome = dict(SerialRunner().run(Nan(), [Trial(Candidate({}))]))[0]
    assert outcome.error == "not finite: accuracy"


def test_another_configuration_is_refused(tmp_path: Path) -> None:
    with Store(tmp_path, CONFIGURATION):
        pass
    with pytest.raises(StoreError, match=r"begun with another configuration \(differs in seed\)"):
        Store(tmp_path, {**CONFIGURATION, "seed": 2})


def test_a_missing_metric_is_named(tmp_path: Path) -> None:
    objectives = (Objective("latency", "min"),)
    with Store(tmp_path, CONFIGURATION) as store, pytest.raises(ConfigError, match="objective 'latency'"):
        search(Nsga2(SPACE, objectives), ToyEvaluator(), SerialRunner(), store, objectives)


def test_jsonl_holds_every_evaluation(tmp_path: Path) -> None:
    seen: list[Progress] = []
    with Store(tmp_path, CONFIGURATION) as store:
        search(_searcher(1), ToyEvaluator(), SerialRunner(), store, OBJECTIVES, seen.append)
        store.write_jsonl(tmp_path / "evaluations.jsonl")
        stored = list(store)
    lines = [json.loads(line) for line in (tmp_path / "evaluations.jsonl").read_text().splitlines()]
    assert [line["genome"] for line in lines] == [e.trial.candidate.genome for e in stored]
    best = [progress.best.metrics["accuracy"] for progress in seen if progress.best is not None]
    assert best == np.maximum.accumulate([e.metrics["accuracy"] for e in stored]).tolist()
    assert [progress.finished for progress in seen] == list(range(1, len(stored) + 1))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
@settings(deadline=None, max_examples=50)
def test_archive_equals_sorting_everything(points: list[tuple[int, int]]) -> None:
    objectives = (Objective("x", "min"), Objective("y", "max"))
    archive = ParetoArchive(objectives)
    for x, y in points:
        archive.add(Evaluation(Trial(Candidate([x, y])), {"x": float(x), "y": float(y)}))
    cost = np.array([[x, -y] for x, y in points], dtype=float)
    best = {tuple(row) for row in cost[fronts(cost)[0]].tolist()}
    assert {tuple(row) for row in archive.costs().tolist()} == best


@given(st.integers(0, 10**6), st.integers(1, 4))
@settings(deadline=None, max_examples=100)
def test_every_operator_gives_a_valid_assignment(seed: int, tiles: int) -> None:
    space = AssignmentSpace(LAYERS, MULTIPLIERS, tiles)
    rng = np.random.default_rng(seed)
    first, second = space.sample(rng), space.sample(rng)
    for genome in (first, space.mutate(first, rng), space.crossover(first, second, rng)):
        assert space.validate(genome) == genome


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"conv1": "exact"}, "lacks layers"),
        ({**dict.fromkeys(LAYERS, "exact"), "conv9": "exact"}, r"unknown layers \['conv9'\]"),
        (dict.fromkeys(LAYERS, "perfect"), r"unknown multipliers \['perfect'\]"),
        (dict(zip(LAYERS, MULTIPLIERS, strict=True)), "uses 4 multipliers, but there are 3 tiles"),
    ],
)
def test_bad_assignments_are_named(layers: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SPACE.validate({"layers": layers})
