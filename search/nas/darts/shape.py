"""The size of a network of cells, and what follows from it for every cell."""

from __future__ import annotations

from dataclasses import dataclass

from mulsmith.errors import ConfigError
from mulsmith.search.nas.darts.genotype import NODES

STEM_FACTOR = 3


@dataclass(frozen=True, slots=True)
class CellShape:
    """One cell of a network.

    Attributes:
        before: channels of its two inputs.
        channels: of every node.
        reduces: whether it halves the image.
        halved: whether the cell before it did, so that its first input is twice as large as its second.
        size: (height, width) of its second input.
    """

    before: tuple[int, int]
    channels: int
    reduces: bool
    halved: bool
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a network of cells.

    Attributes:
        channels: C of the first cells; every reduction doubles it.
        cells: number of cells.
        image: (channels, height, width) of the input.
        classes: number of outputs.
    """

    channels: int
    cells: int
    image: tuple[int, int, int]
    classes: int

    def __post_init__(self) -> None:
        smallest = 1 << len(self.reductions)
        if min(self.image[1:]) < 2 * smallest:
            raise ConfigError(
                f"images of {self.image[1]} x {self.image[2]} are too small for "
                f"{len(self.reductions)} reduction cells",
                remedy="use fewer cells or larger images",
            )

    @property
    def reductions(self) -> tuple[int, ...]:
        """The cells that halve the image: at a third and at two thirds of the depth."""
        return tuple(sorted({self.cells // 3, 2 * self.cells // 3} - {0}))

    @property
    def stem(self) -> int:
        """Output channels of the first convolution."""
        return STEM_FACTOR * self.channels

    @property
    def outputs(self) -> int:
        """Channels of the last cell's output."""
        return NODES * (self.channels << len(self.reductions))

    def plan(self) -> list[CellShape]:
        """Return the shape of every cell."""
        before, channels, halved = (self.stem, self.stem), self.channels, False
        size = (self.image[1], self.image[2])
        cells = []
        for number in range(self.cells):
            reduces = number in self.reductions
            channels *= 2 if reduces else 1
            cells.append(CellShape(before, channels, reduces, halved, size))
            before, halved = (before[1], NODES * channels), reduces
            size = (-(-size[0] // 2), -(-size[1] // 2)) if reduces else size
        return cells
