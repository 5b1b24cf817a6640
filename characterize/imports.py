"""Put into a library what was not read from Verilog here: tables of other tools, synthesis reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mulsmith.characterize.dialects import Dialect, read_table
from mulsmith.characterize.dialects.shape import Shape
from mulsmith.characterize.lut_files import write_lut
from mulsmith.characterize.record import SynthesisReport
from mulsmith.characterize.sources import file_sha256
from mulsmith.characterize.statistics import error_stats
from mulsmith.characterize.store import Document, Entry
from mulsmith.characterize.versions import reading_tools
from mulsmith.characterize.writing import OnWait, writing
from mulsmith.circuits.netlist import check_identifier
from mulsmith.errors import StoreError
from mulsmith.provenance import Provenance, Value


def import_table(
    folder: Path,
    path: Path,
    dialect: Dialect,
    shape: Shape,
    name: str,
    *,
    force: bool = False,
    on_wait: OnWait = None,
) -> Document:
    """Make a record of a table in a foreign format; it has no netlist, so it cannot be synthesised.

    Args:
        folder: the library, made where there is none.
        path: the file.
        dialect: its format.
        shape: what the format does not say: widths and signedness.
        name: the record's name, an identifier.
        force: replace a record of that name.
        on_wait: called once where another process is writing to the library.

    Returns:
        The record in its JSON form.

    Raises:
        LutError: the file is no such table.
        NetlistError: ``name`` is no identifier.
        StoreError: the name stands for another function, or the library cannot be written.
    """
    check_identifier(name)
    lut = read_table(path, dialect, shape)
    inputs: dict[str, Value] = {
        "source_sha256": file_sha256(path),
        "dialect": dialect.name,
        "signed": shape.signed,
    }
    with writing(folder, on_wait) as store:
        present = store.entry(name)
        sha256 = lut.sha256()
        if present is not None and present.lut_sha256 != sha256 and not force:
            raise StoreError(
                f"the name '{name}' already stands for another circuit, from {present.source}",
                path=folder,
                remedy="choose another --name, or give --force to replace it",
            )
        document: Document = {
            "name": name,
            "a_bits": lut.a_bits,
            "b_bits": lut.b_bits,
            "signed": lut.signed,
            "source": path.name,
            "netlist_sha256": "",
            "lut_sha256": write_lut(folder, lut, rewrite=force),
            "errors": error_stats(lut).to_json(),
            "synthesis": None,
            "reported": {},
            "provenance": {
                **Provenance(inputs, reading_tools()).to_json(),
                "signed_because": "asked for by option",
            },
        }
        if present is None or force or not present.netlist_sha256:
            with store.transaction():
                store.put(Entry.from_document(document))
            return document
        return present.document()


def attach_synthesis(
    folder: Path, name: str, report: SynthesisReport, files: Sequence[Path], on_wait: OnWait = None
) -> Document:
    """Put imported synthesis figures into a record; its provenance names the report files and their hashes.

    Args:
        folder: the library.
        name: the record.
        report: the figures.
        files: the report files that they were read from.
        on_wait: called once where another process is writing to the library.

    Returns:
        The record in its JSON form.

    Raises:
        StoreError: no such record, or the library cannot be written.
    """
    hashes = enumerate(sorted(file_sha256(path) for path in files), start=1)
    inputs: dict[str, Value] = {f"report_{number}_sha256": sha256 for number, sha256 in hashes}
    with writing(folder, on_wait) as store:
        entry = store.entry(name)
        if entry is None:
            raise StoreError(f"there is no multiplier '{name}'", path=folder)
        document = entry.document()
        document["synthesis"] = report.to_json()
        provenance = Provenance({"flow": report.flow, **inputs}, {})
        document["provenance"] = {
            **document["provenance"],
            "synthesis": {"imported": True, **provenance.to_json()},
        }
        with store.transaction():
            store.update(Entry.from_document(document))
        return document
