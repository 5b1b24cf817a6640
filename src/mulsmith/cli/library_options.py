"""Options that several ``mulsmith library`` commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]


def library_option(function: Command) -> Command:
    """Add the option that names the library folder."""
    return click.option(
        "--library", "folder", required=True, type=click.Path(path_type=Path), help="Library folder."
    )(function)


def json_option(function: Command) -> Command:
    """Add the option that asks for JSON."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")(function)


def filter_options(function: Command) -> Command:
    """Add the options that choose multipliers by width and signedness."""
    widths = click.option(
        "--width", "widths", multiple=True, help="Only these operand widths, e.g. 8x8 (repeatable)."
    )
    signed = click.option("--signed/--unsigned", default=None, help="Only signed or only unsigned ones.")
    return widths(signed(function))


def say_waiting(folder: Path) -> Callable[[], None]:
    """Return what to call where another process is writing to the library."""
    return lambda: click.echo(f"waiting: another process is writing to {folder}", err=True)
