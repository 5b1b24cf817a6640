"""``mulsmith circuits``: the group of commands that make and judge circuits."""

from __future__ import annotations

import click

from mulsmith.cli.circuits_bound import bound
from mulsmith.cli.circuits_check import check
from mulsmith.cli.circuits_evolve import evolve
from mulsmith.cli.circuits_evolve_set import evolve_set
from mulsmith.cli.circuits_generate import families, generate


@click.group()
def circuits() -> None:
    """Generate, evolve and check multiplier circuits."""


circuits.add_command(families)
circuits.add_command(generate)
circuits.add_command(evolve)
circuits.add_command(evolve_set)
circuits.add_command(check)
circuits.add_command(bound)
