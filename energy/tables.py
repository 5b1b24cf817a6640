"""Energy tables: named numbers with their source, and the prices that they give an accelerator.

A table never answers for what it does not cover: sizes are interpolated between two entries of a class, not
extrapolated, and a missing entry is an error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mulsmith.energy.accelerator import Accelerator, Storage
from mulsmith.energy.documents import Strict, builtin_names, builtin_or_file
from mulsmith.energy.prices import Prices, Standing
from mulsmith.energy.workload import TENSORS, Tensor
from mulsmith.errors import ConfigError

Action = Literal["read", "write", "fill", "hop", "add", "multiply"]
PJ = Annotated[float, Field(ge=0, le=1e9)]


class Entry(Strict):
    """Energy of one action.

    Attributes:
        match: name of a level of the accelerator, or a class (``dram``, ``sram``, ``regfile``, ``register``,
            ``noc`` or ``noc.TENSOR``, ``adder``, ``multiplier``); names go before classes.
        action: what is done; ``fill`` is a write of what comes from the level above, for tables that price
            it otherwise than ``write``.
        pj: its energy; in multiples of the table's unit where it has one.
        per_bits: width that ``pj`` is for; other widths scale. None means per word, whatever its width.
        bytes: size of the memory that the number holds for; None means any.
        technology_nm: the number's node.
        source: where the number is from.
    """

    match: str
    action: Action
    pj: PJ
    per_bits: Annotated[int, Field(ge=1, le=4096)] | None = None
    bytes: Annotated[int, Field(ge=1, le=1 << 40)] | None = None
    technology_nm: Annotated[float, Field(gt=0)] | None = None
    source: str


class StandingEntry(Strict):
    """Area and leakage of one instance of a storage.

    Attributes:
        match: name of a storage of the accelerator, or a class of storages.
        bytes: size that the numbers hold for; nothing is interpolated. None means any.
        area_um2: area.
        leakage_mw: leakage.
        technology_nm: the numbers' node.
        source: where they are from.
    """

    match: str
    bytes: Annotated[int, Field(ge=1, le=1 << 40)] | None = None
    area_um2: Annotated[float, Field(ge=0)] | None = None
    leakage_mw: Annotated[float, Field(ge=0)] | None = None
    technology_nm: Annotated[float, Field(gt=0)] | None = None
    source: str


class EnergyTable(Strict):
    """A named table.

    Attributes:
        name: its name, which every figure carries.
        source: what the table as a whole is.
        extends: name of a shipped table whose entries hold where this one has none for the same action.
        unit: ``pj``, or ``mac``: multiples of one exact multiplication and addition.
        mixed_nodes: why entries of different nodes stand together; without it they are refused.
        entries: the numbers.
        standing: area and leakage of storages, where they are known.
    """

    name: str
    source: str
    extends: str | None = None
    unit: Literal["pj", "mac"] = "pj"
    mixed_nodes: str | None = None
    entries: Annotated[tuple[Entry, ...], Field(min_length=1)]
    standing: tuple[StandingEntry, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> EnergyTable:
        seen: set[tuple[object, ...]] = set()
        for entry in self.entries:
            key = (entry.match, entry.action, entry.bytes, entry.per_bits)
            if key in seen:
                raise ValueError(f"two entries for {entry.action} of {entry.match}")
            seen.add(key)
        return self

    @classmethod
    def load(cls, name: str | Path) -> EnergyTable:
        """Return a shipped table by name, or the one in a YAML file.

        Raises:
            ConfigError: no such table, or the document is wrong.
        """
        table = builtin_or_file(cls, "tables", "energy table", name)
        if table.extends is None:
            return table
        if table.extends not in table_names() or table.extends == table.name:
            raise ConfigError(f"table {table.name} extends {table.extends}, which is no shipped table")
        own = {(entry.match, entry.action) for entry in table.entries}
        base = cls.load(table.extends)
        inherited = tuple(entry for entry in base.entries if (entry.match, entry.action) not in own)
        return table.model_copy(update={"entries": (*table.entries, *inherited)})


def table_names() -> list[str]:
    """Return the names of the shipped tables."""
    return builtin_names("tables")


class _Lookup:
    """Looks numbers up in one table and keeps a record of them."""

    def __init__(self, table: EnergyTable, mac_pj: float | None) -> None:
        self.table = table
        self.used: list[tuple[str, str]] = []
        self.nodes: set[float] = set()
        if table.unit == "mac" and mac_pj is None:
            raise ConfigError(
                f"table {table.name} counts in multiples of a multiply-accumulate",
                remedy="name the exact multiplier and its library, so that the unit has a size in pJ",
            )
        self.scale = 1.0 if table.unit == "pj" or mac_pj is None else mac_pj

    def find(self, names: Sequence[str], action: Action, bits: int, size: int | None) -> float | None:
        """Return the energy of one word in pJ, from the first of the names that the table knows."""
        for name in names:
            entries = [e for e in self.table.entries if (e.match, e.action) == (name, action)]
            if entries:
                return self.scale * self._between(entries, f"{action} of {names[0]}", bits, size)
        return None

    def require(self, names: Sequence[str], action: Action, bits: int, size: int | None) -> float:
        """Return the energy like ``find``; a missing one is an error."""
        found = self.find(names, action, bits, size)
        if found is None:
            raise ConfigError(
                f"table {self.table.name} has no entry for {action} of {' or '.join(names)}",
                remedy="add the entry, or choose another table",
            )
        return found

    def standing(self, storage: Storage, size: int | None) -> Standing | None:
        """Return area and leakage of one instance of a storage; None where the table has neither."""
        for name in (storage.name, storage.kind):
            for entry in self.table.standing:
                if entry.match == name and entry.bytes in (None, size):
                    node = "" if entry.technology_nm is None else f", {entry.technology_nm:g} nm"
                    self.used.append(
                        (f"standing of {storage.name}", f"{self.table.name}: {entry.source}{node}")
                    )
                    if entry.technology_nm is not None:
                        self.nodes.add(entry.technology_nm)
                    return Standing(entry.area_um2, entry.leakage_mw)
        return None

    def _between(self, entries: Sequence[Entry], what: str, bits: int, size: int | None) -> float:
        sized = sorted((e for e in entries if e.bytes is not None), key=lambda e: e.bytes or 0)
        general = [e for e in entries if e.bytes is None]
        if size is None or not sized:
            if not general:
                raise ConfigError(f"table {self.table.name} prices {what} by size, but it has none")
            return self._word(general[0], what, bits)
        below = [e for e in sized if (e.bytes or 0) <= size]
        above = [e for e in sized if (e.bytes or 0) >= size]
        if below and above:
            low, high = below[-1], above[0]
            first, last = self._word(low, what, bits), self._word(high, what, bits)
            low_size, high_size = low.bytes or 1, high.bytes or 1
            if low_size == high_size or first <= 0 or last <= 0:
                return first
            weight = math.log(size / low_size) / math.log(high_size / low_size)
            return math.exp(math.log(first) + weight * (math.log(last) - math.log(first)))
        if general:
            return self._word(general[0], what, bits)
        raise ConfigError(
            f"table {self.table.name} covers {what} from {sized[0].bytes} to {sized[-1].bytes} bytes, "
            f"not {size}",
            remedy="add an entry for the size; nothing is extrapolated",
        )

    def _note(self, what: str, entry: Entry | StandingEntry) -> None:
        node = "" if entry.technology_nm is None else f", {entry.technology_nm:g} nm"
        self.used.append((what, f"{self.table.name}: {entry.source}{node}"))
        if entry.technology_nm is not None:
            self.nodes.add(entry.technology_nm)

    def _word(self, entry: Entry, what: str, bits: int) -> float:
        self._note(what, entry)
        return entry.pj if entry.per_bits is None else entry.pj * bits / entry.per_bits


def make_prices(
    accelerator: Accelerator,
    table: EnergyTable,
    *,
    mac_pj: float | None = None,
    multiplier_nm: float | None = None,
) -> Prices:
    """Return the prices that a table gives an accelerator.

    Args:
        accelerator: its levels are looked up by name, then by class and size.
        table: the numbers.
        mac_pj: energy of one exact multiply-accumulate, the unit of relative tables.
        multiplier_nm: node of the multiplier that will be priced beside the table.

    Raises:
        ConfigError: an entry is missing, or nodes are mixed that the table does not declare.
    """
    lookup = _Lookup(table, mac_pj)
    read: dict[tuple[str, Tensor], float] = {}
    write: dict[tuple[str, Tensor], float] = {}
    fill: dict[tuple[str, Tensor], float] = {}
    standing: dict[str, Standing] = {}
    for storage in accelerator.storages:
        size = None if storage.bytes is None else max(1, storage.bytes // storage.banks)
        found = lookup.standing(storage, storage.bytes)
        if found is not None:
            standing[storage.name] = found
        names = (storage.name, storage.kind)
        for tensor in storage.keep:
            bits = _billed_bits(accelerator, storage, tensor)
            read[storage.name, tensor] = lookup.require(names, "read", bits, size)
            write[storage.name, tensor] = lookup.require(names, "write", bits, size)
            fill[storage.name, tensor] = write[storage.name, tensor]
            if any(entry.action == "fill" and entry.match in names for entry in table.entries):
                fill[storage.name, tensor] = lookup.require(names, "fill", bits, size)
    hop = {
        (array.name, tensor): lookup.require(
            (array.name, f"noc.{tensor}", "noc"), "hop", accelerator.bits[tensor], None
        )
        for array in accelerator.arrays
        for tensor in TENSORS
    }
    adder = accelerator.compute.adder_bits
    prices = Prices(
        table=table.name,
        read_pj=read,
        write_pj=write,
        fill_pj=fill,
        hop_pj=hop,
        add_pj=0.0 if table.unit == "mac" else lookup.require(("adder",), "add", adder, -(-adder // 8)),
        multiply_pj=_multiplication(accelerator, lookup),
        provenance=tuple(dict.fromkeys(lookup.used)),
        standing=standing,
    )
    nodes = lookup.nodes | ({multiplier_nm} if multiplier_nm is not None and table.unit == "pj" else set())
    if len(nodes) > 1 and table.mixed_nodes is None:
        listed = ", ".join(f"{node:g} nm" for node in sorted(nodes))
        raise ConfigError(
            f"table {table.name} with this multiplier mixes {listed}",
            remedy="say why under `mixed_nodes` in the table, or use figures of one node",
        )
    return prices


def _multiplication(accelerator: Accelerator, lookup: _Lookup) -> float | None:
    """Return the table's own multiplication if it has one of the accelerator's width."""
    width = max(accelerator.bits["weights"], accelerator.bits["inputs"])
    size = -(-width // 8)
    sizes = [e.bytes for e in lookup.table.entries if e.match == "multiplier" and e.bytes is not None]
    if sizes and not min(sizes) <= size <= max(sizes):
        return None
    return lookup.find(("multiplier",), "multiply", width, size)


def _billed_bits(accelerator: Accelerator, storage: Storage, tensor: Tensor) -> int:
    """Return the bits that a word costs: its share of the access that it is packed into."""
    return max(1, storage.width_bits // accelerator.block(storage, tensor))
