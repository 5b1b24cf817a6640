"""``mulsmith emulate``: networks on multiplier tables."""

from __future__ import annotations

import click

from mulsmith.cli.emulate_bench import bench
from mulsmith.cli.emulate_eval import evaluate
from mulsmith.cli.emulate_operands import operands
from mulsmith.cli.emulate_planes import planes
from mulsmith.cli.emulate_train import train


@click.group()
def emulate() -> None:
    """Evaluate, train and time networks on multiplier tables."""


emulate.add_command(bench)
emulate.add_command(evaluate)
emulate.add_command(operands)
emulate.add_command(planes)
emulate.add_command(train)
