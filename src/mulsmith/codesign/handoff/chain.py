"""Networks that are a plain chain of layers, rectifiers and max pooling, of which nothing else is needed.

Float sums between layers (residuals, norms, averages) depend on the order of additions; a chain has none, so
that any implementation with IEEE float32 gets the same codes from the same sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import fx, nn

from mulsmith.emulate import ApproxLayer

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """A layer and what its output passes before the next one.

    Attributes:
        layer: the layer's name.
        relu: whether a rectifier follows.
        pool: (kernel, stride) of a max pooling that follows, or None.
    """

    layer: str
    relu: bool = False
    pool: tuple[Pair, Pair] | None = None


class TableTracer(fx.Tracer):
    """A tracer that does not look into layers on tables."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Return whether the graph shows the module as one node."""
        return isinstance(m, ApproxLayer) or super().is_leaf_module(m, module_qualified_name)


def chain(network: nn.Module) -> tuple[Step, ...] | None:
    """Return the layers of a network in order with what follows each, or None if it is no plain chain."""
    try:
        nodes = list(TableTracer().trace(network).nodes)
    except (fx.proxy.TraceError, TypeError, RuntimeError):
        return None
    if any(len(node.users) > 1 or len(node.all_input_nodes) > 1 for node in nodes):
        return None
    modules = dict(network.named_modules())
    steps: list[Step] = []
    for node in nodes[1:-1]:
        module = modules.get(str(node.target)) if node.op == "call_module" else None
        if isinstance(module, ApproxLayer):
            steps.append(Step(str(node.target)))
        elif _keeps(node, module):
            continue
        elif not steps or not _follow(steps, module):
            return None
    return tuple(steps) if steps and len({step.layer for step in steps}) == len(steps) else None


def _follow(steps: list[Step], module: nn.Module | None) -> bool:
    """Add what a module does to the last step; return whether that can be said."""
    last = steps[-1]
    if isinstance(module, nn.ReLU):
        steps[-1] = replace(last, relu=True)
        return True
    if not isinstance(module, nn.MaxPool2d) or last.pool is not None or module.ceil_mode:
        return False
    if _pair(module.padding) != (0, 0) or _pair(module.dilation) != (1, 1):
        return False
    # The maximum and the rectifier may change places.
    steps[-1] = replace(last, pool=(_pair(module.kernel_size), _pair(module.stride)))
    return True


def _keeps(node: fx.Node, module: nn.Module | None) -> bool:
    """Return whether a node leaves values and their order as they are."""
    if node.op == "call_module":
        return isinstance(module, nn.Flatten | nn.Identity | nn.Dropout)
    return node.target == "flatten" or node.target is torch.flatten


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
