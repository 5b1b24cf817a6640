"""One characterization run, seen from the parent: what is pending, and results waiting for their turn.

Workers answer in any order; records are written in the order of the inputs, so that which of two files of
one name wins does not depend on which worker was faster.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mulsmith.characterize.sources import Failure, Source
from mulsmith.characterize.store import Document, Entry, Store
from mulsmith.characterize.synthesis_plan import SynthesisOptions, SynthesisPlan, is_imported
from mulsmith.characterize.versions import reading_tools
from mulsmith.characterize.worker_pool import Reply, WorkerPool
from mulsmith.errors import MulsmithError, NetlistError, StoreError, ToolError
from mulsmith.provenance import Provenance

Status = Literal["computed", "unchanged", "failed"]
_ERRORS = {kind.__name__: kind for kind in MulsmithError.__subclasses__()}


@dataclass(frozen=True, slots=True)
class Options:
    """How to characterize.

    Attributes:
        signed: two's-complement operands (True), plain ones (False), or as each file says (None).
        synthesis: how to get area, delay and power; None for tables and error statistics only.
        jobs: worker processes; as many as there are cores without it.
        force: compute again what is unchanged, and replace records of the same name from other files.
        prune: remove the records that none of the inputs leads to.
    """

    signed: bool | None = None
    synthesis: SynthesisOptions | None = None
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


class Run:
    """A characterization of some sources into a store; the caller holds the writer lock.

    Args:
        store: the library's index, open for writing.
        sources: the input files, sorted.
        options: how.
        plan: synthesis options with their hashes, or None for no synthesis.
        on_progress: called after every input.
    """

    def __init__(
        self,
        store: Store,
        sources: Sequence[Source],
        options: Options,
        plan: SynthesisPlan | None,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.outcome = Outcome()
        self._store = store
        self._sources = sources
        self._options = options
        self._plan = plan
        self._on_progress = on_progress
        self._provenances = [reading_provenance(source, options.signed) for source in sources]
        known = {} if options.force else store.names_by_input()
        self._known = {n: known[p.key] for n, p in enumerate(self._provenances) if p.key in known}
        self._reads: dict[int, Reply] = {}
        self._synthesis_keys: dict[int, str] = {}
        self._figures: dict[str, Reply | None] = {}
        self._owners: dict[str, int] = {}

    def finish(self, jobs: int) -> Outcome:
        """Compute what is pending in ``jobs`` processes, write it and return the outcome."""
        with WorkerPool(jobs) as pool:
            for number, source in enumerate(self._sources):
                if number not in self._known:
                    pool.submit(("read", number), self._read_request(source))
                elif self._plan is not None:
                    self._renew_figures(number, self._plan, pool)
            for number in range(len(self._sources)):
                while not self._is_ready(number):
                    tag, reply = pool.next_reply()
                    self._receive(tag, reply, pool)
                self._commit(number)
        if self._options.prune:
            with self._store.transaction():
                for name in set(self._store.names()).difference(self.outcome.names):
                    self._store.remove(name)
        return self.outcome

    def _read_request(self, source: Source) -> dict[str, Any]:
        return {
            "task": "read",
            "path": str(source.path),
            "sha256": source.sha256,
            "signed": self._options.signed,
            "library": str(self._store.folder.absolute()),
            "rewrite": self._options.force,
        }

    def _renew_figures(self, number: int, plan: SynthesisPlan, pool: WorkerPool) -> None:
        entry = self._store.entry(self._known[number])
        if entry is None or plan.is_met_by(entry.document()):
            return
        netlist = self._store.netlist(entry.netlist_sha256)
        if netlist is None:
            raise StoreError(
                f"the netlist of '{entry.name}' is missing",
                path=self._store.folder,
                remedy="run with --force",
            )
        self._want_figures(
            number, plan, entry.netlist_sha256, base64.b64encode(netlist).decode("ascii"), pool
        )

    def _want_figures(
        self, number: int, plan: SynthesisPlan, netlist_sha256: str, netlist: str, pool: WorkerPool
    ) -> None:
        key = self._synthesis_keys[number] = plan.provenance(netlist_sha256).key
        if key in self._figures:
            return
        kept = None if self._options.force else self._store.synthesis(key)
        self._figures[key] = None if kept is None else {"ok": kept}
        if kept is None:
            pool.submit(("synthesise", key), plan.request(netlist))

    def _receive(self, tag: Any, reply: Reply, pool: WorkerPool) -> None:
        task, which = tag
        if task == "synthesise":
            self._figures[which] = reply
            return
        self._reads[which] = reply
        if self._plan is not None and "ok" in reply:
            result = reply["ok"]
            self._want_figures(which, self._plan, result["netlist_sha256"], result["netlist"], pool)

    def _is_ready(self, number: int) -> bool:
        if number not in self._known and number not in self._reads:
            return False
        key = self._synthesis_keys.get(number)
        return key is None or self._figures[key] is not None

    def _commit(self, number: int) -> None:
        source = self._sources[number]
        replies = [self._reads.pop(number, None), self._figures.get(self._synthesis_keys.get(number, ""))]
        try:
            read, figures = (None if reply is None else _unwrap(reply) for reply in replies)
            if read is None and figures is None:
                self._note(number, self._known[number], "unchanged")
                return
            name = self._write(number, read, figures)
        except StoreError:
            raise
        except MulsmithError as error:
            trace = next((reply["internal"] for reply in replies if reply and "internal" in reply), None)
            self.outcome.failures.append(Failure(str(source.path), error.at(source.path), trace))
            self._note(number, None, "failed")
        else:
            self._note(number, name, "computed")

    def _write(self, number: int, read: Reply | None, figures: Reply | None) -> str:
        with self._store.transaction():
            if figures is not None:
                self._store.put_synthesis(self._synthesis_keys[number], figures)
            if read is not None:
                document = _document(self._sources[number], self._provenances[number], read)
                self._put(number, document, figures, base64.b64decode(read["netlist"]))
                return str(document["name"])
            name = self._known[number]
            entry = self._store.entry(name)
            if entry is None:
                raise StoreError(f"the record of '{name}' has gone", path=self._store.folder)
            self._store.update(Entry.from_document(self._with_figures(entry.document(), figures)))
            return name

    def _put(self, number: int, document: Document, figures: Reply | None, netlist: bytes) -> None:
        key = self._provenances[number].key
        name = str(document["name"])
        present = self._store.entry(name)
        entry = Entry.from_document(self._with_figures(document, figures, present))
        first = self._owners.setdefault(name, number) == number
        replace = first and present is not None and (present.source == entry.source or self._options.force)
        if present is None or replace:
            self._store.put(entry, {key: name}, netlist)
        elif (present.netlist_sha256, present.lut_sha256) == (entry.netlist_sha256, entry.lut_sha256):
            self._store.put_input(key, name)
        else:
            raise NetlistError(
                f"the name '{name}' already stands for another circuit, from {present.source}",
                remedy="rename the file, or give --force to replace the record of an earlier run",
            )

    def _with_figures(
        self, document: Document, figures: Reply | None, present: Entry | None = None
    ) -> Document:
        """Return a record with its synthesis figures; imported ones of the same netlist stay."""
        if present is not None and present.netlist_sha256 == document["netlist_sha256"]:
            before = present.document() if not self._options.force else document
            if is_imported(before):
                stated = {**document["provenance"], "synthesis": before["provenance"]["synthesis"]}
                return {**document, "synthesis": before["synthesis"], "provenance": stated}
        if figures is None or self._plan is None:
            return document
        stated = self._plan.provenance(document["netlist_sha256"]).to_json()
        provenance = {**document["provenance"], "synthesis": stated}
        return {**document, "synthesis": figures, "provenance": provenance}

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


def reading_provenance(source: Source, signed: bool | None) -> Provenance:
    """Return what a table and its statistics are computed from."""
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
