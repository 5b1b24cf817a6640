"""``mulsmith library export``, ``import-lut`` and ``import-reports``: what leaves and what comes in."""

from __future__ import annotations

from pathlib import Path

import click

from mulsmith.cli import print_json
from mulsmith.cli.library_options import filter_options, json_option, library_option, say_waiting
from mulsmith.errors import ConfigError


@click.command()
@library_option
@click.argument("names", nargs=-1)
@click.option(
    "--to",
    "form",
    required=True,
    help="csv, json, parquet, verilog, tf-approximate, torch-approx, approxtorch, c-header or readmemh.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The file (csv, json, parquet) or the folder (all others).",
)
@filter_options
@json_option
def export(
    folder: Path,
    names: tuple[str, ...],
    form: str,
    output: Path,
    widths: tuple[str, ...],
    signed: bool | None,
    as_json: bool,
) -> None:
    """Write figures, circuits or tables for other tools; without NAMES all that the filters leave."""
    from mulsmith.characterize.export import export as write
    from mulsmith.characterize.figures import select
    from mulsmith.characterize.library import Library

    with Library.open(folder) as opened:
        documents = [opened.entry(name).document() for name in names] if names else opened.documents()
        chosen = [document["name"] for document in select(documents, widths=widths, signed=signed)]
        written = write(opened, chosen, form, output)
    if as_json:
        print_json({"format": form, "circuits": chosen, "files": [str(path) for path in written]})
        return
    click.echo(f"{_count(len(chosen), 'multiplier')} in {_count(len(written), 'file')}: {output}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@click.command("import-lut")
@library_option
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--dialect", required=True, help="Format of the file, as in 'library export --to'.")
@click.option("--name", required=True, help="Name of the record.")
@click.option("--width", default="8x8", show_default=True, help="Widths of the operands A and B.")
@click.option("--signed/--unsigned", required=True, default=None, help="What the operands are.")
@click.option("--force", is_flag=True, help="Replace a record of that name.")
@json_option
def import_lut(
    folder: Path,
    path: Path,
    dialect: str,
    name: str,
    width: str,
    signed: bool | None,
    force: bool,
    as_json: bool,
) -> None:
    """Make a record of a table that another tool wrote."""
    from mulsmith.characterize.dialects import find_dialect
    from mulsmith.characterize.dialects.shape import Shape
    from mulsmith.characterize.figures import parse_width
    from mulsmith.characterize.imports import import_table

    if signed is None:
        raise ConfigError("a table does not say whether it is signed", remedy="give --signed or --unsigned")
    document = import_table(
        folder,
        path,
        find_dialect(dialect),
        Shape(*parse_width(width), signed),
        name,
        force=force,
        on_wait=say_waiting(folder),
    )
    if as_json:
        print_json({"circuits": [document], "failed": []})
        return
    errors = document["errors"]
    click.echo(f"{name}: MAE {errors['mae_percent']:.4g} %, WCE {errors['wce_percent']:.4g} %")


@click.command("import-reports")
@library_option
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--clock-ghz", type=float, required=True, help="Clock that the power report refers to.")
@click.option("--activity", help="Stimulus behind the power report, in words.")
@click.option("--liberty-name", help="Name of the cell library, where no report states it.")
@click.option("--time-unit", help="Unit of timing reports that state none, e.g. 1ns.")
@click.option("--power-unit", help="Unit of power reports that state none, e.g. 1W.")
@json_option
def import_reports(
    folder: Path,
    name: str,
    files: tuple[Path, ...],
    clock_ghz: float,
    activity: str | None,
    liberty_name: str | None,
    time_unit: str | None,
    power_unit: str | None,
    as_json: bool,
) -> None:
    """Put area, timing and power reports of Design Compiler, Genus, Yosys or OpenSTA into record NAME."""
    from mulsmith.characterize import importers
    from mulsmith.characterize.imports import attach_synthesis

    stated = {} if activity is None else {"activity": activity}
    report = importers.import_reports(
        files,
        clock_ghz=clock_ghz,
        liberty=liberty_name,
        time_unit=time_unit,
        power_unit=power_unit,
        **stated,
    )
    document = attach_synthesis(folder, name, report, files, say_waiting(folder))
    if as_json:
        print_json(document)
        return
    figures = f"{report.area_um2:.6g} um2, {report.delay_ns:.4g} ns, {report.power_mw:.4g} mW"
    click.echo(f"{name}: {figures} ({report.flow})")
