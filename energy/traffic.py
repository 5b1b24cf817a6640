"""Energy of many candidate mappings at once: every transfer between two storages as a product of tables."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mulsmith.energy.candidates import tensor_words
from mulsmith.energy.input_tables import MOVING, OUT, TAP, Floats
from mulsmith.energy.prices import Prices
from mulsmith.energy.space import Space, tensor_columns
from mulsmith.energy.workload import DIMS, RELEVANT, TENSORS, Tensor

Rows = npt.NDArray[np.intp]
Order = tuple[Tensor, ...]
"""The tensors that stay while the innermost loops of a tier run, from the inside out.

The first stays because those loops do not concern it. A second one stays where its own storage has room for
what they run over: its tile is then larger than that of the storages beside it.
"""
Orders = tuple[Order, ...]
Motion = tuple[Literal["sliding", "grown"], Tensor] | None
"""How tiles of inputs relate to the loops in time above them that leave a tensor alone; None: not at all."""
ONE, NOTHING = np.ones((1, 1)), np.zeros((1, 1))


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What moving one word of a tensor between two groups costs, by kind of count.

    Attributes:
        tensor: which tensor.
        parent, child: indices of the groups.
        per_parent, per_child: pJ per word and visit, copies counted down to the parent or the child.
        first_parent, first_child: pJ per word of the first visit alone (negative: what it does not cost).
        always: whether a word moves for every multiplication, because the multiplier holds nothing.
    """

    tensor: Tensor
    parent: int
    child: int
    per_parent: float
    per_child: float
    first_parent: float
    first_child: float
    always: bool


def transfer_steps(space: Space, prices: Prices) -> list[Step]:
    """Return the steps that every tensor takes from DRAM to the multiplier, with their prices."""
    hierarchy, conventions = space.hierarchy, space.conventions
    found: list[Step] = []
    for tensor in TENSORS:
        chain = hierarchy.chains[tensor]
        for number, (parent, storage) in enumerate(chain):
            last = number + 1 == len(chain)
            child, below = (space.last, None) if last else chain[number + 1]
            array = hierarchy.crossed(parent, child)
            hop = 0.0 if array is None else prices.hop_pj[array.name, tensor]
            read, write = prices.read_pj[storage.name, tensor], prices.write_pj[storage.name, tensor]
            enter = 0.0 if below is None else prices.fill_pj[below.name, tensor]
            if tensor != "outputs":
                always = last and conventions.operand_reads == "every_mac"
                found.append(Step(tensor, parent, child, read, enter + hop, 0.0, 0.0, always))
                continue
            first = 0.0 if conventions.accumulate_reads == "always" else -read
            if below is None:
                found.append(Step(tensor, parent, child, read + write, hop, first, 0.0, last))
                continue
            drain = prices.read_pj[below.name, tensor] if conventions.drain_reads else 0.0
            found.append(
                Step(tensor, parent, child, read + write, enter + 2 * hop + drain, first, -enter - hop, last)
            )
    return found


