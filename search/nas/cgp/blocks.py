"""The functions of evolved networks as torch modules; an exported network carries their source."""

from __future__ import annotations

import torch
from torch import nn


class Conv(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )


class Inception(nn.Module):
    """Parallel 5x5, 3x3, 1x1 convolutions and a max pool, each a quarter of the outputs; ReLU."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        part = outputs // 4
        self.one = nn.Conv2d(inputs, part, 1)
        self.three = nn.Sequential(nn.Conv2d(inputs, part, 1), nn.Conv2d(part, part, 3, padding=1))
        self.five = nn.Sequential(nn.Conv2d(inputs, part, 1), nn.Conv2d(part, part, 5, padding=2))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(inputs, part, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the concatenated branches."""
        return torch.relu(torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1))


class Residual(nn.Module):
    """Two convolutions beside a 1x1 one; sum, ReLU."""

    def __init__(self, inputs: int, outputs: int, first: int, second: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, first, stride, first // 2, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, second, 1, second // 2, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.side = nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum of both paths."""
        return torch.relu(self.main(x) + self.side(x))


class Bottleneck(nn.Module):
    """A narrow k x k convolution between 1x1 ones, beside a 1x1 one; batch norm, sum, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        narrow = max(1, outputs // 4)
        self.main = nn.Sequential(
            nn.Conv2d(inputs, narrow, 1, stride, bias=False),
            nn.BatchNorm2d(narrow),
            nn.ReLU(),
            nn.Conv2d(narrow, narrow, kernel, 1, kernel // 2, bias=False),
            nn.BatchNorm2d(narrow),
            nn.ReLU(),
            nn.Conv2d(narrow, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.side = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum of both paths."""
        return torch.relu(self.main(x) + self.side(x))


class Sum(nn.Module):
    """Sum of two tensors: the larger is max-pooled to the smaller's size, missing channels are zero."""

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the sum of the repaired tensors."""
        height, width = min(x.shape[2], y.shape[2]), min(x.shape[3], y.shape[3])
        channels = max(x.shape[1], y.shape[1])
        parts = [nn.functional.adaptive_max_pool2d(t, (height, width)) for t in (x, y)]
        wide = [nn.functional.pad(t, (0, 0, 0, 0, 0, channels - t.shape[1])) for t in parts]
        return wide[0] + wide[1]
