"""What approximate multipliers save in the networks of programs, at unchanged quality class; resumable.

    python benchmarks/program_multipliers.py --run DIR

For each kernel and bound one 16-bit network is searched (seed 0; DIR is that of
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
from mulsmith.search.program.run import (
    REQUIRED,
    ProgramResult,
    ProgramSearch,
    choose,
    evaluate_bounds,
    evaluate_program,
)

CLASSES = 20


def quality_class(accuracy: float) -> int:
    """Return the class of a share: steps of 5 points."""
    return math.floor(accuracy * CLASSES + 1e-9)


def searched(evaluator: ProgramEvaluator, folder: Path, budget: int) -> list[ProgramResult]:
    """Return the 16-bit network of each bound, by the searches of ``programs.py``."""
    base = ProgramSearch("enumeration")
    baseline = evaluate_program(evaluator, base, folder)
    plans = []
    count = len(evaluator.kernel.bounds)
    for group in range(count):
        required = min(REQUIRED, max(e.metrics[accuracy_metric(group)] for e in baseline))
        plan = replace(base, engine="forest", group=group, required=required, budget=budget // count)
        plans.append(plan)
    evaluated = evaluate_bounds(evaluator, plans, folder)
    return [choose(evaluator, plan, evaluated) for plan in plans]


def cheapest(
    found: ProgramResult, multipliers: dict[str, NetworkMultiplier]
) -> list[tuple[NetworkMultiplier, float, float]]:
    """Return the exact multiplier and the cheapest in its quality class, with validation and test shares.

    Raises:
        TypeError: the network is quantised already.
    """
    network, evaluator = found.network, found.evaluator
    if not isinstance(network, Mlp):
        raise TypeError("the search of 16-bit networks gave a quantised one")
    data = evaluator.splits[0]

    def on(multiplier: NetworkMultiplier) -> tuple[NetworkMultiplier, float, float]:
        quantised = quantise(network, multiplier.lut, data.inputs, data.outputs)
        validation, test = (evaluator.accuracies(quantised, split)[found.metric] for split in (1, 2))
        return multiplier, validation, test

    exact = on(reference(multipliers))
    least = quality_class(exact[1])
    in_order = sorted(multipliers.values(), key=lambda m: m.energy_pj)
    return [exact, next(row for row in map(on, in_order) if quality_class(row[1]) >= least)]


def describe(found: ProgramResult, bound: float, rows: list[tuple[NetworkMultiplier, float, float]]) -> str:
    """Return one bound of a kernel as a line."""
    topology = found.network.topology
    exact, best = (row[0] for row in rows)
    array = [npu_cost(topology, arithmetic=Arithmetic(8, m.energy_pj)).energy_pj for m in (exact, best)]
    savings = [100 * (1 - b / a) for a, b in ((exact.energy_pj, best.energy_pj), array)]
    shown = [f"{m.name} {validation:.3f} test {test:.3f}" for m, validation, test in rows]
    return (
        f"{found.evaluator.kernel.name} bound {bound:g} | {topology.text} | 16-bit "
        f"{found.chosen.metrics[found.metric]:.3f} test {found.test[found.metric]:.3f} | {shown[0]} "
        f"class {quality_class(rows[0][1]) / CLASSES:.2f} | {shown[1]} | multiplications "
        f"-{savings[0]:.1f} % array -{savings[1]:.1f} %"
    )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", nargs="+", default=list(KERNELS))
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--budget", type=int, default=100)
    options = parser.parse_args()
    with Library.embedded() as library:
        multipliers = network_multipliers(library)
    for name in options.kernels:
        evaluator = ProgramEvaluator(kernel_named(name))
        results = searched(evaluator, options.run / f"{name}-0", options.budget)
        for found, bound in zip(results, evaluator.kernel.bounds, strict=True):
            print(describe(found, bound, cheapest(found, multipliers)), flush=True)


if __name__ == "__main__":
    main()
