"""``mulsmith emulate``: networks on multiplier tables."""

from __future__ import annotations

import click

from mulsmith.cli.emulate_bench import bench


@click.group()
def emulate() -> None:
    """Evaluate, train and time networks on multiplier tables."""


emulate.add_command(bench)
