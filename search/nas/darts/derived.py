"""The network that a genotype stands for: plain layers, auxiliary head, drop path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from mulsmith.errors import ConfigError
from mulsmith.search.nas.darts.genotype import INPUTS, NODES, Edge, Genotype
from mulsmith.search.nas.darts.supernet import STEM_FACTOR, Shape

MULTIPLYING = {
    "sep_conv_3x3": (3, 1, 2),
    "sep_conv_5x5": (5, 1, 2),
    "dil_conv_3x3": (3, 2, 1),
    "dil_conv_5x5": (5, 2, 1),
}
"""Operations on approximate multipliers: kernel, dilation, how often."""


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


class DerivedCell(nn.Module):
    """A cell with two edges into every node."""

    def __init__(
        self, nodes: tuple[tuple[Edge, ...], ...], before: tuple[int, int], channels: int,
        halved: tuple[bool, bool],
    ) -> None:  # fmt: skip
        super().__init__()
        previous, reduces = halved
        first = Halving(before[0], channels) if previous else _aligned(before[0], channels)
        self.inputs = nn.ModuleList([first, _aligned(before[1], channels)])
        self.sources = [[edge.source for edge in node] for node in nodes]
        self.nodes = nn.ModuleList(
            nn.ModuleList(
                operation(edge.operation, channels, 2 if reduces and edge.source < INPUTS else 1)
                for edge in node
            )
            for node in nodes
        )
        self.drop = 0.0
        self.generator: torch.Generator | None = None

    def forward(self, s0: torch.Tensor, s1: torch.Tensor) -> torch.Tensor:
        """Return the joined nodes."""
        states = [align(s) for align, s in zip(self.inputs, (s0, s1), strict=True)]
        for sources, edges in zip(self.sources, cast(Iterable[nn.ModuleList], self.nodes), strict=True):
            states.append(
                torch.stack(
                    [self._edge(edge, states[source]) for edge, source in zip(edges, sources, strict=True)]
                ).sum(0)
            )
        return torch.cat(states[INPUTS:], 1)

    def _edge(self, edge: nn.Module, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = edge(x)
        if not self.training or self.drop == 0 or isinstance(edge, nn.Identity):
            return out
        kept = torch.rand(len(out), 1, 1, 1, generator=self.generator).to(out.device) >= self.drop
        return out * kept / (1 - self.drop)


class DerivedNetwork(nn.Module):
    """The network of a genotype.

    Args:
        genotype: its cells.
        shape: its size.
        auxiliary: whether a second classifier hangs on the cell at two thirds of the depth, for training.
    """

    def __init__(self, genotype: Genotype, shape: Shape, auxiliary: bool = False) -> None:
        super().__init__()
        width = STEM_FACTOR * shape.channels
        self.stem = nn.Sequential(
            nn.Conv2d(shape.image[0], width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        )
        before, channels, previous = (width, width), shape.channels, False
        self.cells = nn.ModuleList()
        self.head_at = shape.reductions[-1] if shape.reductions else shape.cells - 1
        self.head: nn.Linear | None = None
        for number in range(shape.cells):
            reduces = number in shape.reductions
            channels *= 2 if reduces else 1
            nodes = genotype.reduction if reduces else genotype.normal
            self.cells.append(DerivedCell(nodes, before, channels, (previous, reduces)))
            before, previous = (before[1], NODES * channels), reduces
            if auxiliary and number == self.head_at:
                self.head = nn.Linear(before[1], shape.classes)
        self.classifier = nn.Linear(before[1], shape.classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits of images [N, C, H, W]."""
        return self.both(x)[0]

    def both(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return the logits and those of the auxiliary head, where there is one."""
        s0 = s1 = self.stem(x)
        second = None
        for number, cell in enumerate(self.cells):
            s0, s1 = s1, cell(s0, s1)
            if self.head is not None and number == self.head_at:
                second = self.head(functional.adaptive_avg_pool2d(functional.relu(s1), 1).flatten(1))
        return self.classifier(functional.adaptive_avg_pool2d(s1, 1).flatten(1)), second

    def drop_paths(self, share: float, seed: int) -> None:
        """Let the cells drop a share of their edges in training, by a generator of their own."""
        for number, cell in enumerate(self.cells):
            if isinstance(cell, DerivedCell):
                cell.drop = share
                cell.generator = torch.Generator().manual_seed(seed * 1_000 + number)


def operation(name: str, channels: int, stride: int) -> nn.Module:
    """Return an operation of a derived cell.

    Raises:
        ConfigError: it has no layer (``none``), or is unknown.
    """
    if name in MULTIPLYING:
        kernel, dilation, times = MULTIPLYING[name]
        parts: list[nn.Module] = []
        for step in (stride, 1)[:times]:
            padding = dilation * (kernel - 1) // 2
            parts += [
                nn.ReLU(),
                nn.Conv2d(channels, channels, kernel, step, padding, dilation, channels, bias=False),
                nn.Conv2d(channels, channels, 1, bias=False),
                nn.BatchNorm2d(channels),
            ]
        return nn.Sequential(*parts)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else Halving(channels, channels)
    if name == "max_pool_3x3":
        return nn.Sequential(nn.MaxPool2d(3, stride, 1), nn.BatchNorm2d(channels))
    if name == "avg_pool_3x3":
        return nn.Sequential(nn.AvgPool2d(3, stride, 1, count_include_pad=False), nn.BatchNorm2d(channels))
    raise ConfigError(f"operation '{name}' has no layer")


def assignment(genotype: Genotype, shape: Shape, exact: str) -> dict[str, str]:
    """Return layer -> multiplier: that of its edge in separable and dilated convolutions, exact elsewhere."""
    chosen: dict[str, str] = {}
    for number in range(shape.cells):
        cell = genotype.reduction if number in shape.reductions else genotype.normal
        for node, edges in enumerate(cell):
            for place, edge in enumerate(edges):
                if edge.operation in MULTIPLYING:
                    times = MULTIPLYING[edge.operation][2]
                    for layer in range(times):
                        for conv in (1, 2):
                            name = f"cells.{number}.nodes.{node}.{place}.{4 * layer + conv}"
                            chosen[name] = edge.multiplier
    return {**chosen, "*": exact}


def _aligned(before: int, channels: int) -> nn.Sequential:
    return nn.Sequential(nn.ReLU(), nn.Conv2d(before, channels, 1, bias=False), nn.BatchNorm2d(channels))
