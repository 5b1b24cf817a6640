"""Exported folders: Timeloop files read back give the same counts, others the same figures in their units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.accelergy import read_energy_reference
from mulsmith.energy.counting import evaluate
from mulsmith.energy.export import export_files, write_export
from mulsmith.energy.mapper import find_mapping
from mulsmith.energy.mapping import Mapping, parse_mapping
from mulsmith.energy.multipliers import MultiplierCost
from mulsmith.energy.prices import Prices
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.workload import Layer, Workload

WORKLOAD = Workload(
    "net",
    (
        Layer("/stem/Conv", M=16, C=3, P=16, Q=16, R=3, S=3, stride=(2, 2)),
        Layer("../up", N=2, M=17, C=13, kind="linear"),
        Layer("same", N=2, M=17, C=13, kind="linear"),
    ),
)
COST = MultiplierCost("m1", energy_pj=0.4, area_um2=250.0, leakage_mw=0.01, delay_ns=1.25)


def design() -> tuple[Accelerator, Prices]:
    accelerator = Accelerator.load("eyeriss-like")
    return accelerator, make_prices(accelerator, EnergyTable.load("cacti45"))


def timeloop_mapping(text: str, accelerator: Accelerator) -> Mapping:
    """Return a Timeloop mapping file, whose permutations run from the inside out, as a mapping."""
    lines: list[str] = []
    kept: dict[str, str] = {}
    directives: list[dict[str, Any]] = yaml.safe_load(text)["mapping"]
    for directive in directives:
        if directive["type"] == "dataspace":
            kept[directive["target"]] = " ".join(directive["keep"]).lower()
    axes = {array.name: array.axis for array in accelerator.arrays}
    for directive in directives:
        if directive["type"] == "dataspace":
            continue
        name = directive["target"]
        factors = dict(entry.split("=") for entry in directive["factors"])
        lines.append(f"{name} [ {kept.get(name, '')} ]")
        spatial = f" (Spatial-{axes[name]})" if directive["type"] == "spatial" else ""
        for dim in reversed(directive["permutation"]):
            if factors[dim] != "1":
                lines.append(f"| for {dim} in [0:{factors[dim]}){spatial}")
    return parse_mapping("\n".join(lines) + "\n", accelerator)


def test_a_timeloop_project_reads_back(tmp_path: Path) -> None:
    accelerator, prices = design()
    paths = write_export(export_files("timeloop", WORKLOAD, accelerator, prices, [COST]), tmp_path)
    folders = ["001__stem_Conv", "002__up", "003_same"]
    written = {f"{folder}/{name}.yaml" for folder in folders for name in ("problem", "mapping")}
    assert {str(path.relative_to(tmp_path)) for path in paths} == {"architecture.yaml", *written}
    for layer, folder in zip(WORKLOAD, folders, strict=True):
        instance = yaml.safe_load((tmp_path / folder / "problem.yaml").read_text())["problem"]["instance"]
        assert instance == layer.extents
        mapping = timeloop_mapping((tmp_path / folder / "mapping.yaml").read_text(), accelerator)
        found = find_mapping(accelerator, layer, prices, tiling="even")
        assert evaluate(accelerator, layer, mapping) == evaluate(accelerator, layer, found.mapping)


def test_reference_tables_read_back(tmp_path: Path) -> None:
    accelerator = Accelerator.load("timeloop-eyeriss-like")
    prices = make_prices(accelerator, EnergyTable.load("timeloop32"))
    (path,) = write_export(export_files("accelergy", WORKLOAD, accelerator, prices, [COST]), tmp_path)
    again = make_prices(accelerator, read_energy_reference(path, accelerator))
    assert path.name == "ERT_m1.yaml"
    assert again.read_pj == pytest.approx(prices.read_pj)
    assert again.multiply_pj == pytest.approx(0.4 + prices.add_pj)


def test_components_are_in_si_units() -> None:
    accelerator, prices = design()
    files = export_files("accelforge", WORKLOAD, accelerator, prices, [COST])
    tag, text = files["m1.yaml"].split("\n", 1)
    node = yaml.safe_load(text)
    assert tag == "!Compute"
    assert node["area"] == pytest.approx(250e-12)
    assert node["leak_power"] == pytest.approx(1e-5)
    (action,) = node["actions"]
    assert action["energy"] == pytest.approx((0.4 + prices.add_pj) * 1e-12)
    assert action["throughput"] == pytest.approx(8e8)
    assert action["latency"] == pytest.approx(1.25e-9)
