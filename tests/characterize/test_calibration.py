"""Calibration against figures whose agreement is known, and against SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from mulsmith.characterize.calibration import calibrate, spearman
from mulsmith.errors import ConfigError


def test_exact_agreement():
    result = calibrate([1, 2, 3, 0], [1.2, 2.4, 3.6, 0], ["a", "a", "b", "b"])
    assert result.factor == pytest.approx(1.2)
    assert result.mean_deviation == pytest.approx(0)
    assert (result.left_out, result.rank_correlation) == (1, 1)
    assert dict(result.rank_correlation_within) == {"a": pytest.approx(1), "b": pytest.approx(1)}


def test_factor_is_the_best_one():
    rng = np.random.default_rng(0)
    x = rng.random(50) + 0.1
    y = 1.3 * x * rng.uniform(0.8, 1.25, 50)
    result = calibrate(x, y, ["all"] * 50)
    tried = [np.abs(1 - factor * x / y).mean() for factor in np.linspace(0.5, 3, 20001)]
    assert result.mean_deviation <= min(tried) + 1e-12
    assert result.correlation == pytest.approx(stats.pearsonr(x, y)[0])


def test_ranks_with_ties():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 6, 40).astype(float), rng.integers(0, 6, 40).astype(float)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y)[0])
    assert math.isnan(spearman(np.ones(3), np.arange(3.0)))


def test_wrong_input():
    with pytest.raises(ConfigError, match="differ in number"):
        calibrate([1, 2], [1], ["a"])
    with pytest.raises(ConfigError, match="no circuit has a positive"):
        calibrate([0.0], [1.0], ["a"])
