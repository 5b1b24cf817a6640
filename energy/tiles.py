"""Arithmetic of uneven tiles along one dimension: how many, how large, how many steps, how many instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mulsmith.energy.mapping import Loop
from mulsmith.energy.workload import Dim


def tile_counts(extent: int, loops: Sequence[Loop]) -> Counter[int]:
    """Return tile size -> how many there are, after cutting an extent by loops from the outside in."""
    tiles = Counter({extent: 1})
    for loop in loops:
        cut: Counter[int] = Counter()
        for size, count in tiles.items():
            whole, rest = divmod(size, loop.tile)
            if whole:
                cut[loop.tile] += whole * count
            if rest:
                cut[rest] += count
        tiles = cut
    return tiles


def steps(extent: int, loops: Sequence[Loop]) -> int:
    """Return the iterations in time; instances of a spatial loop run together, the largest tile decides."""
    if not loops:
        return 1
    tile, inner = loops[0].tile, loops[1:]
    if loops[0].axis is not None:
        return steps(min(extent, tile), inner)
    whole, rest = divmod(extent, tile)
    return (whole * steps(tile, inner) if whole else 0) + (steps(rest, inner) if rest else 0)


def used_instances(extent: int, loops: Sequence[Loop]) -> int:
    """Return how many instances the spatial loops among the given ones use for the largest tile."""
    used = 1
    for loop in loops:
        if loop.axis is not None:
            used *= -(-extent // loop.tile)
        extent = min(extent, loop.tile)
    return used


def shared_rows(loops: Sequence[Loop], place: int, dims: tuple[Dim, Dim]) -> int:
    """Return the place above the innermost loop in time if its iterations slide over shared rows.

    That is so when the loop runs over one of ``dims`` with no spatial loop over them inside it; otherwise
    the place itself comes back.
    """
    cut = place
    while cut and loops[cut - 1].axis is not None:
        if loops[cut - 1].dim in dims:
            return place
        cut -= 1
    return cut - 1 if cut and loops[cut - 1].dim in dims else place
