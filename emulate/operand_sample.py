"""The operands that the layers of a converted network really meet: input codes, weights, sampled fields.

Error models, weight maps and bias corrections all start from these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.contraction import Conv2dSum, ConvTranspose2dSum
from mulsmith.emulate.convert import approx_layers
from mulsmith.emulate.geometry import pad
from mulsmith.emulate.layers import ApproxLayer, ApproxMatmul, ApproxWeighted
from mulsmith.emulate.tables import Table
from mulsmith.emulate.transposed_sums import output_kinds
from mulsmith.errors import EmulationError

LEAST_FIELDS = 16
"""How many receptive fields are sampled at least of every kind of output of a transposed convolution."""
MATRIX_PAIRS = 32
"""How many pairs of matrices are sampled from a product of activations."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerCodes:
    """What one layer met while images went through its network, in all its calls.

    Attributes:
        layer: the layer.
        a: codes of its input.
        b: codes of its weights, or of the second input.
        units: value of one unit of the integer sums: [outputs], or [1] for the whole layer.
    """

    layer: ApproxLayer
    a: torch.Tensor
    b: torch.Tensor
    units: torch.Tensor

    def sums(self, lut: Lut) -> torch.Tensor:
        """Return the plain table sums of the layer for a multiplier, without zero-point corrections."""
        layer = self.layer
        return layer.contraction.lookup(self.a, self.b, Table.of(lut), layer.input.zero_point, layer.backend)

    def exact_sums(self) -> torch.Tensor:
        """Return the sums of the exact multiplier of the layer's operand widths."""
        layer = self.layer
        return self.sums(Lut.exact(layer.a_bits, layer.b_bits, layer.signed))

    def output_std(self) -> float:
        """Return the standard deviation of the layer's float output on the exact multiplier, no bias."""
        layer, wide = self.layer, self.a.to(torch.int32)
        exact = self.exact_sums().to(torch.float64)
        if isinstance(layer, ApproxWeighted):
            _, _, zero = layer.quantised_weight()
            b_zero = _outwards(layer, zero.flatten().repeat(layer.repeats) if zero.numel() > 1 else zero)
        elif isinstance(layer, ApproxMatmul):
            b_zero = layer.other.zero_point
        a_zero = layer.input.zero_point
        centred = wide - a_zero.to(torch.int32)
        exact = exact - (a_zero * layer.contraction.w_sums(self.a, self.b)).to(torch.float64)
        exact = exact - (b_zero * layer.contraction.x_sums(centred, self.b)).to(torch.float64)
        return float((exact * _outwards(layer, self.units.double())).std(correction=0))


