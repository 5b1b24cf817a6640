"""The greedy assignment on a landscape whose best answer is known."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mulsmith.errors import ConfigError
from mulsmith.search.greedy import GreedyAssignment, bound_margin
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.run import search
from mulsmith.search.runner import SerialRunner
from mulsmith.search.store import Store
from mulsmith.search.trial import Trial

PRICE = {"exact": 1.0, "good": 0.6, "coarse": 0.2, "useless": 0.9}
COUNTS = {"first": 10, "second": 100, "third": 50}
LOSS = {
    "exact": {"first": 0.0, "second": 0.0, "third": 0.0},
    "good": {"first": 0.002, "second": 0.002, "third": 0.002},
    "coarse": {"first": 0.3, "second": 0.004, "third": 0.02},
    "useless": {"first": 0.1, "second": 0.1, "third": 0.1},
}


class Landscape:
    identity: Mapping[str, str] = {}

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        layers = trial.candidate.genome["layers"]
        if layers["first"] == "useless" and layers["second"] == "useless":
            raise RuntimeError("cannot be emulated")
        return {
            "accuracy": 0.95 - sum(LOSS[name][layer] for layer, name in layers.items()),
            "energy_all_pj": sum(COUNTS[layer] * PRICE[name] for layer, name in layers.items()),
        }


def _searcher(max_loss: float) -> GreedyAssignment:
    energy = {layer: {name: n * price for name, price in PRICE.items()} for layer, n in COUNTS.items()}
    return GreedyAssignment(tuple(COUNTS), tuple(PRICE), "exact", energy, max_loss)


def _run(folder: Path, searcher: GreedyAssignment) -> int:
    objectives = [Objective.energy(Ledger.ALL), Objective("accuracy", "max")]
    with Store(folder, {}) as store:
        search(searcher, Landscape(), SerialRunner(), store, objectives)
        return len(store)


def test_it_finds_the_cheapest_assignment_within_the_bound(tmp_path: Path) -> None:
    searcher = _searcher(0.01)
    count = _run(tmp_path, searcher)
    assert searcher.chosen == {"first": "good", "second": "coarse", "third": "good"}
    assert searcher.chosen_accuracy == pytest.approx(0.942)
    assert count <= searcher.planned()


def test_without_allowance_nothing_that_loses_is_taken(tmp_path: Path) -> None:
    searcher = _searcher(0.0)
    _run(tmp_path, searcher)
    assert set(searcher.chosen.values()) == {"exact"}


def test_a_resumed_search_repeats_nothing_and_ends_alike(tmp_path: Path) -> None:
    first, second = _searcher(0.01), _searcher(0.01)
    count = _run(tmp_path, first)
    assert _run(tmp_path, second) == count
    assert second.chosen == first.chosen


def test_a_baseline_outside_the_multipliers_is_refused() -> None:
    with pytest.raises(ConfigError, match="the baseline 'other' is not among the multipliers"):
        GreedyAssignment(("a",), ("exact",), "other", {}, 0.0)


def test_few_images_draw_the_bound_tighter(tmp_path: Path) -> None:
    def chosen(images: int | None, margin: float) -> tuple[float, set[str]]:
        searcher = _searcher(0.01)
        searcher.images, searcher.margin = images, margin
        _run(tmp_path / f"{images} {margin}", searcher)
        assert searcher.chosen_accuracy is not None
        return searcher.chosen_accuracy, set(searcher.chosen.values())

    assert chosen(None, 1.0)[0] == pytest.approx(0.942)
    assert chosen(359, 0.0)[0] == pytest.approx(0.942)
    # sqrt(0.01 * 0.99 / 359) = 0.0053: 0.0047 of the hundredth are left.
    accuracy, names = chosen(359, 1.0)
    assert accuracy >= 0.9453
    assert names != {"exact"}
    assert chosen(20, 1.0)[1] == {"exact"}


def test_the_margin_never_exceeds_the_bound() -> None:
    assert bound_margin(0.01, 359) == pytest.approx(0.00525, abs=1e-5)
    assert bound_margin(0.01, 1) == 0.01
    assert bound_margin(0.0, 100) == 0.0
