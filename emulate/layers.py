"""Layers whose products go through a multiplier's table: forward bit-exactly, backward by a gradient mode.

The integer network that hardware would run is what the forward pass computes: codes of the input and of the
weights, table sums, zero-point corrections from plain sums over the original codes (outside the table), an
int32 bias, and one scale per output channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.activation import ActivationQuantiser
from mulsmith.emulate.backends import AUTO
from mulsmith.emulate.contraction import Contraction, Conv2dSum, ConvTranspose2dSum, LinearSum, MatmulSum
from mulsmith.emulate.geometry import Pair
from mulsmith.emulate.gradients import STRAIGHT_THROUGH, check_kind
from mulsmith.emulate.layer_passes import MAX_BITS, field_sums, library_for, scale_sums
from mulsmith.emulate.ops import pair
from mulsmith.emulate.quantise import (
    Quantisation,
    code_dtype,
    inside,
    quantise,
    weight_parameters,
)
from mulsmith.emulate.straight_through import connect
from mulsmith.emulate.tables import INT32_MAX, Table
from mulsmith.errors import EmulationError

BIAS_LIMIT = 2.0**29


class ApproxLayer(nn.Module):
    """What all layers on a table share.

    Args:
        lut: the multiplier's table.
        contraction: which products the layer sums.
        how: quantisation.
        multiplier: the multiplier's name, for reports and the state.
        gradient: ``straight-through``, ``1-d`` or ``2-d``.
        backend: ``auto`` or the name of a backend.
    """

    def __init__(
        self,
        lut: Lut,
        contraction: Contraction,
        how: Quantisation,
        multiplier: str = "",
        gradient: str = STRAIGHT_THROUGH,
        backend: str = AUTO,
    ) -> None:
        super().__init__()
        self.table = Table.of(how.table(lut))
        self.contraction = contraction
        self.how = how
        self.multiplier = multiplier
        self.gradient = check_kind(gradient)
        self.backend = backend
        self.calibrating = False
        self.a_bits, self.b_bits, self.signed = (
            self.table.lut.a_bits, self.table.lut.b_bits, self.table.lut.signed,
        )  # fmt: skip
        self.input = ActivationQuantiser(self.a_bits, self.signed, how)

    def float_twin(self) -> nn.Module:
        """Return the float layer that shares this layer's parameters."""
        raise NotImplementedError

    def get_extra_state(self) -> dict[str, Any]:
        """Return what the tensors do not say: the table's hash and the multiplier's name."""
        return {"table": self.table.key, "multiplier": self.multiplier}

    def set_extra_state(self, state: Mapping[str, Any]) -> None:
        """Check that a state belongs to the same table.

        Raises:
            EmulationError: it was saved with another multiplier.
        """
        if state["table"] != self.table.key:
            raise EmulationError(
                f"the state was saved with the table of '{state['multiplier']}', "
                f"but the layer runs on that of '{self.multiplier}'",
                remedy="convert the network with the same assignment first",
            )

    @property
    def w_zero_is_zero(self) -> bool:
        """Whether the weights' zero points are 0 by construction."""
        return self.how.symmetric_weights(self.signed) and self.signed

    def sum_dtype(self, w: torch.Tensor) -> torch.dtype:
        """Return the integer type in which no corrected sum over weights w can overflow."""
        bound = self.contraction.terms(w) * (self.table.peak + (2 << (self.a_bits + self.b_bits)))
        return torch.int64 if bound > INT32_MAX // 2 else torch.int32

    def sums(
        self,
        x: torch.Tensor,
        w: torch.Tensor,
        x_zero: torch.Tensor,
        w_zero: torch.Tensor,
        looked_up: torch.Tensor,
    ) -> torch.Tensor:
        """Return the integer sums of (x - x_zero) * (w - w_zero) with every product x * w from the table.

        Args:
            x: codes of operand A.
            w: original codes of operand B, which the corrections use.
            x_zero: zero point of x, 0-d.
            w_zero: zero point of w, broadcastable to the output.
            looked_up: codes of operand B that index the table (differ from w under a weight map).
        """
        dtype = self.sum_dtype(w)
        out = self.contraction.lookup(x, looked_up, self.table, x_zero, self.backend).to(dtype)
        out.sub_((x_zero * self.contraction.w_sums(x, w)).to(dtype))
        if self.w_zero_is_zero:
            return out
        centred = x.to(torch.int32) - x_zero.to(torch.int32)
        return out.sub_(w_zero.to(dtype) * self.contraction.x_sums(centred, w).to(dtype))

    def extra_repr(self) -> str:
        """Return the multiplier and the widths."""
        kind = "signed" if self.signed else "unsigned"
        return f"{self.multiplier or 'table'}, {self.a_bits}x{self.b_bits} {kind}, {self.gradient}"


