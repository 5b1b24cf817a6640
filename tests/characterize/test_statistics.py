"""Error statistics against a plain-Python count over every operand pair."""

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.characterize.statistics import error_stats
from mulsmith.errors import LutError


def _noisy(a_bits: int, b_bits: int, signed: bool) -> Lut:
    exact = Lut.exact(a_bits, b_bits, signed)
    noise = np.random.default_rng(3).integers(-5, 6, exact.table.shape, dtype=np.int32)
    return Lut(exact.table + noise, a_bits, b_bits, signed)


@pytest.mark.parametrize(("a_bits", "b_bits", "signed"), [(4, 2, False), (4, 4, True), (8, 3, False)])
def test_statistics_equal_a_plain_count(a_bits: int, b_bits: int, signed: bool) -> None:
    lut = _noisy(a_bits, b_bits, signed)
    errors, relative = [], []
    for a, x in enumerate(operand_values(a_bits, signed).tolist()):
        for b, y in enumerate(operand_values(b_bits, signed).tolist()):
            errors.append(int(lut.table[a, b]) - x * y)
            if x * y != 0:
                relative.append(abs(errors[-1]) / abs(x * y))
    n = len(errors)
    stats = error_stats(lut)
    full = 2 ** (a_bits + b_bits)
    assert stats.mae == pytest.approx(sum(map(abs, errors)) / n)
    assert stats.mae_percent == pytest.approx(100 * stats.mae / full)
    assert stats.wce == max(map(abs, errors))
    assert stats.wce_percent == pytest.approx(100 * stats.wce / full)
    assert stats.ep_percent == pytest.approx(100 * sum(e != 0 for e in errors) / n)
    assert stats.mre_percent == pytest.approx(100 * sum(relative) / len(relative))
    assert stats.wcre_percent == pytest.approx(100 * max(relative))
    assert stats.mse == pytest.approx(sum(e * e for e in errors) / n)
    assert stats.mean_error == pytest.approx(sum(errors) / n)
    assert stats.error_std == pytest.approx(np.std(errors))


def test_uniform_histograms_change_nothing() -> None:
    lut = _noisy(8, 4, False)
    plain, weighted = error_stats(lut), error_stats(lut, np.ones(256), np.ones(16))
    assert weighted.to_json() == pytest.approx(plain.to_json())


def test_a_histogram_selects_what_counts() -> None:
    table = Lut.exact(8, 8, False).table.copy()
    table[3, 5] += 7
    only_three = np.zeros(256)
    only_three[3] = 2
    stats = error_stats(Lut(table, 8, 8, False), a_weights=only_three)
    assert stats.wce == 7
    assert stats.mae == pytest.approx(7 / 256)
    only_four = np.roll(only_three, 1)
    assert error_stats(Lut(table, 8, 8, False), a_weights=only_four).wce == 0


@pytest.mark.parametrize("histogram", [np.ones(255), -np.ones(256), np.zeros(256), np.full(256, np.nan)])
def test_bad_histograms_are_refused(histogram: np.ndarray) -> None:
    with pytest.raises(LutError, match="histogram of operand A"):
        error_stats(Lut.exact(8, 8, False), a_weights=histogram)
