"""The multipliers that come with mulsmith: generated ones in ``circuits/rtl``, evolved ones below it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def embedded_files() -> list[Path]:
    """Return the Verilog files of all embedded multipliers, sorted by name."""
    return sorted([*generated_files(), *evolved_files()], key=lambda path: path.name)


def generated_files() -> list[Path]:
    """Return those that a call of a generator wrote, sorted by name; the call stands in the header."""
    return sorted(embedded_folder().glob("*.v"))


def evolved_files() -> list[Path]:
    """Return those of ``mulsmith circuits evolve-set``, sorted by name; the header names limits and seed."""
    return sorted((embedded_folder() / "evolved").glob("*.v"))


def embedded_folder() -> Path:
    """Return the folder of the embedded multipliers."""
    return Path(str(files("mulsmith.circuits").joinpath("rtl")))