class Traffic:
    """Energy and cycles of the candidates of a space."""

    def __init__(self, space: Space, prices: Prices) -> None:
        self.space = space
        self.steps = transfer_steps(space, prices)
        self.fixed = space.layer.macs * prices.add_pj
        self.tiers = sorted({step.child for step in self.steps if not step.always})
        # Loops that run inside a storage cut the inputs of neighbours apart, which overlap otherwise.
        overlapping = space.conventions.multicast == "overlapping"
        self._shared: list[list[Order]] = [[]]
        self._own: list[list[Order]] = [[]]
        for outer, inner in itertools.pairwise(space.hierarchy.groups):
            shared: list[Order] = [(tensor,) for tensor in outer.stay]
            pairs: list[Order] = [
                (first, second)
                for first in outer.stay
                for second in inner.alone
                if second in outer.stay and first != second and (first == "inputs" or not overlapping)
            ]
            self._shared.append(shared)
            self._own.append(pairs or shared)

    @property
    def has_own_tiles(self) -> bool:
        """Whether some storages stand together, so that their tiles may differ."""
        return self._own != self._shared

    def energies(
        self, cores: Rows, outers: Rows, only: int | None = None, *, own_tiles: bool = False
    ) -> dict[Orders, Floats]:
        """Return order of every tier -> pJ [cores, outers].

        Args:
            cores: the unrollings and inner tiles.
            outers: the outer tiles.
            only: restricts the energy to steps into one group.
            own_tiles: let storages that stand together hold tiles of different extents.
        """
        block = _Block(self.space, cores, outers, relaxed=False)
        return self._sum(block, self._own if own_tiles else self._shared, only)

    def bounds(self, cores: Rows) -> tuple[Floats, Floats]:
        """Return what every core costs at least, in pJ [cores], with shared tiles and with own ones.

        The outer tile holds the whole layer. With own tiles every tensor stays that an order names, whether
        its storage has room or not.
        """
        block = _Block(self.space, cores, np.array([self.space.fitting]), relaxed=True)
        bounds: list[Floats] = []
        for choices in (self._shared, self._own):
            orders = [list(own) for own in choices]
            if self.space.conventions.halo == "refetch":
                # Two tensors stay in either order; tiles of inputs move least where they have grown.
                orders = [sorted(own, key=lambda order: "inputs" in order[1:]) for own in orders]
                orders = [list({frozenset(order): order for order in own}.values()) for own in orders]
            if self.space.first == 2:
                orders[1] = orders[1][:1]
            least: Floats = functools.reduce(np.minimum, self._sum(block, orders, None).values())
            bounds.append(np.broadcast_to(least, (len(cores), 1))[:, 0])
        return bounds[0], bounds[1]

    def _sum(self, block: _Block, choices: list[list[Order]], only: int | None) -> dict[Orders, Floats]:
        constant: Floats = np.full((1, 1), 0.0 if only else self.fixed)
        for step in self.steps:
            if step.always and only is None:
                constant = constant + block.always(step)
        partial: dict[Orders, Floats] = {(): constant}
        for tier in range(1, (self.tiers[-1] if only is None else only) + 1):
            grown: dict[Orders, Floats] = {}
            into = [step for step in self.steps if step.child == tier and not step.always]
            into = [step for step in into if only is None or step.child == only]
            for orders, energy in partial.items():
                for order in choices[tier]:
                    total = energy
                    for step in into:
                        total = total + block.into(step, (*orders, order))
                    grown[*orders, order] = total
            partial = grown
        return partial

    def cycles(self, cores: Rows, outers: Rows) -> Floats:
        """Return the cycles of the array [cores, outers]."""
        block = _Block(self.space, cores, outers, relaxed=False)
        return block.product(self.space.columns, self.space.last, 0, self.space.last)


