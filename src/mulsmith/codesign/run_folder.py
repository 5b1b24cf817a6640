"""What lies where in the folder of a co-design run, and whose run it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mulsmith import __version__
from mulsmith.characterize.library import Library
from mulsmith.codesign.config import Config
from mulsmith.codesign.setting import open_library
from mulsmith.errors import StoreError
from mulsmith.storage import atomic_write, read_object

MANIFEST = "manifest.json"
RESULT = "result.json"
REPORT = "report.html"
ARCHITECTURE = "architecture"
SEARCH = "search"
LIBRARY = "library"
HANDOFF = "handoff"
_FORMAT = 1


def claim(config: Config, folder: Path) -> None:
    """Write the manifest, or check that the folder was begun with the same configuration.

    Where the evaluations run, what is handed over and what the choice has to keep may change; a result of
    the configuration before is removed then.

    Raises:
        StoreError: the folder was begun with another configuration or by another version.
    """
    path = folder / MANIFEST
    if path.exists():
        kept = read_manifest(folder)
        if kept == config:
            return
        before, asked = _identity(kept), _identity(config)
        changed = [name for name, value in asked.items() if before.get(name) != value]
        if changed or kept.method != config.method:
            raise StoreError(
                f"the run was begun with another configuration (differs in {', '.join(changed)})",
                path=folder,
                remedy="name another run folder, or start over with --fresh",
            )
        if kept.constraints != config.constraints:
            for name in (RESULT, REPORT):
                (folder / name).unlink(missing_ok=True)
    document = {
        "format": _FORMAT,
        "mulsmith": __version__,
        "configuration": config.model_dump(mode="json"),
    }
    atomic_write(path, json.dumps(document, indent=2).encode())


def _identity(config: Config) -> dict[str, Any]:
    """Return what the evaluations of a run depend on; with greedy its constraints are the search's own."""
    document = config.model_dump(mode="json")
    document["runner"] = {"threads": config.runner.threads}
    del document["export"]
    if config.method != "greedy":
        del document["constraints"]
    return document


def read_manifest(folder: Path) -> Config:
    """Return the configuration that a run folder is of.

    Raises:
        StoreError: no manifest, a damaged one, or one of another format or version.
    """
    path = folder / MANIFEST
    document = read_object(path, "manifest", StoreError("there is no co-design run here", path=folder))
    found = document.get("format")
    if found != _FORMAT:
        newer = isinstance(found, int) and found > _FORMAT
        raise StoreError(
            f"the run is of format {found}, but this version writes {_FORMAT}",
            path=path,
            remedy=f"use the {'newer ' if newer else ''}version that wrote it, or start over with --fresh",
        )
    writer = document.get("mulsmith", "an unnamed one")
    try:
        return Config.model_validate(document.get("configuration"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "configuration"
        raise StoreError(
            f"the manifest is damaged or of another version: {place}: {first['msg']}",
            path=path,
            remedy=f"this is mulsmith {__version__}, the run is of {writer}",
        ) from error


def run_library(config: Config, folder: Path) -> Library:
    """Return the library that a run chooses from: its own, the configured or the embedded one."""
    return Library.open(folder / LIBRARY) if config.circuits.files else open_library(config.circuits)
