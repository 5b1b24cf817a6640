"""Time cold mappings and cached estimates, and print them beside a fixed piece of numpy work of the same run.

The ratio to that baseline carries from one machine to another; run on a quiet core:
``python benchmarks/energy_mapper.py``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from mulsmith.energy import Accelerator, EnergyTable, MultiplierCost, estimator_for, load_network
from mulsmith.energy.candidates import unrollings, useful_extents
from mulsmith.energy.hierarchy import hierarchies
from mulsmith.energy.mapper import find_mapping
from mulsmith.energy.prices import Prices
from mulsmith.energy.tables import make_prices
from mulsmith.energy.workload import Layer

NETWORKS = ("resnet18", "resnet20", "resnet50", "mobilenetv2")
SETTINGS = (("comparison", "comparison"), ("eyeriss-like", "cacti45"))
REPEATS = 3


def forget() -> None:
    """Drop everything that the mapper remembers between layers."""
    for cached in (unrollings, useful_extents, hierarchies):
        cached.cache_clear()


def cpu_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the least CPU time of several runs."""
    times: list[float] = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def baseline() -> float:
    """Return the CPU time of sorting a million doubles."""
    values = np.random.default_rng(0).random(1_000_000)
    return cpu_seconds(lambda: np.sort(values))


def cold_mappings(accelerator: Accelerator, prices: Prices, base: float) -> None:
    """Print how long the networks' different layers take when nothing is remembered."""
    shapes: dict[tuple[object, ...], Layer] = {}
    for name in NETWORKS:
        for layer in load_network(name):
            shapes.setdefault(layer.shape, layer)

    def cold(layer: Layer) -> None:
        forget()
        find_mapping(accelerator, layer, prices)

    times = sorted(cpu_seconds(lambda layer=layer: cold(layer)) for layer in shapes.values())  # type: ignore[misc]
    median, worst = statistics.median(times), times[-1]
    print(f"{accelerator.name}: cold mapping of {len(times)} different layers of {', '.join(NETWORKS)}:")
    print(f"  median {median * 1e3:.1f} ms ({median / base:.2f} x baseline)")
    print(f"  worst  {worst * 1e3:.1f} ms ({worst / base:.2f} x baseline)")

    def network() -> None:
        forget()
        for layer in {layer.shape: layer for layer in load_network("mobilenetv2")}.values():
            find_mapping(accelerator, layer, prices)

    whole = cpu_seconds(network)
    print(f"  MobileNetV2 cold: {whole:.3f} s ({whole / base:.1f} x)")


def main() -> None:
    """Print the figures."""
    base = baseline()
    print(f"baseline: sorting 1e6 doubles takes {base * 1e3:.1f} ms of CPU time")
    for name, table in SETTINGS:
        accelerator = Accelerator.load(name)
        cold_mappings(accelerator, make_prices(accelerator, EnergyTable.load(table)), base)
    for name in ("resnet20", "mobilenetv2"):
        choices = [MultiplierCost(f"m{i}", 0.5 / (i + 1), 500.0, 0.01, exact=i == 0) for i in range(16)]
        estimator = estimator_for(load_network(name), accelerator, EnergyTable.load(table), choices)
        assignments = np.random.default_rng(0).integers(0, 16, (50_000, len(estimator.workload)))
        seconds = cpu_seconds(lambda a=assignments, e=estimator: e.energy_pj(a))  # type: ignore[misc]
        print(f"{name}: {len(assignments) / seconds:,.0f} assignments per second")


if __name__ == "__main__":
    main()
