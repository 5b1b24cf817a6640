"""The multipliers that come with mulsmith: generated Verilog files in ``circuits/rtl``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def embedded_files() -> list[Path]:
    """Return the Verilog files of the embedded multipliers, sorted by name."""
    folder = Path(str(files("mulsmith.circuits").joinpath("rtl")))
    return sorted(folder.glob("*.v"))
