"""``mulsmith characterize``: Verilog multipliers into a library of tables and figures."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mulsmith.cli import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OK, EXIT_PARTIAL, EXIT_REJECTED, print_json
from mulsmith.cli.library_options import say_waiting

if TYPE_CHECKING:
    from mulsmith.characterize.pipeline import Outcome, Progress

_PLAIN_EVERY_S = 5.0


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--library", "folder", required=True, type=click.Path(path_type=Path), help="Library folder to write to."
)
@click.option(
    "--liberty",
    type=click.Path(path_type=Path),
    help="Liberty file of the cells (default: the embedded one).",
)
@click.option(
    "--activity",
    default="0.1",
    show_default=True,
    help="What the operands do: a toggle probability, uniform, or FILE.npz with histograms a and b; "
    "b-stationary:FILE.npz where B stays; glitch:... adds glitches.",
)
@click.option("--clock-ghz", default=1.0, show_default=True, help="Clock of the dynamic power.")
@click.option("--no-synth", is_flag=True, help="Tables and error statistics only: no area, delay and power.")
@click.option("--signed/--unsigned", default=None, help="State the operands of every file, whatever it says.")
@click.option("--jobs", type=int, help="Worker processes (default: one per core).")
@click.option("--force", is_flag=True, help="Compute again what is unchanged; replace records of equal name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def characterize(
    paths: tuple[Path, ...],
    folder: Path,
    liberty: Path | None,
    activity: str,
    clock_ghz: float,
    no_synth: bool,
    signed: bool | None,
    jobs: int | None,
    force: bool,
    as_json: bool,
) -> int:
    """Characterize Verilog files or folders; without PATH the embedded circuits.

    Unchanged inputs are not computed again. Files that are rejected are named, and the others go on.
    """
    from mulsmith.characterize import pipeline
    from mulsmith.characterize.library import Library

    started = time.monotonic()
    synthesis = None if no_synth else pipeline.SynthesisOptions(liberty, activity, clock_ghz)
    options = pipeline.Options(signed=signed, synthesis=synthesis, jobs=jobs, force=force)
    try:
        with _progress() as on_progress:
            outcome = pipeline.characterize(
                paths, folder, options, on_progress=on_progress, on_wait=say_waiting(folder)
            )
    except KeyboardInterrupt:
        click.echo(f"interrupted; what was done is kept in {folder}, run again to go on", err=True)
        return EXIT_INTERRUPTED
    for failure in outcome.failures:
        click.echo(f"error: {failure.error}", err=True)
        if failure.traceback is not None:
            click.echo(failure.traceback, err=True)
    click.echo(_summary(outcome, folder, time.monotonic() - started), err=True)
    if as_json:
        with Library.open(folder) as library:
            circuits = [library.entry(name).document() for name in outcome.names]
        print_json({"circuits": circuits, "failed": [failure.to_json() for failure in outcome.failures]})
    return _exit_code(outcome)


def _exit_code(outcome: Outcome) -> int:
    if any(failure.traceback is not None for failure in outcome.failures):
        return EXIT_INTERNAL
    if not outcome.failures:
        return EXIT_OK
    return EXIT_PARTIAL if outcome.names else EXIT_REJECTED


def _summary(outcome: Outcome, folder: Path, seconds: float) -> str:
    counts = [f"{outcome.computed} computed", f"{outcome.unchanged} unchanged"]
    if outcome.failures:
        counts.append(f"{len(outcome.failures)} rejected")
    return f"{', '.join(counts)} in {seconds:.1f} s; library {folder}"


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    if sys.stderr.isatty():
        with _bar() as draw:
            yield draw
        return
    last = time.monotonic()

    def say(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _PLAIN_EVERY_S:
            last = time.monotonic()
            click.echo(f"{progress.done} of {progress.total}: {progress.label}", err=True)

    yield say


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("characterize"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda progress: bar.update(
            task, completed=progress.done, total=progress.total, description=progress.label
        )
