"""Shipped networks against published counts, and torch modules against counts from torch itself."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mulsmith.energy.accelerator import Accelerator, accelerator_names
from mulsmith.energy.networks import load_network, network_names
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.torch_network import workload_from_torch
from mulsmith.energy.workload import Layer, input_extent
from mulsmith.errors import ConfigError

# Multiplications of one image, millions: He et al. 2016 (ResNet), Sandler et al. 2018 (MobileNetV2, 300 M),
# torchvision's model table (GFLOPS column, multiply-accumulates) for the ImageNet networks.
PUBLISHED = {"resnet18": 1814, "resnet50": 4089, "mobilenetv2": 300.8, "vgg16": 15470, "resnet20": 40.55}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_counts(name: str) -> None:
    assert load_network(name).macs / 1e6 == pytest.approx(PUBLISHED[name], rel=1e-3)


def test_every_shipped_document_loads() -> None:
    for name in network_names():
        assert load_network(name, batch=2).macs == 2 * load_network(name).macs
    for name in accelerator_names():
        accelerator = Accelerator.load(name)
        assert accelerator.name == name
        assert accelerator.source
        if name != "comparison":
            make_prices(accelerator, EnergyTable.load("cacti45"))


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_touched_rows_are_counted_one_by_one(stride: int, dilation: int) -> None:
    for outputs in range(1, 8):
        for taps in range(1, 6):
            rows = {p * stride + r * dilation for p in range(outputs) for r in range(taps)}
            assert input_extent(outputs, taps, stride, dilation, "touched") == len(rows)
            assert input_extent(outputs, taps, stride, dilation, "bounding_box") == max(rows) + 1


class Block(nn.Module):
    """Convolutions of every kind, attention and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.depthwise = nn.Conv2d(8, 8, (3, 1), groups=8, dilation=(2, 1), padding=(2, 0))
        self.norm = nn.BatchNorm2d(8)
        self.line = nn.Conv1d(8, 4, 3)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm(self.depthwise(self.conv(x))).flatten(2)
        self.line(y)
        y = y.transpose(1, 2)
        return self.head(self.attention(y, y, y)[0].mean(1))


def test_torch_module() -> None:
    model = Block()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    workload = workload_from_torch(model, (2, 3, 16, 16))
    layers = {layer.name: layer for layer in workload}
    assert layers["conv"] == Layer("conv", N=2, M=8, C=3, P=8, Q=8, R=3, S=3, stride=(2, 2))
    assert layers["depthwise"] == Layer("depthwise", N=2, G=8, P=8, Q=8, R=3, dilation=(2, 1))
    assert layers["line"].extents == {"N": 2, "G": 1, "M": 4, "C": 8, "P": 1, "Q": 62, "R": 1, "S": 3}
    assert layers["head"] == Layer("head", N=2, M=5, C=8, kind="linear")
    attention = [layer for layer in workload if layer.name.startswith("attention")]
    tokens, width, heads = 64, 8, 2
    projections = 2 * tokens * width * 4 * width
    products = 2 * heads * 2 * tokens * tokens * (width // heads)
    assert sum(layer.macs for layer in attention) == projections + products
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_torch_modules_that_cannot_be_read() -> None:
    with pytest.raises(ConfigError, match="does not run on an input of shape"):
        workload_from_torch(Block(), (1, 4, 16, 16))
    with pytest.raises(ConfigError, match="transposed convolution is not supported"):
        workload_from_torch(nn.ConvTranspose2d(3, 3, 2), (1, 3, 4, 4))
    with pytest.raises(ConfigError, match="no layer that multiplies"):
        workload_from_torch(nn.ReLU(), (1, 3))
