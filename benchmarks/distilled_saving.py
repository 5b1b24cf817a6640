"""What saving most of the energy of multiplications costs ResNet-8 on CIFAR-10 after distillation.

    python benchmarks/distilled_saving.py --cifar FOLDER --weights resnet8.pt --runs FOLDER [--seeds 0 1 2]

``assign`` looks for assignments that save enough; the most accurate one on validation is retrained on the
answers of the float network. It and the exact network are judged on the whole test split. With ``--exact``
the exact network is retrained in the same way. Runs resume; what is there already is not run again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_run import open_search, run_search
from mulsmith.emulate.training import accuracy
from mulsmith.search.trial import Candidate, Trial

SAVING_PERCENT = 70.0
RETRAINING = {
    "epochs": 1,
    "learning_rate": 1e-3,
    "batch": 128,
    "augment": True,
    "images": 0,
    "teacher": "float",
    "front_limit": 1,
}


def configuration(cifar: Path, weights: Path, seed: int, exact: bool) -> SearchConfig:
    """Return the configuration of a run; with ``exact`` there is nothing but the exact multiplier."""
    document: dict[str, Any] = {
        "data": {"name": "cifar10", "folder": cifar},
        "network": {"name": "cifar-resnet8", "weights": weights},
        "circuits": {"names": ("mul8x8u_dadda",) if exact else ("mul8x8u_*",)},
        "evaluation": {
            "images": 500,
            "seed": seed,
            "test_images": 500,
            "reference_saving_percent": 0 if exact else SAVING_PERCENT,
        },
        "retraining": {**RETRAINING, "seed": seed},
    }
    return SearchConfig.model_validate(document)


def row(cifar: Path, weights: Path, folder: Path, seed: int, exact: bool) -> str:
    """Run what is missing and return what it came to, a row of a table.

    Returns:
        The seed, energy saved in percent, accuracy on test of the exact network, of the assignment before and
        after retraining, the loss in points, and the processor seconds of this call's run.
    """
    config = configuration(cifar, weights, seed, exact)
    method, start = "uniform" if exact else "assign", time.process_time()
    result = run_search(method, config, folder)
    spent = time.process_time() - start
    retrained = [member for member in result["front"] if "model" in member]
    if not retrained:
        return f"| {seed} | what was retrained is not on the front of the validation images |"
    own = open_search(method, config, folder)
    evaluator, test = own.evaluator(), own.setting.data.test
    layers, epochs = retrained[0]["assignment"], RETRAINING["epochs"]
    trials = [Trial(Candidate({"layers": layers}), fidelity, seed) for fidelity in ({}, {"epochs": epochs})]
    networks = [own.setting.evaluator.network, *(evaluator.network_of(trial) for trial in trials)]
    plain, before, after = (100 * accuracy(network, test) for network in networks)
    cells = [
        f"{seed}",
        f"{retrained[0]['metrics']['saving_all_percent']:.1f}",
        *(f"{value:.2f}" for value in (plain, before, after)),
        f"{plain - after:+.2f}",
        f"{spent:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print a row per seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--exact", action="store_true", help="retrain the exact network instead")
    options = parser.parse_args()
    for seed in options.seeds:
        folder = options.runs / f"{'exact' if options.exact else 'assign'}-{seed}"
        print(row(options.cifar, options.weights, folder, seed, options.exact), flush=True)


if __name__ == "__main__":
    main()
