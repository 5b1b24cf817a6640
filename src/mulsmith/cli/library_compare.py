"""``mulsmith library pareto`` and ``verify``: which multipliers are worth it, and is all sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mulsmith.cli import EXIT_OK, EXIT_REJECTED, print_json
from mulsmith.cli.library_options import filter_options, json_option, library_option

if TYPE_CHECKING:
    from mulsmith.characterize.pareto import Comparison


@click.command()
@library_option
@click.option("--x", "x_name", default="mae_percent", show_default=True, help="First figure.")
@click.option("--y", "y_name", default="power_mw", show_default=True, help="Second figure.")
@filter_options
@click.option("--picture", type=click.Path(path_type=Path), help="Draw it into this .svg, .png or .pdf file.")
@click.option("--plot", is_flag=True, help="Draw it on the terminal too.")
@json_option
def pareto(
    folder: Path,
    x_name: str,
    y_name: str,
    widths: tuple[str, ...],
    signed: bool | None,
    picture: Path | None,
    plot: bool,
    as_json: bool,
) -> None:
    """Show the Pareto front in two figures, within each operand width and signedness.

    Smaller is better in both. A figure is measured here unless it starts with "reported.", which is what
    the circuit's own file says.
    """
    from mulsmith.characterize.figures import select
    from mulsmith.characterize.library import Library
    from mulsmith.characterize.pareto import compare
    from mulsmith.characterize.pareto_picture import draw_text, write_picture

    with Library.open(folder) as opened:
        documents = select(opened.documents(), widths=widths, signed=signed)
    comparison = compare(documents, x_name, y_name)
    if picture is not None:
        write_picture(comparison, picture)
    if comparison.left_out:
        click.echo(f"{len(comparison.left_out)} multipliers lack {x_name} or {y_name}", err=True)
    if as_json:
        print_json({**comparison.to_json(), "picture": None if picture is None else str(picture)})
        return
    _print_front(comparison)
    if plot:
        click.echo(draw_text(comparison))


@click.command()
@library_option
@json_option
def verify(folder: Path, as_json: bool) -> int:
    """Check every hash, and simulate every stored netlist again; name what is damaged."""
    from mulsmith.characterize.verify import verify as check

    result = check(folder)
    if as_json:
        print_json(result.to_json())
    else:
        for name, cause in result.damaged.items():
            click.echo(f"damaged: {name}: {cause}")
        if result.unreferenced:
            click.echo(f"{len(result.unreferenced)} tables belong to no record; they do no harm")
        click.echo(f"{result.checked} records checked, {len(result.damaged)} damaged")
    return EXIT_REJECTED if result.damaged else EXIT_OK


def _print_front(comparison: Comparison) -> None:
    width = max([len("name"), *(len(point.name) for point in comparison.front)])
    click.echo(f"{'name':{width}}  {'kind':13} {comparison.x_name:>20} {comparison.y_name:>20}")
    for point in comparison.front:
        click.echo(f"{point.name:{width}}  {point.kind:13} {point.x:>20.6g} {point.y:>20.6g}")
    click.echo(f"{len(comparison.front)} of {len(comparison.points)} multipliers", err=True)
