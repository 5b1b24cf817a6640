"""Assignments of multipliers to layers, read from a file."""

from __future__ import annotations

from pathlib import Path

from pydantic import RootModel

from mulsmith.energy.documents import read_document
from mulsmith.energy.workload import Workload
from mulsmith.errors import ConfigError


class AssignmentDocument(RootModel[dict[str, str]]):
    """Layer name -> multiplier name; the key ``*`` stands for all layers that are not named."""


def read_assignment(path: Path, workload: Workload) -> dict[str, str]:
    """Return the multiplier of every layer from a YAML or JSON file.

    Raises:
        ConfigError: the file cannot be read, names an unknown layer, or leaves one out.
    """
    stated = dict(read_document(AssignmentDocument, path).root)
    rest = stated.pop("*", None)
    names = [layer.name for layer in workload]
    for name in stated:
        if name not in names:
            raise ConfigError(
                f"network {workload.name} has no layer named {name}",
                path=path,
                remedy=f"its layers are {', '.join(names)}",
            )
    missing = [name for name in names if name not in stated]
    if missing and rest is None:
        raise ConfigError(
            f"the assignment leaves out {', '.join(missing)}",
            path=path,
            remedy='name them, or give a multiplier for all others under "*"',
        )
    return {name: stated.get(name, rest or "") for name in names}
