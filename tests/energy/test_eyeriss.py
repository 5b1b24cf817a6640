"""Eyeriss's published figures: the chip (JSSC 2017, table V), the dataflow study (ISCA 2016, figure 10)."""

from __future__ import annotations

import pytest

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.conventions import Conventions
from mulsmith.energy.counting import evaluate
from mulsmith.energy.mapper import find_mapping
from mulsmith.energy.mapping import Loop, Mapping
from mulsmith.energy.prices import component_energy
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.workload import DIMS, Dim, Layer

HALVES = {
    "conv1": {"M": 48, "C": 3, "P": 55, "Q": 55, "R": 11, "S": 11, "stride": (4, 4)},
    "conv2": {"M": 128, "C": 48, "P": 27, "Q": 27, "R": 5, "S": 5},
    "conv3": {"M": 192, "C": 256, "P": 13, "Q": 13, "R": 3, "S": 3},
    "conv4": {"M": 192, "C": 192, "P": 13, "Q": 13, "R": 3, "S": 3},
    "conv5": {"M": 128, "C": 192, "P": 13, "Q": 13, "R": 3, "S": 3},
}
ROWS = Conventions(input_footprint="bounding_box", multicast="overlapping")

# Row-stationary mappings: filters per PE p, channels per PE q, sets with other channels r, sets with other
# filters t, output rows per pass e, filters in the buffer m. They are this test's choice and no published
# figures; the chip's own blocking is not at hand. JSSC 2017, table V: latency of 4 images in ms, power in
# mW, active PEs.
CHIP = {
    "conv1": ({"p": 16, "q": 1, "r": 1, "t": 2, "e": 7, "m": 96}, 16.5, 332, 154),
    "conv2": ({"p": 16, "q": 2, "r": 1, "t": 1, "e": 27, "m": 64}, 39.2, 288, 135),
    "conv3": ({"p": 16, "q": 4, "r": 1, "t": 4, "e": 13, "m": 64}, 21.8, 266, 156),
    "conv4": ({"p": 16, "q": 3, "r": 2, "t": 2, "e": 13, "m": 64}, 16.0, 235, 156),
    "conv5": ({"p": 16, "q": 3, "r": 2, "t": 2, "e": 13, "m": 64}, 10.0, 236, 156),
}
# ISCA 2016, figure 10, 256 PEs and N = 16: energy of ALUs, DRAM and register files, in 1e9 MACs.
STUDY = {
    "conv1": (1.69, 2.46, 6.75),
    "conv2": (3.58, 2.27, 14.33),
    "conv3": (2.39, 2.02, 9.57),
    "conv4": (1.79, 1.57, 7.18),
    "conv5": (1.20, 1.05, 4.78),
    "fc1": (0.60, 7.78, 2.42),
    "fc2": (0.27, 3.39, 1.07),
    "fc3": (0.07, 0.84, 0.26),
}
FC = {
    "fc1": {"M": 4096, "C": 256, "R": 6, "S": 6},
    "fc2": {"M": 4096, "C": 4096},
    "fc3": {"M": 1000, "C": 4096},
}


def chip_layer(name: str) -> Layer:
    half = dict(HALVES[name])
    if name in ("conv1", "conv3"):
        half["M"] = 2 * half["M"]
        return Layer(name, N=4, **half)
    return Layer(name, N=4, G=2, **half)


def chip_mapping(name: str) -> Mapping:
    """Return a row-stationary mapping: a strip of e rows of one image, all channels, m filters at a time."""
    layer, (at, *_) = chip_layer(name), CHIP[name]
    rows = (Loop("C", at["q"], "Y"), Loop("M", at["p"], "Y"), Loop("P", 1, "Y"), Loop("R", 1, "Y"))
    columns = (Loop("P", 1, "X"), Loop("M", at["p"], "X"))
    if name == "conv1":
        rows, columns = rows[3:], (Loop("M", at["p"], "X"), Loop("P", 1, "X"))
    elif name == "conv2":
        columns = (Loop("P", 2, "X"),)
    else:
        rows, columns = (rows[0], rows[1], rows[3]), (Loop("P", 1, "X"),)
    used = [dim for dim in DIMS if dim != "N"]
    passes: list[tuple[Dim, int]] = [("G", 1), ("N", 1), ("P", at["e"]), ("M", at["m"])]
    passes.append(("C", at["q"] * at["r"]))
    return Mapping(
        (
            ("dram", tuple(Loop(dim, tile) for dim, tile in passes)),
            ("buffer", (Loop("M", at["p"] * at["t"]), Loop("Q", 1))),
            ("columns", columns),
            ("rows", rows),
            ("register_file", tuple(Loop(dim, 1) for dim in used if layer.extents[dim] > 1)),
        )
    )


@pytest.mark.parametrize("name", CHIP)
def test_published_mapping_keeps_the_published_pes_busy(name: str) -> None:
    accelerator = Accelerator.load("eyeriss")
    _, latency_ms, _, active = CHIP[name]
    counts = evaluate(accelerator, chip_layer(name), chip_mapping(name), ROWS)
    assert counts.pes_used == active
    assert 0.8 * latency_ms <= counts.cycles / accelerator.clock_mhz / 1e3 <= latency_ms


@pytest.mark.parametrize("name", CHIP)
def test_chip(name: str) -> None:
    accelerator = Accelerator.load("eyeriss")
    layer, (_, latency_ms, power_mw, active) = chip_layer(name), CHIP[name]
    prices = make_prices(accelerator, EnergyTable.load("eyeriss65"))
    assert prices.multiply_pj is not None
    found = find_mapping(
        accelerator, layer, prices, objective="edp", multiply_pj=prices.multiply_pj, conventions=ROWS
    )
    counts = evaluate(accelerator, layer, found.mapping, ROWS)
    assert counts.pes_used == active
    milliseconds = counts.cycles / accelerator.clock_mhz / 1e3
    assert 0.8 * latency_ms <= milliseconds <= latency_ms
    energy = {key: pj for key, pj in component_energy(counts, prices).items() if key[0] != "dram"}
    on_chip_pj = sum(energy.values()) + counts.macs * prices.multiply_pj
    milliwatts = on_chip_pj / 1e6 / milliseconds + accelerator.idle_mw
    assert 0.6 * power_mw <= milliwatts <= power_mw


@pytest.mark.parametrize("name", STUDY)
def test_study(name: str) -> None:
    accelerator = Accelerator.load("eyeriss-isca2016")
    layer = Layer(name, N=16, **{**HALVES, **FC}[name])
    twice = 2 if name in HALVES else 1
    prices = make_prices(accelerator, EnergyTable.load("eyeriss-isca2016"), mac_pj=1.0)
    found = find_mapping(accelerator, layer, prices, conventions=ROWS)
    counts = evaluate(accelerator, layer, found.mapping, ROWS)
    energy: dict[str, float] = {}
    for (component, _), pj in component_energy(counts, prices).items():
        energy[component] = energy.get(component, 0.0) + twice * pj
    alu, dram, register_file = STUDY[name]
    assert twice * layer.macs / 1e9 == pytest.approx(alu, abs=0.1)
    assert energy["dram"] / 1e9 == pytest.approx(dram, abs=0.1)
    assert energy["register_file"] / 1e9 == pytest.approx(register_file, abs=0.1)
