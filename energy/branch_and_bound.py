"""Branch and bound over the candidates of a search space.

A core is bounded from below by what it costs if the shared buffer held the whole layer, an outer tile by what
it alone moves; pairs that cannot win are never looked at.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mulsmith.energy.candidates import Ints
from mulsmith.energy.input_tables import Floats
from mulsmith.energy.prices import Prices
from mulsmith.energy.space import Space
from mulsmith.energy.traffic import Orders, Rows, Traffic

FIRST_CORES, FIRST_OUTERS = 256, 32
OWN_CORES = 4096
BLOCK = 1 << 15
TIES = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate: what it costs, where it stands in the space, and the order of its tiers."""

    energy: float
    cycles: float
    core: int
    outer: int
    orders: Orders


class Search:
    """Branch and bound over cores and outer tiles.

    Args:
        space: the candidates.
        prices: energy per action.
        deadline: when to stop, in seconds of the monotonic clock.
        own_tiles: whether storages that stand together may hold tiles of different extents.
    """

    def __init__(
        self, space: Space, prices: Prices, deadline: float | None, *, own_tiles: bool = True
    ) -> None:
        self.space = space
        self.traffic = Traffic(space, prices)
        self.deadline = deadline
        self.complete = space.complete
        self.own_tiles = own_tiles and self.traffic.has_own_tiles
        self.cores = np.arange(space.cores)
        self.outers = np.arange(space.fitting)
        self.core_bound: Floats = np.full(space.cores, -np.inf)
        self.own_bound = self.core_bound
        self.outer_bound: Floats = np.zeros(space.fitting)
        if not space.exhaustive:
            self._bound()

    def _bound(self) -> None:
        """Bound every core from below, and what every outer tile costs beyond that."""
        self.core_bound, self.own_bound = self.traffic.bounds(self.cores)
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

    def least_energy(self) -> Candidate:
        """Return the candidate of least energy; among equals the one with fewest cycles."""
        first = self.cores
        if len(first) > FIRST_CORES:
            first = np.argpartition(self.core_bound, FIRST_CORES)[:FIRST_CORES]
        best = self._best_in(first, self.outers[:FIRST_OUTERS], own_tiles=False)
        best = self._best_of(self._hopeful(best.energy, self.core_bound), best, own_tiles=False)
        if self.own_tiles:
            hopeful = self._hopeful(best.energy, self.own_bound)
            best = self._best_of(hopeful[: self._own_limit], best, own_tiles=True)
        return best

    @property
    def _own_limit(self) -> int:
        """How many cores are tried with own tiles, those of lowest bound first."""
        return self.space.cores if self.space.exhaustive else OWN_CORES

    def _best_of(self, left: Rows, best: Candidate, *, own_tiles: bool) -> Candidate:
        """Return the best of a candidate and those of some cores, which come by rising bound."""
        core_bound = self.own_bound if own_tiles else self.core_bound
        start = 0
        while start < len(left) and not self._late():
            bound = core_bound[left[start]] + self.outer_bound[self.outers]
            outers = self.outers[bound < best.energy]
            if not len(outers):
                break
            count = max(1, BLOCK // len(outers))
            cores = left[start : start + count]
            cores = cores[core_bound[cores] + self.outer_bound[outers[0]] < best.energy]
            start += count
            if len(cores):
                candidate = self._best_in(cores, outers, own_tiles=own_tiles)
                best = min(best, candidate, key=lambda item: (item.energy, item.cycles))
        return best

    def _hopeful(self, energy: float, core_bound: Floats) -> Rows:
        """Return the cores that may need less than an energy, those of lowest bound first."""
        left = np.flatnonzero(core_bound + self.outer_bound[self.outers[0]] < energy)
        return left[np.argsort(core_bound[left], kind="stable")]

    def _best_in(self, cores: Rows, outers: Rows, *, own_tiles: bool) -> Candidate:
        energies = self.traffic.energies(cores, outers, own_tiles=own_tiles)
        lowest = {orders: float(energy.min()) for orders, energy in energies.items()}
        least = min(lowest.values())
        places: list[tuple[int, int, Orders]] = []
        for orders, energy in energies.items():
            if lowest[orders] > least * (1 + 1e-12):
                continue
            full = np.broadcast_to(energy, (len(cores), len(outers)))
            tied = np.argwhere(full <= least * (1 + 1e-12))[:TIES]
            places += [(int(core), int(outer), orders) for core, outer in tied]
        rows = sorted({core for core, _, _ in places})
        columns = sorted({outer for _, outer, _ in places})
        block = self.traffic.cycles(cores[rows], outers[columns])
        cycles = np.broadcast_to(block, (len(rows), len(columns)))
        tied_candidates = [
            Candidate(
                least,
                float(cycles[rows.index(core), columns.index(outer)]),
                int(cores[core]),
                int(outers[outer]),
                orders,
            )
            for core, outer, orders in places
        ]
        return min(tied_candidates, key=lambda item: item.cycles)

    def front(self) -> list[Candidate]:
        """Return the candidates that no other one beats in energy and cycles."""
        front: list[Candidate] = []
        cycles_bound = np.zeros(self.space.cores)
        if not self.space.exhaustive:
            cycles_bound = self.traffic.cycles(self.cores, np.array([self.space.fitting]))[:, 0]
            front = self._extend(front, self.cores, self.outers[:1], own_tiles=False)
        left = np.argsort(self.core_bound, kind="stable")
        front = self._extend_by(front, left, self.core_bound, cycles_bound, own_tiles=False)
        if self.own_tiles:
            left = np.argsort(self.own_bound, kind="stable")[: self._own_limit]
            front = self._extend_by(front, left, self.own_bound, cycles_bound, own_tiles=True)
        return front

    def _extend_by(
        self, front: list[Candidate], left: Rows, bound: Floats, cycles_bound: Floats, *, own_tiles: bool
    ) -> list[Candidate]:
        """Return a front with the candidates of some cores, which come by rising bound."""
        start = 0
        while start < len(left) and not (front and self._late()):
            count = max(1, BLOCK // len(self.outers))
            cores = left[start : start + count]
            start += count
            if front and not self.space.exhaustive:
                limit = _least_until(front, cycles_bound[cores])
                cores = cores[bound[cores] + self.outer_bound[self.outers[0]] < limit]
            if len(cores):
                front = self._extend(front, cores, self.outers, own_tiles=own_tiles)
        return front

    def _extend(
        self, front: list[Candidate], cores: Rows, outers: Rows, *, own_tiles: bool
    ) -> list[Candidate]:
        shape = (len(cores), len(outers))
        energies = self.traffic.energies(cores, outers, own_tiles=own_tiles)
        least = np.broadcast_to(_least(energies), shape)
        cycles = np.broadcast_to(self.traffic.cycles(cores, outers), shape)
        better = np.argwhere(least < _least_until(front, cycles))
        chosen = list(front)
        for core, outer in _undominated(least, cycles, better):
            for orders, energy in energies.items():
                if np.broadcast_to(energy, shape)[core, outer] == least[core, outer]:
                    chosen.append(
                        Candidate(
                            float(least[core, outer]),
                            float(cycles[core, outer]),
                            int(cores[core]),
                            int(outers[outer]),
                            orders,
                        )
                    )
                    break
        kept: list[Candidate] = []
        for item in sorted(chosen, key=lambda item: (item.cycles, item.energy)):
            if not kept or item.energy < kept[-1].energy:
                kept.append(item)
        return kept


def _least(energies: dict[Orders, Floats]) -> Floats:
    total: Floats | None = None
    for energy in energies.values():
        total = energy if total is None else np.minimum(total, energy)
    return np.zeros((1, 1)) if total is None else total


def _least_until(front: Sequence[Candidate], cycles: Floats) -> Floats:
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
