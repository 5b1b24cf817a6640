"""The blocks of Phoenix as torch modules; an exported network carries their source."""

from __future__ import annotations

import torch
from torch import nn


class Conv(nn.Sequential):
    """Convolution of any kernel, batch norm, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, rows: int, columns: int, stride: int = 1, dilation: int = 1
    ) -> None:
        padding = dilation * (rows - 1) // 2, dilation * (columns - 1) // 2
        super().__init__(
            nn.Conv2d(inputs, outputs, (rows, columns), stride, padding, dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )


class Path(nn.Sequential):
    """Two convolutions with batch norm, ReLU between them."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
        )


class Resnet(nn.Module):
    """Paths beside the identity, whose missing channels are zero; sum, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, paths: int) -> None:
        super().__init__()
        self.missing = outputs - inputs
        self.paths = nn.ModuleList(Path(inputs, outputs, kernel) for _ in range(paths))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum of all paths."""
        total = nn.functional.pad(x, (0, 0, 0, 0, 0, self.missing))
        for path in self.paths:
            total = total + path(x)
        return torch.relu(total)


class MaxPool(nn.MaxPool2d):
    """Maximum over 2 x 2 pixels; odd sizes are rounded up."""

    def __init__(self) -> None:
        super().__init__(2, ceil_mode=True)


class AveragePool(nn.AvgPool2d):
    """Mean over 2 x 2 pixels; odd sizes are rounded up."""

    def __init__(self) -> None:
        super().__init__(2, ceil_mode=True)


class Flatten(nn.Flatten):
    """All pixels of all channels as one vector."""


class PlateFlatten(nn.Sequential):
    """The mean of every channel."""

    def __init__(self) -> None:
        super().__init__(nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Dense(nn.Sequential):
    """Fully connected layer, ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(nn.Linear(inputs, outputs), nn.ReLU())


class Pyramid(nn.Sequential):
    """Three fully connected layers, each half as wide as the one before; ReLU after each."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            Dense(inputs, 4 * outputs), Dense(4 * outputs, 2 * outputs), Dense(2 * outputs, outputs)
        )


class Ensemble(nn.Module):
    """The mean of the logits of several networks."""

    def __init__(self, members: list[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the mean logits [N, classes]."""
        return torch.stack([member(x) for member in self.members]).mean(0)
