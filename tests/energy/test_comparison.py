"""Mappings against what AccelForge and ZigZag found on the same hardware with the same energies."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.mapper import find_mapping
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.workload import Layer

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
LAYERS = yaml.safe_load((FOLDER / "compared_layers.yaml").read_text())["layers"]
ENERGIES = yaml.safe_load((FOLDER / "compared_energies.yaml").read_text())


def ours(name: str) -> float:
    shape = dict(LAYERS[name])
    stride = shape.pop("stride", 1)
    layer = Layer(name, **shape, stride=(stride, stride))
    accelerator = Accelerator.load("comparison")
    prices = make_prices(accelerator, EnergyTable.load("comparison"))
    assert prices.multiply_pj is not None
    found = find_mapping(accelerator, layer, prices)
    assert found.complete
    return (found.movement_pj + layer.macs * prices.multiply_pj) / 1e6


@pytest.mark.parametrize("name", ENERGIES["stored"])
def test_within_two_percent_of_the_better_and_below_zigzag(name: str) -> None:
    stored = ENERGIES["stored"][name]
    energy = ours(name)
    assert energy <= 1.02 * min(stored.values())
    assert energy < stored["zigzag"]


@pytest.mark.parametrize("name", ENERGIES["zigzag"])
def test_below_zigzag_when_it_fetches_every_weight(name: str) -> None:
    figures = ENERGIES["zigzag"][name]
    shape = LAYERS[name]
    weights = 1
    for dim in "GMCRS":
        weights *= shape.get(dim, 1)
    missing = max(0, weights - figures["weights_fetched"])
    dram_pj, spad_pj = 64.0, 0.95
    assert ours(name) < figures["every_mac_uj"] + missing * (dram_pj + spad_pj) / 1e6
