"""The expected energy of a search network, as a differentiable term of the validation loss."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import torch
from torch import nn

from mulsmith.search.nas.darts.blocks import operation
from mulsmith.search.nas.darts.derived import multiplying_layers
from mulsmith.search.nas.darts.genotype import EDGES, INPUTS, OPERATIONS
from mulsmith.search.nas.darts.shape import CellShape, Shape
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.objective import Ledger, energy_metric


class ExpectedEnergy(nn.Module):
    """Energy of all edges, each operation and multiplier counted by its probability.

    Args:
        costs: energy in pJ per image, [2, 14, 8, multipliers].
        weight: factor in the loss.
        unit_pj: energy that counts as 1.
    """

    costs: torch.Tensor

    def __init__(self, costs: torch.Tensor, weight: float, unit_pj: float) -> None:
        super().__init__()
        self.weight = weight
        self.register_buffer("costs", (costs / unit_pj).float())

    def forward(self, operations: torch.Tensor, multipliers: torch.Tensor) -> torch.Tensor:
        """Return the weighted energy, a scalar.

        Args:
            operations: probabilities [2, 14, 8].
            multipliers: probabilities [2, 14, multipliers].
        """
        expected = torch.einsum("keo,kem,keom->", operations, multipliers, self.costs)
        return self.weight * expected


def edge_costs(setting: NasSetting, shape: Shape, names: Sequence[str], of_system: bool) -> torch.Tensor:
    """Return the energy of every operation on every edge, in all cells of a kind, [2, 14, 8, multipliers].

    Pools and plain skips multiply nothing and cost nothing.

    Args:
        setting: prices, and the accelerator for the energy of the whole system.
        shape: of the network whose energy is meant.
        names: the multipliers to choose from.
        of_system: whether the accelerator's energy is meant, or that of all multiplications.
    """
    metric = energy_metric(Ledger.SYSTEM if of_system else Ledger.ALL)

    @cache
    def costs(kind: str, channels: int, size: tuple[int, int], stride: int) -> list[float]:
        layer = operation(kind, channels, stride)
        if not any(isinstance(part, nn.Conv2d) for part in layer.modules()):
            return [0.0] * len(names)
        count = setting.energy_count(layer, (channels, *size), of_system)
        return [count.ledgers(dict.fromkeys(multiplying_layers(kind), name))[metric] for name in names]

    found = torch.zeros(2, len(EDGES), len(OPERATIONS), len(names), dtype=torch.float64)
    for cell in shape.plan():
        for edge, (_, source) in enumerate(EDGES):
            stride, size = _geometry(cell, source)
            for number, kind in enumerate(OPERATIONS[1:], start=1):
                priced = costs(kind, cell.channels, size, stride)
                found[int(cell.reduces), edge, number] += torch.tensor(priced, dtype=torch.float64)
    return found


def _geometry(cell: CellShape, source: int) -> tuple[int, tuple[int, int]]:
    """Return the stride of an edge and the size of the image that it starts from."""
    height, width = cell.size
    if not cell.reduces:
        return 1, cell.size
    return (2, cell.size) if source < INPUTS else (1, (-(-height // 2), -(-width // 2)))
