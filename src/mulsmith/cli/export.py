"""``mulsmith export``: what a run decided for, as files for hardware and firmware teams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mulsmith.cli import print_json

_POSITIVE = click.IntRange(1, 1024)


@click.command()
@click.argument("run", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--to",
    "kind",
    required=True,
    type=click.Choice(["rtl", "c", "onnx", "csv", "timeloop"]),
    help="What to write.",
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--candidate", metavar="ID", help="Member of a search's front, or QoS plan.")
@click.option(
    "--image", type=click.IntRange(0), default=0, show_default=True, help="Test image that is recorded."
)
@click.option(
    "--tiles",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Tiles that are checked per layer; 0 is all.",
)
@click.option("--rows", type=_POSITIVE, default=4, show_default=True, help="Rows of the systolic array.")
@click.option("--cols", type=_POSITIVE, default=4, show_default=True, help="Columns of the systolic array.")
@click.option(
    "--lanes", type=_POSITIVE, default=8, show_default=True, help="Products per cycle of the vector unit."
)
@click.option(
    "--liberty", type=click.Path(path_type=Path), help="Cells to synthesise the processing elements to."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def export(
    run: Path,
    kind: Any,
    folder: Path,
    candidate: str | None,
    image: int,
    tiles: int,
    rows: int,
    cols: int,
    lanes: int,
    liberty: Path | None,
    as_json: bool,
) -> None:
    """Write what RUN decided for to FOLDER, which must be new or empty.

    RUN is the folder of a finished co-design or search. `rtl` writes the multipliers' Verilog, processing
    elements, a systolic array and a vector unit, memory images, vectors recorded from the emulation and
    testbenches; `mulsmith verify FOLDER` simulates them. `c` writes a header with the integer network and a
    program that checks it, `onnx` a QONNX graph that names every layer's multiplier, `csv` the integer
    network as tables, `timeloop` problems and mappings for Timeloop and energies for Accelergy.
    """
    from mulsmith.codesign.handoff.export import ExportOptions, export_run
    from mulsmith.codesign.handoff.rtl_project import RtlOptions

    options = ExportOptions(candidate, image, RtlOptions(rows, cols, lanes, tiles), liberty)
    written = export_run(run, kind, folder, options)
    if as_json:
        print_json(written)
    else:
        click.echo(f"{written['files']} files of kind {kind} written to {folder}")
