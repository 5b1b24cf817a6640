"""Network names and their builders; a builder is imported when its network is asked for."""

from __future__ import annotations

import difflib
import importlib

from torch import nn

from mulsmith.errors import ConfigError

_NETWORKS: dict[str, tuple[str, str, dict[str, object]]] = {
    "digits-cnn": ("small", "DigitsCnn", {}),
    "lenet": ("small", "LeNet", {}),
}


def network_names() -> list[str]:
    """Return the names of all networks."""
    return list(_NETWORKS)


def build(name: str, classes: int, channels: int = 3) -> nn.Module:
    """Return a freshly initialised network (from torch's global random state).

    Args:
        name: one of ``network_names``.
        classes: number of outputs.
        channels: of the input images.

    Raises:
        ConfigError: unknown name.
    """
    if name not in _NETWORKS:
        near = difflib.get_close_matches(name, _NETWORKS, n=1)
        raise ConfigError(
            f"no network is named '{name}'",
            remedy=f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(_NETWORKS)}",
        )
    module, kind, options = _NETWORKS[name]
    builder = getattr(importlib.import_module(f"mulsmith.emulate.zoo.{module}"), kind)
    network: nn.Module = builder(classes=classes, channels=channels, **options)
    return network
