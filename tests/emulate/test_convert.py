"""Converted networks against the integer network computed in plain torch and numpy."""

import copy

import gather_oracle as oracle
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import (
    ApproxConv2d,
    ApproxWeighted,
    MatMul,
    Quantisation,
    approx_layers,
    conversion,
    convert,
    deconvert,
    freeze,
    integer_state,
    sign_magnitude,
)
from mulsmith.errors import ConfigError, EmulationError

MODES = [
    Quantisation(),
    Quantisation(per_channel=False),
    Quantisation(activations="symmetric", weights="symmetric"),
    Quantisation(sign_magnitude=True, weight_range="mse"),
]


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 8, (3, 1), stride=2, groups=2, padding=(1, 2)),
        nn.Conv2d(8, 8, 3, groups=8, dilation=2, padding="same"),
        nn.ConvTranspose2d(8, 6, 3, stride=2, groups=2, padding=1, output_padding=1),
        nn.Flatten(),
        nn.Linear(6 * 8 * 12, 5, bias=False),
    ).eval()


def _images(n: int = 4) -> torch.Tensor:
    return torch.randn(n, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def _plain(layer: ApproxWeighted, x: torch.Tensor) -> torch.Tensor:
    """Compute a layer from its exported integers with exact products, in float64 tensors."""
    codes, scale, zero = (v.double() for v in layer.quantised_weight())
    low, high = (-128, 127) if layer.signed else (0, 255)
    x_scale, x_zero = layer.input.scale.double(), layer.input.zero_point.double()
    x_codes = ((x / layer.input.scale).round() + layer.input.zero_point).clamp(low, high).double()
    twin = layer.float_twin()
    a, w = x_codes - x_zero, codes - zero
    groups = layer.contraction.groups if not isinstance(twin, nn.Linear) else 1
    if isinstance(twin, nn.Linear):
        sums = a @ w.t()
    elif isinstance(twin, nn.ConvTranspose2d):
        sums = functional.conv_transpose2d(
            a, w, None, twin.stride, twin.padding, twin.output_padding, groups, twin.dilation
        )
    else:
        sums = functional.conv2d(a, w, None, twin.stride, twin.padding, twin.dilation, groups)
    unit = x_scale * scale.flatten().repeat(layer.repeats if scale.numel() > 1 else 1)
    bias = torch.zeros(()) if layer.bias is None else (layer.bias.double() / unit).round()
    shape = (-1,) if isinstance(twin, nn.Linear) else (-1, 1, 1)
    return (sums + bias.reshape(shape)) * unit.reshape(shape)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("how", MODES)
def test_an_exact_table_gives_the_integer_network(signed: bool, how: Quantisation) -> None:
    x = _images()
    net = convert(_network(), Lut.exact(8, 8, signed), [x], how)
    assert len(conversion(net).converted) == 5
    for module in net:
        if isinstance(module, ApproxWeighted):
            expected = _plain(module, x)
            assert torch.allclose(module(x).double(), expected, rtol=1e-6, atol=1e-9)
        x = module(x)


@pytest.mark.parametrize("how", MODES)
def test_every_product_of_a_converted_layer_is_the_table_s(how: Quantisation) -> None:
    """With zero points != 0, an asymmetric table and padding, against numpy gathers."""
    lut = oracle.odd_lut(8, 8, False)
    x = _images(2) + 0.3
    net = convert(nn.Sequential(nn.Conv2d(3, 4, 3, padding=1)), lut, [x], how)
    layer = net[0]
    assert isinstance(layer, ApproxConv2d)
    x_codes = layer.input(x).numpy().astype(np.int64)
    w, _, zero = (v.numpy() for v in layer.quantised_weight())
    x_zero = int(layer.input.zero_point)
    assert x_zero != 0 or how.sign_magnitude
    options = {"padding": (1, 1), "pad_code": x_zero}
    table = sign_magnitude(lut) if how.sign_magnitude else lut
    products = oracle.conv2d(x_codes, w.astype(np.int64), table, **options)
    exact = Lut.exact(8, 8, table.signed)
    ones = np.ones_like(w, dtype=np.int64)
    zero = np.broadcast_to(zero.astype(np.int64), (4, 1, 1, 1)).reshape(4, 1, 1)
    sums = products - zero * oracle.conv2d(x_codes, ones, exact, **options)
    sums = sums - x_zero * w.astype(np.int64).sum((1, 2, 3))[:, None, None] + 27 * x_zero * zero
    out, unit = layer.integer_forward(layer.input(x))
    bias = (layer.bias.detach().double() / unit.double()).round().numpy()
    assert np.array_equal(out.numpy(), sums + bias[:, None, None])


def test_sign_magnitude_is_the_multiplier_between_magnitudes() -> None:
    lut = oracle.odd_lut(4, 3, False)
    signed = sign_magnitude(lut)
    for x in range(-8, 8):
        for w in range(-4, 4):
            sign = -1 if (x < 0) != (w < 0) else 1
            assert signed.table[x % 16, w % 8] == sign * lut.table[abs(x), abs(w)]
    with pytest.raises(EmulationError, match="a signed table cannot run in sign-magnitude mode"):
        sign_magnitude(signed)


@pytest.mark.parametrize("bits", range(2, 9))
def test_narrow_weights(bits: int) -> None:
    x = _images()
    float_net = _network()
    expected = float_net(x)
    errors = []
    for how in (Quantisation(), Quantisation(weight_range="mse")):
        y = convert(float_net, Lut.exact(8, bits, False), [x], how)(x)
        errors.append(float((y - expected).detach().norm() / expected.detach().norm()))
    assert errors[1] < {2: 1.0, 3: 0.6}.get(bits, 0.3)


def test_folding_keeps_the_function() -> None:
    net = _network()
    norm = net[1]
    norm.running_mean.uniform_(-1, 1)
    norm.running_var.uniform_(0.5, 2)
    nn.init.uniform_(norm.weight, 0.5, 2)
    x = _images()
    folded = convert(net, None, fold_batch_norm=True)
    assert conversion(folded).folded == ("1",)
    assert isinstance(folded[1], nn.Identity)
    assert torch.allclose(folded(x), net(x), atol=1e-5)


def test_selection_by_name_pattern_and_none() -> None:
    lut = Lut.exact(8, 8, False)
    net = convert(_network(), {"[34]": lut, "3": None, "0": lut})
    assert list(conversion(net).converted) == ["0", "4"]
    assert conversion(net).kept["3"] == "kept in float by the assignment"
    assert conversion(net).kept["7"] == "not in the assignment"
    with pytest.raises(ConfigError, match=r"no layer matches 'conv1'"):
        convert(_network(), {"conv1": lut})
    with pytest.raises(ConfigError, match=r"multiplier 'mul8u' is a name, but no library was passed"):
        convert(_network(), "mul8u")


def test_unsupported_layers_are_reported_and_refused_by_name() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv1d(2, 2, 3)
            self.attention = nn.MultiheadAttention(4, 2)

    lut = Lut.exact(8, 8, False)
    kept = conversion(convert(Net(), lut)).kept
    assert kept["first"] == "Conv1d is not supported"
    assert "hides its products" in kept["attention"]
    with pytest.raises(EmulationError, match="layer 'first' cannot run on a table: Conv1d is not supported"):
        convert(Net(), {"first": lut})
    circular = nn.Sequential(nn.Conv2d(1, 1, 3, padding_mode="circular"))
    with pytest.raises(EmulationError, match="layer '0': padding mode 'circular' is not supported"):
        convert(circular, lut)


def test_nan_in_calibration_names_the_layer() -> None:
    x = _images()
    x[0, 0, 0, 0] = float("nan")
    with pytest.raises(EmulationError, match="layer '0': calibration saw NaN or infinity"):
        convert(_network(), Lut.exact(8, 8, False), [x])
    with pytest.raises(EmulationError, match="calibration got no batch"):
        convert(_network(), Lut.exact(8, 8, False), [])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_nan_and_infinity_at_inference_are_errors(value: float) -> None:
    x = _images()
    net = convert(_network(), Lut.exact(8, 8, False), [x])
    x[1, 2, 3, 4] = value
    with pytest.raises(EmulationError, match="the input of a layer on a table holds NaN or infinity"):
        net(x)
    huge = torch.full_like(x, 3e38)
    assert net(huge).isfinite().all()


def test_freeze_state_round_trip_and_integer_state() -> None:
    x = _images()
    lut = oracle.odd_lut(8, 8, True)
    frozen = freeze(convert(_network(), lut, [x]))
    expected = frozen(x)
    fresh = convert(_network(), lut)
    fresh.load_state_dict(frozen.state_dict())
    with torch.no_grad():
        for layer in approx_layers(fresh).values():
            layer.weight.zero_()
    assert torch.equal(fresh.eval()(x), expected)
    state = integer_state(frozen)
    assert state["0"]["weight_codes"].dtype == torch.int8
    assert set(state) == set(approx_layers(frozen))
    other = convert(_network(), oracle.odd_lut(8, 8, True, seed=1))
    with pytest.raises(EmulationError, match="the state was saved with the table of"):
        other.load_state_dict(frozen.state_dict())
    with pytest.raises(EmulationError, match="layer '0' is not frozen"):
        integer_state(convert(_network(), lut, [x]))


def test_deconvert_restores_the_float_network() -> None:
    net, x = _network(), _images()
    back = deconvert(convert(net, Lut.exact(8, 4, False), [x]))
    assert torch.equal(back(x), net(x))
    assert not approx_layers(back)


def test_a_tiny_channel_with_a_bias_does_not_overflow() -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 1))
    with torch.no_grad():
        net[0].weight[0] = 1e-20
        net[0].bias[0] = 3.0
    x = _images()
    out = convert(net, Lut.exact(8, 8, True), [x])(x)
    assert torch.allclose(out[:, 0], torch.full_like(out[:, 0], 3.0), atol=1e-4)


