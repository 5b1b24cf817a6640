"""Residual networks: torchvision's ResNets, the CIFAR ResNets of the same paper, and pre-activation ones."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

Kind = Literal["basic", "bottleneck", "preactivation"]


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions (He et al. 2016)."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _projection(inputs, width, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        out: torch.Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return out


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3 with the stride (as in torchvision), 1 x 1 with four times the width."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _projection(inputs, 4 * width, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        out: torch.Tensor = self.relu(y + (x if self.downsample is None else self.downsample(x)))
        return out


class PreactivationBottleneck(nn.Module):
    """Bottleneck with norm and ReLU in front of every convolution (He et al., ECCV 2016): ResNet-50V2."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1)
        self.relu = nn.ReLU(inplace=True)
        needed = stride != 1 or inputs != 4 * width
        self.downsample = nn.Conv2d(inputs, 4 * width, 1, stride) if needed else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output."""
        first = self.relu(self.bn1(x))
        y = self.relu(self.bn2(self.conv1(first)))
        y = self.conv3(self.relu(self.bn3(self.conv2(y))))
        out: torch.Tensor = y + (x if self.downsample is None else self.downsample(first))
        return out


_BLOCKS: dict[Kind, type[BasicBlock] | type[Bottleneck] | type[PreactivationBottleneck]] = {
    "basic": BasicBlock,
    "bottleneck": Bottleneck,
    "preactivation": PreactivationBottleneck,
}


class ResNet(nn.Module):
    """Residual network for images of about 224 x 224, with torchvision's names.

    Args:
        depths: blocks in each of the four stages.
        kind: of the blocks.
        classes: number of outputs.
        channels: of the images.
    """

    layer1: nn.Sequential
    layer2: nn.Sequential
    layer3: nn.Sequential
    layer4: nn.Sequential

    def __init__(
        self, depths: tuple[int, ...], kind: Kind = "basic", classes: int = 1000, channels: int = 3
    ) -> None:
        super().__init__()
        block = _BLOCKS[kind]
        pre = kind == "preactivation"
        self.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=pre)
        self.bn1 = nn.Identity() if pre else nn.BatchNorm2d(64)
        self.relu = nn.Identity() if pre else nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = 64
        for stage, depth in enumerate(depths):
            width = 64 << stage
            layers = [block(inputs, width, 1 if stage == 0 else 2)]
            inputs = width * block.expansion
            layers += [block(inputs, width, 1) for _ in range(depth - 1)]
            self.add_module(f"layer{stage + 1}", nn.Sequential(*layers))
        self.last = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(inplace=True)) if pre else nn.Identity()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, classes)
        _initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        logits: torch.Tensor = self.fc(self.avgpool(self.last(x)).flatten(1))
        return logits


class CifarResNet(nn.Module):
    """ResNet-(6n+2) for 32 x 32 images with 16, 32 and 64 channels; projections where the shape changes.

    Args:
        depth: 8, 14, 20, 32, 56: 6n + 2.
        classes: number of outputs.
        channels: of the images.
    """

    layer1: nn.Sequential
    layer2: nn.Sequential
    layer3: nn.Sequential

    def __init__(self, depth: int = 20, classes: int = 10, channels: int = 3) -> None:
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(channels, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        inputs = 16
        for stage, width in enumerate((16, 32, 64)):
            layers = [BasicBlock(inputs, width, 1 if stage == 0 else 2)]
            layers += [BasicBlock(width, width, 1) for _ in range(blocks - 1)]
            self.add_module(f"layer{stage + 1}", nn.Sequential(*layers))
            inputs = width
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, classes)
        _initialise(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        logits: torch.Tensor = self.fc(self.avgpool(x).flatten(1))
        return logits


def _projection(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


def _initialise(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
