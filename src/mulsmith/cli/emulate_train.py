"""``mulsmith emulate train``: float training, or quantisation-aware (re)training on multipliers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mulsmith.cli import print_json
from mulsmith.cli.emulate_options import Subject, load_weights, shared_options

CALIBRATION_IMAGES = 256
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@shared_options
@click.option("--out", required=True, type=_FILE, help="State to write; training resumes beside it.")
@click.option("--weights", type=_FILE, help="Float state to start from.")
@click.option("--epochs", default=10, show_default=True)
@click.option("--learning-rate", default=1e-3, show_default=True)
@click.option("--optimiser", default="adam", show_default=True, help="adam or sgd.")
@click.option("--batch", default=64, show_default=True)
@click.option("--weight-decay", default=0.0, show_default=True)
@click.option("--warm-up", default=0.0, show_default=True, help="Share of the steps, 0..1.")
@click.option("--augment", is_flag=True, help="Random crops and flips.")
@click.option("--gradient", default="straight-through", show_default=True, help="Or 1-d, 2-d.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def train(
    subject: Subject,
    out: Path,
    weights: Path | None,
    epochs: int,
    learning_rate: float,
    optimiser: str,
    batch: int,
    weight_decay: float,
    warm_up: float,
    augment: bool,
    gradient: str,
    as_json: bool,
) -> None:
    """Train a network in float, or on multipliers with --circuit or --assign.

    The state of a network on multipliers holds its quantisation too; ``emulate eval`` reads both kinds. An
    interrupted training goes on from the checkpoint beside --out with the same result.
    """
    from mulsmith.emulate import convert
    from mulsmith.emulate.training import Recipe, accuracy, save_state
    from mulsmith.emulate.training import train as run_training

    recipe = Recipe(epochs, learning_rate, optimiser, batch, weight_decay, augment, subject.seed, warm_up)
    assignment = subject.assignment()
    data = subject.data()
    model = subject.fresh_network(data)
    if weights is not None:
        load_weights(model, weights)
    if assignment is not None:
        images = next(iter(data.train.batches(CALIBRATION_IMAGES)))[0]
        how = subject.quantisation()
        library = subject.library()
        model = convert(model, assignment, [images], how, library, gradient, subject.backend)
    checkpoint = out.with_name(out.name + ".checkpoint")
    done = run_training(
        model,
        data.train,
        recipe,
        checkpoint,
        lambda e: click.echo(
            f"epoch {e.number} of {epochs}: loss {e.loss:.4f}, accuracy {100 * e.accuracy:.2f} %", err=True
        ),
    )
    result: dict[str, Any] = {
        "network": subject.network,
        "data": data.name,
        "epochs": len(done),
        "loss": done[-1].loss if done else None,
        "validation_accuracy": accuracy(model, data.validation),
        "test_accuracy": accuracy(model, data.test),
        "out": str(out),
    }
    save_state(out, model.state_dict())
    checkpoint.unlink(missing_ok=True)
    if as_json:
        print_json(result)
        return
    click.echo(
        f"validation accuracy {100 * result['validation_accuracy']:.2f} %, "
        f"test accuracy {100 * result['test_accuracy']:.2f} %; state in {out}"
    )
