"""Find the mapping of a layer with least energy, latency or energy-delay product.

The search over tiles, unrollings and loop orders is deterministic; what it finds is then improved by
spreading the tiles of unrolled dimensions evenly over the instances.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.branch_and_bound import Candidate, Search
from mulsmith.energy.conventions import DEFAULT, Conventions
from mulsmith.energy.counting import evaluate
from mulsmith.energy.hierarchy import hierarchies, separated
from mulsmith.energy.mapping import Mapping
from mulsmith.energy.placement import balanceable, candidate_mapping
from mulsmith.energy.prices import Prices, movement_pj
from mulsmith.energy.space import Space
from mulsmith.energy.workload import DIMS, TENSORS, Dim, Layer, tile_words
from mulsmith.errors import ConfigError

Objective = Literal["energy", "latency", "edp"]
Tiling = Literal["own", "shared", "even"]
SEPARATE_MACS = 64
SEPARATE_ORDERS = 5000


@dataclass(frozen=True, slots=True)
class Found:
    """A mapping that the mapper chose.

    Attributes:
        mapping: the mapping.
        movement_pj: energy of everything but the multiplications.
        cycles: steps of the array.
        complete: whether no candidate was left out for a limit of size or time.
    """

    mapping: Mapping
    movement_pj: float
    cycles: int
    complete: bool


def find_mapping(
    accelerator: Accelerator,
    layer: Layer,
    prices: Prices,
    *,
    objective: Objective = "energy",
    multiply_pj: float = 0.0,
    conventions: Conventions = DEFAULT,
    tiling: Tiling = "own",
    time_limit_s: float | None = None,
) -> Found:
    """Return the best mapping of a layer.

    Args:
        accelerator: where.
        layer: what.
        prices: energy per action.
        objective: what to minimise; ties go to the other of energy and latency.
        multiply_pj: energy of a multiplication, which only the energy-delay product depends on.
        conventions: counting conventions. With ``halo: innermost`` loops over columns run inside those over
            rows, so tiles slide along rows only where no loop over columns does.
        tiling: ``own`` lets storages that stand together hold tiles of their own; ``shared`` gives them one
            tile; ``even`` allows only shared tiles that divide their dimension.
        time_limit_s: stop after this long and return the best so far, marked as not complete.

    Raises:
        ConfigError: nothing fits; the message names the storage and what the smallest tile needs.
    """
    if objective != "energy":
        front = mapping_front(
            accelerator, layer, prices, conventions=conventions, tiling=tiling, time_limit_s=time_limit_s
        )
        return best_of(front, layer, objective, multiply_pj)
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    found: list[Found] = []
    for space in _spaces(accelerator, layer, conventions, tiling):
        search = Search(space, prices, deadline, own_tiles=tiling == "own")
        found += _improve(space, search.least_energy(), prices, complete=search.complete)
    if not found:
        raise _nothing_fits(accelerator, layer, conventions)
    return min(found, key=lambda item: (item.movement_pj, item.cycles))


def mapping_front(
    accelerator: Accelerator,
    layer: Layer,
    prices: Prices,
    *,
    conventions: Conventions = DEFAULT,
    tiling: Tiling = "own",
    time_limit_s: float | None = None,
) -> tuple[Found, ...]:
    """Return the mappings that no other one beats in both energy and cycles, by falling cycles.

    Raises:
        ConfigError: nothing fits.
    """
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    found: list[Found] = []
    for space in _spaces(accelerator, layer, conventions, tiling):
        search = Search(space, prices, deadline, own_tiles=tiling == "own")
        for candidate in search.front():
            found += _improve(space, candidate, prices, complete=search.complete)
    if not found:
        raise _nothing_fits(accelerator, layer, conventions)
    kept: list[Found] = []
    for item in sorted(found, key=lambda item: (item.cycles, item.movement_pj)):
        if not kept or item.movement_pj < kept[-1].movement_pj:
            kept.append(item)
    return tuple(reversed(kept))


def _spaces(
    accelerator: Accelerator, layer: Layer, conventions: Conventions, tiling: Tiling
) -> Iterator[Space]:
    """Yield the spaces that have candidates; for tiny layers also those with a tile for every storage."""
    whole = hierarchies(accelerator)
    for hierarchy in whole:
        space = Space(hierarchy, layer, conventions, tiling == "even")
        if space.cores and space.fitting:
            yield space
    if tiling != "own" or layer.macs > SEPARATE_MACS or conventions.multicast != "aligned":
        return
    apart = [other for hierarchy in whole for other in separated(hierarchy)]
    if sum(len(TENSORS) ** (len(other.groups) - 1) for other in apart) <= SEPARATE_ORDERS:
        for other in apart:
            space = Space(other, layer, conventions, even=False)
            if space.exhaustive and space.cores and space.fitting:
                yield space


def best_of(front: Sequence[Found], layer: Layer, objective: Objective, multiply_pj: float) -> Found:
    """Return the member of a front that is best for a multiplier."""
    if objective == "energy":
        return min(front, key=lambda item: (item.movement_pj, item.cycles))
    if objective == "latency":
        return min(front, key=lambda item: (item.cycles, item.movement_pj))
    return min(front, key=lambda item: (item.movement_pj + layer.macs * multiply_pj) * item.cycles)


def _improve(space: Space, candidate: Candidate, prices: Prices, *, complete: bool) -> list[Found]:
    """Return a candidate, and what it becomes when tiles are spread evenly one dimension after the other."""
    accelerator = space.hierarchy.accelerator

    def found(balanced: frozenset[int]) -> Found:
        mapping = candidate_mapping(space, candidate, balanced)
        counts = evaluate(accelerator, space.layer, mapping, space.conventions)
        return Found(mapping, movement_pj(counts, prices), counts.cycles, complete)

    chosen: frozenset[int] = frozenset()
    best = found(chosen)
    kept = [best]
    for column in balanceable(space, candidate):
        other = found(chosen | {column})
        if other.mapping == best.mapping:
            continue
        cheaper = other.movement_pj < best.movement_pj * (1 - 1e-12)
        if cheaper or other.cycles < best.cycles:
            kept.append(other)
        if cheaper or (other.movement_pj <= best.movement_pj and other.cycles <= best.cycles):
            best, chosen = other, chosen | {column}
    return kept


def _nothing_fits(accelerator: Accelerator, layer: Layer, conventions: Conventions) -> ConfigError:
    """Return the error that says which storage is too small for the smallest tile."""
    smallest: dict[Dim, int] = dict.fromkeys(DIMS, 1)
    for storage in accelerator.storages:
        if storage.bytes is None:
            continue
        rows = storage.bytes * 8 // storage.width_bits // storage.buffers
        kept = [tensor for tensor in storage.keep if tensor not in storage.may_bypass]
        words = [tile_words(layer, tensor, smallest, conventions.input_footprint) for tensor in kept]
        if len(words) > rows:
            return ConfigError(
                f"layer {layer.name} cannot be mapped on {accelerator.name}: {storage.name} has {rows} rows "
                f"of {storage.width_bits} bits, but one word each of {', '.join(kept)} needs {len(words)}",
                remedy="give the storage more bytes, a narrower port, or let a tensor bypass it",
            )
    return ConfigError(
        f"layer {layer.name} cannot be mapped on {accelerator.name}: no tile satisfies every constraint",
        remedy="allow more dimensions in `loops`, `dims` and `whole`",
    )
