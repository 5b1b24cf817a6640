"""``mulsmith report``: write the HTML report of a finished run again."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def report(folder: Path) -> None:
    """Write the report of the run in FOLDER: one HTML file with inline pictures."""
    from mulsmith.codesign import load_result
    from mulsmith.report import write_report

    click.echo(write_report(load_result(folder), folder))
