"""What a library's synthesis figures are computed from, and whether a record has those figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mulsmith.characterize.activity_text import parse_activity
from mulsmith.characterize.genlib import gate_library
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.store import Document
from mulsmith.characterize.synthesis import SCRIPT_SHA256
from mulsmith.characterize.versions import synthesis_tools
from mulsmith.errors import ConfigError, LibertyError
from mulsmith.provenance import Provenance, Value, sha256_hex


@dataclass(frozen=True, slots=True)
class SynthesisOptions:
    """How to synthesise.

    Attributes:
        liberty: Liberty file of the cells; the embedded one without it.
        activity: what the operands do, as ``parse_activity`` takes it.
        clock_ghz: operations per nanosecond.
    """

    liberty: Path | None = None
    activity: str = "0.1"
    clock_ghz: float = 1.0


@dataclass(frozen=True, slots=True)
class SynthesisPlan:
    """Synthesis options with the hashes of what they name.

    Attributes:
        options: how to synthesise.
        inputs: everything but the netlist that a figure depends on.
    """

    options: SynthesisOptions
    inputs: Mapping[str, Value]

    def provenance(self, netlist_sha256: str) -> Provenance:
        """Return what the figures of a circuit are computed from."""
        return Provenance({"netlist_sha256": netlist_sha256, **self.inputs}, synthesis_tools())

    def request(self, netlist: str) -> dict[str, Any]:
        """Return the request to a worker for a stored netlist in base64."""
        path = self.options.liberty
        return {
            "task": "synthesise",
            "netlist": netlist,
            "liberty": None if path is None else str(path.absolute()),
            "liberty_sha256": self.inputs["liberty_sha256"],
            "activity": self.options.activity,
            "clock_ghz": self.options.clock_ghz,
        }

    def is_met_by(self, document: Document) -> bool:
        """Return whether a record's figures are those of this plan, or were imported on purpose."""
        stated = document["provenance"].get("synthesis")
        if document["synthesis"] is None or stated is None:
            return False
        return is_imported(document) or stated["key"] == self.provenance(document["netlist_sha256"]).key

    def check_liberty(self) -> None:
        """Raise ``LibertyError`` where the Liberty file is broken or lacks a needed function."""
        gate_library(read_liberty(self.options.liberty))


def plan_synthesis(options: SynthesisOptions) -> SynthesisPlan:
    """Return the plan for some options, without parsing the Liberty file.

    Raises:
        ConfigError: no such activity, or no positive clock.
        LibertyError: the Liberty file cannot be read.
    """
    if not 0 < options.clock_ghz < float("inf"):
        raise ConfigError(f"the clock is {options.clock_ghz:g} GHz, but must be positive")
    activity = parse_activity(options.activity)
    inputs: dict[str, Value] = {
        "liberty_sha256": _liberty_sha256(options.liberty),
        "script_sha256": SCRIPT_SHA256,
        "activity": activity.describe(),
        "activity_sha256": activity.digest(),
        "clock_ghz": float(options.clock_ghz),
    }
    return SynthesisPlan(options, inputs)


def is_imported(document: Document) -> bool:
    """Return whether a record's synthesis figures come from another tool's reports."""
    return bool((document["provenance"].get("synthesis") or {}).get("imported"))


def read_liberty(path: Path | None) -> Liberty:
    """Read a Liberty file, or the embedded one for None."""
    return Liberty.embedded() if path is None else Liberty.read(path)


def _liberty_sha256(path: Path | None) -> str:
    if path is None:
        return Liberty.embedded().sha256
    try:
        return sha256_hex(path.read_bytes())
    except OSError as error:
        raise LibertyError(f"cannot read: {error.strerror}", path=path) from None
