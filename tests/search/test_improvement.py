"""Expected growth of the hypervolume, against sampling and against pymoo's hypervolume."""

import numpy as np
import pytest

from mulsmith.search.improvement import Evaluated, expected_gain, posterior
from mulsmith.search.pareto import hypervolume

KNOWN = Evaluated(
    choices=np.array([[0, 0], [1, 0], [2, 2]]),
    accuracy=np.array([0.9, 0.85, 0.6]),
    prior=np.array([0.9, 0.88, 0.7]),
    energy=np.array([10.0, 6.0, 2.0]),
)


def test_gain_is_the_mean_growth_of_the_hypervolume() -> None:
    energy, mean, spread = 4.0, 0.87, 0.05
    found = expected_gain(KNOWN, np.array([mean]), np.array([spread]), np.array([energy]), 0.5, 10.0)
    cost = np.stack([-KNOWN.accuracy, KNOWN.energy], axis=1)
    before = hypervolume(cost, (-0.5, 10.0))
    drawn = np.random.default_rng(0).normal(mean, spread, 2000)
    growth = [hypervolume(np.vstack([cost, [-a, energy]]), (-0.5, 10.0)) - before for a in drawn]
    assert found[0] == pytest.approx(np.mean(growth), rel=0.05)


def test_a_candidate_of_higher_energy_and_certainly_lower_accuracy_gains_nothing() -> None:
    found = expected_gain(KNOWN, np.array([0.5]), np.array([1e-3]), np.array([7.0]), 0.5, 10.0)
    assert found[0] == pytest.approx(0.0, abs=1e-12)


def test_the_posterior_follows_residuals_of_similar_candidates() -> None:
    choices = np.array([[2, 2], [2, 0], [3, 3]])
    mean, spread = posterior(KNOWN, choices, np.array([0.7, 0.8, 0.8]), 0.05)
    assert 0.6 <= mean[0] < 0.63
    assert mean[0] - 0.7 < mean[1] - 0.8 < 0
    assert abs(mean[2] - 0.8) < abs(mean[1] - 0.8)
    assert spread[0] < spread[1] < spread[2]
