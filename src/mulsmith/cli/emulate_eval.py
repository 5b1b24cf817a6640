"""``mulsmith emulate eval``: accuracy on tables, agreement with the exact network, error per layer."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mulsmith.cli import print_json
from mulsmith.cli.emulate_options import Subject, shared_options, trained_network
from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    import torch
    from torch import nn

CALIBRATION_IMAGES = 256
SAMPLED_FIELDS = 4096


@click.command(name="eval")
@shared_options
@click.option(
    "--weights",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="State of torch or of emulate train.",
)
@click.option("--split", default="test", type=click.Choice(["test", "validation"]), show_default=True)
@click.option(
    "--map-weights",
    "mapped",
    default="none",
    type=click.Choice(["none", "uniform", "histogram", "centred"]),
    help="Replace weight codes, uniformly or by the layer's activations; centred goes with --correct-bias.",
)
@click.option("--correct-bias", "corrected", is_flag=True, help="Take the mean error off every channel.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def evaluate(
    subject: Subject,
    weights: Path,
    split: str,
    mapped: str,
    corrected: bool,
    as_json: bool,
) -> None:
    """Emulate a trained network on multipliers, without retraining."""
    from mulsmith.characterize.lut import Lut
    from mulsmith.emulate import conversion, reassign
    from mulsmith.emulate.agreement import compare
    from mulsmith.emulate.training import accuracy

    assignment = subject.assignment()
    if assignment is None:
        raise ConfigError("no multiplier is named", remedy="give --circuit or --assign")
    data = subject.data()
    images = next(iter(data.train.batches(CALIBRATION_IMAGES)))[0]
    model, net = trained_network(subject, data, assignment, weights, images)
    done = conversion(net)
    exact = reassign(net, dict.fromkeys(done.converted, Lut.exact(8, 8, True)))
    if mapped != "none" or corrected:
        _correct(net, images, mapped, corrected, subject.seed)
    images_of = data.test if split == "test" else data.validation
    result = compare(net, exact, images_of)
    _show(
        {
            "network": subject.network,
            "data": data.name,
            "split": split,
            "images": len(images_of),
            "float_accuracy": accuracy(model, images_of),
            **asdict(result),
            "converted": dict(done.converted),
            "kept": dict(done.kept),
        },
        as_json,
    )


def _correct(net: nn.Module, images: torch.Tensor, mapped: str, bias: bool, seed: int) -> None:
    """Correct a converted network by what its layers meet in the exact network of the same widths."""
    import torch

    from mulsmith.characterize.lut import Lut
    from mulsmith.emulate import approx_layers, reassign
    from mulsmith.emulate.corrections import Corrections
    from mulsmith.emulate.operand_sample import record_codes, sample_operands

    layers = approx_layers(net)
    generator = torch.Generator().manual_seed(seed)
    samples = {}
    for form in sorted({(layer.a_bits, layer.b_bits, layer.signed) for layer in layers.values()}):
        codes = record_codes(reassign(net, dict.fromkeys(layers, Lut.exact(*form))), images)
        samples[form] = {n: sample_operands(met, SAMPLED_FIELDS, generator) for n, met in codes.items()}
    Corrections(samples, mapped, bias)(net)


def _show(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table("layer", "multiplier", title=f"{document['network']} on {document['data']}")
    for column in ("mean error", "error deviation"):
        table.add_column(f"{column}, % of the exact output's RMS", justify="right")
    for name, error in document["layers"].items():
        row = (f"{100 * error['mean']:.2f}", f"{100 * error['std']:.2f}")
        table.add_row(name, document["converted"].get(name, ""), *row)
    console.print(table)
    for name, reason in document["kept"].items():
        console.print(f"{name}: not converted, {reason}")
    console.print(
        f"{document['split']} accuracy over {document['images']} images: float "
        f"{100 * document['float_accuracy']:.2f} %, exact 8-bit {100 * document['exact_accuracy']:.2f} %, "
        f"on the multipliers {100 * document['accuracy']:.2f} %; same answer as the exact integer network "
        f"{100 * document['agreement']:.2f} %",
        highlight=False,
        soft_wrap=True,
    )
