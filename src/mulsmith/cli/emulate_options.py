"""What ``emulate eval`` and ``emulate train`` share: options, and the network, data and tables they name."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mulsmith.errors import ConfigError, StoreError

if TYPE_CHECKING:
    import torch
    from torch import nn

    from mulsmith.characterize.library import Library
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


@dataclass(frozen=True, slots=True)
class Subject:
    """What the shared options name; the fields are the options."""

    network: str
    data_name: str
    folder: Path | None
    library_folder: Path | None
    circuit: str | None
    assign: Path | None
    sign_magnitude: bool
    per_layer: bool
    weight_range: str
    observer: str
    backend: str
    seed: int

    def data(self) -> DataSet:
        """Return the data set."""
        from mulsmith.emulate.data import load_data

        return load_data(self.data_name, self.folder, self.seed)

    def fresh_network(self, data: DataSet) -> nn.Module:
        """Return the untrained network, initialised from the seed."""
        import torch

        from mulsmith.emulate.zoo import build

        torch.manual_seed(self.seed)
        return build(self.network, data.classes, data.shape[0])

    def quantisation(self) -> Quantisation:
        """Return how operands become codes."""
        from mulsmith.emulate import Quantisation

        return Quantisation(
            per_channel=not self.per_layer,
            weight_range=self.weight_range,
            observer=self.observer,
            sign_magnitude=self.sign_magnitude,
        )

    def assignment(self) -> Any:
        """Return the multiplier name or the map that the options give, or None.

        Raises:
            ConfigError: both are given, or the file is no such map.
        """
        if self.circuit is not None and self.assign is not None:
            raise ConfigError("--circuit and --assign exclude each other")
        return self.circuit if self.assign is None else _read_assignment(self.assign)

    def library(self) -> Library:
        """Return the named library, or that of the embedded circuits."""
        from mulsmith.characterize.library import Library

        return Library.embedded() if self.library_folder is None else Library.open(self.library_folder)


def trained_network(
    subject: Subject, data: DataSet, assignment: Any, weights: Path, images: torch.Tensor
) -> tuple[nn.Module, nn.Module]:
    """Return a trained network in float and on multipliers.

    Args:
        subject: the network and its quantisation.
        data: gives its input and its classes.
        assignment: a multiplier, its name, or layer or pattern -> either.
        weights: state of the float network, or of a converted one, quantisation included.
        images: calibrate the activations where the state does not.

    Raises:
        StoreError: the state cannot be read or does not fit.
    """
    from mulsmith.emulate import convert, deconvert

    model = subject.fresh_network(data).eval()
    how, library = subject.quantisation(), subject.library()
    if holds_tables(weights):
        net = convert(model, assignment, None, how, library, backend=subject.backend)
        load_weights(net, weights)
        return deconvert(net), net
    load_weights(model, weights)
    return model, convert(model, assignment, [images], how, library, backend=subject.backend)


def shared_options(command: Command) -> Command:
    """Add the shared options to a command, which takes them as its first argument, a ``Subject``."""

    @functools.wraps(command)
    def with_subject(**given: Any) -> Any:
        subject = Subject(**{field.name: given.pop(field.name) for field in fields(Subject)})
        return command(subject, **given)

    options: Command = with_subject
    for option in reversed(_OPTIONS):
        options = option(options)
    return options


def _read_assignment(path: Path) -> dict[str, str | None]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"no readable assignment: {error}", path=path) from error
    if isinstance(document, dict) and isinstance(document.get("chosen"), dict):
        document = document["chosen"].get("assignment")
    if not isinstance(document, dict) or not all(v is None or isinstance(v, str) for v in document.values()):
        raise ConfigError('an assignment is {"layer or pattern": "multiplier" or null}', path=path)
    return document


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