def test_batched_matmul_of_activations() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.product = MatMul()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y: torch.Tensor = self.product(x, x.mT + 0.5)
            return y

    x = torch.randn(2, 3, 6, 10, generator=torch.Generator().manual_seed(2))
    for signed in (False, True):
        net = convert(Net(), Lut.exact(8, 8, signed), [x])
        assert float((net(x) - Net()(x)).abs().max()) < 0.15


LAYERS = {
    "conv": nn.Conv2d(4, 6, 3, padding=1, stride=2, groups=2),
    "depthwise": nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=4),
    "transposed": nn.ConvTranspose2d(4, 6, 3, padding=1, stride=2, groups=2),
    "linear": nn.Linear(7, 5),
}


@pytest.mark.parametrize("kind", ["straight-through", "1-d", "2-d"])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_an_exact_table_are_those_of_the_quantised_layer(kind: str, name: str) -> None:
    """Against autograd through the float layer, fed with the numbers that the codes stand for."""
    x = torch.randn(2, 4, 5, 7, generator=torch.Generator().manual_seed(2)).requires_grad_()
    layer = convert(LAYERS[name], Lut.exact(8, 8, False), [x.detach()], gradient=kind)
    assert isinstance(layer, ApproxWeighted)
    y = layer(x)
    target = torch.randn(y.shape, generator=torch.Generator().manual_seed(3))
    (y * target).sum().backward()
    codes, scale, zero = layer.quantised_weight()
    twin = copy.deepcopy(LAYERS[name])
    twin.weight = nn.Parameter((codes.float() - zero) * scale)
    x_codes = layer.input(x.detach()).float()
    rounded = ((x_codes - layer.input.zero_point) * layer.input.scale).requires_grad_()
    (twin(rounded) * target).sum().backward()
    for ours, theirs in zip(
        (x.grad, layer.weight.grad, layer.bias.grad),
        (rounded.grad, twin.weight.grad, twin.bias.grad),
        strict=True,
    ):
        assert float((ours - theirs).norm() / theirs.norm()) < 1e-4


