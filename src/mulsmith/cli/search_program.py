"""``mulsmith search program``: a small network in place of a program's hot region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mulsmith.cli import EXIT_OK, EXIT_PARTIAL, print_json


@click.command(name="program")
@click.argument("kernel")
@click.option(
    "--run", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Run folder."
)
@click.option(
    "--bounds", multiple=True, type=float, help="Error bound in place of the kernel's own; repeatable."
)
@click.option(
    "--engine",
    default="forest",
    show_default=True,
    help="forest (SMAC on scikit-learn), smac (the package) or enumeration (powers of two).",
)
@click.option("--evaluations", default=50, show_default=True, help="Networks to train for each bound.")
@click.option(
    "--required", default=0.9, show_default=True, help="Share of calls that must be within the bound."
)
@click.option("--depth", default=2, show_default=True, help="Most hidden layers.")
@click.option("--seed", default=0, show_default=True, help="Seed of search and training.")
@click.option(
    "--workers", default=1, show_default=True, help="Processes; the result does not depend on them."
)
@click.option("--epochs", default=300, show_default=True, help="Passes over the training calls.")
@click.option(
    "--samples", default=10_000, show_default=True, help="Training calls; 0.4 of it to validate and test."
)
@click.option("--measure-cpu", is_flag=True, help="Count the region with valgrind now.")
@click.option("--quantised", is_flag=True, help="8-bit networks; the multiplier is part of the space.")
@click.option(
    "--library",
    "library_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Library of the multipliers; the embedded circuits without it.",
)
@click.option("--fresh", is_flag=True, help="Start over instead of resuming.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def program(
    kernel: str,
    folder: Path,
    bounds: tuple[float, ...],
    engine: str,
    evaluations: int,
    required: float,
    depth: int,
    seed: int,
    workers: int,
    epochs: int,
    samples: int,
    measure_cpu: bool,
    quantised: bool,
    library_folder: Path | None,
    fresh: bool,
    as_json: bool,
) -> int:
    """Find the network of least energy that does a program's hot region well enough.

    KERNEL is blackscholes, fft, inversek2j, jmeint, jpeg, kmeans or sobel. A run that was interrupted goes on
    where it stopped. Exit code 5 says that a bound was not reached; the most accurate network is given then.
    """
    from mulsmith.cli.search import Display
    from mulsmith.codesign.search_run import Step
    from mulsmith.errors import ConfigError
    from mulsmith.search.program.kernel_run import KernelRun, run_kernel
    from mulsmith.search.program.run import ProgramSearch
    from mulsmith.search.program.training import TrainingPlan
    from mulsmith.search.run import Progress

    settings = ProgramSearch.checked(
        engine, required=required, budget=evaluations, seed=seed, depth=depth, workers=workers
    )
    checks = int(0.4 * samples)
    if library_folder is not None and not quantised:
        raise ConfigError("--library is for networks on its multipliers", remedy="add --quantised")
    multipliers = _multipliers(library_folder) if quantised else {}
    request = KernelRun(
        kernel,
        bounds,
        settings,
        measure_cpu,
        TrainingPlan(epochs),
        (samples, checks, checks),
        multipliers,
    )
    displays: dict[int, Display] = {}

    def show(group: int, progress: Progress) -> None:
        if group not in displays:
            displays[group] = Display(f"accuracy_{group + 1}")
            displays[group].show(Step(f"bound {group + 1}"))
        displays[group].show(Step("search", progress))

    result = run_kernel(request, folder, fresh, show)
    print_json(result) if as_json else _print(result)
    return EXIT_OK if all(found["reached"] for found in result["bounds"]) else EXIT_PARTIAL


def _multipliers(folder: Path | None) -> Any:
    from mulsmith.characterize.library import Library
    from mulsmith.search.program.multipliers import network_multipliers

    with Library.embedded() if folder is None else Library.open(folder) as library:
        return network_multipliers(library)


def _print(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{result['kernel']}: {result['engine']}, trained by {result['trainer']}")
    for column in ("bound", "network", "within", "on test", "energy", "time", "networks"):
        table.add_column(column, no_wrap=True)
    for found in result["bounds"]:
        table.add_row(
            f"{found['bound']:g}" + ("" if found["reached"] else " missed"),
            found["network"],
            f"{100 * found['accuracy']:.1f} %",
            f"{100 * found['test_accuracy']:.1f} %",
            f"{found['metrics']['npu_pj']:.0f} pJ",
            f"{found['metrics']['npu_ns']:.2f} ns",
            str(found["evaluations"]),
        )
    console = Console()
    console.print(table)
    for found in result["bounds"]:
        quality = ", ".join(f"{name} {value:.3g}" for name, value in found["program"].items())
        console.print(f"bound {found['bound']:g}: program: {quality}", highlight=False, soft_wrap=True)
        call = _call_cost(found["npu"])
        console.print(f"bound {found['bound']:g}: {call}", highlight=False, soft_wrap=True)
        gains = list(found["gains"].values())
        texts = [
            f"{name} {_band([g[key] for g in gains])}"
            for name, key in (
                ("region time", "region_time"),
                ("energy", "region_energy"),
                ("program time", "program_time"),
                ("energy", "program_energy"),
            )
        ]
        console.print(
            f"bound {found['bound']:g}: processor over network, queue included: {', '.join(texts)}",
            highlight=False,
            soft_wrap=True,
        )
        if found["multiplier"]:
            circuit = found["multiplier"]
            console.print(
                f"bound {found['bound']:g}: {circuit['name']} saves {circuit['saving_percent']:.1f} % of the "
                f"multiplication energy of {circuit['exact']}, with which the network has "
                f"{100 * circuit['exact_accuracy']:.1f} %",
                highlight=False,
                soft_wrap=True,
            )
        if found["note"]:
            console.print(f"bound {found['bound']:g}: {found['note']}", soft_wrap=True)
    console.print(f"processor: {result['counts']}", highlight=False, soft_wrap=True)
    console.print(
        f"run: {result['run']} (result.json, front, network, region and program files)", soft_wrap=True
    )


def _call_cost(costs: dict[str, dict[str, Any]]) -> str:
    """Return what a call costs on the accelerator, memory by where weights and data are kept."""
    resident = costs["resident"]
    dram = ", ".join(f"{cost['dram_pj']:.0f} pJ {residency}" for residency, cost in costs.items())
    return (
        f"call: array {resident['array_pj']:.0f} pJ in {resident['array_ns']:.3g} ns, queue "
        f"{resident['queue_pj']:.0f} pJ in {resident['queue_ns']:.3g} ns, DRAM {dram}"
    )


def _band(bands: list[list[float]]) -> str:
    return f"{min(low for low, _ in bands):.3g}..{max(high for _, high in bands):.3g}"
