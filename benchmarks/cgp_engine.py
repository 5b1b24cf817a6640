"""Offspring per second of the CGP engine on an 8x8 full-adder-level genome, per kernel.

Processor time, best of several runs; the baseline is the numpy simulator with its error statistics, once per
circuit.
"""

from __future__ import annotations

import time

from mulsmith.characterize.evolution_costs import evolution_costs
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.cgp import Search, Settings
from mulsmith.circuits.cgp_library import cgp_library
from mulsmith.circuits.cgp_problem import Bounds
from mulsmith.circuits.generators import generate

GENERATIONS = 5000
RUNS = 3
BOUNDS = {"mae 20, wce 120": Bounds(mae=20, wce=120), "mae 100, wce 600": Bounds(mae=100, wce=600)}


def baseline() -> float:
    """Return circuits per second of the numpy simulator, statistics included."""
    netlist = generate("dadda")
    seconds = []
    for _ in range(5):
        start = time.process_time()
        error_stats(simulate_lut(netlist))
        seconds.append(time.process_time() - start)
    return 1 / min(seconds)


def main() -> None:
    """Print a table."""
    costs = evolution_costs(Liberty.embedded())
    plain = baseline()
    print(f"numpy simulator and statistics: {plain:.0f} circuits/s")
    for text, bounds in BOUNDS.items():
        for kernel in cgp_library().kernels(1024):
            rates = []
            for _ in range(RUNS):
                search = Search(generate("dadda"), bounds, costs, Settings(), kernel=kernel)
                start = time.process_time()
                search.run(GENERATIONS)
                rates.append(search.counters["offspring"] / (time.process_time() - start))
            counters, totals = search.counters, search.totals
            simulated = counters["simulated"] / counters["offspring"]
            print(
                f"{text}, {kernel}: {max(rates):.0f} offspring/s, {max(rates) / plain:.0f} x the simulator; "
                f"{100 * simulated:.0f} % simulated; area {totals.area_um2:.0f} um2"
            )


if __name__ == "__main__":
    main()
