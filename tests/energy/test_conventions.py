"""What every counting convention changes, against counts made by hand; and what narrow words change."""

from __future__ import annotations

import pytest

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.conventions import Conventions
from mulsmith.energy.counting import Access, evaluate
from mulsmith.energy.mapping import parse_mapping
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.workload import Layer

from .small import sized

# C in DRAM's loops, two tiles of two output columns each, three filters side by side.
LAYER = Layer("conv", M=3, C=2, P=4, R=2)
NEST = """
dram [ ]
| for C in [0:2)
buffer [ ]
| for P in [0:2) by 2
pes [ ]
| for M in [0:3) (Spatial-X)
psum_spad [ ]
| for R in [0:2)
| for P in [0:2)
"""
SPREAD = """
pes [ ]
| for P in [0:2) by 2 (Spatial-X)
psum_spad [ ]
| for M in [0:3)
| for C in [0:2)
| for R in [0:2)
| for P in [0:2)
"""


def access(storage: str, tensor: str, nest: str = NEST, **switches: object) -> Access:
    accelerator = sized(100, 100, 100, 100)
    conventions = Conventions.model_validate(switches)
    counts = evaluate(accelerator, LAYER, parse_mapping(nest, accelerator), conventions)
    return counts.access(storage, tensor)  # type: ignore[arg-type]  # the test's own names


def test_operands_are_read_for_every_multiplication_or_when_they_change() -> None:
    assert LAYER.macs == 48
    assert access("weight_spad", "weights").reads == 48
    assert access("weight_spad", "weights", operand_reads="held").reads == 24  # once for two columns
    assert access("input_spad", "inputs", operand_reads="held").reads == 48  # every column needs another


def test_first_accumulations_read_nothing_or_a_zero() -> None:
    # 48 accumulations, of which 3 x 4 are the first of an output.
    assert access("psum_spad", "outputs").reads == 48 - 12
    assert access("psum_spad", "outputs", accumulate_reads="always").reads == 48


def test_finished_tiles_leave_with_a_read_or_without() -> None:
    # Every sum leaves the scratchpad once per channel.
    assert access("psum_spad", "outputs", drain_reads=True).reads == 48 - 12 + 24
    assert access("buffer", "outputs").reads == 12  # the first channel's sums return
    assert access("buffer", "outputs", drain_reads=True).reads == 12 + 12


def test_inputs_that_a_stride_skips() -> None:
    accelerator = sized(100, 100, 100, 100)
    layer = Layer("pointwise", P=4, stride=(3, 1))
    mapping = parse_mapping("psum_spad [ ]\n| for P in [0:4)\n", accelerator)
    for footprint, words in (("touched", 4), ("bounding_box", 10)):
        conventions = Conventions.model_validate({"input_footprint": footprint})
        assert evaluate(accelerator, layer, mapping, conventions).access("dram", "inputs").reads == words


def test_overlapping_tiles_are_sent_once_or_to_each() -> None:
    # Two PEs need columns 0..2 and 2..4 of two channels.
    assert access("buffer", "inputs", SPREAD).reads == 2 * 6
    assert access("buffer", "inputs", SPREAD, multicast="overlapping").reads == 2 * 5
    assert access("input_spad", "inputs", SPREAD, multicast="overlapping").fills == 2 * 6


def test_overlap_along_the_innermost_loop_stays_or_comes_anew() -> None:
    assert access("buffer", "inputs").reads == 2 * 6
    assert access("buffer", "inputs", halo="innermost").reads == 2 * 5
    assert access("input_spad", "inputs", halo="innermost").fills == 3 * 2 * 5
    assert access("buffer", "inputs", SPREAD, halo="innermost").reads == 2 * 6


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_narrow_weights_take_less_room_and_energy(bits: int) -> None:
    whole = Accelerator.load("eyeriss-like")
    narrow = whole.model_copy(update={"bits": {**whole.bits, "weights": bits}})
    spad = next(storage for storage in whole.storages if storage.name == "weight_spad")
    assert narrow.capacity_words(spad, "weights") == 384 * 8 // bits
    prices, exact = (make_prices(spec, EnergyTable.load("cacti45")) for spec in (narrow, whole))
    dram_pj = exact.read_pj["dram", "weights"]
    assert prices.read_pj["dram", "weights"] == pytest.approx(dram_pj * bits / 8)
    assert prices.read_pj["dram", "inputs"] == exact.read_pj["dram", "inputs"]


def test_wide_partial_sums_take_more_room() -> None:
    whole = Accelerator.load("eyeriss-like")
    spad = next(storage for storage in whole.storages if storage.name == "psum_spad")
    wide = spad.model_copy(update={"width_bits": 32, "bits": {"outputs": 32}})
    assert whole.capacity_words(spad, "outputs") == 16
    assert whole.capacity_words(wide, "outputs") == 8
