"""Count what one mapping of one layer makes every level of an accelerator do.

The loops of different dimensions are independent, so a count is a product over dimensions of how many tiles,
how many words or how many steps each has; partial last tiles are counted as they are, not as full ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mulsmith.energy.accelerator import Accelerator, Array, Storage
from mulsmith.energy.conventions import DEFAULT, Conventions
from mulsmith.energy.mapping import Loop, Mapping
from mulsmith.energy.tiles import shared_rows, steps, tile_counts, used_instances, visits
from mulsmith.energy.workload import DIMS, RELEVANT, TENSORS, Dim, Layer, Tensor, input_extent, tile_words
from mulsmith.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Access:
    """What happens to one tensor in one storage, summed over all its instances, in words.

    Attributes:
        storage, tensor: which.
        reads: words read for the level below (or for the multiplier), partial sums read back among them.
        fills: words written when they come from the level above.
        updates: words written when they come from the level below (results and partial sums).
        reductions: updates that add to a partial sum of an earlier step.
        instances: instances in use.
        tile_words: words of the largest tile in one instance.
        partition_words: words of the tensor that belong to one instance over the whole run.
    """

    storage: str
    tensor: Tensor
    reads: int
    fills: int
    updates: int
    reductions: int
    instances: int
    tile_words: int
    partition_words: int

    @property
    def addresses(self) -> int:
        """Addresses generated: a partial sum is read and written back under one address."""
        return self.fills + self.updates if self.tensor == "outputs" else self.fills + self.reads


@dataclass(frozen=True, slots=True)
class Transfer:
    """Words of one tensor that cross an axis of the PE array, counted where they arrive or leave.

    Attributes:
        array: the innermost axis that they cross.
        tensor: which tensor.
        words: how many, multicast copies and partial sums on their way included.
    """

    array: str
    tensor: Tensor
    words: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Action counts of one layer under one mapping.

    Attributes:
        macs: multiplications.
        cycles: steps of the array, all PEs in lockstep.
        latency_cycles: ``cycles``, or what the slowest port or network needs where that is more.
        bound_by: the storage or array whose port or network sets it; None when the multipliers do.
        pes_used: PEs that work at all.
        utilisation: multiplications / (cycles x PEs of the accelerator).
        accesses: per storage and kept tensor, outermost first.
        transfers: per crossing of the array and tensor.
    """

    macs: int
    cycles: int
    latency_cycles: int
    bound_by: str | None
    pes_used: int
    utilisation: float
    accesses: tuple[Access, ...]
    transfers: tuple[Transfer, ...]

    def access(self, storage: str, tensor: Tensor) -> Access:
        """Return the counts of one tensor in one storage."""
        for access in self.accesses:
            if (access.storage, access.tensor) == (storage, tensor):
                return access
        raise ConfigError(f"{storage} does not keep {tensor}")


def evaluate(
    accelerator: Accelerator, layer: Layer, mapping: Mapping, conventions: Conventions = DEFAULT
) -> Counts:
    """Return the action counts of a layer under a mapping.

    Raises:
        ConfigError: the mapping does not cover the layer, uses too many PEs or overflows a storage.
    """
    mapping.check(accelerator, layer)
    nest = _Nest(accelerator, layer, mapping, conventions)
    for storage in accelerator.storages:
        nest.check_capacity(storage)
    accesses: list[Access] = []
    transfers: list[Transfer] = []
    for tensor in TENSORS:
        chain = [storage for storage in accelerator.storages if tensor in mapping.keeps(storage)]
        for number, storage in enumerate(chain):
            below = chain[number + 1] if number + 1 < len(chain) else None
            accesses.append(nest.access(tensor, storage, below))
            transfers += nest.transfers(tensor, storage, below)
    order = {storage.name: number for number, storage in enumerate(accelerator.storages)}
    accesses.sort(key=lambda access: order[access.storage])
    cycles = math.prod(steps(nest.extents[dim], nest.along(dim, len(nest.loops))) for dim in DIMS)
    latency, bound_by = _latency(accelerator, accesses, transfers, cycles)
    return Counts(
        macs=layer.macs,
        cycles=cycles,
        latency_cycles=latency,
        bound_by=bound_by,
        pes_used=nest.instances(len(nest.loops), DIMS),
        utilisation=layer.macs / (cycles * accelerator.pes),
        accesses=tuple(accesses),
        transfers=tuple(transfers),
    )


