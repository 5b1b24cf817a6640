"""The results of a search run: one SQLite row per evaluation, committed before the searcher hears of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from mulsmith.errors import StoreError
from mulsmith.search.trial import Candidate, Evaluation, Trial, canonical_json
from mulsmith.storage import BlobStore, atomic_write, open_database, storage_errors

FORMAT = 1
DATABASE = ("run.sqlite", "run.sqlite-wal", "run.sqlite-shm")
"""The files of a store in its folder; the first one holds what is committed."""
_SCHEMA = """
CREATE TABLE run (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE evaluation (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  candidate TEXT NOT NULL,
  genome TEXT NOT NULL,
  origin TEXT NOT NULL,
  fidelity TEXT NOT NULL,
  seed INTEGER NOT NULL,
  metrics TEXT NOT NULL,
  error TEXT,
  seconds REAL NOT NULL
)
"""
_COLUMNS = "genome, origin, fidelity, seed, metrics, error, seconds"


class Store:
    """The evaluations of one run folder. Use it as a context manager.

    Args:
        folder: the run; made if it is not there.
        configuration: what the run searches for, as JSON. A folder keeps the configuration that it was
            begun with and refuses another.

    Raises:
        StoreError: not writable, damaged, of another format, or begun with another configuration.
    """

    def __init__(self, folder: Path, configuration: Mapping[str, Any]) -> None:
        self.folder = folder
        self.blobs = BlobStore(folder / "blobs")
        self._path = folder / DATABASE[0]
        self._database = open_database(self._path, _SCHEMA, FORMAT)
        try:
            self._claim(canonical_json(dict(configuration)))
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def __len__(self) -> int:
        return int(self._database.execute("SELECT COUNT(*) FROM evaluation").fetchone()[0])

    def get(self, key: str) -> Evaluation | None:
        """Return the evaluation of a content key, or None."""
        query = f"SELECT {_COLUMNS} FROM evaluation WHERE key = ?"  # noqa: S608 - constant column list
        row = self._database.execute(query, (key,)).fetchone()
        return None if row is None else _evaluation(row)

    def put(self, key: str, evaluation: Evaluation) -> None:
        """Commit an evaluation; when this returns, a kill at any moment no longer loses it."""
        trial = evaluation.trial
        row = (
            key,
            trial.candidate.id,
            canonical_json(trial.candidate.genome),
            trial.candidate.origin,
            canonical_json(dict(trial.fidelity)),
            trial.seed,
            canonical_json(dict(evaluation.metrics)),
            evaluation.error,
            evaluation.seconds,
        )
        with storage_errors(self._path):
            self._database.execute(
                "INSERT OR IGNORE INTO evaluation"
                " (key, candidate, genome, origin, fidelity, seed, metrics, error, seconds)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def __iter__(self) -> Iterator[Evaluation]:
        query = f"SELECT {_COLUMNS} FROM evaluation ORDER BY number"  # noqa: S608 - constant column list
        for row in self._database.execute(query):
            yield _evaluation(row)

    def write_jsonl(self, path: Path) -> None:
        """Write every evaluation as one JSON object per line, in the order they were committed."""
        lines = []
        for evaluation in self:
            trial = evaluation.trial
            record = {
                "id": trial.candidate.id,
                "genome": trial.candidate.genome,
                "origin": trial.candidate.origin,
                "fidelity": dict(trial.fidelity),
                "seed": trial.seed,
                "metrics": dict(evaluation.metrics),
                "error": evaluation.error,
                "seconds": evaluation.seconds,
            }
            lines.append(json.dumps(record, allow_nan=False))
        atomic_write(path, "".join(f"{line}\n" for line in lines).encode())

    def _claim(self, configuration: str) -> None:
        with storage_errors(self._path):
            self._database.execute("INSERT OR IGNORE INTO run VALUES ('configuration', ?)", (configuration,))
            row = self._database.execute("SELECT value FROM run WHERE name = 'configuration'").fetchone()
        if row[0] != configuration:
            changed = _differences(json.loads(row[0]), json.loads(configuration))
            raise StoreError(
                f"the run was begun with another configuration (differs in {', '.join(changed)})",
                path=self.folder,
                remedy="name another run folder, or start over with --fresh",
            )


def stored_configuration(folder: Path) -> dict[str, Any]:
    """Return the configuration that a run folder was begun with.

    Raises:
        StoreError: there is no run, or it is damaged or of another format.
    """
    path = folder / DATABASE[0]
    if not path.exists():
        raise StoreError("there is no run here", path=folder)
    database = open_database(path, _SCHEMA, FORMAT)
    try:
        with storage_errors(path):
            row = database.execute("SELECT value FROM run WHERE name = 'configuration'").fetchone()
    finally:
        database.close()
    if row is None:
        raise StoreError("the run has no configuration", path=path)
    configuration: dict[str, Any] = json.loads(row[0])
    return configuration


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    names = sorted(set(old) | set(new))
    return [name for name in names if name not in old or name not in new or old[name] != new[name]]


def _evaluation(row: tuple[Any, ...]) -> Evaluation:
    genome, origin, fidelity, seed, metrics, error, seconds = row
    trial = Trial(Candidate(json.loads(genome), origin), json.loads(fidelity), seed)
    return Evaluation(trial, json.loads(metrics), error, seconds)
