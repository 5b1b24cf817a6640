"""Time of QoS-Nets' exact subset choice against a plain enumeration, which also checks it.

    python benchmarks/subset_choice.py

Random problems of the published size: 36 multipliers, 4 chosen, 20 layers at 3 operating points.
"""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mulsmith.search.subset import choose_subset

MULTIPLIERS, CHOSEN, LAYERS, POINTS, PROBLEMS = 36, 4, 20, 3, 5
Floats = npt.NDArray[np.float64]


def problem(seed: int) -> tuple[Floats, Floats]:
    """Return (predicted / tolerated error, cost), each [layers x points, multipliers]; the last is exact."""
    rng = np.random.default_rng(seed)
    price = np.sort(rng.uniform(0.05, 1.0, MULTIPLIERS))
    error = rng.uniform(0.5, 2.0, MULTIPLIERS) / price
    error[-1] = 0.0
    tolerated = rng.lognormal(1.5, 1.0, LAYERS)[:, None] * np.array([0.3, 1.0, 2.0])
    work = np.repeat(rng.uniform(1, 10, LAYERS), POINTS)
    return error[None, :] / tolerated.reshape(-1, 1), work[:, None] * price[None, :]


def least_cost(ratio: Floats, cost: Floats) -> float:
    """Return the cost of the best subset, found by plain loops over all of them."""
    rows = [
        [price if error <= 1 else float("inf") for error, price in zip(errors, prices, strict=True)]
        for errors, prices in zip(ratio.tolist(), cost.tolist(), strict=True)
    ]
    return min(
        sum(min(row[a], row[b], row[c], row[d]) for row in rows)
        for a, b, c, d in combinations(range(MULTIPLIERS), CHOSEN)
    )


def main() -> None:
    """Print a line per problem."""
    for seed in range(PROBLEMS):
        ratio, cost = problem(seed)
        start = time.perf_counter()
        found = choose_subset(ratio, cost, CHOSEN, method="exact")
        middle = time.perf_counter()
        best = least_cost(ratio, cost)
        own, plain = middle - start, time.perf_counter() - middle
        broken = sum(ratio[row, member] > 1 for row, member in enumerate(found.choice))
        print(
            f"problem {seed}: {own:.3f} s, plain enumeration {plain:.2f} s ({plain / own:.0f}x); cost "
            f"{found.cost:.4f}, least {best:.4f}; {broken} of {len(ratio)} tolerances broken"
        )


if __name__ == "__main__":
    main()
