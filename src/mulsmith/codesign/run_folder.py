"""What lies where in the folder of a co-design run, and whose run it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mulsmith.characterize.library import Library
from mulsmith.codesign.config import Config
from mulsmith.codesign.setting import open_library
from mulsmith.errors import StoreError
from mulsmith.storage import atomic_write

MANIFEST = "manifest.json"
SEARCH = "search"
LIBRARY = "library"
_FORMAT = 1


def claim(config: Config, folder: Path) -> None:
    """Write the manifest, or check that the folder's is of the same configuration.

    Raises:
        StoreError: the folder was begun with another configuration or by another version.
    """
    path = folder / MANIFEST
    asked = config.model_dump(mode="json")
    if not path.exists():
        atomic_write(path, json.dumps({"format": _FORMAT, "configuration": asked}, indent=2).encode())
        return
    kept = read_manifest(folder)
    # Where the evaluations run and what is handed over can change from one call to the next.
    for document in (asked, kept):
        document["runner"] = {"threads": document.get("runner", {}).get("threads")}
        document.pop("export", None)
    changed = [name for name, value in asked.items() if kept.get(name) != value]
    if changed:
        raise StoreError(
            f"the run was begun with another configuration (differs in {', '.join(changed)})",
            path=folder,
            remedy="name another run folder, or start over with --fresh",
        )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the configuration that a run folder was begun with, as JSON.

    Raises:
        StoreError: no manifest, a damaged one, or one of another format.
    """
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != _FORMAT:
            raise StoreError(
                f"the run is of format {document['format']}, but this version writes {_FORMAT}",
                path=path,
                remedy="use the version that wrote it, or start over with --fresh",
            )
        configuration: dict[str, Any] = document["configuration"]
    except FileNotFoundError as error:
        raise StoreError("there is no co-design run here", path=folder) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"the manifest is damaged: {error!r}", path=path) from error
    return configuration


def run_library(config: Config, folder: Path) -> Library:
    """Return the library that a run chooses from: its own, the configured or the embedded one."""
    return Library.open(folder / LIBRARY) if config.circuits.files else open_library(config.circuits)
