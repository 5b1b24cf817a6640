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
from mulsmith.search.pareto import hypervolume
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
FIRST_EDITION = "mul8x8u_[!e]*"
"""The embedded circuits without the evolved ones."""
SAVING_PERCENT, LOSS_PP = 70.0, 1.0
DEPTH_PP = 10.0


def configuration(
    label: str, seed: int, cifar: Path, weights: Path, circuits: str, workers: int
) -> tuple[str, SearchConfig]:
    """Return method and configuration of a run."""
    method, changes = METHODS[label]
    retrained = method in ("agn", "qos") or "retraining" in changes
    document: dict[str, Any] = {
        "data": {"name": "cifar10", "folder": cifar},
        "network": {"name": "cifar-resnet8", "weights": weights},
        "circuits": {"names": (circuits,)},
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
    """Return the result of a run, with its evaluations and the processor seconds that its front took."""
    folder = runs / f"{label.replace(', ', '-').replace(' ', '-')}-{seed}"
    spent = folder / "seconds.json"
    if not (folder / "result.json").exists():
        method, config = configuration(label, seed, **setting)
        clock = _Clock(spent)
        run_search(method, config, folder, on_step=clock)
        clock.save()
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    evaluated = [json.loads(line) for line in (folder / "evaluations.jsonl").read_text().splitlines()]
    return {**result, "seconds": json.loads(spent.read_text()), "evaluated": evaluated}


class _Clock:
    """Adds up the processor time of a run and its workers in a file, figures on the test split left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: float = json.loads(path.read_text()) if path.exists() else 0.0
        self._workers = _of_workers()
        self._last: float | None = None

    def __call__(self, step: Step) -> None:
        now = time.process_time()
        if self._last is not None:
            self._seconds += now - self._last
        self._last = None if step.stage == "figures on the test split" else now
        self.save()

    def save(self) -> None:
        """Write what was spent; workers count when they have ended."""
        atomic_write(self._path, json.dumps(self._seconds + _of_workers() - self._workers).encode())


def _of_workers() -> float:
    times = os.times()
    return times.children_user + times.children_system


def reached_after(result: dict[str, Any], volume: float) -> int | None:
    """Return the number of evaluations after which a run has a hypervolume on validation, if it ever has."""
    corner = result["hypervolume_reference"]
    places = [
        (
            (corner["accuracy"] - one["metrics"]["accuracy"]) / (DEPTH_PP / 100),
            one["metrics"]["energy_all_pj"] / corner["energy_pj"],
        )
        for one in result["evaluated"]
    ]
    for count in range(1, len(places) + 1):
        if hypervolume(np.array(places[:count]), (0.0, 1.0)) >= volume:
            return count
    return None


def loss_at_saving(result: dict[str, Any]) -> float:
    """Return the loss on test, points, of the point that is most accurate on validation and saves enough."""
    enough = [p for p in result["front"] if p["metrics"]["saving_all_percent"] >= SAVING_PERCENT]
    if not enough:
        return float("nan")
    picked = max(enough, key=lambda point: point["metrics"]["accuracy"])
    return 100 * (result["baseline"]["test_accuracy"] - picked["test_accuracy"])


def saving_within(result: dict[str, Any]) -> tuple[float, float]:
    """Return (percent saved, loss on test in points) of the cheapest point within the bound on validation."""
    floor = result["baseline"]["metrics"]["accuracy"] - LOSS_PP / 100
    kept = [p for p in result["front"] if p["metrics"]["accuracy"] > floor]
    if not kept:
        return 0.0, 0.0
    cheapest = max(kept, key=lambda point: point["metrics"]["saving_all_percent"])
    loss = 100 * (result["baseline"]["test_accuracy"] - cheapest["test_accuracy"])
    return cheapest["metrics"]["saving_all_percent"], loss


def front_line(label: str, results: list[dict[str, Any]]) -> str:
    """Return a row of the table of fronts: means and standard deviations over the seeds."""

    def spread(values: list[float], digits: int) -> str:
        if np.isnan(values).any():
            return "-"
        return f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1) if len(values) > 1 else 0:.{digits}f}"

    trained = [sum(one["fidelity"].get("epochs", 0) > 0 for one in r["evaluated"]) for r in results]
    within = [saving_within(result) for result in results]
    cells = [
        label,
        f"{np.mean([len(result['evaluated']) for result in results]) - np.mean(trained):.0f}",
        f"{np.mean(trained):.0f}",
        f"{max(result['seconds'] for result in results):.0f}",
        spread([result["hypervolume"] for result in results], 3),
        spread([result["test_hypervolume"] for result in results], 3),
        spread([loss_at_saving(result) for result in results], 1),
        spread([saving for saving, _ in within], 0),
        spread([loss for _, loss in within], 1),
    ]
    return "| " + " | ".join(cells) + " |"


def budget_lines(results: dict[str, list[dict[str, Any]]], seeds: list[int]) -> list[str]:
    """Return a row per seed: hypervolumes of ALWANN and assign, and when assign reached ALWANN's last one."""
    rows = []
    for seed, alwann, assign in zip(seeds, results["ALWANN, 600"], results["assign, 60"], strict=True):
        after = reached_after(assign, alwann["hypervolume"])
        volumes = [f"{result['hypervolume']:.3f}" for result in (alwann, assign)]
        rows.append(f"| {seed} | {volumes[0]} | {volumes[1]} | {'never' if after is None else after} |")
    return rows


def draw(results: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Draw the fronts on test, one line per seed; on the left without retraining, on the right with it."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "search fronts", "svg.fonttype": "none"})
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
        panel.set(xscale="log", xlim=(9, 110), ylim=(-DEPTH_PP, 1), title=f"{title} retraining")
        panel.set_xlabel("energy of multiplications, % of exact")
        panel.set_xticks([10, 20, 50, 100], ["10", "20", "50", "100"])
        panel.minorticks_off()
        panel.legend(loc="upper left", frameon=False)
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
    parser.add_argument("--circuits", default=FIRST_EDITION, help="pattern of embedded names")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    setting = {name: getattr(options, name) for name in ("cifar", "weights", "circuits", "workers")}
    results: dict[str, list[dict[str, Any]]] = {label: [] for label in options.methods}
    for seed in options.seeds:
        for label in options.methods:
            results[label].append(finished(label, seed, options.runs, setting))
            print(f"{label}, seed {seed}: {results[label][-1]['seconds']:.0f} s", flush=True)
    for label, found in results.items():
        print(front_line(label, found))
    if {"ALWANN, 600", "assign, 60"} <= results.keys():
        print("\n".join(budget_lines(results, options.seeds)))
    if options.picture is not None:
        draw(results, options.picture)


if __name__ == "__main__":
    main()
