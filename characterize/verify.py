"""Check a library against itself: hashes of all it holds, every netlist simulated again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mulsmith.characterize.lut_files import LUT_FOLDER, lut_path, read_lut
from mulsmith.characterize.netlist_json import netlist_from_bytes
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.characterize.store import Entry, Store
from mulsmith.errors import MulsmithError, StoreError


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found.

    Attributes:
        checked: number of records.
        damaged: name of a record, or of the index -> what is wrong with it.
        unreferenced: tables that no record uses; runs that were cut off leave them, and they do no harm.
    """

    checked: int
    damaged: dict[str, str]
    unreferenced: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the findings by name."""
        damaged = [{"name": name, "cause": cause} for name, cause in self.damaged.items()]
        return {"checked": self.checked, "damaged": damaged, "unreferenced": list(self.unreferenced)}


def verify(folder: Path, on_progress: Callable[[int, int], None] | None = None) -> Verification:
    """Check every record of a library.

    A record is sound when its text and its table have the hashes that were stored with them, its netlist has
    the hash that the record names and simulates to the same table, and the table has the error statistics
    that the record states.

    Args:
        folder: the library.
        on_progress: called with the number of records done and their total.

    Raises:
        StoreError: there is no library, or its index cannot be read at all.
    """
    store = Store.open(folder)
    try:
        damaged: dict[str, str] = {}
        state = store.check_index()
        if state != "ok":
            damaged["index"] = state
        entries = store.entries()
        for number, entry in enumerate(entries, start=1):
            try:
                _check(store, entry)
            except MulsmithError as error:
                damaged[entry.name] = str(error)
            if on_progress is not None:
                on_progress(number, len(entries))
        return Verification(len(entries), damaged, _unreferenced(folder, entries))
    finally:
        store.close()


def _check(store: Store, entry: Entry) -> None:
    document = entry.document()
    for column in ("name", "source", "a_bits", "b_bits", "signed", "lut_sha256", "netlist_sha256"):
        if document[column] != getattr(entry, column):
            raise StoreError(f"the index and the record differ in '{column}'")
    lut = read_lut(store.folder, entry.a_bits, entry.b_bits, entry.signed, entry.lut_sha256)
    if error_stats(lut).to_json() != document["errors"]:
        raise StoreError("the table does not have the error statistics that the record states")
    if not entry.netlist_sha256:
        return
    data = store.netlist(entry.netlist_sha256)
    if data is None:
        raise StoreError("the netlist is missing")
    netlist = netlist_from_bytes(data)
    if netlist.sha256() != entry.netlist_sha256:
        raise StoreError("the netlist differs from its hash")
    if simulate_lut(netlist) != lut:
        raise StoreError("the netlist does not simulate to the stored table")


def _unreferenced(folder: Path, entries: list[Entry]) -> tuple[str, ...]:
    used = {lut_path(folder, e.a_bits, e.b_bits, e.lut_sha256) for e in entries}
    files = sorted((folder / LUT_FOLDER).glob("*/*.npz"))
    return tuple(path.relative_to(folder).as_posix() for path in files if path not in used)
