"""Operating points that share weights against twins trained alone: QoS-Nets, ResNet-8, CIFAR-10.

    python benchmarks/qos_twins.py --cifar FOLDER --weights resnet8.pt --runs FOLDER [--seeds 0 1 2]

Four multipliers, three operating points. The shared network and every twin start from the same weights and
see the same images in the same order for as many steps, by default those of ``search_fronts.py``. Accuracies
are those of the whole test split. Prints a row per point and seed, and the means over the seeds. Runs resume.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_run import run_search

FIRST_EDITION = "mul8x8u_[!e]*"
"""The embedded circuits without the evolved ones."""


def configuration(options: argparse.Namespace, seed: int) -> SearchConfig:
    """Return the configuration of a run."""
    document: dict[str, Any] = {
        "data": {"name": "cifar10", "folder": options.cifar},
        "network": {"name": "cifar-resnet8", "weights": options.weights},
        "circuits": {"names": (FIRST_EDITION,)},
        "evaluation": {"images": 500, "seed": seed},
        "retraining": {
            "epochs": options.epochs,
            "learning_rate": options.learning_rate,
            "batch": 128,
            "augment": True,
            "images": options.images,
            "teacher": options.teacher,
            "seed": seed,
        },
        "qos": {"noise_epochs": 1, "batch": 128, "twins": True, "seed": seed},
    }
    return SearchConfig.model_validate(document)


def differences(options: argparse.Namespace, seed: int) -> list[float]:
    """Run what is missing, print a row per point, and return shared less alone, in points."""
    start = time.process_time()
    result = run_search("qos", configuration(options, seed), options.runs / f"qos-{seed}")
    spent, found = time.process_time() - start, []
    for number, point in enumerate(result["plans"][0]["points"]):
        exact, alone, shared = (
            100 * value
            for value in (
                result["baseline"]["test_accuracy"],
                point["twin_test_accuracy"],
                point["test_accuracy"],
            )
        )
        found.append(shared - alone)
        cells = [f"{seed}", f"{number}", f"{point['saving_all_percent']:.1f}"]
        cells += [f"{exact:.2f}", f"{alone:.2f}", f"{shared:.2f}", f"{found[-1]:+.2f}", f"{spent:.0f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
    return found


def main() -> None:
    """Print the rows, and for every point the mean difference and its standard error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--images", type=int, default=10_000, help="training images; 0 is all")
    parser.add_argument("--teacher", choices=("labels", "float"), default="labels")
    options = parser.parse_args()
    found = np.array([differences(options, seed) for seed in options.seeds])
    if len(found) > 1:
        errors = found.std(axis=0, ddof=1) / math.sqrt(len(found))
        for number, (mean, error) in enumerate(zip(found.mean(axis=0), errors, strict=True)):
            print(f"point {number}: {mean:+.2f} ± {error:.2f}")


if __name__ == "__main__":
    main()
