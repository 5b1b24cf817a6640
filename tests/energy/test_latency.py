"""Latency: the multipliers, or the port or network that needs more cycles."""

from __future__ import annotations

import math

import pytest

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.counting import Counts, evaluate
from mulsmith.energy.mapping import parse_mapping
from mulsmith.energy.workload import Layer

from .small import sized

LAYER = Layer("conv", M=3, C=2, P=4)
# Three PEs, one per output channel, which share every input.
NEST = "pes [ ]\n| for M in [0:3) (Spatial-X)\npsum_spad [ ]\n| for C in [0:2)\n| for P in [0:4)\n"


def limited(level: str, **limits: float) -> Accelerator:
    """Return the tiny accelerator with room for the whole layer and some limits on one level."""
    accelerator = sized(100, 100, 100, 100)
    levels = tuple(
        own.model_copy(update=limits) if own.name == level else own for own in accelerator.hierarchy
    )
    return accelerator.model_copy(update={"hierarchy": levels})


def counted(accelerator: Accelerator) -> Counts:
    return evaluate(accelerator, LAYER, parse_mapping(NEST, accelerator))


def test_nothing_limits_the_multipliers_by_default() -> None:
    counts = counted(limited("pes"))
    assert (counts.cycles, counts.latency_cycles, counts.bound_by) == (8, 8, None)


@pytest.mark.parametrize("bandwidth", [0.25, 1.0, 3.0])
def test_ports_limit(bandwidth: float) -> None:
    # The buffer hands out 8 inputs, and takes 8 inputs from DRAM and 12 results.
    counts = counted(limited("buffer", read_bandwidth=bandwidth))
    assert counts.latency_cycles == max(8, math.ceil(8 / bandwidth))
    counts = counted(limited("buffer", write_bandwidth=bandwidth))
    assert counts.latency_cycles == max(8, math.ceil((8 + 12) / bandwidth))
    assert counts.bound_by == (None if bandwidth == 3.0 else "buffer")


def test_ports_of_every_instance_work_at_once() -> None:
    # A PE reads an input for each of its 8 multiplications.
    counts = counted(limited("input_spad", read_bandwidth=0.5))
    assert (counts.latency_cycles, counts.bound_by) == (16, "input_spad")


@pytest.mark.parametrize("bandwidth", [1.0, 2.0, 100.0])
def test_the_network_limits(bandwidth: float) -> None:
    # 6 weights, 8 inputs to each of three PEs, 12 results.
    counts = counted(limited("pes", bandwidth=bandwidth))
    assert counts.latency_cycles == max(8, math.ceil((6 + 3 * 8 + 12) / bandwidth))
    assert counts.bound_by == ("pes" if bandwidth < 100 else None)
    assert counts.cycles == 8
