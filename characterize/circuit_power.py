"""Power of a library's circuit for any operands: its cells are mapped once and kept in the user's cache."""

from __future__ import annotations

import json
import logging
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy.typing as npt

from mulsmith.characterize.activity import Stationary
from mulsmith.characterize.cache import cache_folder
from mulsmith.characterize.equivalence import check_equivalent
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.library import Library
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.characterize.power import Power
from mulsmith.characterize.power_table import PowerTable, power_table
from mulsmith.characterize.store import Document
from mulsmith.characterize.synthesis import SCRIPT_SHA256, synthesize
from mulsmith.characterize.synthesis_plan import is_imported
from mulsmith.characterize.timing import analyze
from mulsmith.characterize.versions import synthesis_tools
from mulsmith.circuits.netlist import Netlist, Port
from mulsmith.errors import LibertyError, MulsmithError, StoreError
from mulsmith.provenance import Provenance
from mulsmith.storage import atomic_write

_log = logging.getLogger("mulsmith")


@dataclass(frozen=True, slots=True, eq=False)
class CircuitPower:
    """What a multiplication on one circuit costs, whatever its operands.

    Attributes:
        table: its power for any operand histograms.
        delay_ns: its longest path.
        clock_ghz: operations per nanosecond, as in the record's synthesis figures.
    """

    table: PowerTable
    delay_ns: float
    clock_ghz: float

    def power(
        self, a_histogram: npt.ArrayLike, b_histogram: npt.ArrayLike, stationary: Stationary = None
    ) -> Power:
        """Return the power at ``clock_ghz`` while operands are drawn from histograms.

        Raises:
            ConfigError: a histogram of the wrong size, with negative or non-finite entries, or empty.
        """
        return self.table.power(a_histogram, b_histogram, stationary, self.clock_ghz)


def circuit_power(library: Library, name: str, liberty: Liberty | None = None) -> CircuitPower:
    """Return the power of a library's circuit for any operands.

    Args:
        library: where the circuit's netlist is.
        name: the circuit.
        liberty: the cells; the embedded ones without it.

    Raises:
        StoreError: the library has no such circuit, or holds it without a netlist.
        LibertyError: the circuit's synthesis figures are for other cells.
        ToolError, NetlistError: as ``synthesize``.
    """
    cells = liberty or Liberty.embedded()
    document = library.entry(name).document()
    _check_cells(name, document, cells)
    mapped = mapped_circuit(library.netlist(name), cells)
    timing = analyze(mapped, cells)
    clock_ghz = 1.0 if document["synthesis"] is None else float(document["synthesis"]["clock_ghz"])
    return CircuitPower(power_table(mapped, cells, timing), timing.delay_ns, clock_ghz)


def mapped_circuit(netlist: Netlist, liberty: Liberty) -> MappedNetlist:
    """Return a netlist mapped to cells, from the cache where it was mapped before.

    What comes from the cache is proved by simulation like a fresh result.

    Raises:
        LibertyError, ToolError, NetlistError: as ``synthesize``.
    """
    inputs = {
        "netlist_sha256": netlist.sha256(),
        "liberty_sha256": liberty.sha256,
        "script_sha256": SCRIPT_SHA256,
    }
    path = cache_folder() / "mapped" / f"{Provenance(inputs, synthesis_tools()).key}.json.z"
    kept = _read(path, netlist, liberty)
    if kept is not None:
        return kept
    mapped = synthesize(netlist, liberty)
    try:
        atomic_write(path, mapped_to_bytes(mapped))
    except StoreError as error:
        _log.warning("a mapped circuit is not kept for the next time: %s", error)
    return mapped


def mapped_to_bytes(mapped: MappedNetlist) -> bytes:
    """Return a mapped circuit as compressed JSON."""
    document = {
        "name": mapped.name,
        "inputs": [[port.name, port.width] for port in mapped.inputs],
        "outputs": [[port.name, port.width] for port in mapped.outputs],
        "cells": [[cell.cell, dict(cell.pins)] for cell in mapped.cells],
        "output_nets": mapped.output_nets,
        "flow": mapped.flow,
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 6)


def mapped_from_bytes(data: bytes) -> MappedNetlist:
    """Return the circuit that ``mapped_to_bytes`` wrote.

    Raises:
        StoreError: the data is damaged.
    """
    try:
        document = json.loads(zlib.decompress(data))
        return MappedNetlist(
            document["name"],
            tuple(Port(name, width) for name, width in document["inputs"]),
            tuple(Port(name, width) for name, width in document["outputs"]),
            tuple(MappedCell(cell, pins) for cell, pins in document["cells"]),
            tuple(document["output_nets"]),
            document["flow"],
        )
    except (zlib.error, ValueError, KeyError, TypeError, MulsmithError) as error:
        raise StoreError(f"a mapped circuit is damaged ({error})") from None


def _read(path: Path, netlist: Netlist, liberty: Liberty) -> MappedNetlist | None:
    """Return the circuit that is kept in a file; None where there is none or it is not the netlist's."""
    if not path.is_file():
        return None
    try:
        mapped = mapped_from_bytes(path.read_bytes())
        check_equivalent(netlist, mapped, liberty)
    except (OSError, MulsmithError) as error:
        _log.warning("a kept mapped circuit cannot be used and is mapped again: %s", error)
        return None
    return mapped


def _check_cells(name: str, document: Document, liberty: Liberty) -> None:
    """Raise ``LibertyError`` unless the record's figures are for the given cells."""
    figures = document["synthesis"]
    if figures is None or is_imported(document):
        return
    if document["provenance"]["synthesis"]["inputs"]["liberty_sha256"] != liberty.sha256:
        raise LibertyError(
            f"{name} was synthesised to cells of {figures['liberty']}, which are not those of {liberty.name}",
            remedy="name the Liberty file that the library was characterized with (--liberty)",
        )
