"""Fronts of accuracy against multiplication energy: the assignment methods on one trained ResNet-8, CIFAR-10.

    python benchmarks/search_fronts.py --cifar FOLDER --weights resnet8.pt --runs FOLDER [--picture FILE.svg]

Every method runs with every seed in a run folder of its own; what is there already is not run again, and an
interrupted run goes on. A seed draws the validation images, orders the training images and steers the search;
network, training images and test images are the same for all. Prints the tables of docs/search.md.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_run import Step, run_search
from mulsmith.storage import atomic_write

RETRAINED = {"epochs": 1, "learning_rate": 3e-4, "batch": 128, "augment": True, "images": 10_000}
NOISE = {"noise_epochs": 1, "batch": 128}
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "uniform": ("uniform", {}),
    "ALWANN, 600": ("alwann", {}),
    "assign, 60": ("assign", {}),
    "agn-approx": ("agn", {"agn": {**NOISE, "weights": (0.1, 0.3)}}),
    "QoS-Nets": ("qos", {"qos": {**NOISE, "twins": True}}),
    "assign, retrained": ("assign", {"retraining": {"front_limit": 4}}),
}
"""Label -> method of ``mulsmith search`` and what its configuration changes."""
BEFORE = ("uniform", "ALWANN, 600", "assign, 60")
AFTER = ("agn-approx", "QoS-Nets", "assign, retrained")
SAVING_PERCENT, LOSS_PP = 70.0, 1.0
DEPTH_PP = 10.0


def configuration(
    label: str, seed: int, cifar: Path, weights: Path, workers: int
) -> tuple[str, SearchConfig]:
    """Return method and configuration of a run."""
    method, changes = METHODS[label]
    retrained = method in ("agn", "qos") or "retraining" in changes
    document: dict[str, Any] = {
        "data": {"name": "cifar10", "folder": cifar},
        "network": {"name": "cifar-resnet8", "weights": weights},
        "circuits": {"names": ("mul8x8u_*",)},
        "evaluation": {"images": 500, "seed": seed, "test_images": 1000, "reference_loss_pp": DEPTH_PP},
        "runner": {"workers": workers},
        "retraining": {**RETRAINED, "epochs": RETRAINED["epochs"] if retrained else 0, "seed": seed},
        **{name: dict(options) for name, options in changes.items() if name != "retraining"},
    }
    document["retraining"] |= changes.get("retraining", {})
    if method in ("alwann", "agn", "qos"):
        document[method] = {**document.get(method, {}), "seed": seed}
    return method, SearchConfig.model_validate(document)


def finished(label: str, seed: int, runs: Path, setting: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a run, with the processor seconds that its front took."""
    folder = runs / f"{label.replace(', ', '-').replace(' ', '-')}-{seed}"
    spent = folder / "seconds.json"
    if not (folder / "result.json").exists() or not spent.exists():
        method, config = configuration(label, seed, **setting)
        clock = _Clock(json.loads(spent.read_text()) if spent.exists() else 0.0)
        try:
            run_search(method, config, folder, on_step=clock)
        finally:
            folder.mkdir(parents=True, exist_ok=True)
            atomic_write(spent, json.dumps(clock.seconds).encode())
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    lines = (folder / "evaluations.jsonl").read_text().splitlines()
    epochs = [json.loads(line)["fidelity"].get("epochs", 0) for line in lines]
    return {**result, "seconds": json.loads(spent.read_text()), "trained": sum(e > 0 for e in epochs)}


