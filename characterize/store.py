"""The SQLite index of a library: records by name, stored netlists, synthesis figures by provenance key."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mulsmith.errors import StoreError
from mulsmith.provenance import sha256_hex
from mulsmith.storage import BUSY_TIMEOUT_S, open_database, storage_errors

INDEX_FILE = "library.sqlite"
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE records(
    name TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    a_bits INTEGER NOT NULL,
    b_bits INTEGER NOT NULL,
    signed INTEGER NOT NULL,
    lut_sha256 TEXT NOT NULL,
    netlist_sha256 TEXT NOT NULL,
    body TEXT NOT NULL,
    body_sha256 TEXT NOT NULL
);
CREATE INDEX records_by_function ON records(lut_sha256);
CREATE TABLE inputs(key TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE INDEX inputs_by_name ON inputs(name);
CREATE TABLE netlists(sha256 TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE synthesis(key TEXT PRIMARY KEY, body TEXT NOT NULL);
"""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the index.

    Attributes:
        name: the multiplier's name.
        source: where the circuit was read from.
        a_bits: width of operand A.
        b_bits: width of operand B.
        signed: two's-complement operands.
        lut_sha256: hash of the table.
        netlist_sha256: hash of the normalised netlist; empty for a table without netlist.
        body: the record's JSON text.
        body_sha256: hash of ``body`` when it was written.
    """

    name: str
    source: str
    a_bits: int
    b_bits: int
    signed: bool
    lut_sha256: str
    netlist_sha256: str
    body: str
    body_sha256: str

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Entry:
        """Return the row of a record given in its JSON form."""
        body = compact_json(document)
        fields = {name: document[name] for name in ("name", "source", "lut_sha256", "netlist_sha256")}
        return cls(
            **{name: str(value) for name, value in fields.items()},
            a_bits=int(str(document["a_bits"])),
            b_bits=int(str(document["b_bits"])),
            signed=bool(document["signed"]),
            body=body,
            body_sha256=sha256_hex(body.encode()),
        )

    def document(self) -> Document:
        """Return the record in its JSON form.

        Raises:
            StoreError: the row is damaged.
        """
        if sha256_hex(self.body.encode()) != self.body_sha256:
            raise StoreError(
                f"the record of '{self.name}' differs from its hash",
                remedy="characterize the circuit again with --force",
            )
        document: Document = json.loads(self.body)
        return document


_SELECT = (
    "SELECT name, source, a_bits, b_bits, signed, lut_sha256, netlist_sha256, body, body_sha256 FROM records "
)
_REPLACE = """INSERT OR REPLACE INTO records VALUES (
    :name, :source, :a_bits, :b_bits, :signed, :lut_sha256, :netlist_sha256, :body, :body_sha256)"""


class Store:
    """The index of one library folder.

    Args:
        folder: the library.
        connection: an open connection to its index.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection
        weakref.finalize(self, connection.close)

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open an existing library for reading.

        Raises:
            StoreError: there is no library, it is damaged, or a newer version wrote it.
        """
        path = folder / INDEX_FILE
        if not path.is_file():
            raise _no_library(folder)
        mode = "mode=ro" if os.access(folder, os.W_OK) else _closed_index_mode(path)
        with storage_errors(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?{mode}",
                uri=True,
                isolation_level=None,
                timeout=BUSY_TIMEOUT_S,
                check_same_thread=False,
            )
        store = cls(folder, connection)
        store._check_schema()
        return store

    @classmethod
    def create(cls, folder: Path) -> Store:
        """Open a library for writing, making it where there is none; the caller holds the writer lock.

        Raises:
            StoreError: the folder is read-only, the disk full, the index damaged or of another version.
        """
        return cls(folder, open_database(folder / INDEX_FILE, _SCHEMA, SCHEMA_VERSION))

    def close(self) -> None:
        """Close the index; SQLite then folds its journal into it."""
        self._connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is written inside visible all at once, or not at all.

        Raises:
            StoreError: the disk is full or the library read-only; nothing of the block is kept.
        """
        with storage_errors(self.folder / INDEX_FILE):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def names(self) -> list[str]:
        """Return every record's name, sorted."""
        return [str(row[0]) for row in self._rows("SELECT name FROM records ORDER BY name")]

    def entry(self, name: str) -> Entry | None:
        """Return the row of a record, or None."""
        rows = self._rows(_SELECT + "WHERE name = ?", name)
        return _entry(rows[0]) if rows else None

    def entries(self) -> list[Entry]:
        """Return every row, sorted by name."""
        return [_entry(row) for row in self._rows(_SELECT + "ORDER BY name")]

    def names_by_input(self) -> dict[str, str]:
        """Return provenance key of every input -> name of the record that it led to."""
        return {str(key): str(name) for key, name in self._rows("SELECT key, name FROM inputs")}

    def netlist(self, sha256: str) -> bytes | None:
        """Return a stored netlist (see ``netlist_json``), or None."""
        rows = self._rows("SELECT body FROM netlists WHERE sha256 = ?", sha256)
        return rows[0][0] if rows else None

    def netlist_hashes(self) -> list[str]:
        """Return the hash of every stored netlist, sorted."""
        return [str(row[0]) for row in self._rows("SELECT sha256 FROM netlists ORDER BY sha256")]

    def synthesis(self, key: str) -> Document | None:
        """Return the synthesis figures computed under a provenance key, or None."""
        rows = self._rows("SELECT body FROM synthesis WHERE key = ?", key)
        if not rows:
            return None
        document: Document = json.loads(rows[0][0])
        return document

    def put(self, entry: Entry, keys: Mapping[str, str] | None = None, netlist: bytes | None = None) -> None:
        """Write a record, replacing one of the same name; call inside ``transaction``.

        Args:
            entry: the row.
            keys: provenance keys of the inputs that lead to it -> the record's name.
            netlist: its stored netlist.
        """
        execute = self._connection.execute
        execute("DELETE FROM inputs WHERE name = ?", (entry.name,))
        self.update(entry)
        if netlist is not None:
            execute("INSERT OR REPLACE INTO netlists VALUES (?, ?)", (entry.netlist_sha256, netlist))
        for key, name in (keys or {}).items():
            self.put_input(key, name)

    def update(self, entry: Entry) -> None:
        """Write a record whose inputs are the same as before; call inside ``transaction``."""
        self._connection.execute(_REPLACE, asdict(entry))

    def put_input(self, key: str, name: str) -> None:
        """Note that the input of provenance key ``key`` leads to record ``name``."""
        self._connection.execute("INSERT OR REPLACE INTO inputs VALUES (?, ?)", (key, name))

    def put_synthesis(self, key: str, document: Mapping[str, object]) -> None:
        """Keep synthesis figures under their provenance key; call inside ``transaction``."""
        self._connection.execute(
            "INSERT OR REPLACE INTO synthesis VALUES (?, ?)", (key, compact_json(document))
        )

    def remove(self, name: str) -> None:
        """Remove a record; call inside ``transaction``."""
        self._connection.execute("DELETE FROM records WHERE name = ?", (name,))
        self._connection.execute("DELETE FROM inputs WHERE name = ?", (name,))

    def check_index(self) -> str:
        """Return ``ok`` or what SQLite finds damaged in the index."""
        return str(self._rows("PRAGMA quick_check(1)")[0][0])

    def _rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with storage_errors(self.folder / INDEX_FILE):
            return self._connection.execute(query, parameters).fetchall()

    def _check_schema(self) -> None:
        found = int(self._rows("PRAGMA user_version")[0][0])
        if found == 0:
            raise _no_library(self.folder)
        if found != SCHEMA_VERSION:
            raise StoreError(
                f"the library has format {found}, but this mulsmith reads format {SCHEMA_VERSION}",
                path=self.folder,
                remedy="use the mulsmith that wrote it, or characterize into a new folder",
            )


def compact_json(document: object) -> str:
    """Return compact JSON text in the order of the content, without NaN."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def _entry(row: tuple[Any, ...]) -> Entry:
    name, source, a_bits, b_bits, signed, *rest = row
    return Entry(name, source, a_bits, b_bits, bool(signed), *rest)


def _no_library(folder: Path) -> StoreError:
    remedy = "make one with 'mulsmith characterize PATH --library DIR'"
    return StoreError("there is no library here", path=folder, remedy=remedy)


def _closed_index_mode(path: Path) -> str:
    journal = path.with_name(path.name + "-wal")
    if journal.is_file() and journal.stat().st_size > 0:
        # SQLite can read the journal of a disk that filled only through the index of it that lies beside.
        if path.with_name(path.name + "-shm").is_file():
            return "mode=ro"
        raise StoreError(
            "the library was not closed cleanly and its folder is read-only",
            path=path.parent,
            remedy="open it once where it is writable",
        )
    return "mode=ro&immutable=1"
