"""What saving 70 % of the energy of multiplications costs ResNet-8 on CIFAR-10 after retraining.

    python benchmarks/distilled_saving.py --cifar FOLDER --weights resnet8.pt --runs FOLDER [--seeds 0 1 2]

``assign`` looks for assignments that save enough; the most accurate one on validation is retrained. The exact
8-bit network is retrained in the same way. All are judged on the whole test split, and the loss is given
against the exact network both as it was and retrained. Runs resume; what is there already is not run again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_run import open_search, run_search
from mulsmith.emulate.training import accuracy
from mulsmith.search.trial import Candidate, Trial

SAVING_PERCENT = 70.0
FIRST_EDITION = "mul8x8u_[!e]*"
"""The embedded circuits without the evolved ones."""


def configuration(options: argparse.Namespace, seed: int, exact: bool) -> SearchConfig:
    """Return the configuration of a run; with ``exact`` there is nothing but the exact multiplier."""
    document: dict[str, Any] = {
        "data": {"name": "cifar10", "folder": options.cifar},
        "network": {"name": "cifar-resnet8", "weights": options.weights},
        "circuits": {"names": ("mul8x8u_dadda" if exact else FIRST_EDITION,)},
        "evaluation": {
            "images": options.images,
            "seed": seed,
            "test_images": 500,
            "reference_saving_percent": 0 if exact else SAVING_PERCENT,
        },
        "retraining": {
            "epochs": options.epochs,
            "learning_rate": options.learning_rate,
            "optimiser": options.optimiser,
            "weight_decay": options.weight_decay,
            "batch": 128,
            "augment": True,
            "teacher": options.teacher,
            "label_share": options.label_share,
            "front_limit": 1,
            "seed": seed,
        },
    }
    return SearchConfig.model_validate(document)


def on_test(options: argparse.Namespace, seed: int, exact: bool) -> tuple[float, list[float]]:
    """Run what is missing.

    Returns:
        The energy saved in percent, and the accuracies on test in percent of the exact network as it was and
        of the assignment before and after retraining.
    """
    config, method = configuration(options, seed, exact), "uniform" if exact else "assign"
    folder = options.runs / f"{'exact' if exact else 'assign'}-{seed}"
    run_search(method, config, folder)
    lines = (folder / "evaluations.jsonl").read_text(encoding="utf-8").splitlines()
    (retrained,) = (row for row in map(json.loads, lines) if row["fidelity"])
    own = open_search(method, config, folder)
    evaluator, test = own.evaluator(), own.setting.data.test
    candidate = Candidate(retrained["genome"])
    before, after = Trial(candidate, {}, seed), Trial(candidate, retrained["fidelity"], seed)
    networks = [own.setting.evaluator.network, evaluator.network_of(before), evaluator.network_of(after)]
    return retrained["metrics"]["saving_all_percent"], [100 * accuracy(network, test) for network in networks]


def row(options: argparse.Namespace, seed: int) -> str:
    """Return a row of the table; processor seconds are those of ``assign`` alone."""
    start = time.process_time()
    saved, (plain, before, after) = on_test(options, seed, exact=False)
    spent = time.process_time() - start
    _, (_, _, alike) = on_test(options, seed, exact=True)
    cells = [
        f"{seed}",
        f"{saved:.1f}",
        *(f"{value:.2f}" for value in (plain, alike, before, after)),
        *(f"{reference - after:+.2f}" for reference in (plain, alike)),
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
    parser.add_argument("--images", type=int, default=2000, help="validation images per emulation")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--optimiser", choices=("adam", "sgd"), default="adam")
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--teacher", choices=("labels", "float"), default="float")
    parser.add_argument("--label-share", type=float, default=0.5, help="with the float network's answers")
    options = parser.parse_args()
    for seed in options.seeds:
        print(row(options, seed), flush=True)


if __name__ == "__main__":
    main()
