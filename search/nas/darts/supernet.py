"""The search network of DARTS: cells whose edges are weighted sums of all operations."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from mulsmith.search.nas.darts.genotype import EDGES, INPUTS, NODES, OPERATIONS
from mulsmith.search.nas.darts.mixed import HalvingConvolutions, MixedEdges, plain_norm
from mulsmith.search.nas.darts.parallel import Arithmetic
from mulsmith.search.nas.darts.shape import CellShape, Shape

INITIAL_SCALE = 1e-3


class Cell(nn.Module):
    """One search cell: two inputs, four nodes, their concatenation."""

    def __init__(self, shape: CellShape, arithmetic: Arithmetic) -> None:
        super().__init__()
        before, channels = shape.before, shape.channels
        first: nn.Module = (
            nn.Sequential(nn.ReLU(), HalvingConvolutions(before[0], 1, channels))
            if shape.halved
            else aligned(before[0], channels)
        )
        self.inputs = nn.ModuleList([first, aligned(before[1], channels)])
        self.edges = nn.ModuleList(
            MixedEdges(
                channels, len(_targets(source)), 2 if shape.reduces and source < INPUTS else 1, arithmetic
            )
            for source in range(INPUTS + NODES - 1)
        )

    def forward(
        self, s0: torch.Tensor, s1: torch.Tensor, weights: torch.Tensor, noise: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return the joined nodes, [N, 4 C, H', W'].

        Args:
            s0: output of the cell before the last one.
            s1: output of the last cell.
            weights: of the operations, [14, 8].
            noise: relative deviation that an edge's multiplier adds, [14], or None.
        """
        states = [align(s) for align, s in zip(self.inputs, (s0, s1), strict=True)]
        sums: list[torch.Tensor | None] = [None] * NODES
        for source, edges in enumerate(self.edges):
            places = [number for number, (_, origin) in enumerate(EDGES) if origin == source]
            deviation = None if noise is None else noise[places]
            found = edges(states[source], weights[places], deviation)
            for index, target in enumerate(_targets(source)):
                known = sums[target]
                sums[target] = found[:, index] if known is None else known + found[:, index]
            if source + 1 >= INPUTS and (ready := sums[source + 1 - INPUTS]) is not None:
                states.append(ready)
        return torch.cat([node for node in sums if node is not None], 1)


class SearchNetwork(nn.Module):
    """The network of the search phase with its architecture parameters.

    Args:
        shape: its size.
        arithmetic: of the separable and dilated convolutions.
        errors: relative deviation of every multiplier to choose from, [multipliers]; one entry 0.0 for a
            single multiplier, whose table ``arithmetic`` holds.
        seed: of the architecture parameters; weights come from torch's global random state.
    """

    errors: torch.Tensor

    def __init__(self, shape: Shape, arithmetic: Arithmetic, errors: list[float], seed: int = 0) -> None:
        super().__init__()
        self.shape = shape
        self.stem = nn.Sequential(
            nn.Conv2d(shape.image[0], shape.stem, 3, padding=1, bias=False), nn.BatchNorm2d(shape.stem)
        )
        self.cells = nn.ModuleList(Cell(cell, arithmetic) for cell in shape.plan())
        self.classifier = nn.Linear(shape.outputs, shape.classes)
        generator = torch.Generator().manual_seed(seed)
        size = (2, len(EDGES), len(OPERATIONS))
        self.operation_logits = nn.Parameter(INITIAL_SCALE * torch.randn(size, generator=generator))
        self.multiplier_logits = nn.Parameter(torch.zeros(2, len(EDGES), len(errors)))
        self.register_buffer("errors", torch.tensor(errors))

    def architecture(self) -> list[nn.Parameter]:
        """Return the parameters that say which network this is."""
        return [self.operation_logits, self.multiplier_logits]

    def weights(self) -> list[nn.Parameter]:
        """Return all other parameters."""
        own = {id(parameter) for parameter in self.architecture()}
        return [parameter for parameter in self.parameters() if id(parameter) not in own]

    def probabilities(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the softmax of operations [2, 14, 8] and of multipliers [2, 14, multipliers]."""
        return self.operation_logits.softmax(-1), self.multiplier_logits.softmax(-1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits of images [N, C, H, W]."""
        operations, multipliers = self.probabilities()
        noise = multipliers @ self.errors if bool(self.errors.any()) else None
        s0 = s1 = self.stem(x)
        for number, cell in enumerate(self.cells):
            kind = int(number in self.shape.reductions)
            s0, s1 = s1, cell(s0, s1, operations[kind], None if noise is None else noise[kind])
        logits: torch.Tensor = self.classifier(functional.adaptive_avg_pool2d(s1, 1).flatten(1))
        return logits


def aligned(before: int, channels: int) -> nn.Sequential:
    """Return the 1x1 convolution that brings an input to the channels of its cell; exact."""
    return nn.Sequential(nn.ReLU(), nn.Conv2d(before, channels, 1, bias=False), plain_norm(channels))


def _targets(source: int) -> list[int]:
    return [target for target, origin in EDGES if origin == source]