def test_two_dimensional_gradient_table_of_a_wrong_slope() -> None:
    """A multiplier that computes 2ab - 30 has twice the derivative; straight-through does not see it."""
    exact = Lut.exact(8, 8, False).table
    steep = Lut((2 * exact - 30).astype(np.int32), 8, 8, False)
    x = torch.rand(4, 7, generator=torch.Generator().manual_seed(4))
    grads = {}
    for kind in ("straight-through", "1-d", "2-d"):
        layer = convert(LAYERS["linear"], steep, [x], Quantisation(weights="symmetric"), gradient=kind)
        layer(x).sum().backward()
        grads[kind] = layer.weight.grad
    x_codes = layer.input(x).double()
    unit = layer.input.scale.double()
    assert torch.allclose(grads["straight-through"].double()[0], (x_codes * unit).sum(0), rtol=1e-4)
    for kind in ("1-d", "2-d"):
        assert torch.allclose(grads[kind].double()[0], (2 * x_codes * unit).sum(0), rtol=1e-3)


def test_gradient_checkpointing_and_autocast_change_nothing() -> None:
    x = _images()
    net = convert(_network(), oracle.odd_lut(8, 8, False), [x])
    plain = net(x)
    plain.sum().backward()
    expected = net[0].weight.grad.clone()
    net.zero_grad()
    torch.utils.checkpoint.checkpoint(net, x, use_reentrant=False).sum().backward()
    assert torch.equal(net[0].weight.grad, expected)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(net[0](x), copy.deepcopy(net)[0](x.float()))


def test_moving_average_follows_training_batches() -> None:
    net = convert(_network(), Lut.exact(8, 8, False), quantisation=Quantisation(observer="moving-average"))
    net.train()
    for _ in range(3):
        net(_images())
    layer = net[0]
    assert isinstance(layer, ApproxConv2d)
    assert float(layer.input.high) == pytest.approx(float(_images().max()))
    before = net.eval()(_images())
    assert torch.equal(net(_images()), before)
