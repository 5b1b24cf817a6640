"""The compiled passes around the look-ups of a convolution give what torch gives, bit for bit."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import layers
from mulsmith.emulate.activation import ActivationQuantiser
from mulsmith.emulate.contraction import Conv2dSum
from mulsmith.emulate.layer_passes import field_sums, inside_range, quantise_checked, scale_sums
from mulsmith.emulate.native_library import NativeLibrary, find_library
from mulsmith.emulate.quantise import Quantisation, inside, inside_ends, quantise
from mulsmith.errors import EmulationError

pytestmark = pytest.mark.skipif(find_library()[0] is None, reason="no compiled kernels")


@pytest.fixture(scope="module")
def library() -> NativeLibrary:
    found = find_library()[0]
    assert found is not None
    return found


@pytest.mark.parametrize("bits", [3, 8])
@pytest.mark.parametrize("signed", [False, True])
def test_codes(library: NativeLibrary, bits: int, signed: bool) -> None:
    scale = torch.tensor(0.1)
    zero = torch.tensor(-2 if signed else 5)
    ties = torch.arange(-400, 400) * 0.5 * scale
    x = torch.cat([ties, torch.randn(9000) * 9, torch.tensor([3e38, -3e38, 0.0, -0.0, 1e-44])])
    codes, finite = quantise_checked(library, x, scale, zero, bits, signed)
    assert finite
    expected = quantise(x, scale, zero, bits, signed)
    assert codes.dtype == expected.dtype
    assert torch.equal(codes, expected)
    where = inside_range(library, x, inside_ends(scale, zero, bits, signed))
    assert torch.equal(where, inside(x, scale, zero, bits, signed))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("training", [False, True])
def test_not_finite(value: float, training: bool) -> None:
    x = torch.zeros(2, 5000)
    x[1, 4999] = value
    quantiser = ActivationQuantiser(8, True, Quantisation(observer="moving-average")).train(training)
    with pytest.raises(EmulationError, match="NaN or infinity"):
        quantiser(x)
    assert torch.isinf(quantiser.low)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.sampled_from([1, 2, 6]),
    st.booleans(),
)  # fmt: skip
def test_field_sums(kernel: int, stride: int, padding: int, dilation: int, groups: int, signed: bool) -> None:
    library = find_library()[0]
    assert library is not None
    low, high = (-128, 128) if signed else (0, 256)
    codes = torch.randint(low, high, (2, 6, 9, 7), dtype=torch.int8 if signed else torch.uint8)
    how = Conv2dSum((stride, stride), (padding, padding), (dilation, dilation), groups)
    w = torch.empty(groups, 6 // groups, kernel, kernel)
    expected = how.x_sums(codes.to(torch.int32) - 11, w)
    fields = field_sums(library, codes, w, how, 11)
    assert torch.equal(fields, expected.expand_as(fields).to(torch.int32))


def test_scaled_sums(library: NativeLibrary) -> None:
    sums = torch.randint(-(1 << 29), 1 << 29, (3, 4, 5, 7), dtype=torch.int32)
    fields = torch.randint(-9000, 9000, (3, 2, 5, 7), dtype=torch.int32)
    offset, factor, unit = torch.randint(-9999, 9999, (4,)), torch.randint(0, 256, (4,)), torch.rand(4)
    wide = fields.repeat_interleave(2, 1)
    integers = sums + offset.int()[:, None, None] - factor.int()[:, None, None] * wide
    expected = integers.float() * unit[:, None, None]
    assert torch.equal(scale_sums(library, sums.clone(), offset, unit, factor, fields), expected)
    plain = (sums + offset.int()[:, None, None]).float() * unit[0]
    assert torch.equal(scale_sums(library, sums.clone(), offset, unit[:1]), plain)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("frozen", [False, True])
def test_layer(
    signed: bool, per_channel: bool, groups: int, frozen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer's output and gradients are the same with and without the compiled passes."""
    conv = nn.Conv2d(6, 12, 3, 2, 1, groups=groups)
    layer = layers.ApproxConv2d.from_float(
        conv, Lut.exact(8, 8, signed), Quantisation(per_channel=per_channel)
    )
    x = torch.randn(2, 6, 9, 8)
    layer.input.start("layer")
    layer.input.observe(x)
    layer.input.finish()
    if frozen:
        layer.freeze()

    def results() -> list[torch.Tensor]:
        data = (1.2 * x).requires_grad_()
        y = layer(data)
        wanted = [data] if frozen else [data, layer.weight]
        return [y.detach(), *torch.autograd.grad(y.square().sum(), wanted)]

    compiled = results()
    for module in ("layers", "activation"):
        monkeypatch.setattr(f"mulsmith.emulate.{module}.library_for", lambda x: None)
    for ours, expected in zip(compiled, results(), strict=True):
        assert torch.equal(ours, expected)
