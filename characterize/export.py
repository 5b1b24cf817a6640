"""Hand a library on: figures as CSV, JSON or Parquet, circuits as Verilog, tables in any dialect."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mulsmith.characterize.dialects import DIALECTS, find_dialect
from mulsmith.characterize.figures import FIGURES, Document, figure
from mulsmith.characterize.library import Library
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.errors import ConfigError, ToolError
from mulsmith.storage import atomic_write

FIGURE_FORMATS = ("csv", "json", "parquet")
FORMATS = (*FIGURE_FORMATS, "verilog", *DIALECTS)
_IDENTITY = ("name", "a_bits", "b_bits", "signed", "source", "netlist_sha256", "lut_sha256")


def export(library: Library, names: Sequence[str], form: str, output: Path) -> list[Path]:
    """Write multipliers in a format; return the files.

    Args:
        library: where they are.
        names: which ones.
        form: one of ``FORMATS``.
        output: the file of a figure format; the folder of ``verilog`` and of the table dialects, in which
            each multiplier becomes a file of its name.

    Raises:
        ConfigError: no such format.
        LutError: a table that the dialect cannot hold.
        StoreError: an unknown name, or the output cannot be written.
        ToolError: Parquet without pyarrow.
    """
    if form not in FORMATS:
        raise ConfigError(f"there is no format '{form}'", remedy=f"choose from {', '.join(FORMATS)}")
    if form in FIGURE_FORMATS:
        documents = [library.entry(name).document() for name in names]
        atomic_write(output, _figures(documents, form))
        return [output]
    written = []
    for name in names:
        if form == "verilog":
            path = output / f"{name}.v"
            data = write_verilog(library.netlist(name)).encode()
        else:
            dialect = find_dialect(form)
            path = output / f"{name}{dialect.suffix}"
            data = dialect.write(library[name].lut, name)
        atomic_write(path, data)
        written.append(path)
    return written


def _figures(documents: Sequence[Document], form: str) -> bytes:
    if form == "json":
        return (json.dumps({"circuits": documents}, indent=2, allow_nan=False) + "\n").encode()
    rows = [_row(document) for document in documents]
    if form == "parquet":
        return _parquet(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*_IDENTITY, *FIGURES, "cells", "liberty", "activity", "flow"])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _row(document: Document) -> dict[str, Any]:
    synthesis = document["synthesis"] or {}
    return {
        **{name: document[name] for name in _IDENTITY},
        **{name: figure(document, name) for name in FIGURES},
        "cells": sum(synthesis["cells"].values()) if synthesis else None,
        **{name: synthesis.get(name) for name in ("liberty", "activity", "flow")},
    }


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise ToolError(
            "Parquet needs pyarrow, which is not installed", remedy="pip install 'mulsmith[parquet]'"
        ) from None
    whole, text = pa.int64(), pa.string()
    kinds = {"a_bits": whole, "b_bits": whole, "signed": pa.bool_(), "cells": whole}
    texts = ("name", "source", "netlist_sha256", "lut_sha256", "liberty", "activity", "flow")
    kinds |= dict.fromkeys(texts, text) | dict.fromkeys(FIGURES, pa.float64())
    order = [*_IDENTITY, *FIGURES, "cells", "liberty", "activity", "flow"]
    table = pa.Table.from_pylist(list(rows), schema=pa.schema([(name, kinds[name]) for name in order]))
    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()
