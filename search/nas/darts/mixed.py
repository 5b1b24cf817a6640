"""The mixed operations on all edges that leave one node of a cell, computed together.

The edges of a node share the rectified, quantised input, both poolings and their batch norms; convolutions
of equal geometry are one table call. What an edge contributes is the sum of its eight operations, each with
its architecture weight (Liu et al., DARTS, ICLR 2019).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from mulsmith.search.nas.darts.genotype import OPERATIONS
from mulsmith.search.nas.darts.parallel import Arithmetic, ParallelLayers

SKIP, MAX_POOL, AVG_POOL, FIRST_CONVOLUTION = 1, 2, 3, 4
CONVOLUTIONS = len(OPERATIONS) - FIRST_CONVOLUTION
SEPARABLE = 2


class MixedEdges(nn.Module):
    """All edges from one node to ``targets`` later nodes.

    Args:
        channels: C of the cell.
        targets: number of edges.
        stride: 2 for the inputs of a reduction cell.
        arithmetic: of the separable and dilated convolutions; everything else is exact.
    """

    def __init__(self, channels: int, targets: int, stride: int, arithmetic: Arithmetic) -> None:
        super().__init__()
        self.channels, self.targets, self.stride = channels, targets, stride
        wide = channels * targets
        kinds = ((3, 1), (5, 1), (3, 2), (5, 2))
        first = [depthwise(wide, kernel, stride, dilation) for kernel, dilation in kinds]
        self.first = ParallelLayers(first, arithmetic, channels, copies=targets)
        self.first_points = self._points(CONVOLUTIONS, arithmetic)
        self.first_norm = plain_norm(CONVOLUTIONS * wide)
        self.second = nn.ModuleList(
            ParallelLayers([depthwise(wide, kernel, 1, 1)], arithmetic, wide, parts=targets)
            for kernel in (3, 5)
        )
        self.second_points = self._points(SEPARABLE, arithmetic)
        self.second_norm = plain_norm(SEPARABLE * wide)
        self.pool_norm = plain_norm(2 * channels)
        self.skip = HalvingConvolutions(channels, targets, channels) if stride == 2 else None

    def forward(
        self, x: torch.Tensor, weights: torch.Tensor, noise: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Return what every edge contributes, [N, targets, C, H', W'].

        Args:
            x: output of the node, [N, C, H, W].
            weights: of the operations, [targets, 8].
            noise: relative deviation that each edge's multiplier adds to its convolutions in training,
                [targets]; outputs of batch norms have deviation 1, so it is added as it is.
        """
        rectified = functional.relu(x)
        total = self._convolutions(rectified, weights[:, FIRST_CONVOLUTION:], noise)
        pooled = self.pool_norm(
            torch.cat(
                [
                    functional.max_pool2d(x, 3, self.stride, 1),
                    functional.avg_pool2d(x, 3, self.stride, 1, count_include_pad=False),
                ],
                1,
            )
        ).unflatten(1, (2, self.channels))
        shared = [(MAX_POOL, pooled[:, 0]), (AVG_POOL, pooled[:, 1])]
        if self.skip is None:
            shared.append((SKIP, x))
        else:
            total = total + by_edge(weights[:, SKIP]) * self.skip(rectified).unflatten(1, (self.targets, -1))
        for index, values in shared:
            total = total + by_edge(weights[:, index]) * values[:, None]
        return total

    def _convolutions(
        self, rectified: torch.Tensor, weights: torch.Tensor, noise: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the weighted separable and dilated convolutions of every edge, [N, targets, C, H', W']."""
        found = self.first_norm(self.first_points(self.first(rectified)))
        wide = self.channels * self.targets
        inner, dilated = found.split([SEPARABLE * wide, (CONVOLUTIONS - SEPARABLE) * wide], 1)
        halves = functional.relu(inner).chunk(SEPARABLE, 1)
        spatial = torch.cat([layers(half) for layers, half in zip(self.second, halves, strict=True)], 1)
        separable = self.second_norm(self.second_points(spatial))
        shape = (-1, self.targets, self.channels)
        operations = torch.cat([separable.unflatten(1, shape), dilated.unflatten(1, shape)], 1)
        if noise is not None and self.training:
            operations = operations + noise[None, None, :, None, None, None] * torch.randn_like(operations)
        return (weights.t()[None, :, :, None, None, None] * operations).sum(1)

    def _points(self, kinds: int, arithmetic: Arithmetic) -> ParallelLayers:
        parts = kinds * self.targets
        channels = parts * self.channels
        layer = nn.Conv2d(channels, channels, 1, groups=parts, bias=False)
        return ParallelLayers([layer], arithmetic, channels, parts=parts)


class HalvingConvolutions(nn.Module):
    """A skip of stride 2 for several edges: two 1x1 convolutions, one shifted by a pixel; exact.

    Args:
        channels: of the input.
        targets: number of edges.
        outputs: channels of every edge.
    """

    def __init__(self, channels: int, targets: int, outputs: int) -> None:
        super().__init__()
        self.targets, half = targets, outputs // 2
        self.even = nn.Conv2d(channels, targets * half, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(channels, targets * (outputs - half), 1, stride=2, bias=False)
        self.norm = plain_norm(targets * outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return [N, targets * outputs, H/2, W/2] of a rectified input."""
        even = self.even(x).unflatten(1, (self.targets, -1))
        odd = self.odd(functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]).unflatten(1, (self.targets, -1))
        found: torch.Tensor = self.norm(torch.cat([even, odd], 2).flatten(1, 2))
        return found


def depthwise(channels: int, kernel: int, stride: int, dilation: int) -> nn.Conv2d:
    """Return a depthwise convolution that keeps the size at stride 1."""
    padding = dilation * (kernel - 1) // 2
    return nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)


def plain_norm(channels: int) -> nn.BatchNorm2d:
    """Return the batch norm of the search phase, without scale and shift of its own."""
    return nn.BatchNorm2d(channels, affine=False)


def by_edge(weights: torch.Tensor) -> torch.Tensor:
    """Return one weight per edge so that it multiplies [N, targets, C, H, W]."""
    return weights[None, :, None, None, None]
