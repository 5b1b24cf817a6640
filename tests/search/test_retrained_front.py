"""Retraining of a found front: who is trained, for how long, and that a resumed run ends the same."""

from pathlib import Path

import pytest

from mulsmith.search.nsga2 import Nsga2
from mulsmith.search.retrained_front import RetrainedFront
from mulsmith.search.run import search
from mulsmith.search.runner import SerialRunner
from mulsmith.search.store import Store
from mulsmith.search.trial import Evaluation
from tests.search.problem import OBJECTIVES, SPACE, ToyEvaluator


def _found() -> Nsga2:
    return Nsga2(SPACE, OBJECTIVES, population=10, offspring=10, generations=3, seed=1)


def _run(folder: Path, limit: int) -> tuple[list[Evaluation], list[Evaluation]]:
    """Return what the search alone keeps as its front, and what was asked for with epochs."""
    with Store(folder / "alone", {}) as store:
        front = search(_found(), ToyEvaluator(), SerialRunner(), store, OBJECTIVES).front()
    searcher = RetrainedFront(_found(), OBJECTIVES, epochs=4, seed=7, limit=limit)
    with Store(folder / f"limit {limit}", {}) as store:
        search(searcher, ToyEvaluator(), SerialRunner(), store, OBJECTIVES)
        trained = [evaluation for evaluation in store if evaluation.trial.fidelity]
    return front, trained


def test_the_whole_front_is_trained_once(tmp_path: Path) -> None:
    front, trained = _run(tmp_path, 0)
    assert [e.trial.candidate.id for e in trained] == [e.trial.candidate.id for e in front]
    assert all(e.trial.fidelity == {"epochs": 4} and e.trial.seed == 7 for e in trained)
    again = _run(tmp_path, 0)[1]
    assert [e.trial for e in again] == [e.trial for e in trained]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_limit_spreads_over_the_front(limit: int, tmp_path: Path) -> None:
    front, trained = _run(tmp_path, limit)
    ids = [e.trial.candidate.id for e in trained]
    assert len(front) > 3
    assert len(ids) == limit
    assert ids[0] == front[0].trial.candidate.id
    if limit > 1:
        assert ids[-1] == front[-1].trial.candidate.id


def test_planned_counts_the_front() -> None:
    assert RetrainedFront(_found(), OBJECTIVES, epochs=4).planned() == _found().planned()


def test_members_that_do_not_count_are_left_as_they_are(tmp_path: Path) -> None:
    searcher = RetrainedFront(_found(), OBJECTIVES, 4, counts=lambda member: member.metrics["accuracy"] < 0.8)
    with Store(tmp_path, {}) as store:
        search(searcher, ToyEvaluator(), SerialRunner(), store, OBJECTIVES)
        trained = [evaluation for evaluation in store if evaluation.trial.fidelity]
    front, _ = _run(tmp_path / "every", 1)
    expected = [e.trial.candidate.id for e in front if e.metrics["accuracy"] < 0.8]
    assert expected
    assert len(expected) < len(front)
    assert [e.trial.candidate.id for e in trained] == expected