class _Nest:
    """The loops of a mapping as one list, with the place in it where each level begins."""

    def __init__(
        self, accelerator: Accelerator, layer: Layer, mapping: Mapping, conventions: Conventions
    ) -> None:
        self.accelerator = accelerator
        self.layer = layer
        self.mapping = mapping
        self.conventions = conventions
        self.extents = layer.extents
        extents = dict(self.extents)
        self.loops: list[Loop] = []
        self.start: dict[str, int] = {}
        self._stay: list[tuple[Tensor, ...]] = []
        for (name, loops), level in zip(mapping.loops, mapping.levels(accelerator), strict=True):
            self.start[name] = len(self.loops)
            for loop in loops:
                if extents[loop.dim] > loop.tile:
                    self.loops.append(loop)
                    self._stay.append(level.stay if isinstance(level, Storage) else TENSORS)
                    extents[loop.dim] = loop.tile
        self._along: dict[Dim, list[tuple[int, Loop]]] = {dim: [] for dim in DIMS}
        for number, loop in enumerate(self.loops):
            self._along[loop.dim].append((number, loop))

    def along(self, dim: Dim, end: int) -> list[Loop]:
        """Return the loops over one dimension before a place."""
        return [loop for number, loop in self._along[dim] if number < end]

    def instances(self, place: int, dims: Iterable[Dim]) -> int:
        """Return how many instances the loops over some dimensions before a place spread over."""
        return math.prod(used_instances(self.extents[dim], self.along(dim, place)) for dim in dims)

    def tile(self, place: int) -> dict[Dim, int]:
        """Return the extents of the largest tile at a place."""
        tile = dict(self.extents)
        for loop in self.loops[:place]:
            tile[loop.dim] = min(tile[loop.dim], loop.tile)
        return tile

    def check_capacity(self, storage: Storage) -> None:
        """Raise ConfigError when the tiles of the kept tensors do not fit."""
        if storage.bytes is None:
            return
        tile = self.tile(self.start[storage.name])
        available = storage.bytes * 8 // storage.width_bits // storage.buffers
        needed = 0
        for tensor in self.mapping.keeps(storage):
            words = tile_words(self.layer, tensor, tile, self.conventions.input_footprint)
            needed += -(-words // self.accelerator.block(storage, tensor))
        if needed > available:
            raise ConfigError(
                f"{storage.name} has {available} rows of {storage.width_bits} bits, "
                f"but the mapping of {self.layer.name} needs {needed}"
            )

    def access(self, tensor: Tensor, storage: Storage, below: Storage | None) -> Access:
        """Count one tensor in one storage."""
        place = self.start[storage.name]
        backing = storage is self.accelerator.storages[0]
        inner = len(self.loops) if below is None else self.start[below.name]
        held = below is not None or (self.conventions.operand_reads == "held" and tensor != "outputs")
        moved = self._words(tensor, inner, copies_above=place, held=held, sent_from=storage)
        arriving = 0 if backing else self._words(tensor, place, copies_above=place, held=True)
        reads = fills = updates = reductions = 0
        if tensor == "outputs":
            first = self._words(tensor, inner, copies_above=place, held=True, once=True)
            updates, reductions = moved, moved - first
            reads = moved if self.conventions.accumulate_reads == "always" else reductions
            if not backing:
                fills = arriving - self._words(tensor, place, copies_above=place, held=True, once=True)
                reads += arriving if self.conventions.drain_reads else 0
        else:
            reads, fills = moved, arriving
        tile = self.tile(place)
        spread = {dim: used_instances(self.extents[dim], self.along(dim, place)) for dim in DIMS}
        footprint = self.conventions.input_footprint
        return Access(
            storage=storage.name,
            tensor=tensor,
            reads=reads,
            fills=fills,
            updates=updates,
            reductions=reductions,
            instances=math.prod(spread.values()),
            tile_words=tile_words(self.layer, tensor, tile, footprint),
            partition_words=self.layer.words(tensor, footprint)
            // tile_words(self.layer, tensor, spread, footprint),
        )

    def transfers(self, tensor: Tensor, storage: Storage, below: Storage | None) -> list[Transfer]:
        """Count the words of one tensor that cross the array between two storages."""
        names = [level.name for level in self.accelerator.hierarchy]
        end = len(names) if below is None else names.index(below.name)
        crossed = [
            level
            for level in self.accelerator.hierarchy[names.index(storage.name) + 1 : end]
            if isinstance(level, Array)
        ]
        if not crossed:
            return []
        place = len(self.loops) if below is None else self.start[below.name]
        words = self._words(tensor, place, copies_above=place, held=below is not None)
        if tensor == "outputs" and below is not None:
            words = 2 * words - self._words(tensor, place, copies_above=place, held=True, once=True)
        return [Transfer(crossed[-1].name, tensor, words)]

    def _words(
        self,
        tensor: Tensor,
        place: int,
        *,
        copies_above: int,
        held: bool,
        once: bool = False,
        sent_from: Storage | None = None,
    ) -> int:
        """Return the words of a tensor that pass a place.

        Copies for instances of loops that do not concern the tensor count when these loops stand before
        ``copies_above``. With ``held`` a tile stays while only loops run that do not concern it; with
        ``once`` every tile counts for its first visit only. What a storage sends to overlapping tiles of
        neighbours at once counts once where the conventions say so.
        """
        relevant = RELEVANT[tensor]
        cut = 0 if once else place
        while held and cut and self._passes(tensor, cut - 1):
            cut -= 1
        words = self._distinct_words(tensor, self._sent_at(tensor, place, sent_from, held=held))
        for dim in DIMS:
            if dim not in relevant and self._along[dim]:
                counted = [
                    (loop.tile, number < (cut if loop.axis is None else copies_above))
                    for number, loop in self._along[dim]
                    if number < place
                ]
                words *= visits(self.extents[dim], counted)
        return words

    def _passes(self, tensor: Tensor, number: int) -> bool:
        """Return whether a tile of a tensor stays while a loop runs."""
        loop = self.loops[number]
        if loop.axis is not None:
            return True
        return loop.dim not in RELEVANT[tensor] and tensor in self._stay[number]

    def _sent_at(self, tensor: Tensor, place: int, sent_from: Storage | None, *, held: bool) -> int:
        """Return the place above the instances that a storage's words are sent to at once.

        With ``held`` a tile is sent before the loops in time during which it stays.
        """
        if sent_from is None or self.conventions.multicast == "aligned":
            return place
        first = place
        while first > self.start[sent_from.name] and (
            self._passes(tensor, first - 1) if held else self.loops[first - 1].axis is not None
        ):
            first -= 1
        return first

    def _distinct_words(self, tensor: Tensor, place: int) -> int:
        """Return the words of all tiles at a place, overlapping ones as often as they overlap."""
        extents = self.extents
        if tensor == "weights":
            return math.prod(extents[dim] for dim in RELEVANT[tensor])
        if tensor == "outputs":
            return math.prod(extents[dim] for dim in RELEVANT[tensor])
        rows = self._input_extent(place, "P", "R", 0)
        columns = self._input_extent(place, "Q", "S", 1)
        return extents["N"] * extents["G"] * extents["C"] * rows * columns

    def _input_extent(self, place: int, out: Dim, tap: Dim, axis: int) -> int:
        """Return the input rows (or columns) of all tiles at a place."""
        conventions, layer = self.conventions, self.layer
        stride, dilation = layer.stride[axis], layer.dilation[axis]

        def total(end: int) -> int:
            outs = tile_counts(self.extents[out], self.along(out, end))
            taps = tile_counts(self.extents[tap], self.along(tap, end))
            return sum(
                n * m * input_extent(p, r, stride, dilation, conventions.input_footprint)
                for p, n in outs.items()
                for r, m in taps.items()
            )

        words = total(place)
        if conventions.halo == "innermost" and place > 0:
            words = min(words, total(shared_rows(self.loops, place, (out, tap))))
        return words


def _latency(
    accelerator: Accelerator, accesses: list[Access], transfers: list[Transfer], cycles: int
) -> tuple[int, str | None]:
    """Return the cycles of the multipliers, or of the port or network that needs more, and its name."""
    slowest: tuple[int, str | None] = (cycles, None)
    instances = 1
    for level in accelerator.hierarchy:
        if isinstance(level, Array):
            crossing = sum(transfer.words for transfer in transfers if transfer.array == level.name)
            limits = [(crossing, level.bandwidth)]
        else:
            own = [access for access in accesses if access.storage == level.name]
            instances = max((access.instances for access in own), default=instances)
            read = sum(access.reads for access in own)
            written = sum(access.fills + access.updates for access in own)
            limits = [(read, level.read_bandwidth), (written, level.write_bandwidth)]
        for words, bandwidth in limits:
            if bandwidth is not None and math.ceil(words / instances / bandwidth) > slowest[0]:
                slowest = math.ceil(words / instances / bandwidth), level.name
    return slowest
