"""MobileNetV2 (Sandler et al., CVPR 2018) with torchvision's names."""

from __future__ import annotations

import torch
from torch import nn

_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _convolution(inputs: int, outputs: int, size: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution and linear projection, with a shortcut where the shape allows."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        width = inputs * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [_convolution(inputs, width, 1)]
        layers += [
            _convolution(width, width, 3, stride, groups=width),
            nn.Conv2d(width, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        self.conv = nn.Sequential(*layers)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's output."""
        y: torch.Tensor = self.conv(x)
        return x + y if self.shortcut else y


class MobileNetV2(nn.Module):
    """MobileNetV2 of width 1.

    Args:
        classes: number of outputs.
        channels: of the images.
        small_images: keep the size in the first convolution and the first two stages with stride 2, for
            32 x 32 images.
    """

    def __init__(self, classes: int = 1000, channels: int = 3, small_images: bool = False) -> None:
        super().__init__()
        features: list[nn.Module] = [_convolution(channels, 32, 3, 1 if small_images else 2)]
        inputs = 32
        for stage, (expansion, outputs, depth, first_stride) in enumerate(_STAGES):
            for index in range(depth):
                stride = first_stride if index == 0 and not (small_images and stage < 3) else 1
                features.append(InvertedResidual(inputs, outputs, stride, expansion))
                inputs = outputs
        features.append(_convolution(inputs, 1280, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        logits: torch.Tensor = self.classifier(self.features(x).mean((2, 3)))
        return logits
