"""Every searcher, killed with -9 at random moments and resumed, ends as an uninterrupted run does.

A new searcher needs one line in ``SEARCHES``.
"""

import hashlib
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.characterize.library import Library
from mulsmith.codesign.nas_config import NAS_METHODS
from mulsmith.emulate.data import load_data
from mulsmith.search.evaluator import Evaluator
from mulsmith.search.methods import METHODS
from mulsmith.search.nas.setting import NasSetting, RunOptions
from mulsmith.search.objective import Objective
from mulsmith.search.program.goals import WeightedGoal
from mulsmith.search.program.smac import Smac
from mulsmith.search.program.space import TopologySpace
from mulsmith.search.run import search
from mulsmith.search.runner import SerialRunner
from mulsmith.search.searcher import Searcher
from mulsmith.search.store import Store
from mulsmith.search.trial import Trial, canonical_json
from tests.search.problem import OBJECTIVES, ToyEvaluator
from tests.search.test_methods import PROBLEM, SMALL

PAUSE_S = 0.004
METRICS = (
    "accuracy", "loss", "energy_all_pj", "energy_approximated_pj", "energy_system_pj", "parameters",
    "accuracy_1", "npu_pj", "npu_ns",
)  # fmt: skip
EVOAPPROXNAS = {"population": 4, "offspring": 4, "generations": 4, "rungs": 2}
PHOENIX = {"trials": 12, "batch": 3}

# What searchers import where they use it.
LOADED = (
    "pymoo.indicators.hv",
    "pymoo.operators.survival.rank_and_crowding.metrics",
    "pymoo.util.nds.non_dominated_sorting",
    "scipy.optimize",
    "sklearn.datasets",
    "sklearn.ensemble",
)


@dataclass(frozen=True)
class Scrambled:
    """Gives every genome and fidelity metrics of their own, 0.1..1.1, which mean nothing."""

    identity: Mapping[str, Any] = field(default_factory=lambda: {"problem": "scrambled"})

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        time.sleep(PAUSE_S)
        text = canonical_json([trial.candidate.genome, dict(trial.fidelity)])
        digest = hashlib.sha512(text.encode()).digest()
        values = [int.from_bytes(digest[4 * i : 4 * i + 4], "big") / 2**32 for i in range(len(METRICS))]
        return {name: 0.1 + value for name, value in zip(METRICS, values, strict=True)}


Search = tuple[Searcher, Evaluator, Sequence[Objective]]


def _assignment(name: str) -> Search:
    method = METHODS[name]
    searcher = method.build(PROBLEM, method.options(**SMALL.get(name, {})))
    return searcher, ToyEvaluator(seconds=PAUSE_S), OBJECTIVES


def _architecture(name: str, **options: Any) -> Search:
    with Library.embedded() as library:
        multipliers = {key: library[key] for key in ("mul8x8u_dadda", "mul8x8u_trunc8")}
    setting = NasSetting.of(load_data("digits", None), multipliers, RunOptions(accelerator=""))
    method = NAS_METHODS[name]
    plan = method.plan(setting, method.options(**options), Path("unused"))
    return plan.searcher, Scrambled(), plan.objectives


def _smac() -> Search:
    searcher = Smac(TopologySpace(3, 1), WeightedGoal("accuracy_1"), budget=16, initial=8)
    return searcher, Scrambled(), (Objective("accuracy_1", "max"), Objective("npu_pj", "min"))


SEARCHES: dict[str, Callable[[], Search]] = {
    **{name: lambda name=name: _assignment(name) for name in METHODS},  # type: ignore[misc]
    "evoapproxnas": lambda: _architecture("evoapproxnas", **EVOAPPROXNAS),
    "approxdarts": lambda: _architecture("approxdarts", energy_weights=(0.0, 0.1, 0.2), rungs=2),
    "phoenix": lambda: _architecture("phoenix", **PHOENIX),
    "smac": _smac,
}


def _run(name: str, folder: Path) -> None:
    searcher, evaluator, objectives = SEARCHES[name]()
    with Store(folder, {"method": name}) as store:
        search(searcher, evaluator, SerialRunner(), store, objectives)


@lru_cache
def _context() -> ForkServerContext:
    """Return processes that start in milliseconds: they are forked from one that has everything loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LOADED])
    context.Process(target=_nothing).start()
    return context


def _nothing() -> None:
    pass


def _in_process(name: str, folder: Path, lives_s: float | None = None) -> float:
    """Run a search in a process, and kill that one after a while; return how long it lived."""
    start = time.monotonic()
    process = _context().Process(target=_run, args=(name, folder))
    process.start()
    process.join(lives_s)
    process.kill()
    process.join()
    assert lives_s is not None or process.exitcode == 0
    return time.monotonic() - start


Rows = dict[str, tuple[Any, ...]]


def _rows(folder: Path) -> Rows:
    """Return what is committed, by trial, with its seconds: nothing may be evaluated twice."""
    with Store(folder, {"method": folder.name}) as store:
        return {
            e.trial.key({}): (e.trial.candidate.origin, dict(e.metrics), e.error, e.seconds) for e in store
        }


def _outcome(rows: Rows) -> Rows:
    return {key: row[:-1] for key, row in rows.items()}


@lru_cache
def _whole(name: str) -> tuple[Rows, float]:
    """Return the rows of an uninterrupted run, and how long it takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        _in_process(name, Path(folder) / "warm" / name)
        seconds = _in_process(name, path)
        return _outcome(_rows(path)), seconds


def _killed_at(name: str, moments: Sequence[float]) -> None:
    expected, seconds = _whole(name)
    assert expected
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        committed: Rows = {}
        for moment in moments:
            _in_process(name, path, moment * seconds)
            now = _rows(path)
            assert committed.items() <= now.items()
            committed = now
        _in_process(name, path)
        now = _rows(path)
    assert committed.items() <= now.items()
    assert _outcome(now) == expected


@pytest.mark.parametrize("name", SEARCHES)
@given(moments=st.lists(st.floats(0.02, 1), min_size=1, max_size=3))
@settings(max_examples=4, deadline=None)
def test_killed_at_any_moment_and_resumed_a_search_ends_the_same(name: str, moments: list[float]) -> None:
    _killed_at(name, moments)


@pytest.mark.nightly
@pytest.mark.parametrize("name", SEARCHES)
@given(moments=st.lists(st.floats(0.02, 0.3), min_size=20, max_size=20))
@settings(max_examples=1, deadline=None)
def test_twenty_kills_lose_no_committed_row(name: str, moments: list[float]) -> None:
    _killed_at(name, moments)
