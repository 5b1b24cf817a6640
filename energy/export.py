"""Folders for other estimators: a Timeloop project, Accelergy reference tables, AccelForge components."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import yaml

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.accelergy import energy_reference
from mulsmith.energy.mapper import find_mapping
from mulsmith.energy.multipliers import MultiplierCost
from mulsmith.energy.prices import Prices
from mulsmith.energy.timeloop_files import architecture, mapping_file, problem
from mulsmith.energy.workload import Workload
from mulsmith.storage import atomic_write

ExportFormat = Literal["timeloop", "accelergy", "accelforge"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = ("timeloop", "accelergy", "accelforge")


def export_files(
    form: ExportFormat,
    workload: Workload,
    accelerator: Accelerator,
    prices: Prices,
    multipliers: Sequence[MultiplierCost],
) -> dict[str, str]:
    """Return relative path -> text of the files of one format.

    ``timeloop`` has the architecture, and for every layer the problem and its best mapping with even tiles,
    the only ones that Timeloop's factors can say. ``accelergy`` has an energy reference table for every
    multiplier, ``accelforge`` a compute component for every multiplier.

    Args:
        form: the format.
        workload: the layers.
        accelerator: where they run.
        prices: energy per action.
        multipliers: those in use.

    Raises:
        ConfigError: a layer cannot be mapped evenly, or a price cannot be said in the format.
    """
    if form == "accelergy":
        return {
            f"ERT_{_plain(cost.name)}.yaml": energy_reference(accelerator, prices, cost.energy_pj)
            for cost in multipliers
        }
    if form == "accelforge":
        return {f"{_plain(cost.name)}.yaml": compute_component(cost, prices.add_pj) for cost in multipliers}
    files = {"architecture.yaml": architecture(accelerator)}
    known: dict[tuple[object, ...], str] = {}
    for number, layer in enumerate(workload, start=1):
        if layer.shape not in known:
            found = find_mapping(accelerator, layer, prices, tiling="even")
            known[layer.shape] = mapping_file(accelerator, layer, found.mapping)
        folder = f"{number:03d}_{_plain(layer.name)}"
        files[f"{folder}/problem.yaml"] = problem(layer)
        files[f"{folder}/mapping.yaml"] = known[layer.shape]
    return files


def write_export(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write the files below a folder and return their paths.

    Raises:
        StoreError: the folder cannot be written.
    """
    paths = [folder / name for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        atomic_write(path, text.encode())
    return paths


def compute_component(cost: MultiplierCost, add_pj: float) -> str:
    """Return a multiply-accumulate unit as a node of AccelForge's architecture, in its units (J, m², W, s).

    Args:
        cost: the multiplier.
        add_pj: energy of the accumulation, which is part of the action.
    """
    node = {
        "name": _plain(cost.name),
        "area": cost.area_um2 * 1e-12,
        "leak_power": cost.leakage_mw * 1e-3,
        "actions": [
            {
                "name": "compute",
                "energy": (cost.energy_pj + add_pj) * 1e-12,
                "throughput": 1e9 / cost.delay_ns if cost.delay_ns else float("inf"),
                "latency": cost.delay_ns * 1e-9,
            }
        ],
    }
    return "!Compute\n" + yaml.safe_dump(node, sort_keys=False)


def _plain(name: str) -> str:
    """Return a name that is safe as part of a path."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name).strip(".")[:100] or "_"
