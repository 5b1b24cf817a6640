"""The folder of a hand-off: written at once, with a manifest that holds a hash of every file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mulsmith import __version__
from mulsmith.errors import StoreError
from mulsmith.provenance import sha256_hex
from mulsmith.search.trial import canonical_json
from mulsmith.storage import atomic_write, read_object, storage_errors

MANIFEST = "manifest.json"
FORMAT = 2


def write_folder(folder: Path, kind: str, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write the files of a hand-off and, at the end, its manifest.

    Args:
        folder: new or empty.
        kind: what the hand-off is: ``rtl``, ``c`` and so on.
        files: relative path -> content.
        about: what else the manifest says, in JSON types.

    Raises:
        StoreError: the folder is not empty or cannot be written.
    """
    with storage_errors(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StoreError("the folder is not empty", path=folder, remedy="name a new one, or empty it")
    for name, data in files.items():
        atomic_write(folder / name, data)
    document: dict[str, Any] = {
        "format": FORMAT,
        "kind": kind,
        "mulsmith": __version__,
        **about,
        "files": {name: sha256_hex(data) for name, data in sorted(files.items())},
    }
    document["sha256"] = _own_hash(document)
    atomic_write(folder / MANIFEST, (json.dumps(document, indent=2, allow_nan=False) + "\n").encode())


def read_folder(folder: Path) -> dict[str, Any]:
    """Return the manifest of a hand-off whose files are all there, unchanged, with no others in its folders.

    Files at the top that the manifest does not name are left alone: simulations by hand write there.

    Raises:
        StoreError: no hand-off, of another format, or files that are changed, missing or added, by name.
    """
    path = folder / MANIFEST
    absent = StoreError(
        "there is no hand-off here", path=folder, remedy="write one with 'mulsmith export RUN --to rtl DIR'"
    )
    document = read_object(path, "manifest", absent)
    if not isinstance(document.get("files"), dict):
        raise StoreError("the manifest is no manifest of a hand-off", path=path)
    if document.get("format") != FORMAT:
        raise StoreError(
            f"the hand-off is of format {document.get('format')}, but this mulsmith reads format {FORMAT}",
            path=path,
            remedy="export it again",
        )
    if document.get("sha256") != _own_hash(document):
        raise StoreError("the manifest was changed", path=path, remedy="export the run again")
    _check_files(folder, document["files"])
    return document


def _check_files(folder: Path, hashes: Mapping[str, str]) -> None:
    missing = [name for name in hashes if not (folder / name).is_file()]
    if missing:
        raise _damage(folder, missing, "is missing", "are missing")
    changed = [name for name, digest in hashes.items() if sha256_hex((folder / name).read_bytes()) != digest]
    if changed:
        raise _damage(folder, changed, "was changed", "were changed")
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() and path.parent != folder
    }
    if added := sorted(present - set(hashes)):
        raise _damage(folder, added, "does not belong to the hand-off", "do not belong to the hand-off")


def _damage(folder: Path, names: list[str], one: str, several: str) -> StoreError:
    if len(names) == 1:
        return StoreError(f"the file {one}", path=folder / names[0], remedy="export the run again")
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return StoreError(f"files {several}: {shown}", path=folder, remedy="export the run again")


def _own_hash(document: Mapping[str, Any]) -> str:
    content = {key: value for key, value in document.items() if key != "sha256"}
    return sha256_hex(canonical_json(content).encode())
