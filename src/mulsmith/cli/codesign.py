"""``mulsmith codesign``: the whole pipeline over one run folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mulsmith.cli import EXIT_OK, EXIT_PARTIAL, print_json


@click.command()
@click.argument("config", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--run", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Run folder."
)
@click.option("--fresh", is_flag=True, help="Start over instead of resuming.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def codesign(config: Path | None, folder: Path, fresh: bool, as_json: bool) -> int:
    """Choose a multiplier for every layer of a network and report what it costs and saves.

    CONFIG is a TOML file; without it the embedded example runs: a small CNN on scikit-learn's digits and the
    embedded circuits. A run that was interrupted goes on where it stopped.
    """
    from mulsmith.codesign import Config, run_codesign
    from mulsmith.report import write_report
    from mulsmith.toml_file import read_toml

    settings = Config() if config is None else read_toml(Config, config)
    with _Display() as display:
        result = run_codesign(settings, folder, fresh=fresh, on_progress=display.show)
    report = write_report(result, folder)
    if as_json:
        print_json(result)
    else:
        _print(result, report)
    return EXIT_PARTIAL if result["failed"] else EXIT_OK


class _Display:
    """Progress on stderr: a bar on a terminal, plain lines otherwise."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True)
        self._live = console.is_terminal
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=console, transient=True)
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> _Display:
        if self._live:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._bars.stop()

    def show(self, progress: Any) -> None:
        """Take one step of the run."""
        stage, done, total = progress.stage, progress.done, progress.total
        if self._live:
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(stage, total=total)
            self._bars.update(self._tasks[stage], completed=done, total=total)
            return
        if done == 0 or done == total or done % 25 == 0:
            count = f" {done}" + (f" of {total}" if total else "") if done else ""
            print(f"{stage}{count}", file=sys.stderr, flush=True)  # noqa: T201 - plain progress lines


def _print(result: dict[str, Any], report: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    base, chosen = result["baseline"], result["chosen"]
    table = Table(title=f"{result['network']} on {result['data']['name']}: the chosen multipliers")
    for column, justify in (("layer", "left"), ("multiplications", "right"), ("multiplier", "left")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]  # rich's literal type
    table.add_column("energy against exact", justify="right")
    for layer in result["layers"]:
        share = layer["energy_pj"] / layer["exact_energy_pj"]
        table.add_row(
            layer["name"], f"{layer['multiplications']:,}", layer["multiplier"], f"{100 * share:.1f} %"
        )
    console = Console()
    console.print(table)
    rows = (
        ("float", base["float_accuracy"], base["float_test_accuracy"]),
        (f"exact 8-bit ({base['multiplier']})", base["accuracy"], base["test_accuracy"]),
        ("chosen multipliers", chosen["accuracy"], chosen["test_accuracy"]),
    )
    accuracies = Table("network", "validation (chosen on)", "test (reported on)")
    for name, validation, test in rows:
        accuracies.add_row(name, f"{100 * validation:.2f} %", f"{100 * test:.2f} %")
    console.print(accuracies)
    for convention in ("pdp", "shared_clock"):
        saving = chosen["savings"][convention]
        console.print(
            f"energy of all multiplications, {convention}: {saving['multiplier_percent']:.1f} % saved; "
            f"in the approximated layers {saving['approximated_layers_percent']:.1f} %",
            highlight=False,
            soft_wrap=True,
        )
    console.print(
        "This is energy of multiplications, not of the network: memory and adders are not in it.",
        soft_wrap=True,
    )
    if result["failed"]:
        console.print(f"{len(result['failed'])} evaluations failed; the report lists them.")
    console.print(f"report: {report}", highlight=False, soft_wrap=True)
