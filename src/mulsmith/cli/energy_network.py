"""The network that ``mulsmith energy`` is asked about: shipped, from a file, or of the emulation's zoo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    from mulsmith.energy.workload import Workload

MAX_DIMENSIONS = 8


def parse_shape(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> tuple[int, ...] | None:
    """Return the shape in a text such as ``1,3,32,32`` or ``1x3x32x32``."""
    if text is None:
        return None
    parts = text.replace("x", ",").split(",")
    if not all(part.isascii() and part.isdigit() and 0 < int(part) < 1 << 24 for part in parts):
        raise click.BadParameter("a shape is positive numbers with commas, e.g. 1,3,32,32")
    if len(parts) > MAX_DIMENSIONS:
        raise click.BadParameter(f"a shape has at most {MAX_DIMENSIONS} dimensions")
    return tuple(int(part) for part in parts)


def load_workload(
    network: str, *, batch: int | None, input_shape: tuple[int, ...] | None, classes: int | None
) -> Workload:
    """Return the layers of the network that the options name.

    Args:
        network: a shipped network, a file (``.yaml``, ``.onnx``, ``.pt2``), or with ``input_shape`` a
            network of the zoo.
        batch: images per pass; 1 when left out.
        input_shape: of the whole batch.
        classes: outputs of a network of the zoo.

    Raises:
        ConfigError: there is no such network, or the options do not fit it.
    """
    if batch is not None and input_shape is not None:
        raise ConfigError("--batch and --input-shape exclude each other: the shape begins with the batch")
    suffix = Path(network).suffix
    if suffix in (".onnx", ".pt2"):
        _without_classes(classes, network)
        return _importer(suffix)(Path(network), batch=batch, input_shape=input_shape)
    if input_shape is None:
        from mulsmith.energy.networks import load_network

        _without_classes(classes, network)
        return load_network(network, batch=batch or 1)
    if suffix in (".yaml", ".yml"):
        raise ConfigError("a layer list has its shapes already: --input-shape is not for it", path=network)
    return _of_the_zoo(network, input_shape, classes)


def _importer(suffix: str) -> Callable[..., Workload]:
    if suffix == ".onnx":
        from mulsmith.energy.onnx_network import workload_from_onnx

        return workload_from_onnx
    from mulsmith.energy.exported_network import workload_from_exported

    return workload_from_exported


def _without_classes(classes: int | None, network: str) -> None:
    if classes is not None:
        raise ConfigError(
            f"--classes does not change {network}",
            remedy="it is for networks of the zoo, which need --input-shape, too",
        )


def _of_the_zoo(name: str, input_shape: tuple[int, ...], classes: int | None) -> Workload:
    import torch

    from mulsmith.emulate.zoo import build
    from mulsmith.energy.torch_network import workload_from_torch

    if classes is None:
        raise ConfigError(f"how many outputs has {name}?", remedy="give --classes, e.g. --classes 10")
    if len(input_shape) != 4:
        raise ConfigError(f"{name} takes images: --input-shape is batch,channels,rows,columns")
    with torch.device("meta"):
        model = build(name, classes, input_shape[1])
    return workload_from_torch(model, input_shape, name=name)
