"""Subset choice against brute force in plain Python."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.errors import ConfigError
from mulsmith.search.subset import choose_subset


def _problem(seed: int, rows: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    cost = np.sort(rng.uniform(0.05, 1.0, count))
    accuracy = 1.0 / cost * rng.uniform(0.5, 2.0, count)
    ratio = accuracy[None, :] * rng.lognormal(-1.5, 1.0, (rows, 1))
    ratio[:, -1] = 0.0
    return ratio, rng.uniform(1, 10, rows)[:, None] * cost[None, :]


def _brute_force(ratio: np.ndarray, cost: np.ndarray, size: int) -> float:
    best = float("inf")
    for members in combinations(range(cost.shape[1]), size):
        total = 0.0
        for row, price in zip(ratio, cost, strict=True):
            total += min((price[m] for m in members if row[m] <= 1), default=float("inf"))
        best = min(best, total)
    return best


@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(2, 8), st.integers(1, 4))
@settings(deadline=None, max_examples=60)
def test_exact_choice_is_optimal(seed: int, rows: int, count: int, size: int) -> None:
    ratio, cost = _problem(seed, rows, count)
    subset = choose_subset(ratio, cost, size)
    assert subset.violated == ()
    assert len(subset.members) <= size
    assert subset.cost == pytest.approx(_brute_force(ratio, cost, min(size, count)))
    assert all(ratio[row, member] <= 1 for row, member in enumerate(subset.choice))


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_greedy_is_feasible_and_no_better_than_exact(seed: int) -> None:
    ratio, cost = _problem(seed, 12, 10)
    exact = choose_subset(ratio, cost, 3, method="exact")
    greedy = choose_subset(ratio, cost, 3, method="greedy")
    assert greedy.violated == ()
    assert greedy.cost >= exact.cost - 1e-9


def test_paper_mode_reports_its_violations() -> None:
    ratio, cost = _problem(11, 12, 20)
    subset = choose_subset(ratio, cost, 4, method="paper")
    rows = [row for row, member in enumerate(subset.choice) if ratio[row, member] > 1]
    assert subset.violated == tuple(rows)
    assert len(subset.members) <= 4


def test_an_impossible_row_is_named() -> None:
    ratio = np.array([[0.5, 0.2], [3.0, 2.0]])
    with pytest.raises(ConfigError, match=r"no multiplier is exact enough for conv2 at 0\.3"):
        choose_subset(ratio, np.ones((2, 2)), 1, row_names=["conv1 at 0.3", "conv2 at 0.3"])


def test_a_subset_too_small_is_said() -> None:
    ratio = np.array([[0.5, 2.0], [2.0, 0.5]])
    with pytest.raises(ConfigError, match="no subset of 1 multipliers serves every row"):
        choose_subset(ratio, np.ones((2, 2)), 1)
