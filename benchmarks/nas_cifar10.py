"""The architecture searches on CIFAR-10 with EvoApproxLib, in the reduced setting of preset ``cifar10-cpu``.

    python benchmarks/nas_cifar10.py --cifar FOLDER --library FOLDER --runs FOLDER [--only LABEL ...]

Every search runs in a run folder of its own; what is there already is not run again, and an interrupted run
goes on. Prints the tables of docs/nas.md: energy against exact 8-bit and 32-bit float multipliers, accuracy
lost, processor time. The library is EvoApproxLib, characterized with the Liberty file of FreePDK45.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from mulsmith.characterize.library import Library
from mulsmith.codesign.nas_config import NasConfig
from mulsmith.codesign.nas_run import run_nas
from mulsmith.codesign.search_run import Step
from mulsmith.energy import multiplier_cost
from mulsmith.search.nas.methods import preset_path
from mulsmith.storage import atomic_write
from mulsmith.toml_file import read_toml

EXACT = "mul8u_1JFF"
CIRCUITS = (
    EXACT,
    "mul8u_QJD",
    "mul8u_NGR",
    "mul8u_2AC",
    "mul8u_DM1",
    "mul8u_185Q",
    "mul8u_12N4",
    "mul8u_QKX",
)
SEARCHES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "S1": ("evoapproxnas", {"scenario": "S1"}, CIRCUITS),
    "S2": ("evoapproxnas", {"scenario": "S2"}, CIRCUITS),
    "S3": ("evoapproxnas", {"scenario": "S3", "multiplier": "mul8u_DM1"}, (EXACT, "mul8u_DM1")),
    "S4": ("evoapproxnas", {"scenario": "S4"}, (EXACT,)),
    "ApproxDARTS": ("approxdarts", {}, (EXACT, "mul8u_NGR", "mul8u_2AC")),
    "Phoenix": ("phoenix", {}, CIRCUITS),
}
"""Label -> method, what changes in its section of the preset, circuits."""
FLOAT_PJ = 3.7
"""A 32-bit float multiplication at 45 nm (Horowitz, ISSCC 2014)."""


def configuration(label: str, cifar: Path, library: Path, seed: int) -> tuple[str, NasConfig]:
    """Return method and configuration of a run."""
    method, changes, names = SEARCHES[label]
    preset = read_toml(NasConfig, preset_path(method, "cifar10-cpu"))
    document = preset.model_dump(exclude_none=True)
    document["data"]["folder"] = cifar
    document["circuits"] = {"library": library, "names": names}
    document["run"]["seed"] = seed
    document[method] |= changes
    return method, NasConfig.model_validate(document)


class Clock:
    """Adds up the processor time of a run's stages in a file, over interruptions."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
        self._stage, self._last = "start", time.process_time()

    def __call__(self, step: Step) -> None:
        """Add the time since the last step to the stage that was under way."""
        now = time.process_time()
        self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._last
        self._last = now
        if step.search is None:
            self._stage = step.stage
        atomic_write(self._path, json.dumps(self._seconds).encode())


def finished(label: str, runs: Path, cifar: Path, library: Path, seed: int) -> dict[str, Any]:
    """Return the result of a run, with its evaluations and the processor seconds of its stages."""
    folder = runs / f"{label}-{seed}"
    spent = folder.with_suffix(".seconds.json")
    if not (folder / "result.json").exists():
        runs.mkdir(parents=True, exist_ok=True)
        method, config = configuration(label, cifar, library, seed)
        clock = Clock(spent)
        try:
            run_nas(method, config, folder, on_step=clock)
        finally:
            clock(Step("end"))
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    rows = [json.loads(line) for line in (folder / "evaluations.jsonl").read_text().splitlines()]
    return {**result, "rows": rows, "seconds": json.loads(spent.read_text())}


def networks(label: str, result: dict[str, Any], exact_pj: float) -> list[str]:
    """Return a row for every network that a search shows, the most accurate one on validation first."""
    exact, approximate = result.get("exact"), result.get("approximate")
    points = {point["id"]: point for point in (*result["front"], exact, approximate) if point is not None}
    ordered = sorted(points.values(), key=lambda point: -point["metrics"]["accuracy"])
    return [_row(label, point, exact, exact_pj) for point in ordered]


def _row(label: str, point: dict[str, Any], exact: dict[str, Any] | None, exact_pj: float) -> str:
    metrics = point["metrics"]
    energy = metrics["energy_all_pj"]
    kept = 1 - metrics["saving_all_percent"] / 100
    cells = [
        label,
        f"`{point['multiplier']}`" if point["multiplier"] else "several",
        f"{100 * metrics['accuracy']:.1f} %",
        f"{100 * point['test_accuracy']:.1f} %",
        f"{metrics['parameters']:,.0f}",
        f"{energy / 1e3:.1f} nJ",
        f"{kept:.3f}",
        f"{kept * exact_pj / FLOAT_PJ:.3f}",
    ]
    if exact is not None:
        ratio = energy / exact["metrics"]["energy_all_pj"]
        cells += [f"{ratio:.3f}", f"{100 * (exact['test_accuracy'] - point['test_accuracy']):+.1f} pp"]
    return f"| {' | '.join(cells)} |"


def costs(label: str, result: dict[str, Any]) -> str:
    """Return a row of what a search cost, in seconds of one core."""
    seconds = result["seconds"]
    final = sum(bool(row["fidelity"].get("final")) for row in result["rows"])
    searched, trained = (seconds[stage] for stage in ("search", "final training"))
    cells = [label, str(len(result["rows"]) - final), f"{searched:.0f} s", str(final), f"{trained:.0f} s"]
    return f"| {' | '.join([*cells, f'{sum(seconds.values()) / 60:.1f} min'])} |"


def report(found: dict[str, dict[str, Any]], exact_pj: float) -> None:
    """Print the tables."""
    for label, result in found.items():
        print(*networks(label, result, exact_pj), sep="\n")
    print()
    print(*(costs(label, result) for label, result in found.items()), sep="\n")
    if "S1" in found and "ApproxDARTS" in found:
        cells = found["ApproxDARTS"]
        one = cells["seconds"]["search"] / sum("choices" in row["genome"] for row in cells["rows"])
        ratio = found["S1"]["seconds"]["search"] / one
        print(f"the search of EvoApproxNAS (S1) takes {ratio:.2f} times as long as one cell search")


def main() -> None:
    """Run what is not there yet, and print the tables of what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cifar", type=Path, required=True)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=sorted(SEARCHES), default=list(SEARCHES))
    own = parser.parse_args()
    found = {label: finished(label, own.runs, own.cifar, own.library, own.seed) for label in own.only}
    with Library.open(own.library) as library:
        report(found, multiplier_cost(library[EXACT], "pdp").energy_pj)


if __name__ == "__main__":
    main()
