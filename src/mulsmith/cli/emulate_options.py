"""What ``emulate eval`` and ``emulate train`` share: options, and the network, data and tables they name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mulsmith.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from torch import nn

    from mulsmith.emulate import Quantisation
    from mulsmith.emulate.data import DataSet

Command = Callable[..., Any]
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_OPTIONS = (
    click.option("--network", required=True, help="A network of the zoo, e.g. cifar-resnet20."),
    click.option("--data", "data_name", default="digits", show_default=True, help="Data set."),
    click.option("--folder", type=_FOLDER, help="Where the data set's files lie."),
    click.option("--library", "library_folder", type=_FOLDER, help="Library; else the embedded circuits."),
    click.option("--circuit", help="One multiplier for all layers."),
    click.option("--assign", type=_FILE, help='JSON file {"layer or pattern": "multiplier" or null}.'),
    click.option("--sign-magnitude", is_flag=True, help="Run unsigned multipliers between magnitudes."),
    click.option("--per-layer", is_flag=True, help="One weight scale per layer, not per channel."),
    click.option("--weight-range", default="min-max", show_default=True, help="min-max or mse."),
    click.option("--observer", default="min-max", show_default=True, help="How activation ranges are found."),
    click.option("--backend", default="auto", show_default=True, help="Kernel."),
    click.option("--seed", default=0, show_default=True, help="Of split, initialisation and order."),
)


def shared_options(command: Command) -> Command:
    """Add the shared options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def open_data(data_name: str, folder: Path | None, seed: int) -> DataSet:
    """Return the data set that the options name."""
    from mulsmith.emulate.data import load_data

    return load_data(data_name, folder, seed)


def fresh_network(name: str, data: DataSet, seed: int) -> nn.Module:
    """Return the untrained network, initialised from the seed."""
    import torch

    from mulsmith.emulate.zoo import build

    torch.manual_seed(seed)
    return build(name, data.classes, data.shape[0])


def quantisation(sign_magnitude: bool, per_layer: bool, weight_range: str, observer: str) -> Quantisation:
    """Return how operands become codes."""
    from mulsmith.emulate import Quantisation

    return Quantisation(
        per_channel=not per_layer,
        weight_range=weight_range,
        observer=observer,
        sign_magnitude=sign_magnitude,
    )


def read_assignment(circuit: str | None, assign: Path | None) -> Any:
    """Return the multiplier name or the map that the options give, or None.

    Raises:
        ConfigError: both are given, or the file is no such map.
    """
    if circuit is not None and assign is not None:
        raise ConfigError("--circuit and --assign exclude each other")
    if assign is None:
        return circuit
    try:
        document = json.loads(assign.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"no readable assignment: {error}", path=assign) from error
    if isinstance(document, dict) and isinstance(document.get("chosen"), dict):
        document = document["chosen"].get("assignment")
    if not isinstance(document, dict) or not all(v is None or isinstance(v, str) for v in document.values()):
        raise ConfigError('an assignment is {"layer or pattern": "multiplier" or null}', path=assign)
    return document


def open_library(folder: Path | None) -> Any:
    """Return the named library, or that of the embedded circuits."""
    from mulsmith.characterize.library import Library

    return Library.embedded() if folder is None else Library.open(folder)


def holds_tables(path: Path) -> bool:
    """Whether a state file is that of a converted network, quantisation included."""
    from mulsmith.emulate.training import load_state

    state = load_state(path)
    return isinstance(state, dict) and any(str(key).endswith("weight_codes") for key in state)


def load_weights(network: nn.Module, path: Path) -> None:
    """Load a state file into a network.

    Raises:
        StoreError: it cannot be read or does not fit.
    """
    from mulsmith.emulate.training import load_state

    try:
        network.load_state_dict(load_state(path))
    except (RuntimeError, TypeError, AttributeError) as error:
        raise StoreError(f"the weights do not fit: {str(error).splitlines()[0]}", path=path) from error
