"""What the library keeps of one multiplier: table, error statistics, synthesis figures and their origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.statistics import ErrorStats


@dataclass(frozen=True, slots=True)
class SynthesisReport:
    """Area, timing and power of a circuit mapped to a cell library.

    Attributes:
        area_um2: sum of the cell areas.
        delay_ns: longest input-to-output arrival.
        power_mw: dynamic and leakage power together.
        power_dynamic_mw: switching and internal power at ``clock_ghz``.
        power_leakage_mw: leakage power.
        cells: cell type -> how many.
        liberty: name of the cell library.
        clock_ghz: clock that the dynamic power refers to.
        activity: the stimulus that the dynamic power refers to, as text (e.g. ``toggle 0.1``).
        flow: which tool and script produced the figures (e.g. ``mulsmith fa-amap``, ``imported: genus``).
    """

    area_um2: float
    delay_ns: float
    power_mw: float
    power_dynamic_mw: float
    power_leakage_mw: float
    cells: Mapping[str, int]
    liberty: str
    clock_ghz: float
    activity: str
    flow: str

    @property
    def energy_pdp_pj(self) -> float:
        """Energy of one multiplication as power-delay product, mW x ns = pJ."""
        return self.power_mw * self.delay_ns

    def to_json(self) -> dict[str, object]:
        """Return the figures by name, ``energy_pdp_pj`` included."""
        return {**asdict(self), "cells": dict(self.cells), "energy_pdp_pj": self.energy_pdp_pj}


@dataclass(frozen=True, slots=True)
class Multiplier:
    """One multiplier of a library.

    Attributes:
        name: its name in the library.
        netlist_sha256: hash of the normalised netlist.
        lut: every product that it computes.
        errors: statistics of the table against the exact product.
        synthesis: what this tool (or an imported report) measured; None when not synthesised.
        reported: what the source file's own header says, by name; never mixed with ``synthesis``.
        source: where the circuit was read from.
        provenance: JSON form of what the figures were computed from.
    """

    name: str
    netlist_sha256: str
    lut: Lut
    errors: ErrorStats
    synthesis: SynthesisReport | None
    reported: Mapping[str, float]
    source: str
    provenance: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        """Return the JSON form that ``characterize --json`` and ``library show --json`` print."""
        return {
            "name": self.name,
            "a_bits": self.lut.a_bits,
            "b_bits": self.lut.b_bits,
            "signed": self.lut.signed,
            "source": self.source,
            "netlist_sha256": self.netlist_sha256,
            "lut_sha256": self.lut.sha256(),
            "errors": self.errors.to_json(),
            "synthesis": None if self.synthesis is None else self.synthesis.to_json(),
            "reported": dict(self.reported),
            "provenance": dict(self.provenance),
        }
