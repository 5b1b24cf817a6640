"""What kills, full disks, other processes and interrupts leave of a library: whole records, and a way on."""

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mulsmith.characterize.library import Library
from mulsmith.characterize.pipeline import characterize
from mulsmith.characterize.verify import verify
from mulsmith.circuits.embedded import embedded_files
from mulsmith.errors import StoreError

COUNT = 6


@pytest.fixture(scope="module")
def circuits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("circuits")
    for path in [path for path in embedded_files() if path.stem.startswith("mul8x8")][:COUNT]:
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def undisturbed(circuits: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("undisturbed")
    characterize([circuits], folder)
    return _records(folder)


def _records(folder: Path) -> str:
    with Library.open(folder) as library:
        return json.dumps(library.documents())


def _command(circuits: Path, library: Path) -> list[str]:
    return [
        sys.executable, "-m", "mulsmith", "characterize", "--no-synth", "--jobs", "1", str(circuits),
        "--library", str(library),
    ]  # fmt: skip


def _start(circuits: Path, library: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen(
        _command(circuits, library),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _wait_for_tables(library: Path, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(library.glob("luts/*/*.npz"))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _check_resumed(circuits: Path, library: Path, undisturbed: str) -> int:
    kept = 0
    try:
        result = verify(library)
        assert result.damaged == {}
        kept = result.checked
    except StoreError as error:
        assert error.cause == "there is no library here"
    outcome = characterize([circuits], library)
    assert outcome.failures == []
    assert outcome.unchanged >= kept
    assert _records(library) == undisturbed
    assert verify(library).to_json() == {"checked": COUNT, "damaged": [], "unreferenced": []}
    assert list(library.rglob(".writing-*")) == []
    return kept


@pytest.mark.parametrize("tables", [1, 4])
def test_a_killed_run_leaves_whole_records_and_is_resumed(
    circuits: Path, undisturbed: str, tmp_path: Path, tables: int
) -> None:
    process = _start(circuits, tmp_path / "lib")
    _wait_for_tables(tmp_path / "lib", tables)
    process.kill()
    process.communicate()
    _check_resumed(circuits, tmp_path / "lib", undisturbed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(20))
def test_a_run_killed_at_any_moment_is_resumed(
    circuits: Path, undisturbed: str, tmp_path: Path, seed: int
) -> None:
    process = _start(circuits, tmp_path / "lib")
    rng = random.Random(seed)
    if seed % 2:
        _wait_for_tables(tmp_path / "lib", 1)
    time.sleep(rng.uniform(0, 0.4))
    process.kill()
    process.communicate()
    _check_resumed(circuits, tmp_path / "lib", undisturbed)


def test_an_interrupt_keeps_what_is_done_and_says_so(
    circuits: Path, undisturbed: str, tmp_path: Path
) -> None:
    process = _start(circuits, tmp_path / "lib")
    _wait_for_tables(tmp_path / "lib", 3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; what was done is kept in" in err
    assert _check_resumed(circuits, tmp_path / "lib", undisturbed) >= 1


def test_two_processes_share_the_work(circuits: Path, undisturbed: str, tmp_path: Path) -> None:
    both = [_start(circuits, tmp_path / "lib") for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(f"{COUNT} computed, 0 unchanged" in text for text in said) == 1
    assert sum(f"0 computed, {COUNT} unchanged" in text for text in said) == 1
    assert sum("waiting: another process is writing to" in text for text in said) == 1
    assert _records(tmp_path / "lib") == undisturbed


@pytest.mark.parametrize("limit_kb", [30, 80])
def test_a_full_disk_is_named_and_the_run_goes_on_later(
    circuits: Path, undisturbed: str, tmp_path: Path, limit_kb: int
) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    shell = ["bash", "-c", f'ulimit -f {limit_kb}; exec "$@"', "bash"]
    command = [*shell, *_command(circuits, tmp_path / "lib")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 3
    assert re.search("cannot (write: File too large|use the database: disk I/O error)", done.stderr)
    assert "Traceback" not in done.stderr
    _check_resumed(circuits, tmp_path / "lib", undisturbed)


def test_an_index_on_a_full_disk_is_named(circuits: Path, tmp_path: Path) -> None:
    from mulsmith.characterize.store import Store

    store = Store.create(tmp_path)
    store._connection.execute("PRAGMA max_page_count = 12")
    with pytest.raises(StoreError, match="database or disk is full"), store.transaction():
        for number in range(1000):
            store.put_synthesis(str(number), {"text": "x" * 1000})
    assert store.synthesis("0") is None
    store.close()


def test_a_folder_that_cannot_be_made_is_named(circuits: Path) -> None:
    with pytest.raises(StoreError, match="/proc/mulsmith: cannot write"):
        characterize([circuits], Path("/proc/mulsmith"))


def test_a_library_on_a_read_only_disk_is_read(
    circuits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    characterize([next(circuits.glob("*.v"))], tmp_path)
    monkeypatch.setattr("mulsmith.characterize.store.os.access", lambda *_: False)
    with Library.open(tmp_path) as library:
        assert len(library) == 1
        assert next(iter(library.values())).lut.a_bits == 8
    (tmp_path / "library.sqlite-wal").write_bytes(b"left behind")
    (tmp_path / "library.sqlite-shm").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="was not closed cleanly and its folder is read-only"):
        Library.open(tmp_path)


def test_foreign_and_newer_indices_are_refused(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        Library.open(tmp_path)
    with pytest.raises(StoreError, match="file is not a database"):
        characterize([], tmp_path)
    (tmp_path / "new").mkdir()
    with sqlite3.connect(tmp_path / "new" / "library.sqlite") as index:
        index.execute("PRAGMA user_version = 99")
    index.close()
    with pytest.raises(StoreError, match="the library has format 99, but this mulsmith reads format 1"):
        Library.open(tmp_path / "new")
    with pytest.raises(StoreError, match="it was written by a newer mulsmith"):
        characterize([], tmp_path / "new")


def test_a_worker_that_dies_costs_one_file(circuits: Path, tmp_path: Path) -> None:
    code = (
        "import os, sys; from mulsmith.characterize import worker; read = worker.TASKS['read']\n"
        "def die(request):\n"
        "    if request['path'].endswith('dies.v'): os.kill(os.getpid(), 9)\n"
        "    return read(request)\n"
        "worker.TASKS = {'read': die}; worker.main()"
    )
    good = next(circuits.glob("*.v"))
    (tmp_path / "dies.v").write_bytes(good.read_bytes())
    start = f"import json, sys; sys.path[:] = json.loads(sys.argv[1]); exec({code!r})"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mulsmith.characterize.worker_pool._START", start)
        outcome = characterize([tmp_path / "dies.v", good], tmp_path / "lib")
    assert outcome.names == [good.stem]
    assert "the worker process ended with status -9" in str(outcome.failures[0].error)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_small_disk_fills_and_becomes_read_only(circuits: Path, small_disk: Path) -> None:
    with pytest.raises(StoreError, match=r"(No space left on device|database or disk is full)"):
        characterize([circuits], small_disk / "lib")
    kept = verify(small_disk / "lib")
    assert kept.damaged == {}
    assert 1 <= kept.checked < COUNT
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with Library.open(small_disk / "lib") as library:
        assert len(library) == kept.checked
        assert all(record.lut.a_bits == 8 for record in library.values())
    with pytest.raises(StoreError, match="cannot write: Read-only file system"):
        characterize([circuits], small_disk / "lib")