class ApproxWeighted(ApproxLayer):
    """A layer with weights and bias: convolution, transposed convolution or linear.

    The state holds the float weights and, after ``freeze``, the integer network: ``weight_codes``,
    ``weight_scale``, ``weight_zero_point``, ``bias_codes``. ``weight_map`` replaces a weight code before the
    table (not in the corrections); ``sum_offset`` is added to every sum of an output channel.
    """

    weight_codes: torch.Tensor
    weight_scale: torch.Tensor
    weight_zero_point: torch.Tensor
    bias_codes: torch.Tensor
    weight_map: torch.Tensor
    sum_offset: torch.Tensor

    def __init__(
        self,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        lut: Lut,
        contraction: Contraction,
        how: Quantisation,
        multiplier: str = "",
        gradient: str = STRAIGHT_THROUGH,
        backend: str = AUTO,
        groups: int = 1,
    ) -> None:
        super().__init__(lut, contraction, how, multiplier, gradient, backend)
        self.weight = nn.Parameter(weight.detach().clone())
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone())
        self.frozen = False
        self.repeats = groups if isinstance(contraction, ConvTranspose2dSum) else 1
        channels = weight.shape[contraction.channel_dim] * self.repeats
        scale, zero = self._weight_parameters()
        buffers = {
            "weight_codes": torch.zeros(weight.shape, dtype=code_dtype(self.b_bits, self.signed)),
            "weight_scale": scale,
            "weight_zero_point": zero,
            "bias_codes": torch.zeros(channels, dtype=torch.int32),
            "weight_map": _codes_in_raw_order(self.b_bits, self.signed),
            "sum_offset": torch.zeros(channels, dtype=torch.int32),
        }
        for name, value in buffers.items():
            self.register_buffer(name, value.to(weight.device))

    def freeze(self) -> None:
        """Fix the integer network; the float weights no longer matter and get no gradient."""
        codes, scale, zero = self.quantised_weight()
        self.weight_codes.copy_(codes)
        self.weight_scale.copy_(scale)
        self.weight_zero_point.copy_(zero)
        self.bias_codes.copy_(self._bias_codes(self.output_scale(scale)))
        self._mark_frozen()

    def get_extra_state(self) -> dict[str, Any]:
        """Return what the tensors do not say, ``frozen`` included."""
        return {**super().get_extra_state(), "frozen": self.frozen}

    def set_extra_state(self, state: Mapping[str, Any]) -> None:
        """Check the table and take over whether the state is frozen."""
        super().set_extra_state(state)
        if state["frozen"]:
            self._mark_frozen()

    def _mark_frozen(self) -> None:
        self.frozen = True
        for parameter in self.parameters():
            parameter.requires_grad_(False)

    def quantised_weight(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return (codes, scale, zero_point) of the weights."""
        if self.frozen:
            return self.weight_codes, self.weight_scale, self.weight_zero_point
        scale, zero = self._weight_parameters()
        return quantise(self.weight.detach(), scale, zero, self.b_bits, self.signed), scale, zero

    def output_scale(self, weight_scale: torch.Tensor) -> torch.Tensor:
        """Return the value of one unit of the sums per output channel, [O] or [1]."""
        return self.input.scale * self._by_output(weight_scale)

    def looked_up(self, codes: torch.Tensor) -> torch.Tensor:
        """Return the codes that index the table in place of the weights' codes."""
        return self.weight_map[codes.to(torch.int64) & ((1 << self.b_bits) - 1)]

    def integer_forward(self, x_codes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (sums with bias, integer; their scale per output channel, float32) for input codes."""
        return self._integer_sums(x_codes, *self.quantised_weight())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the layer's output, float32, as the integer network computes it."""
        if self.calibrating:
            self.input.observe(x)
            return cast(torch.Tensor, self.float_twin()(x))
        x = x.float()
        differentiable = torch.is_grad_enabled() and (x.requires_grad or self.weight.requires_grad)
        with torch.no_grad():
            x_codes = self.input(x)
            codes, scale, zero = self.quantised_weight()
            y = self._output(x_codes, codes, scale, zero)
        if not differentiable:
            return y
        inside_w = inside(self.weight, scale, zero, self.b_bits, self.signed)
        return connect(
            self, y, x, self.weight, self.bias, (x_codes, codes), (self.input.inside(x), inside_w),
            (self.input.scale, scale), (self.input.zero_point, zero),
        )  # fmt: skip

    def _integer_sums(
        self, x_codes: torch.Tensor, codes: torch.Tensor, scale: torch.Tensor, zero: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        zero_out = self._per_channel(self._by_output(zero))
        out = self.sums(x_codes, codes, self.input.zero_point, zero_out, self.looked_up(codes))
        unit = self.output_scale(scale)
        return out.add_(self._per_channel(self._bias_at(unit))), unit

    def _output(
        self, x_codes: torch.Tensor, codes: torch.Tensor, scale: torch.Tensor, zero: torch.Tensor
    ) -> torch.Tensor:
        """Return ``_integer_sums`` times their scale, by the compiled passes where these can."""
        how = self.contraction
        library = library_for(x_codes) if max(self.a_bits, self.b_bits) <= MAX_BITS else None
        if library is None or not isinstance(how, Conv2dSum) or self.sum_dtype(codes) != torch.int32:
            out, unit = self._integer_sums(x_codes, codes, scale, zero)
            return out.float().mul_(self._per_channel(unit))
        x_zero = self.input.zero_point
        sums = how.lookup(x_codes, self.looked_up(codes), self.table, x_zero, self.backend).contiguous()
        unit = self.output_scale(scale)
        offset = self._bias_at(unit) - x_zero * how.w_sums(x_codes, codes).flatten()
        if self.w_zero_is_zero:
            return scale_sums(library, sums, offset, unit)
        fields = field_sums(library, x_codes.contiguous(), codes, how, int(x_zero))
        return scale_sums(library, sums, offset, unit, self._by_output(zero), fields)

    def _bias_at(self, unit: torch.Tensor) -> torch.Tensor:
        """Return what every sum of an output channel gets, [O]."""
        return (self.bias_codes if self.frozen else self._bias_codes(unit)) + self.sum_offset

    def _share(self, twin: nn.Module) -> nn.Module:
        """Give a float layer this layer's parameters; frozen ones become copies that can be trained again."""
        for name in ("weight", "bias"):
            own = getattr(self, name)
            if own is not None and self.frozen:
                own = nn.Parameter(own.detach().clone())
            setattr(twin, name, own)
        return twin

    def _by_output(self, values: torch.Tensor) -> torch.Tensor:
        """Return a per-channel parameter as [O], a per-layer one as [1]."""
        flat = values.flatten()
        return flat.repeat(self.repeats) if self.repeats > 1 and flat.numel() > 1 else flat

    def _per_channel(self, values: torch.Tensor) -> torch.Tensor:
        return values if self.contraction.output_channel_dim == -1 else values[:, None, None]

    def _weight_parameters(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scale and zero point of the weights; the scale is large enough for the bias to fit."""
        scale, zero = weight_parameters(
            self.weight, self.b_bits, self.signed, self.how, self.contraction.channel_dim
        )
        if self.bias is None:
            return scale, zero
        needed = self.bias.detach().float().abs() / (self.input.scale * BIAS_LIMIT)
        needed = needed.reshape(self.repeats, -1).amax(0)
        needed = needed.reshape(scale.shape) if scale.numel() > 1 else needed.amax()
        return torch.maximum(scale, needed), zero

    def _bias_codes(self, unit: torch.Tensor) -> torch.Tensor:
        if self.bias is None:
            return torch.zeros_like(self.bias_codes)
        return (self.bias.detach().double() / unit.double()).round().to(torch.int32)


class ApproxConv2d(ApproxWeighted):
    """``nn.Conv2d`` on a table; what stands in the padding is the input's zero point, through the table."""

    @classmethod
    def from_float(cls, layer: nn.Conv2d, lut: Lut, how: Quantisation, **options: Any) -> ApproxConv2d:
        """Return the layer on a table; ``options`` are those of ``ApproxLayer``.

        Raises:
            EmulationError: a padding mode other than zeros, or unequal ``same`` padding.
        """
        if layer.padding_mode != "zeros":
            raise EmulationError(f"padding mode '{layer.padding_mode}' is not supported on a table")
        contraction = Conv2dSum(
            pair(layer.stride, "stride"), _padding(layer), pair(layer.dilation, "dilation"), layer.groups
        )
        return cls(layer.weight, layer.bias, lut, contraction, how, **options)

    def float_twin(self) -> nn.Module:
        """Return the ``nn.Conv2d`` that shares weight and bias."""
        outputs, inputs, *kernel = self.weight.shape
        how = cast(Conv2dSum, self.contraction)
        return self._share(
            nn.Conv2d(
                inputs * how.groups,
                outputs,
                (kernel[0], kernel[1]),
                how.stride,
                how.padding,
                how.dilation,
                how.groups,
                device="meta",
            )
        )


class ApproxConvTranspose2d(ApproxWeighted):
    """``nn.ConvTranspose2d`` on a table."""

    @classmethod
    def from_float(
        cls, layer: nn.ConvTranspose2d, lut: Lut, how: Quantisation, **options: Any
    ) -> ApproxConvTranspose2d:
        """Return the layer on a table; ``options`` are those of ``ApproxLayer``."""
        contraction = ConvTranspose2dSum(
            pair(layer.stride, "stride"),
            _padding(layer),
            pair(layer.output_padding, "output_padding"),
            pair(layer.dilation, "dilation"),
            layer.groups,
        )
        return cls(layer.weight, layer.bias, lut, contraction, how, groups=layer.groups, **options)

    def float_twin(self) -> nn.Module:
        """Return the ``nn.ConvTranspose2d`` that shares weight and bias."""
        inputs, outputs, *kernel = self.weight.shape
        how = cast(ConvTranspose2dSum, self.contraction)
        return self._share(
            nn.ConvTranspose2d(
                inputs,
                outputs * how.groups,
                (kernel[0], kernel[1]),
                how.stride,
                how.padding,
                how.output_padding,
                how.groups,
                dilation=how.dilation,
                device="meta",
            )
        )


class ApproxLinear(ApproxWeighted):
    """``nn.Linear`` on a table."""

    @classmethod
    def from_float(cls, layer: nn.Linear, lut: Lut, how: Quantisation, **options: Any) -> ApproxLinear:
        """Return the layer on a table; ``options`` are those of ``ApproxLayer``."""
        return cls(layer.weight, layer.bias, lut, LinearSum(), how, **options)

    def float_twin(self) -> nn.Module:
        """Return the ``nn.Linear`` that shares weight and bias."""
        outputs, inputs = self.weight.shape
        return self._share(nn.Linear(inputs, outputs, device="meta"))


class MatMul(nn.Module):
    """A matrix product of two activations as a module, so that a conversion can find it."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Return a @ b."""
        return a @ b


class ApproxMatmul(ApproxLayer):
    """``MatMul`` on a table: a is operand A, b operand B, each with a scale of its own."""

    def __init__(self, lut: Lut, how: Quantisation, **options: Any) -> None:
        super().__init__(lut, MatmulSum(), how, **options)
        self.other = ActivationQuantiser(self.b_bits, self.signed, how)

    @classmethod
    def from_float(cls, layer: MatMul, lut: Lut, how: Quantisation, **options: Any) -> ApproxMatmul:
        """Return the product on a table; ``options`` are those of ``ApproxLayer``."""
        return cls(lut, how, **options)

    def float_twin(self) -> nn.Module:
        """Return the float product."""
        return MatMul()

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Return the product, float32; leading dimensions of a and b are equal."""
        if self.calibrating:
            self.input.observe(a)
            self.other.observe(b)
            return a @ b
        a, b = a.float(), b.float()
        differentiable = torch.is_grad_enabled() and (a.requires_grad or b.requires_grad)
        with torch.no_grad():
            a_codes, b_codes = self.input(a), self.other(b)
            sums = self.sums_of_two(a_codes, b_codes)
            y = sums * (self.input.scale * self.other.scale)
        if not differentiable:
            return y
        return connect(
            self, y, a, b, None, (a_codes, b_codes), (self.input.inside(a), self.other.inside(b)),
            (self.input.scale, self.other.scale), (self.input.zero_point, self.other.zero_point),
        )  # fmt: skip

    def sums_of_two(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Return the integer sums for codes of both operands."""
        table, a_zero, b_zero = self.table, self.input.zero_point, self.other.zero_point
        out = self.contraction.lookup(a, b, table, a_zero, self.backend).to(torch.int64)
        out = out - a_zero * self.contraction.w_sums(a, b)
        return out - b_zero * self.contraction.x_sums(a.to(torch.int64) - a_zero, b)


def _codes_in_raw_order(bits: int, signed: bool) -> torch.Tensor:
    raw = torch.arange(1 << bits)
    values = torch.where(raw >= 1 << (bits - 1), raw - (1 << bits), raw) if signed else raw
    return values.to(code_dtype(bits, signed))


def _padding(layer: nn.Conv2d | nn.ConvTranspose2d) -> Pair:
    if not isinstance(layer.padding, str):
        return pair(layer.padding, "padding")
    if layer.padding == "valid":
        return 0, 0
    total = [d * (k - 1) for d, k in zip(layer.dilation, layer.kernel_size, strict=True)]
    if total[0] % 2 or total[1] % 2:
        raise EmulationError(
            f"padding 'same' of an even kernel {layer.kernel_size} is unequal on both sides",
            remedy="pad explicitly in front of the layer",
        )
    return total[0] // 2, total[1] // 2
