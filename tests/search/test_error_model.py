"""Predicted output errors against errors counted over sampled sums."""

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError
from mulsmith.search.error_model import LayerOperands, SumHistograms, predict_error


def _truncated(a_bits: int, b_bits: int, cut: int) -> Lut:
    exact = Lut.exact(a_bits, b_bits, False).table
    return Lut((exact >> cut << cut).astype(np.int32), a_bits, b_bits, False)


def _histograms(codes: np.ndarray, size: int) -> np.ndarray:
    """Codes [groups, rows, fan_in] -> counts [groups, rows, size]."""
    return np.stack([[np.bincount(row, minlength=size) for row in group] for group in codes]).astype(float)


def _one_kind(x: np.ndarray, w: np.ndarray, weight_codes: int = 256) -> LayerOperands:
    return LayerOperands((SumHistograms(_histograms(x, 256), _histograms(w, weight_codes)),))


def _layer(rng: np.random.Generator, groups: int, fan_in: int) -> tuple[np.ndarray, np.ndarray]:
    level = rng.uniform(5, 60, (groups, 40, 1))
    x = np.minimum(rng.exponential(level, (groups, 40, fan_in)), 255).astype(int)
    w = np.clip(rng.normal(128, 30, (groups, 6, fan_in)), 0, 255).astype(int)
    return x, w


@pytest.mark.parametrize(("groups", "fan_in"), [(1, 27), (3, 9), (1, 2)])
def test_permutation_model_equals_random_pairings(groups: int, fan_in: int) -> None:
    rng = np.random.default_rng(7)
    lut = _truncated(8, 8, 6)
    x, w = _layer(rng, groups, fan_in)
    predicted = predict_error(lut, _one_kind(x, w))
    error = lut.table - Lut.exact(8, 8, False).table
    sums = []
    for _ in range(300):
        shuffled = rng.permuted(w, axis=2)
        sums.append(error[x[:, :, None, :], shuffled[:, None, :, :]].sum(axis=3))
    counted = np.array(sums, dtype=float)
    assert predicted.mean == pytest.approx(counted.mean(), rel=0.01)
    assert predicted.std == pytest.approx(counted.std(), rel=0.02)


def test_global_and_permutation_agree_on_independent_uniform_operands() -> None:
    rng = np.random.default_rng(5)
    lut = _truncated(8, 4, 5)
    x, w = rng.integers(0, 256, (1, 400, 64)), rng.integers(0, 16, (1, 60, 64))
    operands = _one_kind(x, w, 16)
    error = lut.table - Lut.exact(8, 4, False).table
    counted = error[x[:, :, None, :], w[:, None, :, :]].sum(axis=3)
    for model in ("permutation", "global"):
        predicted = predict_error(lut, operands, model)
        assert predicted.mean == pytest.approx(counted.mean(), rel=0.01)
        assert predicted.std == pytest.approx(counted.std(), rel=0.05)


def test_local_model_equals_draws_from_each_field() -> None:
    rng = np.random.default_rng(2)
    lut = _truncated(8, 8, 6)
    x, w = _layer(rng, 1, 27)
    predicted = predict_error(lut, _one_kind(x, w), "local")
    error = lut.table - Lut.exact(8, 8, False).table
    fields = rng.integers(0, 27, (40, 4000, 27))
    a = np.take_along_axis(x[0][:, None, :], fields, axis=2)
    counted = error[a, rng.choice(w.ravel(), a.shape)].sum(axis=2).astype(float)
    assert predicted.mean == pytest.approx(counted.mean(), rel=0.01)
    assert predicted.std == pytest.approx(counted.std(), rel=0.02)


def test_exact_multiplier_has_no_error() -> None:
    x, w = _layer(np.random.default_rng(1), 2, 8)
    operands = _one_kind(x, w)
    for model in ("permutation", "local", "global"):
        assert predict_error(Lut.exact(8, 8, False), operands, model).std == 0.0


def test_bad_operands_are_refused() -> None:
    good = np.full((1, 2, 16), 1.0)
    with pytest.raises(ConfigError, match="same fan-in"):
        SumHistograms(good, 2 * good)
    with pytest.raises(ConfigError, match="must sum to 1"):
        LayerOperands((SumHistograms(good, good, 0.5),))
    layer = LayerOperands((SumHistograms(good, good),))
    with pytest.raises(ConfigError, match="the histograms have"):
        predict_error(Lut.exact(8, 8, False), layer)
    with pytest.raises(ConfigError, match="no error model"):
        predict_error(Lut.exact(4, 4, False), layer, "best")  # type: ignore[arg-type]
