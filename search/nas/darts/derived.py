"""The network that a genotype stands for: plain layers, auxiliary head, drop path; and its source."""

from __future__ import annotations

import inspect

import torch
from torch import nn
from torch.nn import functional

from mulsmith.search.nas.darts.blocks import Cell, Halving, aligned, operation
from mulsmith.search.nas.darts.genotype import MULTIPLYING, NODES, Edge, Genotype
from mulsmith.search.nas.darts.shape import Shape


class DerivedNetwork(nn.Module):
    """The network of a genotype.

    Args:
        genotype: its cells.
        shape: its size.
        auxiliary: whether a second classifier hangs on the cell at two thirds of the depth, for training.
    """

    def __init__(self, genotype: Genotype, shape: Shape, auxiliary: bool = False) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(shape.image[0], shape.stem, 3, padding=1, bias=False), nn.BatchNorm2d(shape.stem)
        )
        plan = shape.plan()
        self.cells = nn.ModuleList(
            Cell(_pairs(genotype, cell.reduces), cell.before, cell.channels, cell.reduces, cell.halved)
            for cell in plan
        )
        self.classifier = nn.Linear(shape.outputs, shape.classes)
        self.head_at = shape.reductions[-1] if shape.reductions else shape.cells - 1
        self.head = nn.Linear(NODES * plan[self.head_at].channels, shape.classes) if auxiliary else None
        self.places: torch.Generator | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits of images [N, C, H, W]."""
        return self.classify(self.states(x)[-1])

    def both(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Return the logits and those of the auxiliary head, where there is one."""
        states = self.states(x)
        if self.head is None:
            return self.classify(states[-1]), None
        return self.classify(states[-1]), self.head(_pooled(functional.relu(states[self.head_at])))

    def states(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the output of every cell."""
        s0 = s1 = self.stem(x)
        found = []
        for cell in self.cells:
            s0, s1 = s1, cell(s0, s1)
            found.append(s1)
        return found

    def classify(self, state: torch.Tensor) -> torch.Tensor:
        """Return the logits of the last cell's output."""
        logits: torch.Tensor = self.classifier(_pooled(state))
        return logits

    def drop_paths(self, share: float, seed: int) -> None:
        """Let the cells drop a share of their edges in training; all chance follows from the seed."""
        self.places = torch.Generator().manual_seed(seed)
        for number, cell in enumerate(self.cells):
            if isinstance(cell, Cell):
                cell.drop = share
                cell.generator = torch.Generator().manual_seed(seed * 1_000 + number)

    def finish(self) -> None:
        """Take away what only training needs."""
        self.head = self.places = None
        for cell in self.cells:
            if isinstance(cell, Cell):
                cell.drop, cell.generator = 0.0, None


def assignment(genotype: Genotype, shape: Shape) -> dict[str, str]:
    """Return layer -> multiplier of every separable and dilated convolution; others are not named."""
    chosen: dict[str, str] = {}
    for number, cell in enumerate(shape.plan()):
        for node, edges in enumerate(genotype.cell(cell.reduces)):
            for place, edge in enumerate(edges):
                for layer in multiplying_layers(edge.operation):
                    chosen[f"cells.{number}.nodes.{node}.{place}.{layer}"] = edge.multiplier
    return chosen


def multiplying_layers(name: str) -> list[str]:
    """Return the names of an operation's convolutions that run on the searched multiplier."""
    times = MULTIPLYING[name][2] if name in MULTIPLYING else 0
    return [str(4 * layer + conv) for layer in range(times) for conv in (1, 2)]


def source(genotype: Genotype, shape: Shape) -> str:
    """Return a Python module that defines the network as ``Network``, with the same layer names."""
    lines = ["from collections.abc import Iterable", "from typing import cast", "", "import torch"]
    lines += ["from torch import nn", "from torch.nn import functional", "", f"MULTIPLYING = {MULTIPLYING}"]
    for name in ("normal", "reduction"):
        lines.append(f"{name.upper()} = (")
        for node in genotype.cell(name == "reduction"):
            lines.append(f"    ({', '.join(_pair(edge) for edge in node)},),  # {_multipliers(node)}")
        lines.append(")")
    for part in (Halving, aligned, operation, Cell):
        lines += ["", "", inspect.getsource(part).rstrip()]
    lines += ["", "", "class Network(nn.Module):", f'    """For images of {shape.image}."""', ""]
    lines += ["    def __init__(self) -> None:", "        super().__init__()"]
    stem = f"nn.Conv2d({shape.image[0]}, {shape.stem}, 3, padding=1, bias=False)"
    lines.append(f"        self.stem = nn.Sequential({stem}, nn.BatchNorm2d({shape.stem}))")
    lines.append("        self.cells = nn.ModuleList([")
    for cell in shape.plan():
        kind = "REDUCTION" if cell.reduces else "NORMAL"
        sizes = f"{cell.before}, {cell.channels}, {cell.reduces}, {cell.halved}"
        lines.append(f"            Cell({kind}, {sizes}),")
    lines += ["        ])", f"        self.classifier = nn.Linear({shape.outputs}, {shape.classes})", ""]
    lines += ["    def forward(self, image: torch.Tensor) -> torch.Tensor:"]
    lines += ["        s0 = s1 = self.stem(image)", "        for cell in self.cells:"]
    lines += ["            s0, s1 = s1, cell(s0, s1)"]
    lines += ["        return self.classifier(functional.adaptive_avg_pool2d(s1, 1).flatten(1))", ""]
    return "\n".join(lines)


def _pairs(genotype: Genotype, reduces: bool) -> tuple[tuple[tuple[int, str], ...], ...]:
    return tuple(tuple((e.source, e.operation) for e in node) for node in genotype.cell(reduces))


def _pair(edge: Edge) -> str:
    return f'({edge.source}, "{edge.operation}")'


def _multipliers(node: tuple[Edge, ...]) -> str:
    return ", ".join(edge.multiplier or "no multiplier" for edge in node)


def _pooled(state: torch.Tensor) -> torch.Tensor:
    return functional.adaptive_avg_pool2d(state, 1).flatten(1)
