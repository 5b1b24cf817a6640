"""Expected growth of the hypervolume, against sampling and against pymoo's hypervolume."""

import numpy as np
import pytest

from mulsmith.search.improvement import AccuracyModel, Candidates, expected_gain
from mulsmith.search.pareto import hypervolume

# Loss of each multiplier, the same in both layers.
LOSS = np.array([0.0, 0.1, 1.0, 2.0])
ENERGY = np.array([5.0, 3.0, 1.0, 0.5])


def _candidates(*choices: tuple[int, int]) -> Candidates:
    stacked = np.array(choices)
    return Candidates(stacked, LOSS[stacked], ENERGY[stacked].sum(axis=1))


KNOWN = _candidates((0, 0), (1, 0), (2, 2))
ACCURACY = np.array([0.9, 0.85, 0.6])
MODEL = AccuracyModel.fit(KNOWN, ACCURACY, 0.4, 0.003)


def test_gain_is_the_mean_growth_of_the_hypervolume() -> None:
    energy, mean, spread = 7.0, 0.87, 0.05
    found = expected_gain(MODEL, np.array([mean]), np.array([spread]), np.array([energy]), 0.5, 10.0)
    cost = np.stack([-ACCURACY, KNOWN.energy], axis=1)
    before = hypervolume(cost, (-0.5, 10.0))
    drawn = np.random.default_rng(0).normal(mean, spread, 2000)
    growth = [hypervolume(np.vstack([cost, [-a, energy]]), (-0.5, 10.0)) - before for a in drawn]
    assert found[0] == pytest.approx(np.mean(growth), rel=0.05)


def test_a_candidate_of_higher_energy_and_certainly_lower_accuracy_gains_nothing() -> None:
    found = expected_gain(MODEL, np.array([0.5]), np.array([1e-3]), np.array([9.0]), 0.5, 10.0)
    assert found[0] == pytest.approx(0.0, abs=1e-12)


def test_accuracy_falls_with_loss_and_is_known_where_it_was_measured() -> None:
    mean, spread = MODEL.posterior(_candidates((0, 0), (2, 2), (3, 3)))
    assert mean[:2] == pytest.approx([0.9, 0.6], abs=0.05)
    assert mean[2] < 0.6
    assert spread[0] < spread[1] < spread[2]


def test_residuals_reach_candidates_that_share_multipliers() -> None:
    better = AccuracyModel.fit(KNOWN, np.array([0.9, 0.85, 0.7]), 0.4, 0.003)
    worse = AccuracyModel(KNOWN, ACCURACY, 0.9, better.slope, better.spread, better.lowest, better.least)
    others = _candidates((2, 3), (3, 3))
    change = better.posterior(others)[0] - worse.posterior(others)[0]
    assert change[0] > change[1] > 0


def test_believing_in_a_candidate_makes_its_neighbours_certain() -> None:
    others = _candidates((3, 2), (3, 3))
    mean, before = MODEL.posterior(others)
    believing = MODEL.believing(others, 0, float(mean[0]))
    after_mean, after = believing.posterior(others)
    assert after_mean == pytest.approx(mean)
    assert (after < before).all()
    assert after[0] < after[1]


def test_failures_below_the_corner_are_not_told_apart() -> None:
    known = _candidates((0, 0), (2, 2), (3, 3))
    models = [AccuracyModel.fit(known, np.array([0.9, 0.8, bad]), 0.1, 0.003) for bad in (0.7, 0.1)]
    first, second = (model.posterior(_candidates((1, 3), (3, 1)))[0] for model in models)
    assert first == pytest.approx(second)


def test_failures_steepen_a_slope_that_harmless_probes_left_flat() -> None:
    known = _candidates((0, 0), (1, 0), (2, 2), (3, 3))
    model = AccuracyModel.fit(known, np.array([0.9, 0.901, 0.3, 0.2]), 0.1, 0.003)
    # Both failures lose 0.15 or more, the first one at a loss of 2.
    assert model.slope * 2.0 == pytest.approx(0.15, rel=0.02)
    assert model.posterior(_candidates((2, 0)))[0][0] < 0.85
