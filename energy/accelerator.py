"""Accelerators: a chain of storages and PE-array axes from DRAM down to the multiplier."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from mulsmith.energy.documents import FaultError, Strict, builtin_names, builtin_or_file
from mulsmith.energy.workload import TENSORS, Dim, Tensor

StorageKind = Literal["dram", "sram", "regfile", "register"]
Positive = Annotated[int, Field(ge=1, le=1 << 40)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_\-]{0,63}$")]
Bits = Annotated[int, Field(ge=1, le=64)]


class Storage(Strict):
    """A memory: what it keeps, how much, and how wide its port is.

    Attributes:
        storage: its name, which energy tables may refer to.
        kind: the class of memory that energy tables price.
        bytes: capacity of one instance; None (DRAM only) means unlimited.
        width_bits: width of one access; narrower words are packed into it.
        banks: equal parts of which an access uses one; tables price the part's size.
        keep: tensors it holds; the others bypass it.
        may_bypass: those of ``keep`` that a mapping may lead past it.
        bits: word widths that differ here from the accelerator's.
        buffers: 2 when double-buffered, which halves what a tile may take.
        read_bandwidth, write_bandwidth: words per cycle; None means that the port never limits.
        loops: dimensions that may be tiled in it; None means all.
        stay: tensors that may stay below while loops in time at this level run that do not concern them;
            the others are sent again for every iteration, as a fixed dataflow does.
        inside: name of the level above; the previous entry when left out.
    """

    storage: Identifier
    kind: StorageKind
    bytes: Positive | None = None
    width_bits: Annotated[int, Field(ge=1, le=1 << 20)]
    banks: Annotated[int, Field(ge=1, le=1 << 16)] = 1
    keep: tuple[Tensor, ...] = TENSORS
    may_bypass: tuple[Tensor, ...] = ()
    bits: dict[Tensor, Bits] = Field(default_factory=dict)
    buffers: Annotated[int, Field(ge=1, le=4)] = 1
    read_bandwidth: Annotated[float, Field(gt=0)] | None = None
    write_bandwidth: Annotated[float, Field(gt=0)] | None = None
    loops: tuple[Dim, ...] | None = None
    stay: Annotated[tuple[Tensor, ...], Field(min_length=1)] = TENSORS
    inside: Identifier | None = None

    @property
    def name(self) -> str:
        """Name of the level."""
        return self.storage

    @model_validator(mode="after")
    def _consistent(self) -> Storage:
        if self.bytes is None and self.kind != "dram":
            raise ValueError(f"{self.storage} is a {self.kind} and needs its size in bytes")
        if not self.keep or len(set(self.keep)) != len(self.keep):
            raise ValueError(f"{self.storage} must keep one tensor or more, each once")
        if not set(self.may_bypass) <= set(self.keep):
            raise ValueError(f"{self.storage} keeps not all of what may bypass it")
        return self


class Array(Strict):
    """One axis of an array of identical instances of everything below it.

    Attributes:
        array: its name.
        size: how many instances stand along this axis.
        axis: X or Y, for loop nests and pictures.
        dims: dimensions that may be unrolled along it; None means all.
        max_dims: how many of them at once.
        whole: dimensions that must be unrolled as far as the axis allows (row-stationary dataflows).
        bandwidth: words per cycle that the network on it moves to and from the storage outside; axes that
            follow one another have one network, the innermost one's. None means that it never limits.
        inside: name of the level above; the previous entry when left out.
    """

    array: Identifier
    size: Annotated[int, Field(ge=1, le=1 << 16)]
    axis: Literal["X", "Y"] = "X"
    dims: tuple[Dim, ...] | None = None
    max_dims: Annotated[int, Field(ge=1, le=8)] = 2
    whole: tuple[Dim, ...] = ()
    bandwidth: Annotated[float, Field(gt=0)] | None = None
    inside: Identifier | None = None

    @property
    def name(self) -> str:
        """Name of the level."""
        return self.array


def _level_tag(value: Any) -> str:
    holds = value if isinstance(value, dict) else value.model_dump()
    return "array level" if "array" in holds else "storage level"


Level = Annotated[
    Annotated[Storage, Tag("storage level")] | Annotated[Array, Tag("array level")],
    Discriminator(_level_tag),
]


class Compute(Strict):
    """The multiply-accumulate unit of one PE.

    Attributes:
        name: its name.
        adder_bits: width of the accumulating adder.
    """

    name: Identifier = "mac"
    adder_bits: Bits = 16


class PeKinds(Strict):
    """What it costs that different layers use different multipliers.

    Attributes:
        arrangement: ``tiles`` gives every multiplier its own array (ALWANN); ``side_by_side`` puts all of
            them into every PE.
        power_gated: whether multipliers that a layer does not use leak nothing.
    """

    arrangement: Literal["tiles", "side_by_side"] = "tiles"
    power_gated: bool = False


class Accelerator(Strict):
    """An accelerator.

    Attributes:
        name: its name.
        source: publication or document that the figures are from.
        clock_mhz: clock of the array.
        technology_nm: node that the design is stated for, if any.
        idle_mw: power drawn all the time, beside the actions.
        bits: word width per tensor.
        hierarchy: levels, outermost (DRAM) first.
        compute: the multiply-accumulate unit.
        pe_kinds: how several multipliers share the accelerator.
    """

    name: Identifier
    source: str
    clock_mhz: Annotated[float, Field(gt=0)]
    technology_nm: Annotated[float, Field(gt=0)] | None = None
    idle_mw: Annotated[float, Field(ge=0)] = 0.0
    bits: dict[Tensor, Bits]
    hierarchy: Annotated[tuple[Level, ...], Field(min_length=1)]
    compute: Compute = Compute()
    pe_kinds: PeKinds = PeKinds()

    @model_validator(mode="before")
    @classmethod
    def _ordered(cls, data: Any) -> Any:
        """Sort the levels by ``inside``, so that the chain is written from DRAM to the multiplier."""
        if not isinstance(data, dict) or not isinstance(data.get("hierarchy"), list):
            return data
        return {**data, "hierarchy": _chain(data["hierarchy"])}

    @model_validator(mode="after")
    def _consistent(self) -> Accelerator:
        if set(self.bits) != set(TENSORS):
            raise FaultError(f"bits must name {', '.join(TENSORS)}", "bits")
        names = [level.name for level in self.hierarchy] + [self.compute.name]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise FaultError(f"two levels are named {name}", "hierarchy", number)
        backing = self.hierarchy[0]
        if not isinstance(backing, Storage) or set(backing.keep) != set(TENSORS) or backing.bytes is not None:
            raise FaultError(
                "the outermost level must be a storage without size limit that keeps every tensor",
                "hierarchy",
                0,
            )
        for number, storage in enumerate(self.hierarchy):
            if isinstance(storage, Storage) and number > 0:
                self._check_storage(storage, ("hierarchy", number))
        return self

    def _check_storage(self, storage: Storage, place: tuple[str | int, ...]) -> None:
        if storage.bytes is None:
            raise FaultError(f"{storage.name} needs its size in bytes: only DRAM is unlimited", *place)
        for tensor in storage.keep:
            if self.word_bits(storage, tensor) > storage.width_bits:
                raise FaultError(f"a word of {tensor} is wider than the port of {storage.name}", *place)
            if self.capacity_words(storage, tensor) < 1:
                raise FaultError(f"{storage.name} is too small for one word of {tensor}", *place)

    def __hash__(self) -> int:
        return hash((self.name, self.clock_mhz, len(self.hierarchy)))

    @property
    def storages(self) -> tuple[Storage, ...]:
        """Storages, outermost first."""
        return tuple(level for level in self.hierarchy if isinstance(level, Storage))

    @property
    def arrays(self) -> tuple[Array, ...]:
        """Axes of the PE array, outermost first."""
        return tuple(level for level in self.hierarchy if isinstance(level, Array))

    @property
    def pes(self) -> int:
        """Multipliers of the whole accelerator."""
        return math.prod(array.size for array in self.arrays)

    def instances(self, storage: Storage) -> int:
        """Return how many instances of a storage there are."""
        above = self.hierarchy[: self.hierarchy.index(storage)]
        return math.prod(level.size for level in above if isinstance(level, Array))

    def word_bits(self, storage: Storage, tensor: Tensor) -> int:
        """Return the width of a word of a tensor in a storage."""
        return storage.bits.get(tensor, self.bits[tensor])

    def block(self, storage: Storage, tensor: Tensor) -> int:
        """Return how many words of a tensor one access of a storage moves."""
        return max(1, storage.width_bits // self.word_bits(storage, tensor))

    def capacity_words(self, storage: Storage, tensor: Tensor) -> int:
        """Return how many words of a tensor fit if it had the storage alone, packed into rows."""
        if storage.bytes is None:
            return 1 << 62
        rows = storage.bytes * 8 // storage.width_bits // storage.buffers
        return rows * self.block(storage, tensor)

    @classmethod
    def load(cls, name: str | Path) -> Accelerator:
        """Return a shipped accelerator by name, or the one in a YAML file.

        Raises:
            ConfigError: no such accelerator, or the document is wrong.
        """
        return builtin_or_file(cls, "accelerators", "accelerator", name)


def accelerator_names() -> list[str]:
    """Return the names of the shipped accelerators."""
    return builtin_names("accelerators")


def _chain(levels: list[Any]) -> list[Any]:
    """Return the levels so that each stands directly inside the previous one."""
    if not any(isinstance(level, dict) and level.get("inside") for level in levels):
        return levels
    names = [_name(level) for level in levels]
    above: dict[str, str] = {}
    for number, level in enumerate(levels):
        outer = level.get("inside") if isinstance(level, dict) else None
        if outer is None and number == 0:
            continue
        outer = outer or names[number - 1]
        if outer not in names:
            raise FaultError(
                f"{names[number]} is inside {outer}, which is no level here", "hierarchy", number
            )
        if outer in above.values():
            raise FaultError(f"a second level is directly inside {outer}: no chain", "hierarchy", number)
        above[names[number]] = outer
    roots = [name for name in names if name not in above]
    below = {outer: inner for inner, outer in above.items()}
    order = roots[:1]
    while order and order[-1] in below:
        order.append(below[order[-1]])
    if len(order) != len(names):
        lost = [name for name in names if name not in order]
        raise FaultError(
            f"the hierarchy has a cycle among {', '.join(lost)}", "hierarchy", names.index(lost[0])
        )
    return [levels[names.index(name)] for name in order]


def _name(level: Any) -> str:
    if not isinstance(level, dict):
        raise ValueError("every level of the hierarchy is a mapping")
    return str(level.get("storage", level.get("array", "")))
