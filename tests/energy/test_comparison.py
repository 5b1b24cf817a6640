"""Mappings against what AccelForge and ZigZag found on the same hardware with the same energies."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.conventions import Conventions
from mulsmith.energy.counting import evaluate
from mulsmith.energy.mapper import find_mapping
from mulsmith.energy.mapping import parse_mapping
from mulsmith.energy.prices import Prices, movement_pj
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.workload import Layer

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
LAYERS = yaml.safe_load((FOLDER / "compared_layers.yaml").read_text())["layers"]
ENERGIES = yaml.safe_load((FOLDER / "compared_energies.yaml").read_text())
MAPPINGS = yaml.safe_load((FOLDER / "compared_mappings.yaml").read_text())
DRAM_PJ, WEIGHT_FILL_PJ = 64.0, 0.95


def a_layer(name: str) -> Layer:
    shape = dict(LAYERS[name])
    stride = shape.pop("stride", 1)
    return Layer(name, **shape, stride=(stride, stride))


def setting(**switches: Any) -> tuple[Accelerator, Prices, Conventions]:
    accelerator = Accelerator.load("comparison")
    prices = make_prices(accelerator, EnergyTable.load("comparison"))
    return accelerator, prices, Conventions(drain_reads=True, **switches)


def ours(name: str, **switches: Any) -> float:
    accelerator, prices, conventions = setting(**switches)
    assert prices.multiply_pj is not None
    layer = a_layer(name)
    found = find_mapping(accelerator, layer, prices, conventions=conventions)
    assert found.complete
    return (found.movement_pj + layer.macs * prices.multiply_pj) / 1e6


def theirs(tool: str, name: str, **switches: Any) -> float:
    """Return what another mapper's mapping costs by mulsmith's counts."""
    accelerator, prices, conventions = setting(**switches)
    assert prices.multiply_pj is not None
    layer = a_layer(name)
    counts = evaluate(accelerator, layer, parse_mapping(MAPPINGS[tool][name], accelerator), conventions)
    return (movement_pj(counts, prices) + layer.macs * prices.multiply_pj) / 1e6


def weights(name: str) -> int:
    return math.prod(int(LAYERS[name].get(dim, 1)) for dim in "GMCRS")


def unfetched_uj(name: str) -> float:
    """Return the energy of the weights that ZigZag does not count as fetched, though every one is needed."""
    missing = max(0, weights(name) - int(ENERGIES["zigzag"][name]["weights_fetched"]))
    return missing * (DRAM_PJ + WEIGHT_FILL_PJ) / 1e6


@pytest.mark.parametrize("name", ENERGIES["stored"])
def test_within_two_percent_of_the_better_and_below_zigzag(name: str) -> None:
    stored = ENERGIES["stored"][name]
    energy = ours(name)
    assert energy <= 1.02 * min(stored.values())
    assert energy < stored["zigzag"] + unfetched_uj(name)


def test_ten_layers_and_more_are_compared_with_both() -> None:
    assert len(ENERGIES["accelforge"]) >= 10
    assert ENERGIES["accelforge"].keys() <= ENERGIES["zigzag"].keys()


@pytest.mark.parametrize("name", ENERGIES["accelforge"])
def test_within_two_percent_of_accelforge(name: str) -> None:
    """AccelForge keeps the rows that tiles of inputs share along the loop right above them."""
    assert ours(name, halo="innermost") <= 1.02 * ENERGIES["accelforge"][name]


@pytest.mark.parametrize("name", MAPPINGS["accelforge"])
def test_accelforges_mappings_cost_what_it_says(name: str) -> None:
    assert theirs("accelforge", name, halo="innermost") == pytest.approx(
        ENERGIES["accelforge"][name], rel=1e-6
    )
    assert theirs("accelforge", name) > ours(name)


@pytest.mark.parametrize("reads", ["every_mac", "held"])
@pytest.mark.parametrize("name", ENERGIES["zigzag"])
def test_below_zigzag(name: str, reads: str) -> None:
    assert ours(name, operand_reads=reads) < ENERGIES["zigzag"][name][f"{reads}_uj"] + unfetched_uj(name)


@pytest.mark.parametrize("reads", ["every_mac", "held"])
@pytest.mark.parametrize("name", MAPPINGS["zigzag"])
def test_below_zigzags_mappings_counted_whole(name: str, reads: str) -> None:
    assert ours(name, operand_reads=reads) < theirs("zigzag", name, operand_reads=reads)


@pytest.mark.parametrize("name", MAPPINGS["zigzag"])
def test_zigzag_counts_whole_pes_times_steps(name: str) -> None:
    accelerator, _, conventions = setting()
    mapping = parse_mapping(MAPPINGS["zigzag"][name], accelerator)
    steps = evaluate(accelerator, a_layer(name), mapping, conventions).cycles
    assert ENERGIES["zigzag"][name]["weights_fetched"] == weights(name) // steps * steps < weights(name)
