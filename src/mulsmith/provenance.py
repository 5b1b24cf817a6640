"""Where a figure comes from: a key over every input and tool version that could change it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

Value = str | int | float | bool | None


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Provenance:
    """What one figure was computed from.

    Attributes:
        inputs: name of each input (netlist, Liberty, script, stimulus) -> its hash or value.
        tools: name of each tool -> its version.
    """

    inputs: Mapping[str, Value]
    tools: Mapping[str, str]

    @property
    def key(self) -> str:
        """Hash of all of it: an equal key means that the figure may be used again."""
        text = json.dumps(
            {"inputs": dict(self.inputs), "tools": dict(self.tools)}, sort_keys=True, separators=(",", ":")
        )
        return sha256_hex(text.encode())

    def to_json(self) -> dict[str, object]:
        """Return the JSON form: ``key``, ``inputs`` and ``tools``."""
        return {"key": self.key, "inputs": dict(self.inputs), "tools": dict(self.tools)}


def tool_version(distribution: str) -> str:
    """Return the installed version of a Python distribution, or ``"absent"``."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"
