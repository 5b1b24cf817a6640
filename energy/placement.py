"""Write a candidate of the search space as a loop nest, with its tiles spread evenly where that helps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from mulsmith.energy.branch_and_bound import Candidate
from mulsmith.energy.candidates import Ints
from mulsmith.energy.mapping import Axis, Loop, Mapping
from mulsmith.energy.space import Space
from mulsmith.energy.traffic import Order
from mulsmith.energy.workload import DIMS, TENSORS, Dim, Tensor, tile_words

IRRELEVANT: dict[Tensor, tuple[Dim, ...]] = {
    "weights": ("N", "P", "Q"),
    "inputs": ("M",),
    "outputs": ("C", "R", "S"),
}


def candidate_mapping(space: Space, candidate: Candidate, balanced: frozenset[int] = frozenset()) -> Mapping:
    """Return a candidate as a loop nest.

    Args:
        space: where the candidate is from.
        candidate: its place.
        balanced: columns of dimensions whose tiles shrink as far as the number of steps allows, so that the
            last step leaves fewer instances without work.
    """
    extents = list(space.extents)
    tiles = space.chosen(candidate.core, candidate.outer)
    nest = _Nest(space)
    for number in range(1, space.last + 1):
        axes, tile = tiles[number]
        instances = np.prod(np.array([np.ones(len(DIMS), np.int64), *axes]), axis=0)
        sizes = [min(int(size), extent) for size, extent in zip(tile, extents, strict=True)]
        for column in balanced:
            spread = int(instances[column])
            steps = -(-extents[column] // (spread * sizes[column]))
            sizes[column] = -(-extents[column] // (steps * spread))
        order = candidate.orders[number - 1] if number <= len(candidate.orders) else ("outputs",)
        nest.enter(number, axes, sizes, order)
        extents = [min(extent, size) for extent, size in zip(extents, sizes, strict=True)]
    return nest.mapping()


class _Nest:
    """The loops of a mapping while its tiles are entered from the outside in."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.levels = [level.name for level in space.hierarchy.accelerator.hierarchy]
        self.loops: dict[str, list[Loop]] = {name: [] for name in self.levels}
        self.extents = list(space.extents)

    def enter(self, number: int, axes: Sequence[Ints], sizes: Sequence[int], order: Order) -> None:
        """Add the loops between the tile that encloses a group and the group's tile.

        Args:
            number: of the group.
            axes: instances along each axis of the array above the group, per dimension.
            sizes: extents of the tile.
            order: which tensors stay. Where the second one's storage has room, the loops that do not concern
                the first one run inside that storage, and it stands outside the group's other storages.
        """
        groups = self.space.hierarchy.groups
        instances = [math.prod(int(axis[column]) for axis in axes) for column in range(len(DIMS))]
        spread = [min(count, extent) for count, extent in zip(instances, self.space.extents, strict=True)]
        steps = [-(-whole // (size * n)) for whole, size, n in zip(self.extents, sizes, spread, strict=True)]
        inside = self._inside(number, sizes, steps, order)
        chunks = list(sizes)
        for dim in inside:
            chunks[DIMS.index(dim)] *= steps[DIMS.index(dim)]
        above = {storage.name for storage in groups[number - 1].storages}
        innermost = max(above, key=self.levels.index)
        for dim in _loop_order(order):
            if dim not in inside:
                self._add(innermost, dim, chunks[DIMS.index(dim)] * spread[DIMS.index(dim)])
        for place, (array, axis) in enumerate(zip(groups[number].arrays, axes, strict=True)):
            for column, dim in enumerate(DIMS):
                if axis[column] > 1:
                    within = math.prod(int(other[column]) for other in axes[place + 1 :])
                    self._add(array.name, dim, chunks[column] * within, array.axis)
        if inside:
            storage = self._stand_outside(number, order[1])
            for dim in inside:
                self._add(storage, dim, sizes[DIMS.index(dim)])
        self.extents = [min(extent, size) for extent, size in zip(self.extents, sizes, strict=True)]

    def _inside(
        self, number: int, sizes: Sequence[int], steps: Sequence[int], order: Order
    ) -> tuple[Dim, ...]:
        """Return the dimensions whose loops run inside the storage of an order's second tensor."""
        if len(order) < 2:
            return ()
        first, second = order
        grown = {
            dim: size * (count if dim in IRRELEVANT[first] else 1)
            for dim, size, count in zip(DIMS, sizes, steps, strict=True)
        }
        space = self.space
        storage = dict(space.hierarchy.chains[second])[number]
        words = tile_words(space.layer, second, grown, space.conventions.input_footprint)
        if words > space.hierarchy.accelerator.capacity_words(storage, second):
            return ()
        return IRRELEVANT[first]

    def _stand_outside(self, number: int, tensor: Tensor) -> str:
        """Put a tensor's storage outside the others of its group; return its name."""
        names = [storage.name for storage in self.space.hierarchy.groups[number].storages]
        own = dict(self.space.hierarchy.chains[tensor])[number].name
        place = self.levels.index(names[0])
        self.levels.remove(own)
        self.levels.insert(place, own)
        return own

    def _add(self, level: str, dim: Dim, size: int, axis: Axis | None = None) -> None:
        column = DIMS.index(dim)
        if self.extents[column] > size:
            self.loops[level].append(Loop(dim, size, axis))
            self.extents[column] = size

    def mapping(self) -> Mapping:
        """Return the mapping."""
        loops = tuple((name, tuple(self.loops[name])) for name in self.levels)
        return Mapping(loops, self.space.hierarchy.bypass)


def balanceable(space: Space, candidate: Candidate) -> Iterator[int]:
    """Yield the columns of dimensions that are both unrolled and tiled in some group."""
    tiles = space.chosen(candidate.core, candidate.outer)
    for column in space.columns:
        for axes, tile in tiles.values():
            if tile[column] > 1 and any(axis[column] > 1 for axis in axes):
                yield column
                break


def _loop_order(order: Order) -> tuple[Dim, ...]:
    """Return the dimensions from the outside in so that the tensors of an order stay."""
    others: list[Dim] = [dim for tensor in TENSORS if tensor not in order for dim in IRRELEVANT[tensor]]
    return ("G", *others, *(dim for tensor in reversed(order) for dim in IRRELEVANT[tensor]))
