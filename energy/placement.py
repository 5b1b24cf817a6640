"""Write a candidate of the search space as a loop nest, with its tiles spread evenly where that helps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mulsmith.energy.branch_and_bound import Candidate
from mulsmith.energy.mapping import Loop, Mapping
from mulsmith.energy.space import Space
from mulsmith.energy.workload import DIMS, TENSORS, Dim, Tensor

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
    hierarchy = space.hierarchy
    loops: dict[str, list[Loop]] = {level.name: [] for level in hierarchy.accelerator.hierarchy}
    extents = list(space.extents)
    tiles = space.chosen(candidate.core, candidate.outer)
    for number in range(1, space.last + 1):
        axes, tile = tiles[number]
        instances = np.prod(np.array([np.ones(len(DIMS), np.int64), *axes]), axis=0)
        sizes = [min(int(size), extent) for size, extent in zip(tile, extents, strict=True)]
        for column in balanced:
            spread = int(instances[column])
            steps = -(-extents[column] // (spread * sizes[column]))
            sizes[column] = -(-extents[column] // (steps * spread))
        order = candidate.orders[number - 1] if number <= len(candidate.orders) else "outputs"
        home = loops[hierarchy.groups[number - 1].storages[-1].name]
        for dim in _loop_order(order):
            column = DIMS.index(dim)
            size = sizes[column] * int(min(instances[column], space.extents[column]))
            if extents[column] > size:
                home.append(Loop(dim, size))
                extents[column] = size
        for place, (array, axis) in enumerate(zip(hierarchy.groups[number].arrays, axes, strict=True)):
            inner = np.prod(np.array([np.ones(len(DIMS), np.int64), *axes[place + 1 :]]), axis=0)
            for column, dim in enumerate(DIMS):
                size = sizes[column] * int(inner[column])
                if axis[column] > 1 and extents[column] > size:
                    loops[array.name].append(Loop(dim, size, array.axis))
                    extents[column] = size
        extents = [min(extent, size) for extent, size in zip(extents, sizes, strict=True)]
    return Mapping(tuple((name, tuple(own)) for name, own in loops.items()), hierarchy.bypass)


def balanceable(space: Space, candidate: Candidate) -> Iterator[int]:
    """Yield the columns of dimensions that are both unrolled and tiled in some group."""
    tiles = space.chosen(candidate.core, candidate.outer)
    for column in space.columns:
        for axes, tile in tiles.values():
            if tile[column] > 1 and any(axis[column] > 1 for axis in axes):
                yield column
                break


def _loop_order(staying: Tensor) -> tuple[Dim, ...]:
    """Return the dimensions from the outside in so that one tensor stays during the innermost loops."""
    others: list[Dim] = [dim for tensor in TENSORS if tensor != staying for dim in IRRELEVANT[tensor]]
    return ("G", *others, *IRRELEVANT[staying])
