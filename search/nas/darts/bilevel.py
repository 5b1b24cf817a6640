"""Architecture gradients of DARTS: first order, and second order by a finite difference.

Second order follows Liu et al. (ICLR 2019, eq. 7 and 8): weights take one virtual step w' = w - xi g with
momentum and decay, and the Hessian-vector product comes from the training loss at w +- eps v, where v is the
gradient of the validation loss at w'. The paper's eps = 0.01 / |v| drowns in rounding where layers quantise;
0.1 / |v| is the default here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

STEP = 0.1
Tensors = list[torch.Tensor]
Loss = Callable[[], torch.Tensor]


def first_order(architecture: Sequence[nn.Parameter], validation: Loss) -> Tensors:
    """Return the gradient of the validation loss at the present weights."""
    return _gradients(validation(), architecture)


def second_order(
    architecture: Sequence[nn.Parameter],
    weights: Sequence[nn.Parameter],
    training: Loss,
    validation: Loss,
    optimiser: torch.optim.SGD,
    step: float = STEP,
) -> Tensors:
    """Return the gradient of the validation loss after one virtual training step.

    Args:
        architecture: parameters of the architecture.
        weights: all other parameters; they are the same after the call.
        training: computes the training loss.
        validation: computes the validation loss.
        optimiser: of the weights; its rate, momentum and decay make the virtual step.
        step: length of the finite difference in units of 1 / |v|.
    """
    rate, moved = _virtual_step(weights, _gradients(training(), weights), optimiser)
    with _shifted(weights, moved, 1.0):
        found = _gradients(validation(), [*architecture, *weights])
    outer, v = found[: len(architecture)], found[len(architecture) :]
    length = torch.cat([part.flatten() for part in v]).norm()
    if not bool(length > 0):
        return outer
    eps = float(step / length)
    with _shifted(weights, v, eps):
        above = _gradients(training(), architecture)
    with _shifted(weights, v, -eps):
        below = _gradients(training(), architecture)
    return [g - rate * (a - b) / (2 * eps) for g, a, b in zip(outer, above, below, strict=True)]


def _virtual_step(
    weights: Sequence[nn.Parameter], gradients: Tensors, optimiser: torch.optim.SGD
) -> tuple[float, Tensors]:
    """Return the learning rate and what one step of SGD adds to the weights."""
    group = optimiser.param_groups[0]
    rate, momentum, decay = group["lr"], group["momentum"], group["weight_decay"]
    moved = []
    for weight, gradient in zip(weights, gradients, strict=True):
        buffer = optimiser.state[weight].get("momentum_buffer") if weight in optimiser.state else None
        push = 0.0 if buffer is None else momentum * buffer
        moved.append(-rate * (push + gradient + decay * weight.detach()))
    return rate, moved


def _gradients(loss: torch.Tensor, parameters: Sequence[nn.Parameter]) -> Tensors:
    found = torch.autograd.grad(loss, list(parameters), allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]


@contextmanager
def _shifted(weights: Sequence[nn.Parameter], direction: Tensors, factor: float) -> Iterator[None]:
    """Add ``factor * direction`` to the weights for the length of a block; they come back bit for bit."""
    kept = [weight.detach().clone() for weight in weights]
    with torch.no_grad():
        for weight, part in zip(weights, direction, strict=True):
            weight.add_(part, alpha=factor)
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, old in zip(weights, kept, strict=True):
                weight.copy_(old)
