"""The parts of derived networks as torch modules; an exported network carries their source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from mulsmith.search.nas.darts.genotype import MULTIPLYING


class Halving(nn.Module):
    """Two 1x1 convolutions of stride 2 side by side, one shifted by a pixel."""

    def __init__(self, before: int, channels: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(before, channels // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(before, channels - channels // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return [N, channels, H/2, W/2]."""
        x = functional.relu(x)
        shifted = functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        found: torch.Tensor = self.norm(torch.cat([self.even(x), self.odd(shifted)], 1))
        return found


def aligned(before: int, channels: int) -> nn.Sequential:
    """Return the 1x1 convolution that brings an input to the channels of its cell."""
    return nn.Sequential(
        nn.ReLU(), nn.Conv2d(before, channels, 1, bias=False), nn.BatchNorm2d(channels)
    )  # fmt: skip


def operation(name: str, channels: int, stride: int) -> nn.Module:
    """Return an operation of a cell."""
    if name in MULTIPLYING:
        kernel, dilation, times = MULTIPLYING[name]
        padding = dilation * (kernel - 1) // 2
        parts: list[nn.Module] = []
        for step in (stride, 1)[:times]:
            parts += [
                nn.ReLU(),
                nn.Conv2d(channels, channels, kernel, step, padding, dilation, channels, bias=False),
                nn.Conv2d(channels, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
            ]
        return nn.Sequential(*parts)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else Halving(channels, channels)
    pools = {
        "max_pool_3x3": nn.MaxPool2d(3, stride, 1),
        "avg_pool_3x3": nn.AvgPool2d(3, stride, 1, count_include_pad=False),
    }
    return nn.Sequential(pools[name], nn.BatchNorm2d(channels))


class Cell(nn.Module):
    """A cell whose nodes sum their edges, (source, operation) each; sources 0 and 1 are its inputs."""

    def __init__(
        self,
        nodes: tuple[tuple[tuple[int, str], ...], ...],
        before: tuple[int, int],
        channels: int,
        reduces: bool,
        halved: bool,
    ) -> None:
        super().__init__()
        first = Halving(before[0], channels) if halved else aligned(before[0], channels)
        self.inputs = nn.ModuleList([first, aligned(before[1], channels)])
        self.sources = [[source for source, _ in node] for node in nodes]
        self.nodes = nn.ModuleList(
            nn.ModuleList(
                operation(name, channels, 2 if reduces and source < 2 else 1) for source, name in node
            )
            for node in nodes
        )
        self.drop = 0.0
        self.generator: torch.Generator | None = None

    def forward(self, s0: torch.Tensor, s1: torch.Tensor) -> torch.Tensor:
        """Return the joined nodes."""
        states = [align(s) for align, s in zip(self.inputs, (s0, s1), strict=True)]
        for sources, edges in zip(self.sources, cast(Iterable[nn.ModuleList], self.nodes), strict=True):
            paths = [self._path(edge, states[source]) for edge, source in zip(edges, sources, strict=True)]
            states.append(torch.stack(paths).sum(0))
        return torch.cat(states[2:], 1)

    def _path(self, edge: nn.Module, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = edge(x)
        if not self.training or self.drop == 0 or isinstance(edge, nn.Identity):
            return out
        kept = torch.rand(len(out), 1, 1, 1, generator=self.generator).to(out.device) >= self.drop
        return out * kept / (1 - self.drop)
