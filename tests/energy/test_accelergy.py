"""Accelergy's tables against Timeloop's published energies, and written files read again."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.accelergy import energy_reference, read_area_reference, read_energy_reference
from mulsmith.energy.conventions import TIMELOOP
from mulsmith.energy.counting import evaluate
from mulsmith.energy.estimator import Estimator, Mapper
from mulsmith.energy.mapper import find_mapping
from mulsmith.energy.mapping import parse_mapping
from mulsmith.energy.multipliers import MultiplierCost
from mulsmith.energy.prices import component_energy, movement_pj
from mulsmith.energy.results import network_energy
from mulsmith.energy.tables import make_prices
from mulsmith.energy.text import format_account
from mulsmith.energy.timeloop_files import architecture, mapping_file, problem
from mulsmith.energy.workload import DIMS, Layer, Workload
from mulsmith.errors import ConfigError

from .test_timeloop import DESIGNS, LAYER


class AnyTag(yaml.SafeLoader):
    """Reads tagged mappings as mappings."""


AnyTag.add_multi_constructor("!", lambda loader, _, node: loader.construct_mapping(node, deep=True))

# Energy per design in pJ, leakage taken off, from Timeloop's statistics.
TOTALS = {"eyeriss_like": 59.26e6, "simple_output_stationary": 118.44e6, "simple_weight_stationary": 151.65e6}


@pytest.mark.parametrize("design", DESIGNS)
def test_energy_of_timeloops_designs(timeloop_reference: Path, design: str) -> None:
    folder = timeloop_reference / design
    accelerator = Accelerator.load(DESIGNS[design])
    table = read_energy_reference(folder / "ERT_summary.yaml", accelerator)
    prices = make_prices(accelerator, table)
    counts = evaluate(
        accelerator, LAYER, parse_mapping((folder / "map.txt").read_text(), accelerator), TIMELOOP
    )
    assert prices.multiply_pj is not None
    total = movement_pj(counts, prices) + counts.macs * prices.multiply_pj
    assert total == pytest.approx(TOTALS[design], rel=2e-4)
    if design == "eyeriss_like":
        energy = component_energy(counts, prices)
        assert energy["psum_spad", "outputs"] == pytest.approx(4190338.25, rel=1e-6)
        assert energy["shared_glb", "inputs"] == pytest.approx(3357302.30, rel=1e-6)


# Leakage per design in pJ, of the instances in use, from Timeloop's statistics.
LEAKAGE = {
    "eyeriss_like": 1452.29 + 17254.12 + 1094.64 + 486.16,
    "simple_output_stationary": 12626.29 + 3625.99,
    "simple_weight_stationary": 12626.29 + 4834.66,
}


@pytest.mark.parametrize("design", DESIGNS)
def test_leakage_of_timeloops_designs(timeloop_reference: Path, design: str) -> None:
    folder = timeloop_reference / design
    accelerator = Accelerator.load(DESIGNS[design])
    prices = make_prices(accelerator, read_energy_reference(folder / "ERT_summary.yaml", accelerator))
    counts = evaluate(
        accelerator, LAYER, parse_mapping((folder / "map.txt").read_text(), accelerator), TIMELOOP
    )
    used = {access.storage: access.instances for access in counts.accesses}
    nanoseconds = counts.cycles * 1e3 / accelerator.clock_mhz
    leak_pj = sum((prices.standing[name].leakage_mw or 0.0) * n * nanoseconds for name, n in used.items())
    assert leak_pj == pytest.approx(LEAKAGE[design], rel=5e-3)


def test_areas_and_leakage_reach_the_account(tmp_path: Path, timeloop_reference: Path) -> None:
    accelerator = Accelerator.load("timeloop-eyeriss-like")
    areas = {"DRAM": 0.0, "shared_glb": 217363.38, "ifmap_spad": 70.09, "weights_spad": 5816.44}
    path = tmp_path / "ART.yaml"

    def write() -> None:
        entries = [{"name": f"system_top_level.{name}[1..168]", "area": area} for name, area in areas.items()]
        path.write_text(yaml.safe_dump({"ART": {"tables": entries}}))

    write()
    source = timeloop_reference / "eyeriss_like" / "ERT_summary.yaml"
    with pytest.raises(ConfigError, match="there is no component psum_spad"):
        read_energy_reference(source, accelerator, areas=path)
    areas["psum_spad"] = 123.63
    write()
    prices = make_prices(accelerator, read_energy_reference(source, accelerator, areas=path))
    workload = Workload(name="one", source="test", layers=(Layer("conv", M=8, C=3, P=6, Q=6, R=3, S=3),))
    estimator = Estimator(workload, Mapper(accelerator, prices), [MultiplierCost("m", 0.4, exact=True)])
    account = network_energy(estimator, {"conv": "m"}, "pdp")
    instances = {"DRAM": 1, "shared_glb": 1, "ifmap_spad": 168, "weights_spad": 168, "psum_spad": 168}
    assert account.storage_area_um2 == {name: instances[name] * area for name, area in areas.items()}
    leak_pj_per_ns = 0.005652 + 168 * (0.000101 + 0.001592 + 0.000134)
    assert account.by_component["leakage"] == pytest.approx(leak_pj_per_ns * account.latency_cycles)
    assert account.total_pj == pytest.approx(float(estimator.energy_pj([[0]])[0]))
    assert "area in mm2: shared_glb 0.2174" in format_account(account)
    assert account.to_json()["storage_area_um2"] == account.storage_area_um2


def test_written_reference_reads_back(tmp_path: Path, timeloop_reference: Path) -> None:
    accelerator = Accelerator.load("timeloop-eyeriss-like")
    source = timeloop_reference / "eyeriss_like" / "ERT_summary.yaml"
    prices = make_prices(accelerator, read_energy_reference(source, accelerator))
    path = tmp_path / "ERT.yaml"
    path.write_text(energy_reference(accelerator, prices, 0.2))
    again = make_prices(accelerator, read_energy_reference(path, accelerator))
    assert again.read_pj == pytest.approx(prices.read_pj)
    assert again.write_pj == pytest.approx(prices.write_pj)
    assert again.fill_pj == pytest.approx(prices.fill_pj)
    assert again.multiply_pj == pytest.approx(0.2)
    assert again.standing["shared_glb"].leakage_mw == pytest.approx(0.005652)


def test_missing_component_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ERT.yaml"
    path.write_text("ERT:\n  version: 0.4\n  tables:\n  - {name: top.DRAM, actions: []}\n")
    with pytest.raises(ConfigError, match="DRAM has no action read"):
        read_energy_reference(path, Accelerator.load("timeloop-eyeriss-like"))
    with pytest.raises(ConfigError, match="there is no component dram"):
        read_energy_reference(path, Accelerator.load("eyeriss-like"))
    path.write_text("something: else\n")
    with pytest.raises(ConfigError, match="neither ERT nor ERT_summary"):
        read_energy_reference(path, Accelerator.load("eyeriss-like"))


def test_area_reference(tmp_path: Path) -> None:
    path = tmp_path / "ART.yaml"
    path.write_text("ART:\n  tables:\n  - {name: 'top.pe[1..168].mac', area: 191.8}\n")
    assert read_area_reference(path) == {"mac": 191.8}


def test_architecture_has_the_nodes_of_timeloops_own_file(timeloop_reference: Path) -> None:
    theirs = yaml.load((timeloop_reference / "eyeriss_like" / "arch.yaml").read_text(), AnyTag)
    ours = yaml.load(architecture(Accelerator.load("timeloop-eyeriss-like")), AnyTag)
    flat: list[dict[str, object]] = []
    for node in theirs["architecture"]["nodes"]:
        flat += node.get("nodes", [node])
    expected = {node["name"]: node for node in flat if node["name"] != "eyeriss"}
    got = {node["name"]: node for node in ours["architecture"]["nodes"]}
    assert got.keys() == expected.keys()
    for name, node in got.items():
        assert node.get("class") == expected[name].get("class")
        assert node.get("spatial") == expected[name].get("spatial")
        if "attributes" in node and "depth" in node["attributes"]:
            for key in ("depth", "width", "datawidth"):
                assert node["attributes"][key] == expected[name]["attributes"][key]


def test_mapping_factors_multiply_to_the_layer() -> None:
    accelerator = Accelerator.load("eyeriss-like")
    layer = Layer("conv", M=16, C=8, P=12, Q=12, R=3, S=3)
    prices = make_prices(accelerator, _cacti())
    found = find_mapping(accelerator, layer, prices, tiling="even")
    directives = yaml.safe_load(mapping_file(accelerator, layer, found.mapping))["mapping"]
    product = dict.fromkeys(DIMS, 1)
    for directive in directives:
        for factor in directive.get("factors", []):
            dim, count = factor.split("=")
            product[dim] *= int(count)
    assert product == layer.extents
    assert yaml.safe_load(problem(layer))["problem"]["instance"] == layer.extents


def test_uneven_tiles_cannot_be_written() -> None:
    accelerator = Accelerator.load("eyeriss-like")
    layer = Layer("conv", M=17, C=13, P=23, Q=29, R=3, S=3)
    found = find_mapping(accelerator, layer, make_prices(accelerator, _cacti()))
    with pytest.raises(ConfigError, match="Timeloop's factors cannot say"):
        mapping_file(accelerator, layer, found.mapping)


def _cacti() -> object:
    from mulsmith.energy.tables import EnergyTable

    return EnergyTable.load("cacti45")
