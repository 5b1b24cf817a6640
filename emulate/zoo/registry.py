"""Network names and their builders; a builder is imported when its network is asked for."""

from __future__ import annotations

import difflib
import importlib

from torch import nn

from mulsmith.errors import ConfigError

_NETWORKS: dict[str, tuple[str, str, dict[str, object]]] = {
    "digits-cnn": ("small", "DigitsCnn", {}),
    "lenet": ("small", "LeNet", {}),
    **{f"cifar-resnet{n}": ("resnet", "CifarResNet", {"depth": n}) for n in (8, 14, 20, 32, 56)},
    "resnet18": ("resnet", "ResNet", {"depths": (2, 2, 2, 2), "kind": "basic"}),
    "resnet34": ("resnet", "ResNet", {"depths": (3, 4, 6, 3), "kind": "basic"}),
    "resnet50": ("resnet", "ResNet", {"depths": (3, 4, 6, 3), "kind": "bottleneck"}),
    "resnet50v2": ("resnet", "ResNet", {"depths": (3, 4, 6, 3), "kind": "preactivation"}),
    "mobilenetv2": ("mobilenet", "MobileNetV2", {}),
    "cifar-mobilenetv2": ("mobilenet", "MobileNetV2", {"small_images": True}),
    "vgg11": ("vgg", "Vgg", {"depth": 11}),
    "vgg16": ("vgg", "Vgg", {"depth": 16}),
    "cifar-vit": (
        "vit",
        "VisionTransformer",
        {"image": 32, "patch": 4, "depth": 6, "width": 192, "heads": 3, "hidden": 768},
    ),
    "vit-b-16": (
        "vit",
        "VisionTransformer",
        {"image": 224, "patch": 16, "depth": 12, "width": 768, "heads": 12, "hidden": 3072},
    ),
}


def network_names() -> list[str]:
    """Return the names of all networks."""
    return list(_NETWORKS)


def image_shape(name: str) -> tuple[int, int, int]:
    """Return (C, H, W) of the images that a network was made for.

    Raises:
        ConfigError: unknown name.
    """
    _check(name)
    if name == "digits-cnn":
        return 1, 8, 8
    if name == "lenet":
        return 1, 32, 32
    return (3, 32, 32) if name.startswith("cifar-") else (3, 224, 224)


def build(name: str, classes: int, channels: int = 3) -> nn.Module:
    """Return a freshly initialised network (from torch's global random state).

    Args:
        name: one of ``network_names``.
        classes: number of outputs.
        channels: of the input images.

    Raises:
        ConfigError: unknown name.
    """
    _check(name)
    module, kind, options = _NETWORKS[name]
    builder = getattr(importlib.import_module(f"mulsmith.emulate.zoo.{module}"), kind)
    network: nn.Module = builder(classes=classes, channels=channels, **options)
    return network


def _check(name: str) -> None:
    if name not in _NETWORKS:
        near = difflib.get_close_matches(name, _NETWORKS, n=1)
        raise ConfigError(
            f"no network is named '{name}'",
            remedy=f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(_NETWORKS)}",
        )
