"""Arithmetic of uneven tiles along one dimension: how many, how large, how many steps, how many instances."""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.energy.mapping import Loop
from mulsmith.energy.workload import Dim


def tile_counts(extent: int, loops: Sequence[Loop]) -> dict[int, int]:
    """Return tile size -> how many there are, after cutting an extent by loops from the outside in."""
    tiles = {extent: 1}
    for loop in loops:
        cut: dict[int, int] = {}
        for size, count in tiles.items():
            whole, rest = divmod(size, loop.tile)
            if whole:
                cut[loop.tile] = cut.get(loop.tile, 0) + whole * count
            if rest:
                cut[rest] = cut.get(rest, 0) + count
        tiles = cut
    return tiles


def visits(extent: int, loops: Sequence[tuple[int, bool]]) -> int:
    """Return how many tiles come by when (tile, whether the loop counts) cut an extent from the outside in.

    A loop that does not count is passed with its largest tile: a loop in time during which a tile stays, or
    instances that share what they get.
    """
    if not loops:
        return 1
    (tile, counts), inner = loops[0], loops[1:]
    if not counts:
        return visits(min(extent, tile), inner)
    whole, rest = divmod(extent, tile)
    return (whole * visits(tile, inner) if whole else 0) + (visits(rest, inner) if rest else 0)


def steps(extent: int, loops: Sequence[Loop]) -> int:
    """Return the iterations in time; instances of a spatial loop run together, the largest tile decides."""
    return visits(extent, [(loop.tile, loop.axis is None) for loop in loops])


def used_instances(extent: int, loops: Sequence[Loop]) -> int:
    """Return how many instances the spatial loops among the given ones use for the largest tile."""
    return visits(extent, [(loop.tile, loop.axis is not None) for loop in loops])


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
