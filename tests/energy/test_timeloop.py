"""Counts against Timeloop's published statistics of three designs (Timeloop/Accelergy examples, MIT)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.conventions import TIMELOOP
from mulsmith.energy.counting import Counts, evaluate
from mulsmith.energy.mapping import parse_mapping, parse_mapping_yaml
from mulsmith.energy.workload import Layer

LAYER = Layer("conv", M=32, C=3, P=112, Q=112, R=3, S=3, stride=(2, 2))
DESIGNS = {
    "eyeriss_like": "timeloop-eyeriss-like",
    "simple_output_stationary": "simple-output-stationary",
    "simple_weight_stationary": "simple-weight-stationary",
}
COUNTERS = {
    "Partition size": lambda a: a.partition_words,
    "Utilized capacity": lambda a: a.tile_words,
    "Utilized instances (max)": lambda a: a.instances,
    "Scalar reads (per-instance)": lambda a: a.reads / a.instances,
    "Scalar fills (per-instance)": lambda a: a.fills / a.instances,
    "Scalar updates (per-instance)": lambda a: a.updates / a.instances,
    "Temporal reductions (per-instance)": lambda a: a.reductions / a.instances,
    "Address generations (per-cluster)": lambda a: a.addresses / a.instances,
}


def published(text: str) -> tuple[dict[tuple[str, str, str], float], dict[str, float]]:
    """Return ((storage, tensor, counter) -> value, name of a total -> value) of a stats.txt."""
    counters: dict[tuple[str, str, str], float] = {}
    storage = tensor = ""
    for line in text.split("Networks\n")[0].splitlines():
        if match := re.match(r"=== (\w+) ===", line):
            storage, tensor = match[1], ""
        elif match := re.match(r"    (Weights|Inputs|Outputs):", line):
            tensor = match[1].lower()
        elif (match := re.match(r"        (.+?) +: (\d+)$", line)) and tensor and match[1] in COUNTERS:
            counters[storage, tensor, match[1]] = float(match[2])
    totals = {
        name: float(re.search(pattern, text)[1])  # type: ignore[index]
        for name, pattern in {
            "cycles": r"\nCycles: (\d+)",
            "utilisation": r"\nUtilization: ([\d.]+)%",
            "computes": r"\nComputes = (\d+)",
            "pes": r"Utilized instances +: (\d+)",
        }.items()
    }
    return counters, totals


def counts_of(folder: Path, design: str) -> Counts:
    accelerator = Accelerator.load(DESIGNS[design])
    mapping = parse_mapping((folder / "map.txt").read_text(), accelerator)
    assert parse_mapping(mapping.to_text(accelerator, LAYER), accelerator) == mapping
    assert parse_mapping_yaml(yaml.safe_dump(mapping.to_document()), accelerator) == mapping
    return evaluate(accelerator, LAYER, mapping, TIMELOOP)


@pytest.mark.parametrize("design", DESIGNS)
def test_every_counter_equals_timeloop(timeloop_reference: Path, design: str) -> None:
    folder = timeloop_reference / design
    expected, totals = published((folder / "stats.txt").read_text())
    counts = counts_of(folder, design)
    got = {
        (access.storage, access.tensor, name): counter(access)
        for access in counts.accesses
        for name, counter in COUNTERS.items()
    }
    assert len(expected) > 50
    assert got == expected
    assert counts.cycles == counts.latency_cycles == totals["cycles"]
    assert round(counts.utilisation * 100, 2) == totals["utilisation"]
    assert counts.macs == totals["computes"]
    assert counts.pes_used == totals["pes"]
