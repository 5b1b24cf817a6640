"""What approximate multipliers save in the networks of programs, at unchanged quality class; resumable.

    python benchmarks/program_multipliers.py --run DIR

For each kernel and bound one 16-bit network is searched (50 evaluations, seed 0; DIR is that of
``programs.py``), then put on every 8 x 8 multiplier of the embedded library in 8 bits. The quality class is
the share of validation calls within the bound in steps of 5 points; the multiplier of least energy whose
class is not below that of the exact 8-bit multiplier is chosen, and both are reported on the test split.
Savings are of multiplications, by power times delay from synthesis, and of the whole array beside them.
"""

import argparse
import math
from dataclasses import replace
from pathlib import Path

from mulsmith.characterize.library import Library
from mulsmith.search.program.evaluator import ProgramEvaluator, accuracy_metric
from mulsmith.search.program.kernels import KERNELS, kernel_named
from mulsmith.search.program.mlp import Mlp
from mulsmith.search.program.multipliers import NetworkMultiplier, network_multipliers, reference
from mulsmith.search.program.npu import Arithmetic, npu_cost
from mulsmith.search.program.quantised import quantise
from mulsmith.search.program.run import REQUIRED, ProgramSearch, search_program

CLASSES = 20


def quality_class(accuracy: float) -> int:
    """Return the class of a share: steps of 5 points."""
    return math.floor(accuracy * CLASSES + 1e-9)


def compare(name: str, folder: Path, multipliers: dict[str, NetworkMultiplier], budget: int) -> None:
    """Print one line for each bound of a kernel."""
    evaluator = ProgramEvaluator(kernel_named(name))
    data = evaluator.splits[0]
    exact = reference(multipliers)
    for group in range(len(evaluator.kernel.bounds)):
        metric = accuracy_metric(group)
        place, base = folder / f"{name}-0", ProgramSearch("enumeration", group)
        top = max(e.metrics[metric] for e in search_program(evaluator, base, place).front)
        plan = replace(base, engine="forest", required=min(REQUIRED, top), budget=budget)
        found = search_program(evaluator, plan, place)
        network = found.network
        if not isinstance(network, Mlp):
            raise TypeError("the search of 16-bit networks gave a quantised one")

        def shares(
            multiplier: NetworkMultiplier, network: Mlp = network, metric: str = metric
        ) -> list[float]:
            quantised = quantise(network, multiplier.lut, data.inputs, data.outputs)
            return [evaluator.accuracies(quantised, split)[metric] for split in (1, 2)]

        results = {m.name: shares(m) for m in multipliers.values()}
        least = quality_class(results[exact.name][0])
        good = [m for m in multipliers.values() if quality_class(results[m.name][0]) >= least]
        best = min(good, key=lambda m: m.energy_pj)
        whole = [
            npu_cost(network.topology, arithmetic=Arithmetic(8, m.energy_pj)).energy_pj for m in (exact, best)
        ]
        shown = [f"{m.name} {results[m.name][0]:.3f} test {results[m.name][1]:.3f}" for m in (exact, best)]
        print(
            f"{name} bound {evaluator.kernel.bounds[group]:g} | {network.topology.text} | 16-bit "
            f"{found.chosen.metrics[metric]:.3f} test {found.test[metric]:.3f} | {shown[0]} "
            f"class {least / CLASSES:.2f} | {shown[1]} | multiplications "
            f"-{100 * (1 - best.energy_pj / exact.energy_pj):.1f} % "
            f"array -{100 * (1 - whole[1] / whole[0]):.1f} %",
            flush=True,
        )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", nargs="+", default=list(KERNELS))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--budget", type=int, default=50)
    options = parser.parse_args()
    with Library.embedded() as library:
        multipliers = network_multipliers(library)
    for name in options.kernels:
        compare(name, options.run, multipliers, options.budget)


if __name__ == "__main__":
    main()
