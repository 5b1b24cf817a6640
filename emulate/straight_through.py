"""The backward pass of the layers on a table: straight-through, or with gradient tables in factored form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from mulsmith.emulate.contraction import Conv2dSum
from mulsmith.emulate.gradients import STRAIGHT_THROUGH, GradientFactors, gradient_factors

if TYPE_CHECKING:
    from mulsmith.emulate.layers import ApproxLayer

Two = tuple[torch.Tensor, torch.Tensor]


def connect(
    layer: ApproxLayer,
    y: torch.Tensor,
    x: torch.Tensor,
    w: torch.Tensor,
    bias: torch.Tensor | None,
    codes: Two,
    inside: Two,
    scales: Two,
    zeros: Two,
) -> torch.Tensor:
    """Return y with a backward pass to x, w and bias.

    Args:
        layer: whose contraction and gradient mode apply.
        y: the output, computed without gradient.
        x: float input of operand A.
        w: float operand B.
        bias: float bias, or None.
        codes: codes of x and w.
        inside: where x and w lie inside their ranges; gradients pass there only.
        scales: of x (0-d) and w (broadcastable to w).
        zeros: zero points, likewise.
    """
    out: torch.Tensor = _Connect.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
        x, w, bias, y, layer, *codes, *inside, *scales, *zeros
    )
    return out


class _Connect(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        w: torch.Tensor,
        bias: torch.Tensor | None,
        y: torch.Tensor,
        layer: ApproxLayer,
        *saved: torch.Tensor,
    ) -> torch.Tensor:
        ctx.layer = layer
        ctx.save_for_backward(*saved)
        return y.view_as(y)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, w, inside_x, inside_w, x_scale, w_scale, x_zero, w_zero = ctx.saved_tensors
        need_x, need_w, need_bias = ctx.needs_input_grad[:3]
        grad = grad.float()
        scale = (x_scale, w_scale)
        mode = _straight_through if ctx.layer.gradient == STRAIGHT_THROUGH else _from_tables
        grad_x, grad_w = mode(ctx.layer, grad, (x, w), scale, (x_zero, w_zero), (need_x, need_w))
        grad_bias = None
        if need_bias:
            channel = ctx.layer.contraction.output_channel_dim % grad.ndim
            grad_bias = grad.sum([d for d in range(grad.ndim) if d != channel])
        return (
            None if grad_x is None else grad_x.mul_(inside_x),
            None if grad_w is None else grad_w * inside_w,
            grad_bias,
            *[None] * (len(ctx.needs_input_grad) - 3),
        )


def _straight_through(
    layer: ApproxLayer, grad: torch.Tensor, codes: Two, scales: Two, zeros: Two, need: tuple[bool, bool]
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Differentiate as if every product were the exact one of the quantised operands."""
    x = codes[0].float().sub_(zeros[0]).mul_(scales[0])
    # Planar weights, strides of dimensions of size 1 included, give planar gradients like the activations.
    w = codes[1].to(torch.float32, memory_format=torch.contiguous_format).sub_(zeros[1]).mul_(scales[1])
    if all(need) and isinstance(layer.contraction, Conv2dSum):
        return layer.contraction.gradients(grad, x, w)
    return (
        layer.contraction.x_gradient(grad, x, w) if need[0] else None,
        layer.contraction.w_gradient(grad, x, w) if need[1] else None,
    )


def _from_tables(
    layer: ApproxLayer, grad: torch.Tensor, codes: Two, scales: Two, zeros: Two, need: tuple[bool, bool]
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """Differentiate the sums M(x, w) - w_zero x - x_zero w with the derivative of M in low-rank factors.

    Every factor pair costs one gradient contraction; the zero-point terms are one more.
    """
    lut, contraction = layer.table.lut, layer.contraction
    to_x, to_w = gradient_factors(lut, layer.gradient)
    raw_x = codes[0].to(torch.int64) & ((1 << lut.a_bits) - 1)
    raw_w = codes[1].to(torch.int64) & ((1 << lut.b_bits) - 1)
    grad_x = grad_w = None
    if need[0]:
        grad_x = contraction.x_gradient(grad, codes[0], (-zeros[1] * scales[1]).expand(raw_w.shape))
        for u, v in _pairs(to_x, grad.device):
            grad_x = grad_x + u[raw_x] * contraction.x_gradient(grad, codes[0], v[raw_w] * scales[1])
    if need[1]:
        pad_raw = int(zeros[0]) & ((1 << lut.a_bits) - 1)
        constant = (-zeros[0] * scales[0]).float()
        grad_w = contraction.w_gradient(grad, constant.expand(raw_x.shape), codes[1], float(constant))
        for u, v in _pairs(to_w, grad.device):
            term = contraction.w_gradient(grad, u[raw_x] * scales[0], codes[1], float(u[pad_raw] * scales[0]))
            grad_w = grad_w + v[raw_w] * term
    return grad_x, grad_w


def _pairs(factors: GradientFactors, device: torch.device) -> list[Two]:
    return list(zip(factors.a_side.to(device), factors.b_side.to(device), strict=True))
