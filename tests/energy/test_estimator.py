"""Estimates for searchers against full accounts and full remaps."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.energy.accelerator import Accelerator, PeKinds
from mulsmith.energy.estimator import Estimator, Mapper
from mulsmith.energy.mapper import Objective
from mulsmith.energy.multipliers import MultiplierCost
from mulsmith.energy.networks import load_network
from mulsmith.energy.results import compare, network_energy
from mulsmith.energy.workload import Layer, Workload
from mulsmith.errors import ConfigError

from .small import flat_prices, tiny

CHOICES = (
    MultiplierCost("exact", 0.56, 700.0, 0.02, 1.4, exact=True),
    MultiplierCost("half", 0.29, 500.0, 0.015, 1.2),
    MultiplierCost("tenth", 0.05, 100.0, 0.002, 0.6),
)
NETWORK = Workload("net", (Layer("a", M=4, C=2, P=3), Layer("b", M=2, C=4), Layer("c", M=4, C=2, P=3)))


def estimator(accelerator: Accelerator, objective: Objective = "energy") -> Estimator:
    return Estimator(NETWORK, Mapper(accelerator, flat_prices(accelerator), objective=objective), CHOICES)


@pytest.mark.parametrize("objective", ["energy", "edp", "latency"])
@pytest.mark.parametrize("gated", [False, True])
@settings(max_examples=10, deadline=None)
@given(rows=st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=5))
def test_query_equals_full_remap(gated: bool, objective: Objective, rows: list[tuple[int, int, int]]) -> None:
    accelerator = tiny(idle_mw=0.3, pe_kinds=PeKinds(power_gated=gated))
    cached = estimator(accelerator, objective)
    energy, cycles = cached.energy_pj(rows), cached.cycles(rows)
    for row, one_energy, one_cycles in zip(rows, energy, cycles, strict=True):
        names = {layer.name: CHOICES[kind].name for layer, kind in zip(NETWORK, row, strict=True)}
        full = network_energy(estimator(accelerator, objective), names, "pdp")
        assert full.total_pj == pytest.approx(one_energy, rel=1e-12)
        assert full.latency_cycles == one_cycles


def test_idle_kinds_leak_unless_gated() -> None:
    mixed = {"a": "exact", "b": "half", "c": "exact"}
    leaking = network_energy(estimator(tiny()), mixed, "pdp")
    gated = network_energy(estimator(tiny(pe_kinds=PeKinds(power_gated=True))), mixed, "pdp")
    microseconds = {layer.name: layer.cycles / 100 for layer in leaking.layers}
    waiting = 3 * (0.015 * (microseconds["a"] + microseconds["c"]) + 0.02 * microseconds["b"]) * 1e3
    assert leaking.total_pj - gated.total_pj == pytest.approx(waiting)
    assert leaking.multiplier_area_um2 == 3 * (700 + 500)


def test_savings_are_of_the_multiplier_and_of_the_system() -> None:
    estimators = {"flat": estimator(tiny())}
    savings = compare(estimators, "flat", dict.fromkeys("abc", "half"), "exact")
    account = network_energy(estimators["flat"], dict.fromkeys("abc", "exact"), "pdp")
    assert savings.multiplier_percent == pytest.approx(100 * (1 - 0.29 / 0.56))
    assert savings.system_percent == pytest.approx(savings.multiplier_percent * account.multiplier_share)
    assert savings.band == (savings.system_percent, savings.system_percent)


def test_components_add_up() -> None:
    account = network_energy(estimator(tiny()), dict.fromkeys("abc", "half"), "pdp")
    assert sum(account.by_component.values()) == pytest.approx(account.total_pj)
    for layer in account.layers:
        assert layer.by_component["multiplier"] == pytest.approx(layer.macs * 0.29)


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        ([0, 1, 2], "shape"),
        ([[0, 1]], "shape"),
        ([[0, 1, 3]], "outside 0..2"),
        ([[0, -1, 1]], "outside 0..2"),
        ([[0.0, 1.0, 2.0]], "type float64"),
    ],
)
def test_wrong_assignments(assignments: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        estimator(tiny()).energy_pj(np.array(assignments))


def test_wrong_names() -> None:
    with pytest.raises(ConfigError, match="no layer named z"):
        estimator(tiny()).indices({"z": "half"})
    with pytest.raises(ConfigError, match="leaves out layer b"):
        estimator(tiny()).indices({"a": "half"})
    with pytest.raises(ConfigError, match="no multiplier named x"):
        estimator(tiny()).indices({"a": "x", "b": "half", "c": "half"})


def test_every_operand_is_fetched_and_every_output_written() -> None:
    accelerator = Accelerator.load("eyeriss-like")
    mapper = Mapper(accelerator, flat_prices(accelerator))
    for layer in load_network("resnet8"):
        counts = mapper.map(layer).counts
        assert counts.access("dram", "weights").reads >= layer.words("weights")
        assert counts.access("dram", "inputs").reads >= layer.words("inputs", "touched")
        outputs = counts.access("dram", "outputs")
        assert outputs.updates - outputs.reads == layer.words("outputs")
        for innermost, tensor in (("weight_spad", "weights"), ("input_spad", "inputs")):
            assert counts.access(innermost, tensor).reads == layer.macs
        assert counts.access("psum_spad", "outputs").updates == layer.macs
        for outer, inner in (("buffer", "psum_spad"),):
            assert counts.access(outer, "outputs").updates <= counts.access(inner, "outputs").updates


def test_a_search_that_was_cut_short_is_said_in_the_account() -> None:
    accelerator = tiny()
    mapper = Mapper(accelerator, flat_prices(accelerator), time_limit_s=0.0)
    huge = Layer("huge", M=4096, C=4096, P=4096, R=3)
    estimator = Estimator(Workload("n", (huge,)), mapper, [MultiplierCost("m", 1.0, exact=True)])
    account = network_energy(estimator, {"huge": "m"}, "pdp")
    assert not account.layers[0].complete
    assert "the mapping is the best found so far, not proven best, for huge" in account.notes


def test_importing_the_estimator_is_lean() -> None:
    code = "import sys; from mulsmith.energy import Estimator; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"yaml", "networkx", "torch", "onnx", "matplotlib", "scipy"} & set(loaded.split())
