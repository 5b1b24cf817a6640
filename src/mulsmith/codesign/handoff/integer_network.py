"""The integer network of a run: codes, zero points and scales of every layer, and what the emulation did.

Every layer is a convolution; a linear layer is one of 1 x 1 over an image of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.codesign.handoff.chain import Step, chain
from mulsmith.emulate import (
    ApproxConv2d,
    ApproxConvTranspose2d,
    ApproxLayer,
    ApproxLinear,
    ApproxMatmul,
    ApproxWeighted,
    approx_layers,
)
from mulsmith.emulate.contraction import Conv2dSum
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.errors import EmulationError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


_OTHER_KINDS: Mapping[type[ApproxLayer], str] = {
    ApproxConvTranspose2d: "a transposed convolution",
    ApproxMatmul: "a product of two activations",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """What a layer met and made of it at one operating point.

    Attributes:
        codes: input codes, [C, H, W].
        sums: corrected integer sums with bias, [O, H', W'].
    """

    codes: Ints
    sums: Ints


@dataclass(frozen=True, slots=True)
class IntegerLayer:
    """One layer on a multiplier, in integers.

    The layer computes ``sum over k of table[x_k, v_k] - input_zero * sum w_k - weight_zero * sum (x_k -
    input_zero) + bias``, with w the weights, v the weights that are looked up, and x the input codes; in the
    padding x is ``input_zero``.

    Attributes:
        name: its qualified name in the network.
        kind: ``conv2d`` or ``linear``.
        multipliers: the multiplier at every operating point.
        tables: what the layer indexes at every operating point, in sign-magnitude form where that is used.
        sign_magnitude: whether unsigned multipliers run between sign-magnitude operands.
        weights: codes, [O, C/groups, kh, kw].
        looked_up: the codes that go to the multiplier in their place.
        weight_zero: zero point per output channel, [O].
        weight_scale: value of a weight's unit per output channel, [O].
        bias: per output channel, in units of the sums, [O].
        input_zero: zero point of the input codes.
        input_scale: value of an input's unit.
        geometry: stride, padding, dilation and groups.
        recordings: one per operating point.
    """

    name: str
    kind: str
    multipliers: tuple[str, ...]
    tables: tuple[Lut, ...]
    sign_magnitude: bool
    weights: Ints
    looked_up: Ints
    weight_zero: Ints
    weight_scale: Floats
    bias: Ints
    input_zero: int
    input_scale: float
    geometry: ConvGeometry
    recordings: tuple[Recording, ...]

    @property
    def a_bits(self) -> int:
        """Width of an input code."""
        return self.tables[0].a_bits

    @property
    def b_bits(self) -> int:
        """Width of a weight code."""
        return self.tables[0].b_bits

    @property
    def signed(self) -> bool:
        """Whether codes are two's complement."""
        return self.tables[0].signed

    @property
    def terms(self) -> int:
        """Number of products in one sum."""
        return int(self.weights[0].size)

    @property
    def units(self) -> Floats:
        """Value of a sum's unit per output channel, [O]."""
        return np.float32(self.input_scale) * self.weight_scale

    @property
    def offsets(self) -> Ints:
        """What every sum of an output channel gets besides the products and the inputs' share, [O].

        That is the bias, and of the zero-point corrections all that does not depend on the inputs.
        """
        weight_sums = self.weights.reshape(len(self.weights), -1).sum(1)
        fixed = self.bias - self.input_zero * weight_sums
        return np.asarray(fixed + self.weight_zero * self.input_zero * self.terms)


@dataclass(frozen=True, slots=True)
class IntegerNetwork:
    """The layers of a network on multipliers, in the order in which they run.

    Attributes:
        name: the network's name.
        layers: the layers.
        image: what was recorded, normalised, [C, H, W].
        logits: what the network makes of it at every operating point, flat.
        steps: the layers with what follows each, or None where the network is no plain chain.
    """

    name: str
    layers: tuple[IntegerLayer, ...]
    image: Floats
    logits: tuple[Floats, ...]
    steps: tuple[Step, ...] | None

    @property
    def points(self) -> int:
        """Number of operating points."""
        return len(self.logits)

    @property
    def multipliers(self) -> tuple[str, ...]:
        """The multipliers in use, sorted."""
        return tuple(sorted({name for layer in self.layers for name in layer.multipliers}))


