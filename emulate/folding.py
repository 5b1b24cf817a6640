"""Folding of batch norms into the convolutions and linear layers in front of them."""

from __future__ import annotations

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights

from mulsmith.errors import EmulationError

_BEFORE = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def fold_batch_norms(model: nn.Module) -> tuple[str, ...]:
    """Fold every batch norm whose input is the output of one layer and of nothing else, in place.

    Args:
        model: a network that ``torch.fx`` can trace; its batch norms become identities.

    Returns:
        Names of the folded batch norms.

    Raises:
        EmulationError: the network cannot be traced.
    """
    try:
        graph = fx.Tracer().trace(model)
    except Exception as error:
        raise EmulationError(
            f"batch norms cannot be folded: torch.fx cannot trace the network ({error})",
            remedy="convert without folding",
        ) from error
    modules = dict(model.named_modules())
    calls = [str(node.target) for node in graph.nodes if node.op == "call_module"]
    folded = []
    for node in graph.nodes:
        before = node.args[0] if node.op == "call_module" and node.args else None
        if not isinstance(before, fx.Node) or before.op != "call_module" or len(before.users) != 1:
            continue
        norm, layer = modules[str(node.target)], modules[str(before.target)]
        once = calls.count(str(node.target)) == calls.count(str(before.target)) == 1
        if once and isinstance(norm, _NORMS) and isinstance(layer, _BEFORE) and _fold(layer, norm):
            parent, _, child = str(node.target).rpartition(".")
            setattr(model.get_submodule(parent), child, nn.Identity())
            folded.append(str(node.target))
    return tuple(folded)


def _fold(layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear, norm: nn.Module) -> bool:
    """Fold one norm; return whether it has the statistics to do so."""
    mean, variance = norm.running_mean, norm.running_var
    if not isinstance(mean, torch.Tensor) or not isinstance(variance, torch.Tensor):
        return False
    statistics = (mean, variance, norm.eps, norm.weight, norm.bias)
    if isinstance(layer, nn.ConvTranspose2d) and layer.groups > 1:
        return False
    if isinstance(layer, nn.Linear):
        layer.weight, layer.bias = fuse_linear_bn_weights(layer.weight, layer.bias, *statistics)  # type: ignore[arg-type]
    else:
        transposed = isinstance(layer, nn.ConvTranspose2d)
        layer.weight, layer.bias = fuse_conv_bn_weights(layer.weight, layer.bias, *statistics, transposed)  # type: ignore[arg-type]
    return True
