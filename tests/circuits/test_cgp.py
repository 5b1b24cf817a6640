"""The CGP engine: figures equal the independent simulator's, bounds hold, runs repeat and resume."""

import numpy as np
import pytest

from mulsmith.characterize.evolution_costs import evolution_costs
from mulsmith.characterize.flow import report_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.lut import operand_values
from mulsmith.characterize.simulate import counting_words, simulate, simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.characterize.synthesis import synthesize
from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.cgp import Search, Settings
from mulsmith.circuits.cgp_genome import Compound, genome_of, netlist_of
from mulsmith.circuits.cgp_library import cgp_library
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.cgp_problem import Bounds
from mulsmith.circuits.generators import generate
from mulsmith.circuits.netlist import CONST0, Op
from mulsmith.errors import ConfigError, StoreError, ToolError

try:
    KERNELS = cgp_library().kernels(1024)
except ToolError as reason:
    pytest.skip(str(reason), allow_module_level=True)

SETTINGS = Settings(seed=7, spare=10, pairs=1024)


@pytest.fixture(scope="module")
def costs():
    return evolution_costs(Liberty.embedded())


def figures(netlist):
    return error_stats(simulate_lut(netlist))


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("family", ["dadda", "booth", "mitchell", "truncated"])
def test_a_genome_is_its_netlist(family, signed):
    parameters = {"cut": 9} if family == "truncated" else {}
    netlist = generate(family, b_bits=5, signed=signed, **parameters)
    genome = genome_of(netlist, 25, np.random.default_rng(3))
    assert simulate_lut(netlist_of(genome, netlist)) == simulate_lut(netlist)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("b_bits", [2, 5, 8])
def test_the_engine_measures_what_the_simulator_measures(kernel, signed, b_bits, costs):
    for family, parameters in (
        ("kulkarni", {}),
        ("truncated", {"cut": 6, "correction": "constant"}),
        ("roba", {}),
    ):
        netlist = generate(family, b_bits=b_bits, signed=signed, **parameters)
        expected = figures(netlist)
        totals = Search(netlist, Bounds(), costs, SETTINGS, kernel=kernel).totals
        assert (totals.mae, totals.ep_percent) == (expected.mae, expected.ep_percent)
        tight = Bounds(
            mae=expected.mae, wce=expected.wce, ep_percent=expected.ep_percent,
            mean_error=abs(expected.mean_error),
        )  # fmt: skip
        Search(netlist, tight, costs, SETTINGS, kernel=kernel)
        for name in ("mae", "ep_percent", "mre_percent", "wce"):
            value = getattr(expected, name)
            less = value - 1 if name == "wce" else value * (1 - 1e-3)
            if value:
                with pytest.raises(ConfigError, match="the seed circuit exceeds a bound"):
                    Search(netlist, Bounds(**{name: less}), costs, SETTINGS, kernel=kernel)


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(mae=60, wce=500),
        Bounds(wce=200, exact_zero=True),
        Bounds(wce=200, exact_zero=True, exact_one=True),
        Bounds(ep_percent=30, wce=2000),
        Bounds(mre_percent=2, wce=4000),
        Bounds(mae=80, mean_error=1),
    ],
)
@pytest.mark.parametrize("signed", [False, True])
def test_an_evolved_circuit_is_smaller_and_keeps_its_bounds(bounds, signed, costs):
    search = Search(generate("dadda", signed=signed), bounds, costs, SETTINGS)
    before = search.totals
    search.run(400)
    netlist, after = search.netlist, search.totals
    measured = figures(netlist)
    assert after.cost < before.cost
    assert (after.mae, after.ep_percent) == (measured.mae, measured.ep_percent)
    for name in ("mae", "wce", "ep_percent", "mre_percent"):
        bound = getattr(bounds, name)
        assert bound is None or getattr(measured, name) <= bound * (1 + 1e-4)
    if bounds.mean_error is not None:
        assert abs(measured.mean_error) <= bounds.mean_error
    if bounds.exact_zero:
        table = simulate_lut(netlist).table
        assert not table[0].any()
        assert not table[:, 0].any()
    if bounds.exact_one:
        values = operand_values(8, signed)
        assert (table[1] == values).all()
        assert (table[:, 1] == values).all()


def test_an_exact_circuit_becomes_cheaper_by_exchanging_nets(costs):
    search = Search(generate("dadda", b_bits=4), Bounds(wce=0), costs, Settings(seed=2, area_share=0.0))
    before = search.totals
    search.run(20_000)
    assert figures(search.netlist).wce == 0
    assert search.totals.power_uw < 0.97 * before.power_uw


def test_a_weighted_bound_is_the_weighted_mae(costs):
    random = np.random.default_rng(5)
    a, b = random.random(256) ** 4, random.random(256) ** 4
    operands = OperandMix.of([(a, b)], [1])
    search = Search(generate("dadda"), Bounds(weighted_mae=20), costs, SETTINGS, operands=operands)
    search.run(400)
    measured = error_stats(simulate_lut(search.netlist), a, b)
    assert 0 < measured.mae <= 20 * (1 + 1e-4)


