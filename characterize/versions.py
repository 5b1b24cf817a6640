"""Versions of everything that computes a figure, for its provenance key."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from mulsmith import __version__
from mulsmith.provenance import tool_version


@functools.cache
def own_version() -> str:
    """Return mulsmith's version with a hash of the code that reads, simulates and synthesises.

    The hash makes a record of an unreleased state old as soon as that state changes.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for room in (here.parent / "circuits", here):
        for path in sorted(room.rglob("*.py")):
            digest.update(path.relative_to(room).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


@functools.cache
def _reading_tools() -> dict[str, str]:
    return {
        "mulsmith": own_version(),
        "numpy": tool_version("numpy"),
        "pyverilog": tool_version("pyverilog"),
    }


def reading_tools() -> dict[str, str]:
    """Return the tools behind tables and error statistics with their versions."""
    return dict(_reading_tools())


@functools.cache
def _synthesis_tools() -> dict[str, str]:
    return {
        "mulsmith": own_version(),
        "numpy": tool_version("numpy"),
        "pyosys": tool_version("pyosys"),
    }


def synthesis_tools() -> dict[str, str]:
    """Return the tools behind area, delay and power with their versions."""
    return dict(_synthesis_tools())
