"""``mulsmith circuits evolve-set``: a Pareto set of multipliers over a ladder of error limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mulsmith.cli import print_json

if TYPE_CHECKING:
    from mulsmith.search.run import Progress


@click.command("evolve-set")
@click.argument("config", metavar="CONFIG.toml", type=click.Path(path_type=Path))
@click.option("--run", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--b-bits", type=click.IntRange(2, 12), help="Width of operand B; without it as configured.")
@click.option("--workers", type=click.IntRange(1), help="Processes; without it as configured.")
@click.option("--library", type=click.Path(path_type=Path), help="Characterize the set into this library.")
@click.option("--fresh", is_flag=True, help="Start over.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def evolve_set(
    config: Path,
    folder: Path,
    b_bits: int | None,
    workers: int | None,
    library: Path | None,
    fresh: bool,
    as_json: bool,
) -> None:
    """Evolve multipliers within the limits of CONFIG.toml and keep the Pareto set.

    A run that was interrupted continues where it was.
    """
    from mulsmith.codesign.evolution_config import EvolutionConfig
    from mulsmith.codesign.evolution_run import evolve_set as run_campaign
    from mulsmith.toml_file import read_toml

    options = read_toml(EvolutionConfig, config)
    if b_bits is not None:
        multiplier = options.multiplier.model_copy(update={"b_bits": b_bits})
        options = options.model_copy(update={"multiplier": multiplier})
    if workers is not None:
        runner = options.runner.model_copy(update={"workers": workers})
        options = options.model_copy(update={"runner": runner})
    result = run_campaign(options, folder, fresh, _print_progress)
    if library is not None:
        _admit(folder, library, options.cells.liberty)
    if as_json:
        print_json(result)
        return
    for name in result["failed"]:
        click.echo(f"failed: {name}", err=True)
    for bounds in result["without_start"]:
        named = ", ".join(f"{name} {value:g}" for name, value in bounds.items())
        click.echo(f"no start circuit keeps {named}", err=True)
    click.echo(
        f"{len(result['front'])} circuits in {folder / 'front'} from {result['circuits']} measured, "
        f"{result['offspring']} offspring, {result['seconds']:.0f} s of evolution",
        err=True,
    )


def _print_progress(progress: Progress) -> None:
    metrics = progress.evaluation.metrics
    figures = (
        "failed"
        if progress.evaluation.failed
        else f"MAE {metrics['mae']:.4g}, WCE {metrics['wce']:.0f}: "
        f"{metrics['area_um2']:.1f} um2, {1000 * metrics['power_mw']:.1f} uW"
    )
    click.echo(
        f"{progress.finished} of {progress.planned}: {figures}; {progress.front_size} on the front", err=True
    )


def _admit(folder: Path, library: Path, liberty: Path | None) -> None:
    from mulsmith.characterize.pipeline import Options, characterize
    from mulsmith.characterize.synthesis_plan import SynthesisOptions

    characterize([folder / "front"], library, Options(synthesis=SynthesisOptions(liberty=liberty)))