@torch.no_grad()
def record(name: str, points: Sequence[nn.Module], image: torch.Tensor) -> IntegerNetwork:
    """Return the integer network of frozen networks, with what one image makes of every layer.

    Args:
        name: the network's name.
        points: the network at every operating point; they differ in tables and norms at most.
        image: float32 [1, C, H, W].

    Raises:
        EmulationError: a layer that has no integer weights or is no convolution and not linear, or points
            that differ in their integer weights or scales.
    """
    found, logits = zip(*(_run(network, image) for network in points), strict=True)
    layers = [approx_layers(network) for network in points]
    names = list(found[0])
    whole = tuple(_layer(n, [own[n] for own in layers], [codes[n] for codes in found]) for n in names)
    # A linear layer of several rows would take the codes before it in another order.
    plain = all(layer.kind != "linear" or layer.recordings[0].sums[0].size == 1 for layer in whole)
    return IntegerNetwork(
        name,
        whole,
        image[0].numpy(),
        tuple(values.flatten().numpy() for values in logits),
        chain(points[0]) if plain else None,
    )


def _run(network: nn.Module, image: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Return (input codes of every layer at its first call, in the order of the calls; the logits)."""
    found: dict[str, torch.Tensor] = {}

    def hook(name: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
        def keep(layer: nn.Module, inputs: tuple[Any, ...]) -> None:
            if name not in found and isinstance(layer, ApproxLayer):
                found[name] = layer.input(inputs[0].float())

        return keep

    layers = approx_layers(network)
    handles = [layer.register_forward_pre_hook(hook(name)) for name, layer in layers.items()]
    try:
        logits: torch.Tensor = network.eval()(image)
    finally:
        for handle in handles:
            handle.remove()
    if silent := [name for name in layers if name not in found]:
        raise EmulationError(f"layers {', '.join(silent)} are never called")
    return found, logits


def _layer(name: str, points: Sequence[ApproxLayer], codes: Sequence[torch.Tensor]) -> IntegerLayer:
    first = points[0]
    if not isinstance(first, ApproxConv2d | ApproxLinear):
        raise EmulationError(
            f"layer '{name}' is {_OTHER_KINDS[type(first)]}, of which no hand-off can be written",
            remedy="keep it in float: leave it out of the assignment",
        )
    fixed = [_fixed(name, point) for point in points]
    if not all(np.array_equal(fixed[0][key], other[key]) for other in fixed[1:] for key in fixed[0]):
        raise EmulationError(
            f"the operating points differ in the integer weights or scales of layer '{name}'"
        )
    contraction = first.contraction
    own = fixed[0]
    return IntegerLayer(
        name=name,
        kind="linear" if isinstance(first, ApproxLinear) else "conv2d",
        multipliers=tuple(point.multiplier for point in points),
        tables=tuple(point.table.lut for point in points),
        sign_magnitude=first.how.sign_magnitude,
        weights=own["weights"],
        looked_up=own["looked_up"],
        weight_zero=own["weight_zero"],
        weight_scale=own["weight_scale"],
        bias=own["bias"],
        input_zero=int(first.input.zero_point),
        input_scale=float(first.input.scale),
        geometry=contraction.geometry if isinstance(contraction, Conv2dSum) else ConvGeometry(),
        recordings=tuple(_recording(name, point, x) for point, x in zip(points, codes, strict=True)),
    )


def _fixed(name: str, layer: ApproxLayer) -> dict[str, Any]:
    """Return what all operating points of a layer must have in common."""
    if not isinstance(layer, ApproxWeighted) or not layer.frozen:
        raise EmulationError(f"layer '{name}' is not frozen", remedy="call emulate.freeze first")
    codes = layer.weight_codes
    form = (*codes.shape, 1, 1)[:4]
    return {
        "weights": _ints(codes).reshape(form),
        "looked_up": _ints(layer.looked_up(codes)).reshape(form),
        "weight_zero": _ints(layer.weight_zero_point.flatten().expand(layer.bias_codes.shape)),
        "bias": _ints(layer.bias_codes) + _ints(layer.sum_offset),
        "weight_scale": layer.weight_scale.flatten().expand(layer.bias_codes.shape).numpy().copy(),
        "input_zero": _ints(layer.input.zero_point),
        "input_scale": layer.input.scale.numpy(),
    }


def _recording(name: str, layer: ApproxLayer, codes: torch.Tensor) -> Recording:
    """Return codes and sums of one image, the rows of a linear layer's input as an image [C, rows, 1]."""
    if not isinstance(layer, ApproxWeighted) or codes.shape[0] != 1:
        raise EmulationError(f"layer '{name}' did not get one image but a batch of {codes.shape[0]}")
    sums = layer.integer_forward(codes)[0]
    if isinstance(layer, ApproxLinear):
        codes, sums = (t.reshape(-1, t.shape[-1]).t()[:, :, None] for t in (codes, sums))
    return Recording(_ints(codes).reshape(codes.shape[-3:]), _ints(sums).reshape(sums.shape[-3:]))


def _ints(values: torch.Tensor) -> Ints:
    return np.ascontiguousarray(values.detach().cpu().numpy().astype(np.int64))
