"""Energy of many candidate mappings at once: every transfer between two storages as a product of tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mulsmith.energy.prices import Prices
from mulsmith.energy.space import Floats, Space, tensor_columns
from mulsmith.energy.workload import DIMS, RELEVANT, TENSORS, Tensor

Rows = npt.NDArray[np.intp]
Orders = tuple[Tensor, ...]


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

    def energies(self, cores: Rows, outers: Rows, only: int | None = None) -> dict[Orders, Floats]:
        """Return order of every tier -> pJ [cores, outers]; ``only`` restricts it to steps into one group.

        An order is the tensor that stays while the innermost loops of the tier run.
        """
        block = _Block(self.space, cores, outers)
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
                for tensor in self.space.hierarchy.groups[tier - 1].stay:
                    total = energy
                    for step in into:
                        total = total + block.into(step, (*orders, tensor))
                    grown[*orders, tensor] = total
            partial = grown
        return partial

    def cycles(self, cores: Rows, outers: Rows) -> Floats:
        """Return the cycles of the array [cores, outers]."""
        block = _Block(self.space, cores, outers)
        return block.product(self.space.columns, self.space.last, 0, self.space.last)


class _Block:
    """Table entries of some cores and outer tiles, each gathered once."""

    def __init__(self, space: Space, cores: Rows, outers: Rows) -> None:
        self.space = space
        self.shape = (len(cores), len(outers))
        self.core = {column: index[cores] for column, index in space.core_index.items()}
        self.outer = {column: index[outers] for column, index in space.outer_index.items()}
        self._known: dict[object, Floats] = {}
        self._still: dict[tuple[Tensor, int], npt.NDArray[np.bool_]] = {}

    def _gather(self, table: npt.NDArray[Any], column: int) -> npt.NDArray[Any]:
        """Return the entries of a table [core values, outer values] for the block."""
        if table.shape[1] > 1:
            table = table.take(self.outer[column], axis=1)
        return table.take(self.core[column], axis=0) if table.shape[0] > 1 else table

    def product(self, columns: list[int], cut: int, copies: int, place: int) -> Floats:
        """Return the product over dimensions of the visits."""
        key = (tuple(columns), cut, copies, place)
        if key not in self._known:
            total: Floats = np.ones((1, 1))
            for column in columns:
                table = self.space.visits(column, cut, copies, place)
                if table.size > 1:
                    total = total * self._gather(table, column)
                elif table[0, 0] != 1:
                    total = total * table
            self._known[key] = total
        return self._known[key]

    def words(self, tensor: Tensor, place: int, *, sent: bool) -> Floats:
        """Return the words of all different tiles of a tensor at a group, or of what is sent to it."""
        extents = dict(zip(DIMS, self.space.extents, strict=True))
        size = 1.0
        for dim in RELEVANT[tensor]:
            size *= extents[dim] if tensor != "inputs" or dim in "NGC" else 1
        if tensor != "inputs":
            return np.full((1, 1), size)
        sent = sent and self.space.conventions.multicast == "overlapping"
        key = ("inputs", place, sent)
        if key not in self._known:
            rows, columns = self._inputs(4, 6, 0, place, sent), self._inputs(5, 7, 1, place, sent)
            self._known[key] = size * rows * columns
        return self._known[key]

    def _inputs(self, out: int, tap: int, axis: int, place: int, sent: bool) -> Floats:
        table = self.space.input_words(out, tap, axis, place, sent)
        zero = np.zeros(1, np.intp)

        def index(known: dict[int, Rows], column: int, size: int) -> Rows:
            return known[column] if size > 1 else zero

        outs, outer_outs, taps, outer_taps = table.shape
        chosen = table[:, index(self.outer, out, outer_outs), :, index(self.outer, tap, outer_taps)]
        rows = np.ascontiguousarray(chosen.transpose(1, 2, 0)).reshape(outs * taps, -1)
        picked: Floats = rows.take(index(self.core, out, outs) * taps + index(self.core, tap, taps), axis=0)
        return picked

    def _cost(self, step: Step, cut: int) -> Floats:
        """Return the energy of a step whose tiles come by for every loop in time down to a group."""
        key = (step, cut)
        if key not in self._known:
            columns = tensor_columns(step.tensor, self.space.columns, relevant=False)
            total: Floats = np.zeros((1, 1))
            for prices, copies, sent in (
                ((step.per_parent, step.first_parent), step.parent, True),
                ((step.per_child, step.first_child), step.child, False),
            ):
                visits: Floats = np.zeros((1, 1))
                for price, depth in zip(prices, (cut, 0), strict=True):
                    if price:
                        visits = visits + price * self.product(columns, depth, copies, step.child)
                if any(prices):
                    total = total + visits * self.words(step.tensor, step.child, sent=sent)
            self._known[key] = total
        return self._known[key]

    def always(self, step: Step) -> Floats:
        """Return the energy of a step whose words move for every multiplication."""
        return self._cost(step, step.child)

    def into(self, step: Step, orders: Orders) -> Floats:
        """Return the energy of a step under the orders of the tiers above its child."""
        staying = 0
        while staying < step.child and orders[step.child - 1 - staying] == step.tensor:
            staying += 1
        key = ("into", step, staying)
        if key not in self._known:
            self._known[key] = self._staying(step, step.child, staying)
        return self._known[key]

    def _staying(self, step: Step, tier: int, staying: int) -> Floats:
        if staying == 0:
            return self._cost(step, tier)
        if staying == 1 or tier == 1:
            return self._cost(step, tier - 1)
        return np.where(
            self.still(step.tensor, tier),
            self._staying(step, tier - 1, staying - 1),
            self._cost(step, tier - 1),
        )

    def still(self, tensor: Tensor, tier: int) -> npt.NDArray[np.bool_]:
        """Return whether no loop in time above a group runs over a dimension of the tensor."""
        if (tensor, tier) not in self._still:
            total = np.ones((1, 1), np.bool_)
            for column in tensor_columns(tensor, self.space.columns, relevant=True):
                table = self.space.still(column, tier)
                total = total & self._gather(table, column)
            self._still[tensor, tier] = total
        return self._still[tensor, tier]