def test_the_result_does_not_depend_on_the_kernel_or_on_breaks(costs, tmp_path):
    bounds, seed = Bounds(mae=50, wce=400), generate("wallace", signed=True)
    results = []
    for kernel in KERNELS:
        search = Search(seed, bounds, costs, SETTINGS, kernel=kernel)
        search.run(300)
        results.append((search.netlist, search.counters, search.totals))
    first = Search(seed, bounds, costs, SETTINGS)
    first.run(120)
    first.save(tmp_path / "state.npz")
    second = Search(seed, bounds, costs, SETTINGS)
    second.restore(tmp_path / "state.npz")
    second.run(180)
    results.append((second.netlist, second.counters, second.totals))
    assert all(result == results[0] for result in results)


def test_the_estimated_area_and_power_are_those_of_the_gates(costs):
    netlist = generate("truncated", cut=8)
    search = Search(netlist, Bounds(), costs, Settings(pairs=65536, toggle=1.0))
    area = sum(costs[gate.op].area_um2[2] for gate in netlist.gates)
    assert search.totals.area_um2 == pytest.approx(area, abs=1e-3)
    # When every bit toggles, a net toggles with the probability of f(x) != f(~x), simulated exhaustively.
    counts = counting_words(16)
    value = simulate(netlist, counts)
    toggled = simulate(netlist, [~words for words in counts])
    energy = 0.0
    for gate in netlist.gates:
        driven = [net for net in gate.inputs if net >= netlist.first_gate_net]
        for nets, weights in (
            (driven, costs[gate.op].pin_load_fj),
            (gate.outputs, costs[gate.op].result_energy_fj),
        ):
            for net, weight in zip(nets, weights, strict=False):
                energy += weight * np.bitwise_count(value[net] ^ toggled[net]).sum() / 65536
    assert search.totals.power_uw == pytest.approx(energy, rel=0.01)


@pytest.mark.parametrize("family", ["dadda", "truncated"])
def test_the_estimate_is_near_what_synthesis_comes_to(family, costs):
    liberty = Liberty.embedded()
    netlist = generate(family, b_bits=5, **({"cut": 5} if family == "truncated" else {}))
    totals = Search(netlist, Bounds(), costs, Settings(pairs=65536)).totals
    measured = report_mapped(synthesize(netlist, liberty), liberty)
    assert totals.area_um2 == pytest.approx(measured.area_um2, rel=0.05)
    assert totals.power_uw == pytest.approx(1000 * measured.power_mw, rel=0.1)


@pytest.mark.parametrize(
    ("first", "second", "compound"),
    [
        (Op.AND, Op.NAND, Compound.NAND3),
        (Op.OR, Op.NOR, Compound.NOR3),
        (Op.AND, Op.NOR, Compound.AND_OR_INVERT),
        (Op.OR, Op.NAND, Compound.OR_AND_INVERT),
    ],
)
@pytest.mark.parametrize("shared", [False, True])
def test_two_gates_are_one_cell_where_nothing_reads_between_them(first, second, compound, shared, costs):
    builder = MultiplierBuilder("x", 8, 2, signed=False)
    (inner,) = builder.gate(first, (builder.a[0], builder.b[0]))
    (outer,) = builder.gate(second, (builder.a[1], inner))
    netlist = builder.product([outer, inner if shared else CONST0, *[CONST0] * 8])
    cells = (first, second) if shared else (compound,)
    search = Search(netlist, Bounds(), costs, SETTINGS)
    assert search.totals.area_um2 == pytest.approx(sum(costs[cell].area_um2[0] for cell in cells), abs=1e-3)
    assert simulate_lut(search.netlist) == simulate_lut(netlist)


def test_wrong_arguments_are_named(costs, tmp_path):
    netlist = generate("dadda")
    with pytest.raises(ConfigError, match=r"mae = -1 is negative or not finite"):
        Bounds(mae=-1)
    with pytest.raises(ConfigError, match="weighted_mae needs the operands"):
        Search(netlist, Bounds(weighted_mae=1), costs)
    with pytest.raises(ConfigError, match="operand B has 255 entries, but 8 bits have 256 codes"):
        mix = OperandMix.of([(np.ones(256), np.ones(255))], [1])
        Search(netlist, Bounds(weighted_mae=1), costs, operands=mix)
    with pytest.raises(ConfigError, match="does not say whether it is signed"):
        Search(netlist.with_signed(None), Bounds(), costs)
    with pytest.raises(ConfigError, match="evolution takes multipliers of"):
        Search(generate("dadda", a_bits=2, b_bits=2), Bounds(), costs)
    with pytest.raises(ConfigError, match="generations = 0, but at least 1"):
        Search(netlist, Bounds(), costs, SETTINGS).run(0)
    with pytest.raises(ConfigError, match="offspring = 0 is below 1"):
        Settings(offspring=0)
    with pytest.raises(ToolError, match="the kernel 'none' does not run here"):
        Search(netlist, Bounds(), costs, kernel="none")


def test_a_damaged_or_foreign_state_is_refused(costs, tmp_path):
    search = Search(generate("dadda"), Bounds(), costs, SETTINGS)
    path = tmp_path / "state.npz"
    search.save(path)
    other = Search(generate("dadda", b_bits=7), Bounds(), costs, SETTINGS)
    with pytest.raises(StoreError, match="the state belongs to another search"):
        other.restore(path)
    with np.load(path) as file:
        arrays = dict(file)
    arrays["nodes"][0, 1] = 10_000
    np.savez(path, **arrays)
    with pytest.raises(StoreError, match="the state is damaged"):
        search.restore(path)
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(StoreError, match="no state of a search"):
        search.restore(path)
    with pytest.raises(StoreError, match="no state of a search"):
        search.restore(tmp_path / "absent.npz")
