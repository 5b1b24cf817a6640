"""Find the mapping of a layer with least energy, latency or energy-delay product.

Candidates are bounded from below by what they cost if the shared buffer held the whole layer; those that
cannot win are never looked at. The search is deterministic.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.candidates import Ints
from mulsmith.energy.conventions import DEFAULT, Conventions
from mulsmith.energy.hierarchy import hierarchies
from mulsmith.energy.mapping import Loop, Mapping
from mulsmith.energy.prices import Prices
from mulsmith.energy.space import Floats, Space
from mulsmith.energy.traffic import Orders, Rows, Traffic
from mulsmith.energy.workload import DIMS, TENSORS, Dim, Layer, Tensor, tile_words
from mulsmith.errors import ConfigError

Objective = Literal["energy", "latency", "edp"]
FIRST_CORES, FIRST_OUTERS = 256, 32
BLOCK = 1 << 17
TIES = 64
IRRELEVANT: dict[Tensor, tuple[Dim, ...]] = {
    "weights": ("N", "P", "Q"),
    "inputs": ("M",),
    "outputs": ("C", "R", "S"),
}


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


@dataclass(frozen=True, slots=True)
class _Candidate:
    energy: float
    cycles: float
    core: int
    outer: int
    orders: Orders


def find_mapping(
    accelerator: Accelerator,
    layer: Layer,
    prices: Prices,
    *,
    objective: Objective = "energy",
    multiply_pj: float = 0.0,
    conventions: Conventions = DEFAULT,
    even: bool = False,
    time_limit_s: float | None = None,
) -> Found:
    """Return the best mapping of a layer.

    Args:
        accelerator: where.
        layer: what.
        prices: energy per action.
        objective: what to minimise; ties go to the other of energy and latency.
        multiply_pj: energy of a multiplication, which only the energy-delay product depends on.
        conventions: counting conventions; overlap along the innermost loop (``halo``) is not searched for.
        even: only tiles that divide their dimension.
        time_limit_s: stop after this long and return the best so far, marked as not complete.

    Raises:
        ConfigError: nothing fits; the message names the storage and what the smallest tile needs.
    """
    if objective != "energy":
        front = mapping_front(
            accelerator, layer, prices, conventions=conventions, even=even, time_limit_s=time_limit_s
        )
        return best_of(front, layer, objective, multiply_pj)
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    found: list[Found] = []
    for hierarchy in hierarchies(accelerator):
        space = Space(hierarchy, layer, conventions, even)
        if space.cores and space.fitting:
            search = _Search(space, prices, deadline)
            candidate = search.least_energy()
            found.append(_found(space, candidate, search.complete))
    if not found:
        raise _nothing_fits(accelerator, layer, conventions)
    return min(found, key=lambda item: (item.movement_pj, item.cycles))


def mapping_front(
    accelerator: Accelerator,
    layer: Layer,
    prices: Prices,
    *,
    conventions: Conventions = DEFAULT,
    even: bool = False,
    time_limit_s: float | None = None,
) -> tuple[Found, ...]:
    """Return the mappings that no other one beats in both energy and cycles, by falling cycles.

    Raises:
        ConfigError: nothing fits.
    """
    deadline = None if time_limit_s is None else time.monotonic() + time_limit_s
    found: list[Found] = []
    for hierarchy in hierarchies(accelerator):
        space = Space(hierarchy, layer, conventions, even)
        if space.cores and space.fitting:
            search = _Search(space, prices, deadline)
            front = search.front()
            found += [_found(space, candidate, search.complete) for candidate in front]
    if not found:
        raise _nothing_fits(accelerator, layer, conventions)
    kept: list[Found] = []
    for item in sorted(found, key=lambda item: (item.cycles, item.movement_pj)):
        if not kept or item.movement_pj < kept[-1].movement_pj:
            kept.append(item)
    return tuple(reversed(kept))


def best_of(front: Sequence[Found], layer: Layer, objective: Objective, multiply_pj: float) -> Found:
    """Return the member of a front that is best for a multiplier."""
    if objective == "energy":
        return min(front, key=lambda item: (item.movement_pj, item.cycles))
    if objective == "latency":
        return min(front, key=lambda item: (item.cycles, item.movement_pj))
    return min(front, key=lambda item: (item.movement_pj + layer.macs * multiply_pj) * item.cycles)


class _Search:
    """Branch and bound over cores and outer tiles."""

    def __init__(self, space: Space, prices: Prices, deadline: float | None) -> None:
        self.space = space
        self.traffic = Traffic(space, prices)
        self.deadline = deadline
        self.complete = space.complete
        self.cores = np.arange(space.cores)
        self.outers = np.arange(space.fitting)
        self.core_bound: Floats = np.full(space.cores, -np.inf)
        self.outer_bound: Floats = np.zeros(space.fitting)
        if not space.exhaustive:
            self._bound()

    def _bound(self) -> None:
        """Bound every core from below, and what every outer tile costs beyond that."""
        whole = np.array([self.space.fitting])
        self.core_bound = _least(self.traffic.energies(self.cores, whole))[:, 0]
        if self.space.first == 2:
            one = np.zeros(1, np.intp)
            cost = _least(self.traffic.energies(one, np.arange(self.space.fitting + 1), only=1))[0]
            self.outer_bound = np.broadcast_to(cost, (self.space.fitting + 1,))
            self.outer_bound = self.outer_bound[:-1] - self.outer_bound[-1]
        self.outers = np.argsort(self.outer_bound, kind="stable")

    def _late(self) -> bool:
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.complete = False
            return True
        return False

    def least_energy(self) -> _Candidate:
        """Return the candidate of least energy; among equals the one with fewest cycles."""
        first = self.cores
        if len(first) > FIRST_CORES:
            first = np.argpartition(self.core_bound, FIRST_CORES)[:FIRST_CORES]
        best = self._best_in(first, self.outers[:FIRST_OUTERS])
        left = self._hopeful(best.energy)
        start = 0
        while start < len(left) and not self._late():
            bound = self.core_bound[left[start]] + self.outer_bound[self.outers]
            outers = self.outers[bound < best.energy]
            if not len(outers):
                break
            count = max(1, BLOCK // len(outers))
            cores = left[start : start + count]
            cores = cores[self.core_bound[cores] + self.outer_bound[outers[0]] < best.energy]
            start += count
            if len(cores):
                candidate = self._best_in(cores, outers)
                best = min(best, candidate, key=lambda item: (item.energy, item.cycles))
        return best

    def _hopeful(self, energy: float) -> Rows:
        """Return the cores that may need less than an energy, those of lowest bound first."""
        left = np.flatnonzero(self.core_bound + self.outer_bound[self.outers[0]] < energy)
        return left[np.argsort(self.core_bound[left], kind="stable")]

    def _best_in(self, cores: Rows, outers: Rows) -> _Candidate:
        energies = self.traffic.energies(cores, outers)
        least = min(float(energy.min()) for energy in energies.values())
        tied: list[_Candidate] = []
        for orders, energy in energies.items():
            places = np.argwhere(np.broadcast_to(energy, (len(cores), len(outers))) <= least * (1 + 1e-12))
            for core, outer in places[:TIES]:
                pair = (cores[core : core + 1], outers[outer : outer + 1])
                cycles = float(self.traffic.cycles(*pair)[0, 0])
                tied.append(_Candidate(least, cycles, int(pair[0][0]), int(pair[1][0]), orders))
        return min(tied, key=lambda item: item.cycles)

    def front(self) -> list[_Candidate]:
        """Return the candidates that no other one beats in energy and cycles."""
        front: list[_Candidate] = []
        cycles_bound = np.zeros(self.space.cores)
        if not self.space.exhaustive:
            cycles_bound = self.traffic.cycles(self.cores, np.array([self.space.fitting]))[:, 0]
            front = self._extend(front, self.cores, self.outers[:1])
        left = np.argsort(self.core_bound, kind="stable")
        start = 0
        while start < len(left) and not (front and self._late()):
            count = max(1, BLOCK // len(self.outers))
            cores = left[start : start + count]
            start += count
            if front and not self.space.exhaustive:
                limit = _least_until(front, cycles_bound[cores])
                cores = cores[self.core_bound[cores] + self.outer_bound[self.outers[0]] < limit]
            if len(cores):
                front = self._extend(front, cores, self.outers)
        return front

    def _extend(self, front: list[_Candidate], cores: Rows, outers: Rows) -> list[_Candidate]:
        shape = (len(cores), len(outers))
        energies = self.traffic.energies(cores, outers)
        least = np.broadcast_to(_least(energies), shape)
        cycles = np.broadcast_to(self.traffic.cycles(cores, outers), shape)
        better = np.argwhere(least < _least_until(front, cycles))
        chosen = list(front)
        for core, outer in _undominated(least, cycles, better):
            for orders, energy in energies.items():
                if np.broadcast_to(energy, shape)[core, outer] == least[core, outer]:
                    chosen.append(
                        _Candidate(
                            float(least[core, outer]),
                            float(cycles[core, outer]),
                            int(cores[core]),
                            int(outers[outer]),
                            orders,
                        )
                    )
                    break
        kept: list[_Candidate] = []
        for item in sorted(chosen, key=lambda item: (item.cycles, item.energy)):
            if not kept or item.energy < kept[-1].energy:
                kept.append(item)
        return kept


def _least(energies: dict[Orders, Floats]) -> Floats:
    total: Floats | None = None
    for energy in energies.values():
        total = energy if total is None else np.minimum(total, energy)
    return np.zeros((1, 1)) if total is None else total


def _least_until(front: Sequence[_Candidate], cycles: Floats) -> Floats:
    """Return the least energy of the front's members that need no more than the given cycles."""
    if not front:
        return np.full(cycles.shape, np.inf)
    known = np.array([item.cycles for item in front])
    energy = np.array([np.inf, *(item.energy for item in front)])
    return energy[np.searchsorted(known, cycles, side="right")]


