"""The library of characterized multipliers: a folder that is read as a mapping from names to records."""

from __future__ import annotations

import difflib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.lut_files import read_lut
from mulsmith.characterize.netlist_json import netlist_from_bytes
from mulsmith.characterize.record import Multiplier
from mulsmith.characterize.record_json import multiplier_from_json
from mulsmith.characterize.store import Document, Entry, Store
from mulsmith.circuits.netlist import Netlist
from mulsmith.errors import StoreError

_TABLES_IN_MEMORY = 256


class UnknownMultiplierError(StoreError, KeyError):
    """A name that the library does not hold."""

    __str__ = StoreError.__str__


class Library(Mapping[str, Multiplier]):
    """The multipliers of one folder, by name, in the order of their names.

    A record is read when it is asked for, and its table is checked against its hash.

    Args:
        store: the folder's open index.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables: OrderedDict[tuple[str, int, bool], Lut] = OrderedDict()

    @classmethod
    def open(cls, path: str | Path) -> Library:
        """Open the library in a folder for reading.

        Raises:
            StoreError: there is none, it is damaged, or another version wrote it.
        """
        return cls(Store.open(Path(path)))

    @classmethod
    def embedded(cls) -> Library:
        """Open the library of the embedded circuits, which is made once in the user's cache folder.

        Raises:
            StoreError: the cache folder cannot be written.
        """
        from mulsmith.characterize.cache import embedded_library

        return cls.open(embedded_library())

    @property
    def folder(self) -> Path:
        """The folder it lies in."""
        return self._store.folder

    def __getitem__(self, name: str) -> Multiplier:
        entry = self.entry(name)
        return multiplier_from_json(entry.document(), self._table(entry))

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.names())

    def __len__(self) -> int:
        return len(self._store.names())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._store.entry(name) is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._store.close()

    def entry(self, name: str) -> Entry:
        """Return the index row of a record.

        Raises:
            StoreError: the library does not hold it; close names are proposed.
        """
        entry = self._store.entry(name)
        if entry is None:
            close = difflib.get_close_matches(name, self._store.names(), n=3)
            remedy = f"did you mean {', '.join(close)}?" if close else "see 'mulsmith library list'"
            raise UnknownMultiplierError(f"there is no multiplier '{name}'", path=self.folder, remedy=remedy)
        return entry

    def documents(self) -> list[Document]:
        """Return every record in its JSON form, sorted by name, without reading any table."""
        return [entry.document() for entry in self._store.entries()]

    def functions(self) -> list[list[str]]:
        """Return the names of equal function together: same widths, signedness and table.

        Records with a netlist come first, then the order is that of the names.
        """
        groups: dict[tuple[str, int, bool], list[str]] = {}
        for entry in sorted(self._store.entries(), key=lambda entry: (not entry.netlist_sha256, entry.name)):
            groups.setdefault(_function(entry), []).append(entry.name)
        return list(groups.values())

    def netlist(self, name: str) -> Netlist:
        """Return a record's stored netlist as a module of the record's name, ports A, B and O.

        Raises:
            StoreError: no such record, it came without a netlist, or the netlist is damaged.
        """
        entry = self.entry(name)
        data = self._store.netlist(entry.netlist_sha256) if entry.netlist_sha256 else None
        if data is None:
            raise StoreError(f"the library holds no netlist of '{name}'", path=self.folder)
        return netlist_from_bytes(data, name)

    def _table(self, entry: Entry) -> Lut:
        key = _function(entry)
        lut = self._tables.get(key)
        if lut is None:
            lut = read_lut(self.folder, entry.a_bits, entry.b_bits, entry.signed, entry.lut_sha256)
            self._tables[key] = lut
            if len(self._tables) > _TABLES_IN_MEMORY:
                self._tables.popitem(last=False)
        return lut


def _function(entry: Entry) -> tuple[str, int, bool]:
    return entry.lut_sha256, entry.a_bits, entry.signed
