"""Tables of how many input rows and columns the tiles of a group hold: apart, sliding along a loop, or grown.

Every table has the axes (core and outer values of the output dimension) x (core and outer values of the
kernel's), so that a candidate's figure is one of its entries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mulsmith.energy.candidates import Ints, input_extents
from mulsmith.energy.conventions import Conventions
from mulsmith.energy.workload import DIMS, Layer, Tensor

Floats = npt.NDArray[np.float64]
Loops = Sequence[tuple[Ints, bool]]
"""(tile, whether it is spatial) of every loop of a dimension, in time and in space for every group."""
OUT, TAP = (DIMS.index("P"), DIMS.index("Q")), (DIMS.index("R"), DIMS.index("S"))
MOVING: dict[Tensor, tuple[int, int]] = {"weights": OUT, "outputs": TAP}
"""The tensor that stays during loops in time -> which of them run over input rows and columns."""


def whole(extent: int, loops: Loops, depth: int) -> npt.NDArray[np.bool_]:
    """Return the table of whether the loop at a depth has one iteration."""
    return np.asarray(loops[depth][0] >= _above(extent, loops, depth))


def grown_extents(extent: int, loops: Loops, number: int) -> Ints:
    """Return the table of the extent of tiles that hold what the loops in time above a group run over."""
    time, tile = loops[2 * number - 2][0], loops[2 * number - 1][0]
    return tile * -(-_above(extent, loops, 2 * number - 2) // time)


def _above(extent: int, loops: Loops, depth: int) -> Ints:
    above = np.full((1, 1), extent, np.int64)
    for tile, _ in loops[:depth]:
        above = np.minimum(above, tile)
    return above


class InputTables:
    """The tables of one layer.

    Args:
        layer: the layer.
        loops: column of a dimension -> its loops, for those longer than 1.
        conventions: what counts as an input of a tile.
    """

    def __init__(self, layer: Layer, loops: Mapping[int, Loops], conventions: Conventions) -> None:
        self.layer = layer
        self.extents = tuple(layer.extents.values())
        self.loops = loops
        self.footprint = conventions.input_footprint
        self._known: dict[object, Floats] = {}

    def apart(self, axis: int, place: int, *, sent: bool) -> Floats:
        """Return rows (axis 0) or columns (1) of all tiles at group ``place``.

        With ``sent`` tiles are those of all instances together, before the unrolling above the group.
        """
        key = (axis, place, sent)
        if key not in self._known:
            depth = 2 * place - 1 if sent else 2 * place
            self._known[key] = self._total(
                axis, self._inside(OUT[axis], depth), self._inside(TAP[axis], depth)
            )
        return self._known[key]

    def sliding(self, axis: int, place: int, staying: Tensor, *, sent: bool) -> Floats:
        """Return the same with nothing moved twice along the innermost loop that leaves a tensor alone.

        Tiles slide along a loop in time above the group unless an unrolling cuts them apart.
        """
        key = (axis, place, sent, staying)
        if key not in self._known:
            self._known[key] = self._sliding(axis, place, MOVING[staying][axis], sent=sent)
        return self._known[key]

    def grown(self, axis: int, place: int, staying: Tensor) -> Floats:
        """Return the same for tiles that hold all that loops run over that do not concern a tensor."""
        key = (axis, place, staying)
        if key not in self._known:
            cuts = {column: self._inside(column, 2 * place) for column in (OUT[axis], TAP[axis])}
            column = MOVING[staying][axis]
            if column in self.loops:
                grown = grown_extents(self.extents[column], self.loops[column], place)
                cuts[column] = [*self._inside(column, 2 * place - 2), grown]
            self._known[key] = self._total(axis, cuts[OUT[axis]], cuts[TAP[axis]])
        return self._known[key]

    def _sliding(self, axis: int, place: int, column: int, *, sent: bool) -> Floats:
        apart = self.apart(axis, place, sent=sent)
        if column not in self.loops:
            return apart
        depths = {OUT[axis]: 2 * place - 1, TAP[axis]: 2 * place - 1, column: 2 * place - 2}
        outs, taps = (self._inside(dim, depths[dim]) for dim in (OUT[axis], TAP[axis]))
        slid = np.minimum(apart, self._total(axis, outs, taps))
        slides = {dim: np.ones((1, 1), np.bool_) for dim in (OUT[axis], TAP[axis])}
        for dim in slides:
            if dim in self.loops and not sent:
                slides[dim] = whole(self.extents[dim], self.loops[dim], 2 * place - 1)
        slides[column] = slides[column] & ~whole(self.extents[column], self.loops[column], 2 * place - 2)
        return np.where(slides[OUT[axis]][:, :, None, None] & slides[TAP[axis]][None, None], slid, apart)

    def _inside(self, column: int, depth: int) -> list[Ints]:
        """Return the tiles of a dimension's first loops."""
        return [tile for tile, _ in self.loops.get(column, ())[:depth]]

    def _total(self, axis: int, outs: Sequence[Ints], taps: Sequence[Ints]) -> Floats:
        """Return the rows or columns of all tiles that two dimensions are cut into."""
        stride, dilation = self.layer.stride[axis], self.layer.dilation[axis]
        extents = self.extents[OUT[axis]], self.extents[TAP[axis]]
        if 1 in extents and (self.footprint == "touched" or stride == dilation == 1):
            return np.full((1, 1, 1, 1), float(math.prod(extents)))  # no row belongs to two tiles
        total: Floats = np.zeros((1, 1, 1, 1))
        for p, n in _pieces(self.extents[OUT[axis]], outs):
            for r, m in _pieces(self.extents[TAP[axis]], taps):
                extent = input_extents(p[:, :, None, None], r[None, None], stride, dilation, self.footprint)
                total = total + n[:, :, None, None] * m[None, None] * extent
        return total


def _pieces(extent: int, cuts: Sequence[Ints]) -> list[tuple[Ints, Ints]]:
    """Return (tile size, how many) of all tiles that an extent is cut into, one cut after the other."""
    pieces = [(np.full((1, 1), extent, np.int64), np.ones((1, 1), np.int64))]
    for tile in cuts:
        cut: list[tuple[Ints, Ints]] = []
        for size, count in pieces:
            times = size // tile
            rest = size - times * tile
            cut.append((tile, count * times))
            if rest.any():
                cut.append((rest, count * (rest > 0)))
        pieces = [(size, count) for size, count in cut if count.any()]
    return pieces