def _undominated(energy: Floats, cycles: Floats, places: Ints) -> list[tuple[int, int]]:
    if not len(places):
        return []
    e, c = energy[places[:, 0], places[:, 1]], cycles[places[:, 0], places[:, 1]]
    order = np.lexsort((e, c))
    lowest = np.minimum.accumulate(e[order])
    new = np.concatenate([[True], lowest[1:] < lowest[:-1]])
    return [(int(core), int(outer)) for core, outer in places[order[new]]]


def _found(space: Space, candidate: _Candidate, complete: bool) -> Found:
    return Found(
        mapping=_mapping(space, candidate),
        movement_pj=candidate.energy,
        cycles=int(candidate.cycles),
        complete=complete,
    )


def _mapping(space: Space, candidate: _Candidate) -> Mapping:
    """Write a candidate as a loop nest."""
    hierarchy = space.hierarchy
    loops: dict[str, list[Loop]] = {level.name: [] for level in hierarchy.accelerator.hierarchy}
    extents = list(space.extents)
    tiles = space.chosen(candidate.core, candidate.outer)
    for number in range(1, space.last + 1):
        axes, tile = tiles[number]
        instances = np.prod(np.array([np.ones(len(DIMS), np.int64), *axes]), axis=0)
        order = candidate.orders[number - 1] if number <= len(candidate.orders) else "outputs"
        home = loops[hierarchy.groups[number - 1].storages[-1].name]
        for dim in _loop_order(order):
            column = DIMS.index(dim)
            size = int(tile[column] * min(instances[column], space.extents[column]))
            if extents[column] > size:
                home.append(Loop(dim, size))
                extents[column] = size
        for place, (array, axis) in enumerate(zip(hierarchy.groups[number].arrays, axes, strict=True)):
            inner = np.prod(np.array([np.ones(len(DIMS), np.int64), *axes[place + 1 :]]), axis=0)
            for column, dim in enumerate(DIMS):
                size = int(tile[column] * inner[column])
                if axis[column] > 1 and extents[column] > size:
                    loops[array.name].append(Loop(dim, size, array.axis))
                    extents[column] = size
        extents = [min(extent, int(size)) for extent, size in zip(extents, tile, strict=True)]
    return Mapping(tuple((name, tuple(own)) for name, own in loops.items()), hierarchy.bypass)


def _loop_order(staying: Tensor) -> tuple[Dim, ...]:
    """Return the dimensions from the outside in so that one tensor stays during the innermost loops."""
    others: list[Dim] = [dim for tensor in TENSORS if tensor != staying for dim in IRRELEVANT[tensor]]
    return ("G", *others, *IRRELEVANT[staying])


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
