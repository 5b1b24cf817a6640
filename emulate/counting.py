"""How many multiplications a network makes per image, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from mulsmith.emulate.layers import MatMul

_KINDS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, MatMul)


@torch.no_grad()
def multiplications(model: nn.Module, shape: tuple[int, int, int]) -> dict[str, int]:
    """Return layer name -> multiplications per image, over the layers that can run on a table.

    Args:
        model: a float network.
        shape: (C, H, W) of an image.
    """
    counts: dict[str, int] = {}

    def counter(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(layer: nn.Module, inputs: Any, output: Any) -> None:
            counts[name] = counts.get(name, 0) + _count(layer, inputs, output)

        return hook

    layers = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, _KINDS)]
    handles = [layer.register_forward_hook(counter(name)) for name, layer in layers]
    training = model.training
    try:
        parameter = next(model.parameters(), None)
        model.eval()(torch.zeros(1, *shape, device=None if parameter is None else parameter.device))
    finally:
        model.train(training)
        for handle in handles:
            handle.remove()
    return counts


def _count(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> int:
    if isinstance(layer, nn.Conv2d):
        return output.numel() * layer.in_channels // layer.groups * math.prod(layer.kernel_size)
    if isinstance(layer, nn.ConvTranspose2d):
        return inputs[0].numel() * layer.out_channels // layer.groups * math.prod(layer.kernel_size)
    return output.numel() * inputs[0].shape[-1]
