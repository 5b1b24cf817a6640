"""How far a network on approximate tables is from the exact integer network, overall and layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from mulsmith.emulate.convert import approx_layers
from mulsmith.emulate.data import Split


@dataclass(frozen=True, slots=True)
class LayerError:
    """Error of a layer's output, that of the layers before included, relative to the exact output's RMS."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Accuracy of both networks, 0..1, the share of equal answers, and the layers' errors."""

    accuracy: float
    exact_accuracy: float
    agreement: float
    layers: dict[str, LayerError]


@torch.no_grad()
def compare(model: nn.Module, exact: nn.Module, data: Split, batch: int = 256) -> Agreement:
    """Compare a converted network with its twin on exact tables over a split.

    Args:
        model: the network on approximate tables.
        exact: the same network, calibrated alike, on exact tables.
        data: the images.
        batch: images per forward pass.
    """
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    ours, theirs = _Outputs(model.eval()), _Outputs(exact.eval())
    sums: dict[str, torch.Tensor] = {}
    hits = exact_hits = same = 0
    with ours, theirs:
        for images, labels in data.batches(batch):
            answer = model(images.to(device)).argmax(1).cpu()
            truth = exact(images.to(device)).argmax(1).cpu()
            hits += int((answer == labels).sum())
            exact_hits += int((truth == labels).sum())
            same += int((answer == truth).sum())
            for name, reference in theirs.outputs.items():
                error = ours.outputs[name].double() - reference.double()
                parts = [error.sum(), error.square().sum(), reference.double().square().sum()]
                moments = torch.stack([*parts, torch.full((), error.numel(), device=device)])
                sums[name] = sums.get(name, 0) + moments
    count = max(1, len(data))
    return Agreement(hits / count, exact_hits / count, same / count, {n: _error(s) for n, s in sums.items()})


def _error(moments: torch.Tensor) -> LayerError:
    total, squares, reference, count = moments.tolist()
    rms = (reference / count) ** 0.5 or 1.0
    mean = total / count
    return LayerError(mean / rms, max(squares / count - mean * mean, 0.0) ** 0.5 / rms)


class _Outputs:
    """Keeps the newest output of every layer on a table while it is open."""

    def __init__(self, model: nn.Module) -> None:
        self._layers = approx_layers(model)
        self.outputs: dict[str, torch.Tensor] = {}

    def __enter__(self) -> _Outputs:
        self._handles = [
            layer.register_forward_hook(self._keeper(name)) for name, layer in self._layers.items()
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _keeper(self, name: str) -> Callable[[nn.Module, Any, torch.Tensor], None]:
        def hook(_: nn.Module, inputs: Any, output: torch.Tensor) -> None:
            self.outputs[name] = output

        return hook
