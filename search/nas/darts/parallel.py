"""Parallel convolutions of one geometry as one table call: what the edges of a DARTS cell have in common.

A cell holds many small convolutions of equal shape. Taken together as one grouped convolution they cost one
call, one quantisation and one backward pass instead of dozens, with the same integers in every output.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.activation import ActivationQuantiser
from mulsmith.emulate.contraction import Conv2dSum
from mulsmith.emulate.layers import ApproxConv2d
from mulsmith.emulate.ops import pair
from mulsmith.emulate.quantise import Quantisation, affine_parameters, inside
from mulsmith.emulate.straight_through import connect
from mulsmith.emulate.tables import Table


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How the convolutions of a search network multiply.

    Attributes:
        lut: the multiplier; None computes in float.
        how: quantisation of weights and activations.
    """

    lut: Lut | None
    how: Quantisation


@dataclass(frozen=True, slots=True)
class SharedSum(Conv2dSum):
    """Depthwise convolutions of ``copies`` layers over one input; outputs [N, copies * C, ..]."""

    copies: int = 1

    def lookup(
        self, x: torch.Tensor, w: torch.Tensor, table: Table, pad: torch.Tensor, backend: str
    ) -> torch.Tensor:
        """Return the table sums, int32 [N, copies * C, H', W']."""
        return Conv2dSum.lookup(self, self._wide(x), w, table, pad, backend)

    def x_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of every receptive field, once for all copies."""
        return self._wide(window_sums(self, x, w, self.groups // self.copies))

    def x_gradient(self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the gradient with respect to the shared input."""
        wide = x.new_empty(x.shape[0], self.groups, *x.shape[2:])
        return self._narrow(Conv2dSum.x_gradient(self, grad, wide, w))

    def w_gradient(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor, pad: float = 0.0
    ) -> torch.Tensor:
        """Return the gradient with respect to the weights of all copies."""
        return Conv2dSum.w_gradient(self, grad, self._wide(x), w, pad)

    def gradients(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the gradients with respect to the shared input and the weights of all copies."""
        to_x, to_w = Conv2dSum.gradients(self, grad, self._wide(x), w)
        return self._narrow(to_x), to_w

    def _wide(self, x: torch.Tensor) -> torch.Tensor:
        return x if self.copies == 1 else x.repeat(1, self.copies, 1, 1)

    def _narrow(self, found: torch.Tensor) -> torch.Tensor:
        return found if self.copies == 1 else found.unflatten(1, (self.copies, -1)).sum(1)


@dataclass(frozen=True, slots=True)
class PartedSum(Conv2dSum):
    """A grouped convolution whose parts have zero points of their own; padded parts share one."""

    def lookup(
        self, x: torch.Tensor, w: torch.Tensor, table: Table, pad: torch.Tensor, backend: str
    ) -> torch.Tensor:
        """Return the table sums, int32 [N, O, H', W']; ``pad`` holds one zero point per channel."""
        return Conv2dSum.lookup(self, x, w, table, pad.flatten()[0], backend)

    def x_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of every receptive field."""
        return window_sums(self, x, w, self.groups).repeat_interleave(w.shape[0] // self.groups, 1)


def window_sums(how: Conv2dSum, x: torch.Tensor, w: torch.Tensor, groups: int) -> torch.Tensor:
    """Return the sums of x over every group's receptive fields, int32 [N, groups, H', W'].

    float32 holds them exactly: a search network's fields have far fewer than 2**24 / 2**9 entries.
    """
    sums: torch.Tensor = x.unflatten(1, (groups, -1)).sum(2, dtype=torch.float32)
    if w.shape[2] * w.shape[3] > 1 or how.stride != (1, 1):
        ones = torch.ones(groups, 1, *w.shape[2:], device=x.device)
        sums = functional.conv2d(sums, ones, None, how.stride, how.padding, how.dilation, groups)
    return sums.to(torch.int32)


class PartedQuantiser(ActivationQuantiser):
    """A quantiser with one range for every part of the channels; scale and zero point are [channels, 1, 1].

    Args:
        parts: how many layers lie side by side.
        channels: of all parts together.
        bits: width of the codes.
        signed: whether they are two's complement.
        how: scheme; the ranges follow the training batches.
    """

    def __init__(self, parts: int, channels: int, bits: int, signed: bool, how: Quantisation) -> None:
        super().__init__(bits, signed, how)
        self.width = channels // parts
        self.register_buffer("scale", torch.ones(channels, 1, 1))
        self.register_buffer("zero_point", torch.zeros(channels, 1, 1, dtype=torch.int64))
        self.register_buffer("low", torch.full((parts,), float("inf")))
        self.register_buffer("high", torch.full((parts,), float("-inf")))

    @torch.no_grad()
    def follow(self, x: torch.Tensor) -> None:
        """Move every part's range towards its extremes in a training batch."""
        channels = x.detach().flatten(2)
        low = channels.amin((0, 2)).unflatten(0, (-1, self.width)).amin(1).clamp_(max=0)
        high = channels.amax((0, 2)).unflatten(0, (-1, self.width)).amax(1).clamp_(min=0)
        fresh = torch.isinf(self.low)
        self.low.copy_(torch.where(fresh, low, self.low + 0.1 * (low - self.low)))
        self.high.copy_(torch.where(fresh, high, self.high + 0.1 * (high - self.high)))
        self._set_parameters()

    def _set_parameters(self) -> None:
        scale, zero = affine_parameters(
            self.low, self.high, self.bits, self.signed, self.how.activations == "symmetric"
        )
        self.scale.copy_(scale.repeat_interleave(self.width)[:, None, None])
        self.zero_point.copy_(zero.repeat_interleave(self.width)[:, None, None])


class ParallelConv2d(ApproxConv2d):
    """Convolutions side by side on one table; it is given codes, so that layers can share a quantiser.

    Args:
        layer: the float convolution with the weights of all parts.
        lut: the multiplier's table.
        how: quantisation.
        copies: number of layers on one shared input; 0 where every part has its own.
    """

    def __init__(self, layer: nn.Conv2d, lut: Lut, how: Quantisation, copies: int = 0) -> None:
        geometry = (
            pair(layer.stride, "stride"),
            pair(layer.padding, "padding"),  # type: ignore[arg-type]  # numbers, no names
            pair(layer.dilation, "dilation"),
            layer.groups,
        )
        contraction = SharedSum(*geometry, copies=copies) if copies else PartedSum(*geometry)
        super().__init__(layer.weight, None, lut, contraction, how)

    def on_codes(
        self, quantiser: ActivationQuantiser, x: torch.Tensor, codes: torch.Tensor, kept: torch.Tensor
    ) -> torch.Tensor:
        """Return the output for an input that is quantised already.

        Args:
            quantiser: which made the codes.
            x: the float input.
            codes: its codes.
            kept: where x is not saturated.
        """
        w_codes, w_scale, w_zero = self.quantised_weight()
        with torch.no_grad():
            sums = self.sums(
                codes, w_codes, quantiser.zero_point, w_zero.flatten()[:, None, None], self.looked_up(w_codes)
            )
            y = sums * (quantiser.scale * w_scale.flatten()[:, None, None])
        kept_w = inside(self.weight, w_scale, w_zero, self.b_bits, self.signed)
        return connect(
            self, y, x, self.weight, None, (codes, w_codes), (kept, kept_w),
            (quantiser.scale, w_scale), (quantiser.zero_point, w_zero),
        )  # fmt: skip


class ParallelLayers(nn.Module):
    """Convolutions of several geometries on one input, in float or on a table, joined along the channels.

    Args:
        layers: the float convolutions with the weights of all parts.
        arithmetic: how they multiply.
        channels: of the input.
        parts: activation ranges; 1 for a shared input.
        copies: number of layers on a shared input; 0 where every part has its own.
    """

    def __init__(
        self, layers: list[nn.Conv2d], arithmetic: Arithmetic, channels: int, parts: int = 1, copies: int = 0
    ) -> None:
        super().__init__()
        self.copies = copies
        lut, how = arithmetic.lut, arithmetic.how
        self.input: ActivationQuantiser | None = None
        if lut is None:
            self.layers = nn.ModuleList(layers)
            return
        table = how.table(lut)
        self.layers = nn.ModuleList(ParallelConv2d(layer, lut, how, copies) for layer in layers)
        if copies:
            self.input = ActivationQuantiser(table.a_bits, table.signed, how)
        else:
            self.input = PartedQuantiser(parts, channels, table.a_bits, table.signed, how)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs of all layers, [N, channels of all, H', W']."""
        if self.input is None:
            wide = x.repeat(1, self.copies, 1, 1) if self.copies else x
            return torch.cat([layer(wide) for layer in self.layers], 1)
        codes, kept = self.input(x), self.input.inside(x)
        tables = cast(Iterable[ParallelConv2d], self.layers)
        return torch.cat([layer.on_codes(self.input, x, codes, kept) for layer in tables], 1)
