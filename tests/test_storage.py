"""Atomic files, blobs, the writer's lock and the database: what is refused and what survives."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mulsmith.errors import StoreError
from mulsmith.storage import BlobStore, atomic_write, open_database, writer_lock

SCHEMA = "CREATE TABLE t (x INTEGER)"


def test_a_failed_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    atomic_write(path, b"old")

    def full_disk(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(StoreError, match=r"No space left on device \(free space or name another folder\)"):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_written_files_have_the_usual_rights(tmp_path: Path) -> None:
    atomic_write(tmp_path / "atomic", b"x")
    (tmp_path / "plain").write_bytes(b"x")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_blobs_are_checked(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path, ".bin")
    digest = blobs.put(b"content")
    assert blobs.put(b"content") == digest
    assert blobs.get(digest) == b"content"
    blobs.path(digest).write_bytes(b"changed")
    with pytest.raises(StoreError, match="damaged"):
        blobs.get(digest)
    with pytest.raises(StoreError, match="missing"):
        blobs.get("0" * 64)


def test_one_writer_at_a_time_and_a_killed_one_leaves_the_place(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from mulsmith.storage import writer_lock\n"
        "with writer_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="another process is writing here"), writer_lock(tmp_path):
            pass
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    with writer_lock(tmp_path, wait_s=5):
        pass


def test_a_database_of_another_format_or_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    open_database(path, SCHEMA, 1).close()
    with pytest.raises(StoreError, match="is of format 1, but this mulsmith writes format 2"):
        open_database(path, SCHEMA, 2)
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 50)
    with pytest.raises(StoreError, match="not a database"):
        open_database(path, SCHEMA, 1)


def test_a_killed_writer_loses_no_committed_row(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    code = (
        "import sys; from pathlib import Path; from mulsmith.storage import open_database\n"
        f"db = open_database(Path(sys.argv[1]), {SCHEMA!r}, 1)\n"
        "for i in range(10**6):\n"
        "    db.execute('INSERT INTO t VALUES (?)', (i,)); print(i, flush=True)"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    seen = [int(writer.stdout.readline()) for _ in range(50)]
    time.sleep(0.05)
    writer.kill()
    seen += [int(line) for line in writer.stdout.read().split("\n") if line]
    writer.stdout.close()
    writer.wait()
    database: sqlite3.Connection = open_database(path, SCHEMA, 1)
    rows = {row[0] for row in database.execute("SELECT x FROM t")}
    database.close()
    assert rows >= set(seen)
