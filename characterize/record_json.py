"""Records back from their JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier, SynthesisReport
from mulsmith.characterize.statistics import ErrorStats


def multiplier_from_json(document: Mapping[str, Any], lut: Lut) -> Multiplier:
    """Return the record that ``Multiplier.to_json`` described, with its table."""
    synthesis = document["synthesis"]
    return Multiplier(
        name=document["name"],
        netlist_sha256=document["netlist_sha256"],
        lut=lut,
        errors=ErrorStats(**document["errors"]),
        synthesis=None if synthesis is None else synthesis_from_json(synthesis),
        reported=document["reported"],
        source=document["source"],
        provenance=document["provenance"],
    )


def synthesis_from_json(document: Mapping[str, Any]) -> SynthesisReport:
    """Return the figures that ``SynthesisReport.to_json`` described."""
    return SynthesisReport(**{name: value for name, value in document.items() if name != "energy_pdp_pj"})
