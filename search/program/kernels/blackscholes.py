"""blackscholes: the price of a European option (Black and Scholes 1973) over 120."""

from __future__ import annotations

import numpy as np

from mulsmith.search.program.kernel import Floats, Kernel

SCALE = 120.0
_GAMMA = 0.2316419
_COEFFICIENTS = (1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530)


def normal_cdf(x: Floats) -> Floats:
    """Return the cumulative normal distribution by Abramowitz and Stegun 26.2.17 (error below 7.5e-8)."""
    k = 1.0 / (1.0 + _GAMMA * np.abs(x))
    series = np.zeros_like(x)
    for coefficient in _COEFFICIENTS:
        series = (series + coefficient) * k
    tail = np.exp(-0.5 * x * x) * series / np.sqrt(2.0 * np.pi)
    return np.asarray(np.where(x >= 0, 1.0 - tail, tail))


def price(inputs: Floats) -> Floats:
    """Return price / 120, [options, 1].

    Args:
        inputs: spot / 120, strike / 120, rate, volatility, years, type (0 call, 1 put), [options, 6].
    """
    spot, strike, rate, volatility, years, kind = inputs.T
    spread = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / spread
    sign = np.where(kind < 0.5, 1.0, -1.0)
    discounted = strike * np.exp(-rate * years)
    value = spot * normal_cdf(sign * d1) - discounted * normal_cdf(sign * (d1 - spread))
    return np.asarray(sign * value)[:, None]


def sample(rng: np.random.Generator, count: int) -> Floats:
    """Return options near the money: spot 40..120, strike within 10 % of it, up to a year, both types."""
    spot = rng.uniform(40.0, 120.0, count) / SCALE
    return np.column_stack(
        [
            spot,
            spot * rng.uniform(0.9, 1.1, count),
            rng.uniform(0.0275, 0.1, count),
            rng.uniform(0.1, 0.6, count),
            rng.uniform(0.1, 1.0, count),
            rng.integers(0, 2, count).astype(np.float64),
        ]
    )


BLACKSCHOLES = Kernel(
    "blackscholes", 6, 1, price, sample, "relative", (0.01, 0.015), (6, 8, 8, 1), "price of a European option"
)