class _Clock:
    """Adds up the processor time of a run and its workers, figures on the test split left out."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._workers = _of_workers()
        self._last: float | None = None

    def __call__(self, step: Step) -> None:
        now = time.process_time()
        if self._last is not None:
            self._seconds += now - self._last
        self._last = None if step.stage == "figures on the test split" else now

    @property
    def seconds(self) -> float:
        """What was spent, workers that are still alive left out."""
        return self._seconds + _of_workers() - self._workers


def _of_workers() -> float:
    times = os.times()
    return times.children_user + times.children_system


def loss_at_saving(result: dict[str, Any]) -> tuple[float, float]:
    """Return (saving, test loss against the exact network, both in percent) of the point that is picked.

    It is picked on validation: the most accurate one of the front that saves enough energy.
    """
    enough = [p for p in result["front"] if p["metrics"]["saving_all_percent"] >= SAVING_PERCENT]
    picked = max(enough, key=lambda point: point["metrics"]["accuracy"])
    loss = 100 * (result["baseline"]["test_accuracy"] - picked["test_accuracy"])
    return picked["metrics"]["saving_all_percent"], loss


def saving_within(result: dict[str, Any]) -> float:
    """Return the percent saved by the cheapest point that keeps the bound on validation."""
    floor = result["baseline"]["metrics"]["accuracy"] - LOSS_PP / 100
    kept = [p["metrics"] for p in result["front"] if p["metrics"]["accuracy"] > floor]
    return max((metrics["saving_all_percent"] for metrics in kept), default=0.0)


def front_line(label: str, results: list[dict[str, Any]]) -> str:
    """Return a row of the table of fronts: means and standard deviations over the seeds."""

    def spread(values: list[float], digits: int) -> str:
        return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1) if len(values) > 1 else 0:.{digits}f}"

    picked = [loss_at_saving(result) for result in results]
    emulations = np.mean([result["evaluations"] - result["trained"] for result in results])
    cells = [
        label,
        f"{emulations:.0f}",
        f"{np.mean([result['trained'] for result in results]):.0f}",
        f"{np.mean([result['seconds'] for result in results]):.0f}",
        spread([result["hypervolume"] for result in results], 3),
        spread([result["test_hypervolume"] for result in results], 3),
        spread([saving for saving, _ in picked], 1),
        spread([loss for _, loss in picked], 2),
    ]
    return "| " + " | ".join(cells) + " |"


def twin_lines(results: list[dict[str, Any]], seeds: list[int]) -> list[str]:
    """Return a row per seed and operating point: shared weights against the twin trained alone."""
    rows = []
    for seed, result in zip(seeds, results, strict=True):
        exact = result["baseline"]["test_accuracy"]
        for number, point in enumerate(result["plans"][0]["points"]):
            own, alone = point["test_accuracy"], point["twin_test_accuracy"]
            cells = [
                f"{seed}",
                f"{number}",
                f"{point['saving_all_percent']:.1f}",
                *(f"{100 * value:.2f}" for value in (exact, alone, own)),
                f"{100 * (own - alone):+.2f}",
            ]
            rows.append("| " + " | ".join(cells) + " |")
    return rows


def draw(results: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Draw the fronts on test, one line per seed; on the left without retraining, on the right with it."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "search fronts"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.8), sharey=True, layout="constrained")
    for panel, labels, title in zip(panels, (BEFORE, AFTER), ("without", "with"), strict=True):
        for colour, label in enumerate(label for label in labels if label in results):
            for result in results[label]:
                base = result["baseline"]
                points = sorted(
                    (
                        100 - p["metrics"]["saving_all_percent"],
                        100 * (p["test_accuracy"] - base["test_accuracy"]),
                    )
                    for p in result["front"]
                )
                name = label if result is results[label][0] else None
                panel.plot(*zip(*points, strict=True), ".-", lw=0.8, ms=4, color=f"C{colour}", label=name)
        panel.axhline(0, color="0.7", lw=0.6, zorder=0)
        panel.set(xscale="log", ylim=(-DEPTH_PP, 6), title=f"{title} retraining")
        panel.set_xlabel("energy of multiplications, % of exact")
        panel.set_xticks([3, 5, 10, 20, 50, 100], ["3", "5", "10", "20", "50", "100"])
        panel.minorticks_off()
        panel.legend(loc="lower right", frameon=False)
    panels[0].set_ylabel("test accuracy against exact, points")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Run what is missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--methods", nargs="+", choices=tuple(METHODS), default=list(METHODS))
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    setting = {"cifar": options.cifar, "weights": options.weights, "workers": options.workers}
    results: dict[str, list[dict[str, Any]]] = {label: [] for label in options.methods}
    for seed in options.seeds:
        for label in options.methods:
            results[label].append(finished(label, seed, options.runs, setting))
            print(f"{label}, seed {seed}: {results[label][-1]['seconds']:.0f} s", flush=True)
    for label, found in results.items():
        print(front_line(label, found))
    if "QoS-Nets" in results:
        print("\n".join(twin_lines(results["QoS-Nets"], options.seeds)))
    if options.picture is not None:
        draw(results, options.picture)


if __name__ == "__main__":
    main()
