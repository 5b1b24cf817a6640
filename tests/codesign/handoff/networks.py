"""Small frozen networks on mixed multipliers, and their layers recomputed in plain numpy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from mulsmith import Library, emulate
from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork, record
from mulsmith.emulate.zoo import build

# Unsigned and signed ones, of unequal widths; a product of zeros is 256 in the first and 64 in the second.
MIXED = ("mul8x8u_trunc7_cc", "mul8x8s_half_a4b4", "mul8x4u_drum3", "mul8x3u_half_a5b0")


def frozen(
    network: nn.Module,
    assignment: Mapping[str, str],
    library: Library,
    image: torch.Tensor,
    how: emulate.Quantisation,
    fold: bool = False,
) -> nn.Module:
    converted = emulate.convert(
        network, assignment, [image], quantisation=how, library=library, fold_batch_norm=fold
    )
    return emulate.freeze(converted)


def mixed_network(
    name: str, library: Library, how: emulate.Quantisation, multipliers: tuple[str, ...] = MIXED
) -> IntegerNetwork:
    """Return a network of the zoo with random weights, its layers on the multipliers in turn."""
    torch.manual_seed(1)
    classes, channels = 10, 3 if name.startswith("cifar") else 1
    size = 8 if name == "digits-cnn" else 32
    network = build(name, classes, channels)
    image = torch.randn(1, channels, size, size)
    layers = [n for n, m in network.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assignment = {layer: multipliers[k % len(multipliers)] for k, layer in enumerate(layers)}
    return record(name, [frozen(network, assignment, library, image, how)], image)


def recomputed(layer: IntegerLayer, library: Library, point: int = 0) -> np.ndarray:
    """Return a layer's sums, from the library's own table and plain loops over the kernel."""
    lut = library[layer.multipliers[point]].lut
    codes = layer.recordings[point].codes
    outputs, inputs, kernel_h, kernel_w = layer.weights.shape
    (sy, sx), (py, px), (dy, dx) = layer.geometry.stride, layer.geometry.padding, layer.geometry.dilation
    padded = np.pad(codes, ((0, 0), (py, py), (px, px)), constant_values=layer.input_zero)
    height = (padded.shape[1] - dy * (kernel_h - 1) - 1) // sy + 1
    width = (padded.shape[2] - dx * (kernel_w - 1) - 1) // sx + 1
    out = np.zeros((outputs, height, width), np.int64)
    per_group = outputs // layer.geometry.groups
    for o in range(outputs):
        for c in range(inputs):
            plane = padded[o // per_group * inputs + c]
            for y in range(kernel_h):
                for x in range(kernel_w):
                    field = plane[y * dy :, x * dx :][: sy * height : sy, : sx * width : sx]
                    weight, seen = layer.weights[o, c, y, x], layer.looked_up[o, c, y, x]
                    out[o] += _product(lut, field, int(seen), layer.sign_magnitude)
                    out[o] -= layer.input_zero * weight
                    out[o] -= layer.weight_zero[o] * (field - layer.input_zero)
        out[o] += layer.bias[o]
    return out


def _product(lut, x: np.ndarray, w: int, sign_magnitude: bool) -> np.ndarray:  # type: ignore[no-untyped-def]
    if not lut.signed and sign_magnitude:
        sign = np.where((x < 0) ^ (w < 0), -1, 1)
        return np.asarray(sign * lut.table[np.abs(x), abs(w)].astype(np.int64))
    return lut.table[x % (1 << lut.a_bits), w % (1 << lut.b_bits)].astype(np.int64)