@dataclass(frozen=True, slots=True, eq=False)
class SumSample:
    """Sampled sums of one kind, as matrices of operand codes.

    Attributes:
        a: receptive fields, integer [groups, fields, fan_in]; what stands in the padding is in them.
        b: weights, integer [groups, fan_in, channels].
        share: of the layer's outputs that are of this kind, 0..1.
    """

    a: torch.Tensor
    b: torch.Tensor
    share: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class OperandSample:
    """Sampled receptive fields of a layer and its weights.

    Attributes:
        kinds: the sums that make up the outputs; one kind, but for a transposed convolution, whose outputs
            sum different numbers of products.
        units: value of one unit of the sums, float64 [groups, channels].
        a_bits, b_bits, signed: the form of the codes.
    """

    kinds: tuple[SumSample, ...]
    units: torch.Tensor
    a_bits: int
    b_bits: int
    signed: bool

    @property
    def form(self) -> tuple[int, int, bool]:
        """Widths and signedness of the codes."""
        return self.a_bits, self.b_bits, self.signed

    def a_histogram(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return the share of every raw code of operand A over all products, float64 [2**a_bits]."""
        return _shares([(kind.a, kind.share / max(1, kind.a.shape[1])) for kind in self.kinds], self.a_bits)

    def b_histogram(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return the share of every raw code of operand B over all products, float64 [2**b_bits]."""
        return _shares([(kind.b, kind.share) for kind in self.kinds], self.b_bits)


@torch.no_grad()
def record_codes(network: nn.Module, images: torch.Tensor) -> dict[str, LayerCodes]:
    """Return what every layer on a table meets when images go through the network.

    Args:
        network: a converted and calibrated network.
        images: its input, one batch.

    Raises:
        EmulationError: a layer does not run, or meets inputs of different shapes in one pass.
    """
    layers = approx_layers(network)
    found: dict[str, list[torch.Tensor]] = {name: [] for name in layers}

    def keep(name: str) -> Callable[..., None]:
        return lambda module, inputs, output: found[name].append(output)

    handles = []
    for name, layer in layers.items():
        handles.append(layer.input.register_forward_hook(keep(name)))
        if isinstance(layer, ApproxMatmul):
            handles.append(layer.other.register_forward_hook(keep(name)))
    modes = {module: module.training for module in network.modules()}
    try:
        network.eval()(images)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes.items():
            module.training = training
    return {name: _codes(name, layer, found[name]) for name, layer in layers.items()}


def sample_operands(codes: LayerCodes, fields: int, generator: torch.Generator) -> OperandSample:
    """Return randomly chosen receptive fields of a layer, the same places in all groups.

    Args:
        codes: what the layer met.
        fields: how many receptive fields; in a product of activations, rows per pair of matrices.
        generator: chooses them.
    """
    layer, how = codes.layer, codes.layer.contraction
    if isinstance(layer, ApproxMatmul):
        return _sample_matrices(codes, fields, generator)
    if isinstance(how, ConvTranspose2dSum):
        kinds = _transposed_fields(codes.a, codes.b, how, fields, generator)
    elif isinstance(how, Conv2dSum):
        a = _convolution_fields(codes.a, codes.b, layer, fields, generator)
        b = codes.b.reshape(how.groups, codes.b.shape[0] // how.groups, -1).transpose(1, 2)
        kinds = (SumSample(a, b),)
    else:
        rows = codes.a.reshape(-1, codes.a.shape[-1])
        kinds = (SumSample(rows[_draw(len(rows), fields, generator)][None], codes.b.t()[None]),)
    groups, _, channels = kinds[0].b.shape
    units = codes.units.double().expand(groups * channels).reshape(groups, channels)
    return OperandSample(kinds, units, layer.a_bits, layer.b_bits, layer.signed)


def _codes(name: str, layer: ApproxLayer, found: list[torch.Tensor]) -> LayerCodes:
    wanted = 2 if isinstance(layer, ApproxMatmul) else 1
    if not found:
        raise EmulationError(f"layer '{name}' does not run")
    if any(len({codes.shape[1:] for codes in found[k::wanted]}) > 1 for k in range(wanted)):
        raise EmulationError(f"layer '{name}' meets inputs of different shapes in one pass")
    # Calls of one layer are stacked like further images.
    a = torch.cat(found[::wanted])
    if isinstance(layer, ApproxMatmul):
        return LayerCodes(
            layer, a, torch.cat(found[1::2]), (layer.input.scale * layer.other.scale).reshape(1)
        )
    if not isinstance(layer, ApproxWeighted):
        raise EmulationError(f"layer '{name}' has an unknown kind")
    weights, scale, _ = layer.quantised_weight()
    return LayerCodes(layer, a, weights, layer.output_scale(scale))


def _outwards(layer: ApproxLayer, values: torch.Tensor) -> torch.Tensor:
    """Return per-channel values so that they broadcast to the layer's output."""
    return values if layer.contraction.output_channel_dim == -1 else values.flatten()[:, None, None]


def _shares(weighted: list[tuple[torch.Tensor, float]], bits: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the share of every raw code, each tensor of codes counted with a weight."""
    counts = torch.zeros(1 << bits, dtype=torch.float64)
    for codes, weight in weighted:
        raw = codes.to(torch.int64).flatten() & ((1 << bits) - 1)
        counts += weight * torch.bincount(raw, minlength=1 << bits).double()
    shares: np.ndarray[Any, np.dtype[np.float64]] = (counts / counts.sum()).numpy()
    return shares


def _draw(count: int, wanted: int, generator: torch.Generator) -> torch.Tensor:
    if count <= wanted:
        return torch.arange(count)
    return torch.randperm(count, generator=generator)[:wanted]


def _convolution_fields(
    x: torch.Tensor, w: torch.Tensor, layer: ApproxLayer, fields: int, generator: torch.Generator
) -> torch.Tensor:
    how = layer.contraction
    if not isinstance(how, Conv2dSum):
        raise EmulationError("only convolutions have receptive fields")
    padded = pad(x, how.padding, int(layer.input.zero_point))
    kernel, size = w.shape[2:], padded.shape[2:]
    reach = [d * (k - 1) + 1 for d, k in zip(how.dilation, kernel, strict=True)]
    height, width = ((n - r) // s + 1 for n, r, s in zip(size, reach, how.stride, strict=True))
    place = _draw(len(x) * height * width, fields, generator)
    image, row, column = place // (height * width), place // width % height, place % width
    rows = (row * how.stride[0])[:, None] + torch.arange(kernel[0]) * how.dilation[0]
    columns = (column * how.stride[1])[:, None] + torch.arange(kernel[1]) * how.dilation[1]
    # Indices around the slice come first: [fields, kh, kw, C]
    found = padded[image[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    by_channel = found.permute(0, 3, 1, 2).reshape(len(place), how.groups, -1)
    return by_channel.transpose(0, 1).contiguous()


def _transposed_fields(
    x: torch.Tensor, w: torch.Tensor, how: ConvTranspose2dSum, fields: int, generator: torch.Generator
) -> tuple[SumSample, ...]:
    kinds = []
    for kind in output_kinds(how, (x.shape[2], x.shape[3]), (w.shape[2], w.shape[3])):
        wanted = max(LEAST_FIELDS, round(fields * kind.share))
        places = _draw(len(x) * kind.places, wanted, generator)
        kinds.append(SumSample(kind.fields(x, places, how.groups), kind.weights(w, how.groups), kind.share))
    return tuple(kinds)


def _sample_matrices(codes: LayerCodes, fields: int, generator: torch.Generator) -> OperandSample:
    layer = codes.layer
    a = codes.a.reshape(-1, *codes.a.shape[-2:])
    b = codes.b.reshape(-1, *codes.b.shape[-2:])
    pairs = _draw(len(a), MATRIX_PAIRS, generator)
    rows = _draw(a.shape[1], fields, generator)
    units = codes.units.double().expand(len(pairs), b.shape[2])
    kinds = (SumSample(a[pairs][:, rows], b[pairs]),)
    return OperandSample(kinds, units, layer.a_bits, layer.b_bits, layer.signed)
