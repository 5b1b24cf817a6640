"""The mapper's search space: which tiles and unrollings combine, and tables of how tiles come by.

A mapping is one row of the *outer* tiles (the shared buffer's, cut from the whole layer) and one *core*: an
unrolling and a tile for every group further in. Per dimension there are few different values, so every count
is a small table over (core values, outer values), and a candidate's count a product of table entries.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mulsmith.energy.candidates import (
    Cuts,
    Ints,
    Unrollings,
    fitting_tiles,
    unrollings,
    useful_extents,
)
from mulsmith.energy.conventions import Conventions
from mulsmith.energy.hierarchy import Group, Hierarchy
from mulsmith.energy.input_tables import Floats, InputTables, grown_extents, whole
from mulsmith.energy.workload import DIMS, RELEVANT, Layer, Tensor

MAX_CORES = 100_000
MAX_GRID = 400_000
EXHAUSTIVE = 60_000
EXHAUSTIVE_MACS = 4096


class Space:
    """Candidates of one layer on one hierarchy.

    Attributes:
        outer: int64 [m + 1, 8], tiles of the shared buffer, and last the whole layer, whether it fits or not.
        fitting: how many of them fit.
        cores: how many cores there are.
        first: index of the first group that belongs to the core.
        complete: whether no candidate was left out for a limit.
        exhaustive: whether candidates that others contain are in, too.
        inputs: tables of input rows and columns.
    """

    def __init__(self, hierarchy: Hierarchy, layer: Layer, conventions: Conventions, even: bool) -> None:
        self.hierarchy = hierarchy
        self.layer = layer
        self.conventions = conventions
        self.extents = tuple(layer.extents.values())
        self.complete = True
        groups = hierarchy.groups
        self.outer = np.array([self.extents], np.int64)
        self.first = 2 if len(groups) > 2 and not groups[1].arrays else 1
        coarser: tuple[Cuts, ...] = ("even",) if even else ("all", "useful")
        self.exhaustive = layer.macs <= EXHAUSTIVE_MACS and any(
            self._build(cuts, prune=False) for cuts in coarser
        )
        if not self.exhaustive:
            self._build(coarser[-1], prune=True)
        self.fitting = len(self.outer)
        self.outer = np.concatenate([self.outer, [self.extents]])
        self._index()

    @property
    def last(self) -> int:
        """Index of the multipliers' group."""
        return len(self.hierarchy.groups) - 1

    def _build(self, cuts: Cuts, *, prune: bool) -> bool:
        """List the candidates; without ``prune`` give up, and say so, when they are many."""
        groups = self.hierarchy.groups
        limit = MAX_GRID if prune else EXHAUSTIVE
        count = 1
        if self.first == 2:
            found = self._tiles(groups[1], cuts, prune, limit, whole_kernel=prune)
            if found is None:
                return False
            self.outer = found
            count *= len(found)
        self.spread: dict[int, Unrollings] = {}
        self.tiles: dict[int, Ints] = {}
        for number in range(self.first, len(groups)):
            group = groups[number]
            if group.arrays:
                self.spread[number] = unrollings(self.extents, group.arrays, cuts, prune)
                count *= len(self.spread[number].total)
            if group.storages:
                found = self._tiles(group, cuts, prune, limit)
                if found is None:
                    return False
                self.tiles[number] = found
                count *= len(found)
            if not prune and count > EXHAUSTIVE:
                return False
        if prune:
            self._limit_cores()
        return True

    def _tiles(
        self, group: Group, cuts: Cuts, prune: bool, limit: int, whole_kernel: bool = False
    ) -> Ints | None:
        """List the tiles of a group; the largest extents are dropped where there are too many to list."""
        keeps = [(storage, self.hierarchy.kept(storage)) for storage in group.storages]
        room = [1 << 40] * len(DIMS)
        for storage, kept in keeps:
            words = {tensor: self.hierarchy.accelerator.capacity_words(storage, tensor) for tensor in kept}
            for column, dim in enumerate(DIMS):
                room[column] = min([room[column], *(words[t] for t in kept if dim in RELEVANT[t])])
        allowed = group.dims
        options: list[Sequence[int]] = []
        for column, (dim, extent) in enumerate(zip(DIMS, self.extents, strict=True)):
            if dim not in allowed:
                options.append((1,))
            elif whole_kernel and dim in "RS":
                options.append((extent,))
            else:
                options.append(useful_extents(extent, room[column], cuts) or (1,))
        while math.prod(len(values) for values in options) > limit:
            if not prune:
                return None
            longest = max(range(len(options)), key=lambda column: len(options[column]))
            options[longest] = tuple(options[longest][::-2][::-1])
            self.complete = False
        found = fitting_tiles(
            self.hierarchy.accelerator,
            keeps,
            self.layer,
            options,
            self.conventions.input_footprint,
            prune=prune,
        )
        if not len(found) and whole_kernel:
            return self._tiles(group, cuts, prune, limit)
        return found

    def _limit_cores(self) -> None:
        """Keep the busiest unrollings and largest tiles when their combinations are too many."""
        while math.prod(len(rows) for rows in self._lists()) > MAX_CORES:
            self.complete = False
            number, rows = max(
                [*((n, s.total) for n, s in self.spread.items()), *self.tiles.items()],
                key=lambda entry: len(entry[1]),
            )
            best = np.argsort(-rows.astype(np.float64).prod(axis=1), kind="stable")
            best = np.sort(best[: max(1, len(rows) * 3 // 4)])
            if number in self.spread and rows is self.spread[number].total:
                spread = self.spread[number]
                self.spread[number] = Unrollings(rows[best], tuple(axis[best] for axis in spread.axes))
            else:
                self.tiles[number] = rows[best]

    def chosen(self, core: int, outer: int) -> dict[int, tuple[tuple[Ints, ...], Ints]]:
        """Return, for every group, the instances along each axis above it and its tile."""
        places = iter(np.unravel_index(core, self.shape))
        found: dict[int, tuple[tuple[Ints, ...], Ints]] = {}
        if self.first == 2:
            found[1] = ((), self.outer[outer])
        for number in range(self.first, self.last + 1):
            axes: tuple[Ints, ...] = ()
            if number in self.spread:
                place = int(next(places))
                axes = tuple(axis[place] for axis in self.spread[number].axes)
            tile = np.ones(len(DIMS), np.int64)
            if number in self.tiles:
                tile = self.tiles[number][int(next(places))]
            found[number] = (axes, tile)
        return found

    def _lists(self) -> list[Ints]:
        lists: list[Ints] = []
        for number in range(self.first, len(self.hierarchy.groups)):
            if number in self.spread:
                lists.append(self.spread[number].total)
            if number in self.tiles:
                lists.append(self.tiles[number])
        return lists

    def _index(self) -> None:
        """Number the different values of every dimension, for the tables."""
        lists = self._lists()
        shape = tuple(len(rows) for rows in lists) or (1,)
        self.shape = shape
        self.cores = math.prod(shape)
        self.columns = [column for column, extent in enumerate(self.extents) if extent > 1]
        self.core_index: dict[int, npt.NDArray[np.intp]] = {}
        self.outer_index: dict[int, npt.NDArray[np.intp]] = {}
        self._loops: dict[int, list[tuple[Ints, bool]]] = {}
        self._tables: dict[object, npt.NDArray[Any]] = {}
        for column in self.columns:
            values, self.outer_index[column] = np.unique(self.outer[:, column], return_inverse=True)
            uniques = [np.unique(rows[:, column], return_inverse=True) for rows in lists]
            index = np.zeros(1, np.intp)
            for unique, inverse in uniques:
                index = (index[:, None] * len(unique) + inverse[None, :]).reshape(-1)
            self.core_index[column] = index
            self._loops[column] = self._loops_along(values, [unique for unique, _ in uniques])
        self.inputs = InputTables(self.layer, self._loops, self.conventions)

    def _loops_along(self, outer: Ints, uniques: list[Ints]) -> list[tuple[Ints, bool]]:
        """Return (tile, spatial) of every loop of one dimension, over all of its (core, outer) values."""
        sizes = tuple(len(unique) for unique in uniques) or (1,)
        places = np.unravel_index(np.arange(math.prod(sizes)), sizes)
        chosen = iter([unique[place][:, None] for unique, place in zip(uniques, places, strict=False)])
        one = np.ones((1, 1), np.int64)
        loops: list[tuple[Ints, bool]] = []
        if self.first == 2:
            loops += [(outer[None, :], False), (outer[None, :], True)]
        for number in range(self.first, self.last + 1):
            instances = next(chosen) if number in self.spread else one
            tile = next(chosen) if number in self.tiles else one
            loops += [(instances * tile, False), (tile, True)]
        return loops

    def visits(self, column: int, cut: int, copies: int, place: int) -> Floats:
        """Return the table of how many tiles of a dimension come by at group ``place``.

        Loops in time count down to group ``cut``, those over instances down to group ``copies``.
        """
        asked = (column, cut, copies, place)
        known = self._tables.get(asked)
        if known is None:
            known = self._tables[asked] = self._visits(*asked)
        return known

    def _visits(self, column: int, cut: int, copies: int, place: int) -> Floats:
        flags = [
            (number <= copies if spatial else number <= cut)
            for number in range(1, place + 1)
            for spatial in (False, True)
        ]
        while flags and not flags[-1]:
            flags.pop()
        key = ("visits", column, *flags)
        if key not in self._tables:
            loops = [(tile, flag) for (tile, _), flag in zip(self._loops[column], flags, strict=False)]
            start = np.full((1, 1), self.extents[column], np.int64)
            self._tables[key] = _visits(start, loops).astype(np.float64)
        return self._tables[key]

    def still(self, column: int, number: int) -> npt.NDArray[np.bool_]:
        """Return the table of whether no loop in time above group ``number`` runs over a dimension."""
        return whole(self.extents[column], self._loops[column], 2 * number - 2)

    def tile_extents(self, column: int, number: int, *, grown: bool) -> Ints:
        """Return the table of a dimension's extent in the tiles of group ``number``.

        With ``grown`` a tile holds what the loops in time above the group run over, too.
        """
        if not grown:
            return self._loops[column][2 * number - 1][0]
        key = ("grown", column, number)
        if key not in self._tables:
            self._tables[key] = grown_extents(self.extents[column], self._loops[column], number)
        return self._tables[key]


def _visits(extent: Ints, loops: list[tuple[Ints, bool]]) -> Ints:
    """Return ``tiles.visits`` over arrays; an extent of zero is visited zero times."""
    if not loops:
        return np.minimum(extent, 1)
    (tile, counts), inner = loops[0], loops[1:]
    if not counts:
        return _visits(np.minimum(extent, tile), inner)
    if not inner:
        return -(-extent // tile)
    whole = extent // tile
    rest = extent - whole * tile
    visited = whole * _visits(tile, inner)
    return visited + _visits(rest, inner) if rest.any() else visited


def tensor_columns(tensor: Tensor, columns: Sequence[int], *, relevant: bool) -> list[int]:
    """Return the columns whose dimension does, or does not, concern a tensor."""
    return [column for column in columns if (DIMS[column] in RELEVANT[tensor]) == relevant]
