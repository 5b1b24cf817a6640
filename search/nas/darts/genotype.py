"""The eight operations of DARTS, and what a search derives from their weights: a genotype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError

OPERATIONS = (
    "none",
    "skip_connect",
    "max_pool_3x3",
    "avg_pool_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
MULTIPLYING = {
    "sep_conv_3x3": (3, 1, 2),
    "sep_conv_5x5": (5, 1, 2),
    "dil_conv_3x3": (3, 2, 1),
    "dil_conv_5x5": (5, 2, 1),
}
"""Operations on the searched multiplier: kernel, dilation, how often."""
NODES = 4
INPUTS = 2
KEPT_EDGES = 2
EDGES = tuple((target, source) for target in range(NODES) for source in range(INPUTS + target))
"""(target, source) of the 14 edges; sources 0 and 1 are the cell's inputs, node n is source n + 2."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One kept edge: source (0 and 1 are the cell's inputs), operation, multiplier or ""."""

    source: int
    operation: str
    multiplier: str


@dataclass(frozen=True, slots=True)
class Genotype:
    """The two cells of a network; ``cells[kind][node]`` are the edges that a node sums.

    Attributes:
        normal: edges of every node of the normal cell.
        reduction: edges of every node of the reduction cell.
    """

    normal: tuple[tuple[Edge, ...], ...]
    reduction: tuple[tuple[Edge, ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Return {cell: [[[source, operation, multiplier], ..], ..]}."""
        return {
            name: [[[e.source, e.operation, e.multiplier] for e in node] for node in cell]
            for name, cell in (("normal", self.normal), ("reduction", self.reduction))
        }

    def cell(self, reduces: bool) -> tuple[tuple[Edge, ...], ...]:
        """Return the edges of the nodes of one kind of cell."""
        return self.reduction if reduces else self.normal

    def edges(self) -> list[Edge]:
        """Return all edges, of the normal cell first."""
        return [edge for cell in (self.normal, self.reduction) for node in cell for edge in node]

    def multiplier(self, without: str) -> str:
        """Return the multiplier of its convolutions, "" for several, ``without`` for no convolution."""
        names = {edge.multiplier for edge in self.edges() if edge.operation in MULTIPLYING}
        return "" if len(names) > 1 else next(iter(names), without)

    def on(self, multiplier: str) -> Genotype:
        """Return the same cells with all convolutions on one multiplier."""

        def moved(cell: tuple[tuple[Edge, ...], ...]) -> tuple[tuple[Edge, ...], ...]:
            return tuple(
                tuple(
                    replace(edge, multiplier=multiplier) if edge.operation in MULTIPLYING else edge
                    for edge in node
                )
                for node in cell
            )

        return Genotype(moved(self.normal), moved(self.reduction))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Genotype:
        """Return the genotype of ``to_json``.

        Raises:
            ConfigError: the document is none.
        """
        try:
            cells = [tuple(tuple(Edge(*e) for e in node) for node in document[k]) for k in cls.__slots__]
        except (KeyError, TypeError) as error:
            raise ConfigError(f"not a genotype: {error!r}") from error
        for number, node in enumerate(node for cell in cells for node in cell):
            for edge in node:
                if edge.operation not in OPERATIONS[1:] or not 0 <= edge.source < INPUTS + number % NODES:
                    raise ConfigError(f"not a genotype: {edge} at node {number % NODES}")
        return cls(*cells)


def derive(
    operations: Sequence[npt.NDArray[np.float64]],
    choices: Sequence[npt.NDArray[np.float64]],
    multipliers: Sequence[str],
) -> Genotype:
    """Return what DARTS derives: of every node the two strongest edges, each with its strongest operation.

    Args:
        operations: of the normal and the reduction cell, softmax weights [14, 8]; ``none`` is never taken.
        choices: likewise, softmax weights of the multipliers [14, multipliers].
        multipliers: their names.
    """
    cells = []
    for weights, choice in zip(operations, choices, strict=True):
        nodes = []
        for target in range(NODES):
            incoming = [number for number, (node, _) in enumerate(EDGES) if node == target]
            strongest = sorted(incoming, key=lambda n: (-weights[n, 1:].max(), n))[:KEPT_EDGES]
            nodes.append(
                tuple(
                    _edge(EDGES[n][1], OPERATIONS[1 + int(weights[n, 1:].argmax())], choice[n], multipliers)
                    for n in sorted(strongest)
                )
            )
        cells.append(tuple(nodes))
    return Genotype(*cells)


def _edge(source: int, operation: str, choice: npt.NDArray[np.float64], multipliers: Sequence[str]) -> Edge:
    return Edge(source, operation, multipliers[int(choice.argmax())] if operation in MULTIPLYING else "")
