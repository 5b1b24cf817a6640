"""Finds small networks in place of the C function of undistort.c and writes them as a C header.

    python replace.py LIBRARY

A search that was interrupted goes on where it stopped.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mulsmith.search.program import TrainingPlan, approximate, c_function, c_header

BOUND = 0.01  # of half the picture's width


def points(rng: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Return points of the picture, [count, 2]."""
    return rng.uniform((-0.8, -0.6), (0.8, 0.6), (count, 2))


def main() -> None:
    """Search, print what was found, and write undistort_network.h."""
    found = approximate(
        c_function(Path(sys.argv[1]).resolve(), "undistort", inputs=2, outputs=2),
        points,
        "output",
        BOUND,
        folder="runs/undistort",
        name="undistort",
        budget=30,
        plan=TrainingPlan(epochs=100),
        samples=(4000, 2000, 2000),
    )
    share = found.test[found.metric]
    print(f"{found.network.topology.text}: {share:.1%} of new points within {BOUND} {found.note}".rstrip())
    for evaluation in found.front:
        network = found.evaluator.topology(evaluation.trial.candidate.genome)
        metrics = evaluation.metrics
        print(f"  {network.text:12} {metrics[found.metric]:6.1%}  {metrics['npu_pj']:5.0f} pJ")
    Path("undistort_network.h").write_text(c_header(found.selector(), "undistort_network"))


if __name__ == "__main__":
    main()
