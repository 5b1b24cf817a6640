"""From input files to records of a library: incremental, parallel, atomic, with one result in any order.

The parent decides what is unchanged, hands the rest to worker processes and writes their results in the
order of the inputs; so which of two files of one name wins does not depend on which worker was faster.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mulsmith.characterize.sources import Failure, Source, find_sources
from mulsmith.characterize.store import INDEX_FILE, Document, Entry, Store
from mulsmith.characterize.versions import reading_tools
from mulsmith.characterize.worker_pool import WorkerPool
from mulsmith.characterize.writing import OnWait, writing
from mulsmith.errors import ConfigError, MulsmithError, NetlistError, StoreError, ToolError
from mulsmith.provenance import Provenance

Status = Literal["computed", "unchanged", "failed"]
_ERRORS = {kind.__name__: kind for kind in MulsmithError.__subclasses__()}


@dataclass(frozen=True, slots=True)
class Options:
    """How to characterize.

    Attributes:
        signed: two's-complement operands (True), plain ones (False), or as each file says (None).
        jobs: worker processes; as many as there are cores without it.
        force: compute again what is unchanged, and replace records of the same name from other files.
        prune: remove the records that none of the inputs leads to.
    """

    signed: bool | None = None
    jobs: int | None = None
    force: bool = False
    prune: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """One input is done.

    Attributes:
        done: how many inputs are done.
        total: how many there are.
        label: this input.
        status: what became of it.
    """

    done: int
    total: int
    label: str
    status: Status


@dataclass(slots=True)
class Outcome:
    """What a characterization led to.

    Attributes:
        names: the records that the inputs stand for, in the order of the inputs, each once.
        computed: how many inputs were computed.
        unchanged: how many needed nothing.
        failures: the inputs that led to no record.
    """

    names: list[str] = field(default_factory=list)
    computed: int = 0
    unchanged: int = 0
    failures: list[Failure] = field(default_factory=list)


def characterize(
    paths: Sequence[Path],
    folder: Path,
    options: Options | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: OnWait = None,
) -> Outcome:
    """Characterize multipliers into a library.

    Args:
        paths: Verilog files and folders; none means the embedded circuits.
        folder: the library, made where there is none.
        options: how.
        on_progress: called after every input.
        on_wait: called once where another process is writing to the library.

    Raises:
        ConfigError: an option out of range.
        StoreError: the library cannot be written; what was committed before stays.
    """
    options = options or Options()
    jobs = options.jobs if options.jobs is not None else os.cpu_count() or 1
    if jobs < 1:
        raise ConfigError(f"the number of jobs is {jobs}, but at least 1 is needed")
    sources, failures = find_sources(paths)
    with writing(folder, on_wait) as store:
        run = _Run(store, sources, options, on_progress)
        run.outcome.failures.extend(failures)
        return run.finish(jobs)


def is_current(paths: Sequence[Path], folder: Path, options: Options) -> bool:
    """Return whether a library holds just what ``characterize`` would put into it, reading only.

    Raises:
        StoreError: there is a library, but it cannot be read.
    """
    if not (folder / INDEX_FILE).is_file():
        return False
    sources, failures = find_sources(paths)
    with contextlib.closing(Store.open(folder)) as store:
        known = store.names_by_input()
        keys = [_provenance(source, options.signed).key for source in sources]
        names = {known[key] for key in keys if key in known}
        complete = not failures and all(key in known for key in keys)
        return complete and (not options.prune or names == set(store.names()))


class _Run:
    """The parent's side of one characterization: what is pending, and the results waiting for their turn."""

    def __init__(
        self,
        store: Store,
        sources: Sequence[Source],
        options: Options,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.outcome = Outcome()
        self._store = store
        self._sources = sources
        self._options = options
        self._on_progress = on_progress
        self._provenances = [_provenance(source, options.signed) for source in sources]
        self._owners: dict[str, int] = {}

    def finish(self, jobs: int) -> Outcome:
        known = {} if self._options.force else self._store.names_by_input()
        pending = [i for i, provenance in enumerate(self._provenances) if provenance.key not in known]
        replies: dict[int, dict[str, Any]] = {}
        with WorkerPool(min(jobs, len(pending))) as pool:
            for number in pending:
                pool.submit(number, self._request(self._sources[number]))
            waiting = set(pending)
            for number, provenance in enumerate(self._provenances):
                if number not in waiting:
                    self._note(number, known[provenance.key], "unchanged")
                    continue
                while number not in replies:
                    answered, reply = pool.next_reply()
                    replies[answered] = reply
                self._commit(number, replies.pop(number))
        if self._options.prune:
            self._prune()
        return self.outcome

    def _prune(self) -> None:
        with self._store.transaction():
            for name in set(self._store.names()).difference(self.outcome.names):
                self._store.remove(name)

    def _request(self, source: Source) -> dict[str, Any]:
        return {
            "task": "read",
            "path": str(source.path.absolute()),
            "sha256": source.sha256,
            "signed": self._options.signed,
            "library": str(self._store.folder.absolute()),
            "rewrite": self._options.force,
        }

    def _commit(self, number: int, reply: dict[str, Any]) -> None:
        source = self._sources[number]
        try:
            result = _unwrap(reply)
            entry = Entry.from_document(_document(source, self._provenances[number], result))
            self._write(number, entry, base64.b64decode(result["netlist"]))
        except StoreError:
            raise
        except MulsmithError as error:
            self.outcome.failures.append(
                Failure(str(source.path), error.at(source.path), reply.get("internal"))
            )
            self._note(number, None, "failed")
        else:
            self._note(number, entry.name, "computed")

    def _write(self, number: int, entry: Entry, netlist: bytes) -> None:
        key = self._provenances[number].key
        present = self._store.entry(entry.name)
        first = self._owners.setdefault(entry.name, number) == number
        replace = first and present is not None and (present.source == entry.source or self._options.force)
        with self._store.transaction():
            if present is None or replace:
                self._store.put(entry, {key: entry.name}, netlist)
            elif _circuit(present) == _circuit(entry):
                self._store.put_input(key, entry.name)
            else:
                raise NetlistError(
                    f"the name '{entry.name}' already stands for another circuit, from {present.source}",
                    remedy="rename the file, or give --force to replace the record of an earlier run",
                )

    def _note(self, number: int, name: str | None, status: Status) -> None:
        if name is not None:
            self._owners.setdefault(name, number)
            if name not in self.outcome.names:
                self.outcome.names.append(name)
        if status == "computed":
            self.outcome.computed += 1
        elif status == "unchanged":
            self.outcome.unchanged += 1
        if self._on_progress is not None:
            label = self._sources[number].label
            self._on_progress(Progress(number + 1, len(self._sources), label, status))


def _provenance(source: Source, signed: bool | None) -> Provenance:
    inputs = {"source": source.label, "stem": source.stem, "source_sha256": source.sha256}
    return Provenance({**inputs, "signed": signed}, reading_tools())


def _document(source: Source, provenance: Provenance, result: dict[str, Any]) -> Document:
    return {
        "name": source.stem or result["module"],
        "a_bits": result["a_bits"],
        "b_bits": result["b_bits"],
        "signed": result["signed"],
        "source": source.label,
        "netlist_sha256": result["netlist_sha256"],
        "lut_sha256": result["lut_sha256"],
        "errors": result["errors"],
        "synthesis": None,
        "reported": result["reported"],
        "provenance": {**provenance.to_json(), "signed_because": result["reason"]},
    }


def _unwrap(reply: dict[str, Any]) -> dict[str, Any]:
    if "error" in reply:
        fields = dict(reply["error"])
        raise _ERRORS[fields.pop("kind")](**fields)
    if "died" in reply:
        raise ToolError(
            f"the worker process ended with status {reply['died']}",
            remedy="it may have run out of memory; try fewer --jobs",
        )
    if "internal" in reply:
        raise ToolError("the program failed on this file", remedy="please report it with its traceback")
    result: dict[str, Any] = reply["ok"]
    return result


def _circuit(entry: Entry) -> tuple[str, str]:
    return entry.netlist_sha256, entry.lut_sha256
