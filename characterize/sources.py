"""Find the input files of a characterization: files, folders, or the embedded circuits."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mulsmith.circuits.netlist import IDENTIFIER, MAX_IDENTIFIER
from mulsmith.errors import MulsmithError, NetlistError

SUFFIX = ".v"
EMBEDDED = "mulsmith/circuits/rtl"


@dataclass(frozen=True, slots=True)
class Source:
    """One input file.

    Attributes:
        path: where it lies.
        label: where it was found, as the record states it: relative to the folder that was named, the file
            name of a file that was named, or ``mulsmith/circuits/rtl/...`` of an embedded circuit.
        sha256: hash of its bytes.
    """

    path: Path
    label: str
    sha256: str

    @property
    def stem(self) -> str | None:
        """The file's name without ending where that is a plain identifier: the record's name."""
        stem = self.path.stem
        return stem if len(stem) <= MAX_IDENTIFIER and IDENTIFIER.fullmatch(stem) else None


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that led to no record.

    Attributes:
        path: the file.
        error: what is wrong with it.
        traceback: where the program itself failed; None for an error of the input.
    """

    path: str
    error: MulsmithError
    traceback: str | None = None

    def to_json(self) -> dict[str, str]:
        """Return ``path`` and ``error``."""
        return {"path": self.path, "error": str(self.error)}


def find_sources(paths: Sequence[Path]) -> tuple[list[Source], list[Failure]]:
    """Return the input files, sorted by label, and what cannot be read.

    Args:
        paths: Verilog files and folders (searched with their subfolders); none means the embedded circuits.
    """
    sources: dict[Path, Source] = {}
    failures: list[Failure] = []
    for path, label in _embedded() if not paths else _named(paths, failures):
        try:
            sources.setdefault(path.absolute(), Source(path, label, file_sha256(path)))
        except MulsmithError as error:
            failures.append(Failure(str(path), error))
    return sorted(sources.values(), key=lambda source: (source.label, source.path)), failures


def file_sha256(path: Path) -> str:
    """Return the hash of a file's bytes.

    Raises:
        NetlistError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NetlistError(f"cannot read: {error.strerror}", path=path) from None


def _embedded() -> Iterator[tuple[Path, str]]:
    from mulsmith.circuits.embedded import embedded_files, embedded_folder

    folder = embedded_folder()
    return ((path, f"{EMBEDDED}/{path.relative_to(folder).as_posix()}") for path in embedded_files())


def _named(paths: Sequence[Path], failures: list[Failure]) -> Iterator[tuple[Path, str]]:
    for root in paths:
        if root.is_dir():
            inside = sorted(path for path in root.rglob(f"*{SUFFIX}") if path.is_file())
            if not inside:
                error = NetlistError("the folder holds no .v file", path=root)
                failures.append(Failure(str(root), error))
            for path in inside:
                yield path, _printable(path.relative_to(root))
        elif root.exists():
            yield root, _printable(Path(root.name))
        else:
            error = NetlistError("there is no such file or folder", path=root)
            failures.append(Failure(str(root), error))


def _printable(path: Path) -> str:
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
