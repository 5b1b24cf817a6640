"""``mulsmith emulate operands``: what the layers of a trained network multiply, for ``mulsmith energy``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mulsmith.cli.emulate_options import Subject, holds_tables, shared_options, trained_network
from mulsmith.errors import ConfigError

IMAGES = 64


@click.command()
@shared_options
@click.option(
    "--weights",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="State of torch or of emulate train.",
)
@click.option(
    "--images",
    default=IMAGES,
    show_default=True,
    type=click.IntRange(1, 4096),
    help="Training images to see.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="npz file to write.",
)
def operands(subject: Subject, weights: Path, images: int, output: Path) -> None:
    """Write histograms of the operand codes in every layer, for ``mulsmith energy --operands``.

    They are counted on exact multipliers, for every form of operands among the multipliers that --circuit or
    --assign name, or of the whole library. A state of emulate train needs the multipliers that it was trained
    on.
    """
    import torch

    from mulsmith.characterize.lut import Lut
    from mulsmith.search.operands import operand_histograms, sample_network

    data = subject.data()
    batch = next(iter(data.train.batches(images)))[0]
    assignment = subject.assignment()
    library = subject.library()
    if assignment is None and holds_tables(weights):
        raise ConfigError(
            "this state was trained on multipliers", remedy="name them by --circuit or --assign"
        )
    named = {name: library[name] for name in _names(assignment, library)}
    if not named:
        raise ConfigError("no multiplier is named", remedy="give --circuit, --assign or a library with some")
    _, net = trained_network(subject, data, assignment or Lut.exact(8, 8, True), weights, batch)
    generator = torch.Generator().manual_seed(subject.seed)
    found = operand_histograms(sample_network(net, batch, named, generator))
    found.write(output)
    forms = ", ".join(str(form) for form in sorted(found.forms))
    layers = len(next(iter(found.forms.values())))
    click.echo(f"{layers} layers, operands {forms}, written to {output}", err=True)


def _names(assignment: Any, library: Iterable[str]) -> list[str]:
    """Return the multipliers that an assignment names, or all of a library without one."""
    if assignment is None:
        return list(library)
    return sorted({assignment} if isinstance(assignment, str) else set(assignment.values()) - {None})
