"""Folders that survive: atomic writes, content-addressed blobs, one writer at a time, SQLite in WAL mode."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mulsmith.errors import StoreError
from mulsmith.provenance import sha256_hex

BUSY_TIMEOUT_S = 30.0


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an operating-system or SQLite error into a ``StoreError`` that names ``path``."""
    try:
        yield
    except PermissionError as error:
        raise StoreError(
            f"cannot write: {error.strerror}",
            path=path,
            remedy="make the folder writable or name another one",
        ) from error
    except OSError as error:
        raise StoreError(
            f"cannot write: {error.strerror or error}", path=path, remedy="free space or name another folder"
        ) from error
    except sqlite3.Error as error:
        raise StoreError(
            f"cannot use the database: {error}", path=path, remedy="check the folder's rights and free space"
        ) from error


def atomic_write(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a kill at any moment, sees the old content or the new one, whole.

    Raises:
        StoreError: the folder cannot be written.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile: its files are for their owner alone, and a library or report is for others too.
        temporary = path.with_name(f".writing-{uuid.uuid4().hex}")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def remove_outputs(folder: Path, files: Iterable[str], folders: Iterable[str]) -> None:
    """Remove what a run left in its folder, as far as it is there."""
    for name in files:
        (folder / name).unlink(missing_ok=True)
    for name in folders:
        shutil.rmtree(folder / name, ignore_errors=True)


def read_object(path: Path, name: str, absent: StoreError) -> dict[str, Any]:
    """Return the JSON object that a file holds.

    Args:
        path: the file.
        name: what messages call it, such as ``manifest``.
        absent: raised where there is no such file.

    Raises:
        StoreError: ``absent``, or the file cannot be read or holds no JSON object.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise absent from error
    except (OSError, ValueError) as error:
        raise StoreError(f"the {name} is damaged: {error}", path=path) from error
    if not isinstance(document, dict):
        raise StoreError(f"the {name} is damaged: no JSON object", path=path)
    return document


class BlobStore:
    """Files named by the SHA-256 of their content.

    Args:
        folder: where they lie; made when the first one is written.
        suffix: file name ending, dot included.
    """

    def __init__(self, folder: Path, suffix: str = "") -> None:
        self._folder = folder
        self._suffix = suffix

    def path(self, digest: str) -> Path:
        """Return where the blob of that hash lies."""
        return self._folder / digest[:2] / f"{digest}{self._suffix}"

    def put(self, data: bytes) -> str:
        """Store the data if it is not there yet; return its hash."""
        digest = sha256_hex(data)
        if not self.path(digest).exists():
            atomic_write(self.path(digest), data)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the data of that hash.

        Raises:
            StoreError: the blob is missing or its content does not have that hash.
        """
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StoreError(f"blob is missing: {error.strerror}", path=path) from error
        if sha256_hex(data) != digest:
            raise StoreError("blob is damaged: its content does not have the hash of its name", path=path)
        return data


@contextmanager
def writer_lock(folder: Path, wait_s: float = 0.0) -> Iterator[None]:
    """Hold a folder's one writer's place; it falls free when the process ends, however it ends.

    Args:
        folder: the library or run; made if it is not there.
        wait_s: how long to wait for another writer.

    Raises:
        StoreError: another process holds the place after ``wait_s``, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        with storage_errors(folder):
            lock.acquire(timeout=wait_s)
    except StoreError as error:
        if isinstance(error.__cause__, Timeout):
            raise StoreError(
                "another process is writing here", path=folder, remedy="wait for it or name another folder"
            ) from None
        raise
    try:
        yield
    finally:
        lock.release()


def open_database(path: Path, schema: str, version: int) -> sqlite3.Connection:
    """Open or create a SQLite database in WAL mode with autocommit.

    Args:
        path: the file.
        schema: statements that create the tables of a new database.
        version: schema version, kept in ``PRAGMA user_version``.

    Raises:
        StoreError: no SQLite file, another schema version, or not writable.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # The garbage collector may close a forgotten connection in any thread; SQLite itself serialises.
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
    try:
        with storage_errors(path):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if found == 0:
                for statement in filter(str.strip, schema.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {int(version)}")
            connection.execute("COMMIT")
        if found not in (0, version):
            newer = "newer" if found > version else "older"
            raise StoreError(
                f"is of format {found}, but this mulsmith writes format {version}",
                path=path,
                remedy=f"it was written by a {newer} mulsmith: use that one, or another folder",
            )
    except BaseException:
        connection.close()
        raise
    return connection