class _Block:
    """Table entries of some cores and outer tiles, each gathered once.

    A relaxed one is for a lower bound: its outer tile is the whole layer, and tensors stay without asking for
    room.
    """

    def __init__(self, space: Space, cores: Rows, outers: Rows, *, relaxed: bool) -> None:
        self.space = space
        self.relaxed = relaxed
        self.shape = (len(cores), len(outers))
        self.core = {column: index[cores] for column, index in space.core_index.items()}
        self.outer = {column: index[outers] for column, index in space.outer_index.items()}
        self._known: dict[object, Floats] = {}
        self._still: dict[tuple[Tensor, int, Tensor | None], npt.NDArray[np.bool_]] = {}

    def _gather(self, table: npt.NDArray[Any], column: int) -> npt.NDArray[Any]:
        """Return the entries of a table [core values, outer values] for the block."""
        if table.shape[1] > 1:
            table = table.take(self.outer[column], axis=1)
        return table.take(self.core[column], axis=0) if table.shape[0] > 1 else table

    def product(self, columns: list[int], cut: int, copies: int, place: int) -> Floats:
        """Return the product over dimensions of the visits."""
        key = (tuple(columns), cut, copies, place)
        if key not in self._known:
            tables = [(self.space.visits(column, cut, copies, place), column) for column in columns]
            factors = [
                self._gather(table, column) for table, column in tables if table.size > 1 or table != 1
            ]
            self._known[key] = functools.reduce(np.multiply, factors) if factors else ONE
        return self._known[key]

    def words(self, tensor: Tensor, place: int, motion: Motion, *, sent: bool) -> Floats | float:
        """Return the words of all different tiles of a tensor at a group, or of what is sent to it."""
        extents = dict(zip(DIMS, self.space.extents, strict=True))
        size = float(
            math.prod(extents[dim] for dim in RELEVANT[tensor] if tensor != "inputs" or dim in "NGC")
        )
        if tensor != "inputs":
            return size
        sent = sent and self.space.conventions.multicast == "overlapping"
        key = ("inputs", place, motion, sent)
        if key not in self._known:
            self._known[key] = size * self._rows(place, motion, sent) * self._inputs(1, place, motion, sent)
        return self._known[key]

    def _rows(self, place: int, motion: Motion, sent: bool) -> Floats:
        """Return the input rows of all tiles; they slide where no loop over columns runs inside."""
        rows = self._inputs(0, place, motion, sent)
        if motion is None or motion[0] == "grown" or self.relaxed:
            return rows
        column = MOVING[motion[1]][1]
        if column not in self.space.columns:
            return rows
        inside = self._gather(self.space.still(column, place), column)
        return np.where(inside, rows, self._inputs(0, place, None, sent))

    def _inputs(self, axis: int, place: int, motion: Motion, sent: bool) -> Floats:
        tables = self.space.inputs
        if motion is None:
            table = tables.apart(axis, place, sent=sent)
        elif motion[0] == "sliding":
            table = tables.sliding(axis, place, motion[1], sent=sent)
        else:
            table = tables.grown(axis, place, motion[1])
        out, tap = OUT[axis], TAP[axis]
        zero = np.zeros(1, np.intp)

        def index(known: dict[int, Rows], column: int, size: int) -> Rows:
            return known[column] if size > 1 else zero

        outs, outer_outs, taps, outer_taps = table.shape
        chosen = table[:, index(self.outer, out, outer_outs), :, index(self.outer, tap, outer_taps)]
        rows = np.ascontiguousarray(chosen.transpose(1, 2, 0)).reshape(outs * taps, -1)
        picked: Floats = rows.take(index(self.core, out, outs) * taps + index(self.core, tap, taps), axis=0)
        return picked

    def _cost(self, step: Step, cut: int, motion: Motion = None) -> Floats:
        """Return the energy of a step whose tiles come by for every loop in time down to a group."""
        if self.relaxed and cut < self.space.first:
            cut = 0
        key = (step, cut, motion)
        if key not in self._known:
            columns = tensor_columns(step.tensor, self.space.columns, relevant=False)
            total: Floats = NOTHING
            for prices, copies, sent in (
                ((step.per_parent, step.first_parent), step.parent, True),
                ((step.per_child, step.first_child), step.child, False),
            ):
                words = self.words(step.tensor, step.child, motion, sent=sent)
                for price, depth in zip(prices, (cut, 0), strict=True):
                    if price:
                        visits = self.product(columns, depth, copies, step.child)
                        total = total + (price * words) * visits
            self._known[key] = total
        return self._known[key]

    def always(self, step: Step) -> Floats:
        """Return the energy of a step whose words move for every multiplication."""
        return self._cost(step, step.child)

    def into(self, step: Step, orders: Orders) -> Floats:
        """Return the energy of a step under the orders of the tiers above its child."""
        first, *others = orders[step.child - 1]
        past = first if step.tensor in others else None
        staying = 0 if past is None else 1
        while staying < step.child and orders[step.child - 1 - staying][0] == step.tensor:
            staying += 1
        if self.relaxed:
            # No loop runs outside an outer tile that is the whole layer.
            staying = min(staying, step.child + 1 - self.space.first)
        motion: Motion = None
        if step.tensor == "inputs" and past is not None:
            motion = ("grown", past)
        elif step.tensor == "inputs" and first != "inputs" and self.space.conventions.halo == "innermost":
            motion = ("sliding", first)
        key = ("into", step, staying, past, motion)
        if key not in self._known:
            energy = self._staying(step, step.child, staying, past, motion)
            if past is not None and not self.relaxed:
                fits = self.fits(step, past)
                energy = np.where(fits, energy, self._cost(step, step.child))
            self._known[key] = energy
        return self._known[key]

    def _staying(self, step: Step, tier: int, staying: int, past: Tensor | None, motion: Motion) -> Floats:
        if staying == 0:
            return self._cost(step, tier, motion)
        if staying == 1 or tier == 1:
            return self._cost(step, tier - 1, motion)
        if self.relaxed and past is not None:
            return self._staying(step, tier - 1, staying - 1, None, motion)
        return np.where(
            self.still(step.tensor, tier, past),
            self._staying(step, tier - 1, staying - 1, None, motion),
            self._cost(step, tier - 1, motion),
        )

    def still(self, tensor: Tensor, tier: int, past: Tensor | None) -> npt.NDArray[np.bool_]:
        """Return whether no loop in time above a group runs over a dimension of the tensor.

        Loops that do not concern the tensor ``past`` are left out: the tile holds what they run over.
        """
        key = (tensor, tier, past)
        if key not in self._still:
            total = np.ones((1, 1), np.bool_)
            for column in tensor_columns(tensor, self.space.columns, relevant=True):
                if past is None or DIMS[column] in RELEVANT[past]:
                    total = total & self._gather(self.space.still(column, tier), column)
            self._still[key] = total
        return self._still[key]

    def fits(self, step: Step, past: Tensor) -> npt.NDArray[np.bool_]:
        """Return whether a tile has room for all that loops run over that do not concern another tensor."""
        space = self.space
        storage = dict(space.hierarchy.chains[step.tensor])[step.child]
        extents = [np.ones((1, 1), np.int64)] * len(DIMS)
        for column in tensor_columns(step.tensor, space.columns, relevant=True):
            grown = DIMS[column] not in RELEVANT[past]
            extents[column] = self._gather(space.tile_extents(column, step.child, grown=grown), column)
        words = tensor_words(space.layer, step.tensor, extents, space.conventions.input_footprint)
        return words <= space.hierarchy.accelerator.capacity_words(storage, step.tensor)
