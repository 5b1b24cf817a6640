"""The exported integer network, recomputed with plain numpy integers, is what the emulation computes."""

from typing import Any

import gather_oracle as oracle
import numpy as np
import pytest
import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Quantisation, approx_layers, convert, freeze, integer_state
from mulsmith.emulate.layers import ApproxMatmul, ApproxWeighted
from mulsmith.emulate.tables import code_range

LAYERS = {
    "conv 1x1": nn.Conv2d(4, 6, 1),
    "conv 3x3": nn.Conv2d(4, 5, 3, padding=1),
    "conv 5x5": nn.Conv2d(4, 3, 5, padding=2),
    "stride 2": nn.Conv2d(4, 6, 3, padding=1, stride=2),
    "dilation 2": nn.Conv2d(4, 3, 3, padding=2, dilation=2),
    "groups 2": nn.Conv2d(4, 6, 3, padding=1, groups=2),
    "depthwise": nn.Conv2d(4, 4, 3, padding=1, groups=4),
    "transposed": nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
    "linear": nn.Linear(6, 5),
}
SCHEMES = {
    "symmetric": Quantisation(activations="symmetric", weights="symmetric"),
    "affine": Quantisation(activations="affine", weights="affine", per_channel=False),
    "affine per channel": Quantisation(activations="affine", weights="affine"),
}


def _sums(layer: nn.Module, x: oracle.Ints, w: oracle.Ints, lut: Lut, pad: int) -> oracle.Ints:
    """Return the sums of the entries that codes x and w select."""
    if isinstance(layer, nn.Linear):
        rows = oracle.matmul(x.reshape(-1, x.shape[-1]), w.T, lut)
        return rows.reshape(*x.shape[:-1], len(w))
    if isinstance(layer, nn.ConvTranspose2d):
        sizes = (layer.stride[0], layer.padding[0], layer.output_padding[0], layer.groups)
        return oracle.conv_transpose2d(x, w, lut, *sizes)
    assert isinstance(layer, nn.Conv2d)
    padding = (int(layer.padding[0]), int(layer.padding[1]))
    dilation = (layer.dilation[0], layer.dilation[1])
    return oracle.conv2d(x, w, lut, (layer.stride[0], layer.stride[1]), padding, dilation, layer.groups, pad)


def _plain(bits: int, signed: bool, left: int, right: int) -> Lut:
    """Return the table of ``a**left * b**right``, which sums operands alone."""
    low, high = code_range(bits, signed)
    values = np.arange(low, high + 1)
    values = np.roll(values, low)  # by raw code
    return Lut(np.multiply.outer(values**left, values**right).astype(np.int32), bits, bits, signed)


def _by_hand(layer: nn.Module, codes: oracle.Ints, state: dict[str, Any], lut: Lut) -> oracle.Ints:
    """Return the integer outputs of an exported layer for input codes, bias included."""
    w = state["weight_codes"].numpy().astype(np.int64)
    x_zero = int(state["input_zero_point"])
    w_zero = state["weight_zero_point"].numpy().astype(np.int64).flatten()
    channels = (-1,) if isinstance(layer, nn.Linear) else (-1, 1, 1)
    if isinstance(layer, nn.ConvTranspose2d) and w_zero.size > 1:
        w_zero = np.tile(w_zero, layer.groups)
    x_sums, w_sums, count = (
        _sums(layer, codes, w, _plain(8, lut.signed, *powers), x_zero) for powers in ((1, 0), (0, 1), (0, 0))
    )
    w_zero = w_zero.reshape(channels)
    corrections = -x_zero * w_sums - w_zero * x_sums + x_zero * w_zero * count
    bias = state["bias_codes"].numpy().astype(np.int64).reshape(channels)
    return _sums(layer, codes, w, lut, x_zero) + corrections + bias


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", LAYERS)
def test_plain_integers_give_the_same_sums_and_outputs(kind: str, scheme: str, signed: bool) -> None:
    lut = oracle.odd_lut(8, 8, signed)
    x = torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(3)) + 0.4
    net = freeze(convert(nn.Sequential(LAYERS[kind]), lut, [x], SCHEMES[scheme]).eval())
    state = integer_state(net)["0"]
    scale, zero = state["input_scale"].numpy(), int(state["input_zero_point"])
    low, high = code_range(8, signed)
    assert zero != 0 or (scheme == "symmetric" and signed)
    codes = (np.rint(x.numpy() / scale) + zero).clip(low, high).astype(np.int64)
    expected = _by_hand(LAYERS[kind], codes, state, lut)
    layer = approx_layers(net)["0"]
    assert isinstance(layer, ApproxWeighted)
    sums, _ = layer.integer_forward(torch.from_numpy(codes).to(layer.weight_codes.dtype))
    assert np.array_equal(sums.numpy(), expected)
    unit = scale * np.tile(state["weight_scale"].numpy().flatten(), layer.repeats)
    unit = unit[: len(state["bias_codes"])].reshape((-1,) if kind == "linear" else (-1, 1, 1))
    if scheme == "affine":
        unit = unit.flatten()[0]
    with torch.no_grad():
        assert np.array_equal(net(x).numpy(), expected.astype(np.float32) * unit)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("scheme", ["symmetric", "affine"])
def test_a_product_of_two_activations(scheme: str, signed: bool) -> None:
    lut = oracle.odd_lut(8, 8, signed)
    generator = torch.Generator().manual_seed(4)
    a, b = torch.randn(3, 4, 9, generator=generator) + 0.4, torch.randn(3, 9, 5, generator=generator) - 0.3
    layer = ApproxMatmul(lut, SCHEMES[scheme])
    low, high = code_range(8, signed)
    codes, zeros, scales = [], [], []
    for quantiser, values in ((layer.input, a), (layer.other, b)):
        quantiser.start("product")
        quantiser.observe(values)
        quantiser.finish()
    state = integer_state(layer)[""]
    for name, values in (("input", a), ("other", b)):
        scales.append(state[f"{name}_scale"].numpy())
        zeros.append(int(state[f"{name}_zero_point"]))
        codes.append((np.rint(values.numpy() / scales[-1]) + zeros[-1]).clip(low, high).astype(np.int64))
    x, w = codes
    looked_up = np.stack([oracle.matmul(x[i], w[i], lut) for i in range(3)])
    expected = looked_up + (x - zeros[0]) @ (w - zeros[1]) - x @ w
    sums = layer.sums_of_two(*(torch.from_numpy(part) for part in codes))
    assert np.array_equal(sums.numpy(), expected)
    assert np.array_equal(layer(a, b).numpy(), expected.astype(np.float32) * (scales[0] * scales[1]))
