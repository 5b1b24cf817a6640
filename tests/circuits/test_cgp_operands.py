"""Operands of a network's layers: their mixture, what is drawn from it, and the power that follows."""

import numpy as np
import pytest

from mulsmith.characterize.evolution_costs import evolution_costs
from mulsmith.characterize.evolution_errors import error_figures
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.cgp import Search, Settings
from mulsmith.circuits.cgp_library import cgp_library
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.cgp_problem import WEIGHT_TOLERANCE, Bounds
from mulsmith.circuits.generators import generate
from mulsmith.errors import ConfigError, ToolError

LAYERS = [(np.arange(16.0), np.eye(8)[3]), (np.eye(16)[0], np.ones(8))]


def test_the_joint_distribution_is_a_mixture_of_independent_layers():
    joint = OperandMix.of(LAYERS, [3, 1]).joint()
    assert joint.shape == (16, 8)
    assert joint.sum() == pytest.approx(1)
    for a in range(16):
        for b in range(8):
            first = a / 120 * (b == 3)
            second = (a == 0) / 8
            assert joint[a, b] == pytest.approx(0.75 * first + 0.25 * second)


@pytest.mark.parametrize("stationary", ["a", "b", None])
def test_drawn_operands_follow_the_layers(stationary):
    mix = OperandMix.of(LAYERS, [3, 1], stationary)
    (a0, b0), (a1, b1) = mix.draw(20_000, np.random.default_rng(1))
    for a, b in ((a0, b0), (a1, b1)):
        counts = np.zeros((16, 8))
        np.add.at(counts, (a, b), 1 / len(a))
        assert np.abs(counts - mix.joint()).max() < 0.02
    assert (stationary == "a") == bool((a0 == a1).all())
    assert (stationary == "b") == bool((b0 == b1).all())


def test_the_power_is_that_of_the_operands():
    try:
        cgp_library()
    except ToolError as reason:
        pytest.skip(str(reason))
    costs = evolution_costs(Liberty.embedded())
    netlist, still = generate("dadda"), np.eye(256)[9]
    idle = Search(netlist, Bounds(), costs, Settings(), operands=OperandMix.of([(still, still)], [1]))
    assert idle.totals.power_uw == 0
    uniform = np.ones(256)
    busy = Search(
        netlist, Bounds(), costs, Settings(), operands=OperandMix.of([(uniform, uniform)], [1], None)
    )
    random = Search(netlist, Bounds(), costs, Settings(toggle=0.5))
    assert busy.totals.power_uw == pytest.approx(random.totals.power_uw, rel=0.02)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("a_bits", "b_bits"), [(8, 4), (8, 8), (10, 8)])
def test_a_bound_on_the_root_mean_square_holds_over_the_layers(a_bits, b_bits, signed):
    try:
        kernels = cgp_library().kernels(1 << (a_bits + b_bits - 6))
    except ToolError as reason:
        pytest.skip(str(reason))
    random = np.random.default_rng(5)
    layers = [(random.random(1 << a_bits) ** 6, random.random(1 << b_bits) ** 6) for _ in range(2)]
    mix = OperandMix.of(layers, [1, 3])
    costs, settings = evolution_costs(Liberty.embedded()), Settings(seed=3, pairs=1024)
    netlist = generate("dadda", a_bits=a_bits, b_bits=b_bits, signed=signed)
    found = []
    for kernel in kernels:
        search = Search(netlist, Bounds(weighted_rms=12), costs, settings, operands=mix, kernel=kernel)
        search.run(300)
        found.append(search.netlist)
    assert all(other == found[0] for other in found)
    error = simulate_lut(found[0]).table - Lut.exact(a_bits, b_bits, signed).table.astype(np.float64)
    rms = np.sqrt((mix.joint() * error**2).sum())
    assert 0 < rms <= 12
    assert error_figures(simulate_lut(found[0]), mix)["weighted_rms"] == pytest.approx(rms)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("a_bits", "b_bits"), [(8, 3), (8, 8), (6, 5), (9, 7)])
def test_a_bound_on_the_corrected_error_holds_over_the_layers(a_bits, b_bits, signed):
    try:
        kernels = cgp_library().kernels(1 << (a_bits + b_bits - 6))
    except ToolError as reason:
        pytest.skip(str(reason))
    random = np.random.default_rng(6)
    layers = [(random.random(1 << a_bits) ** 6, random.random(1 << b_bits) ** 6) for _ in range(2)]
    mix = OperandMix.of(layers, [1, 3])
    costs, settings = evolution_costs(Liberty.embedded()), Settings(seed=3, pairs=1024)
    netlist = generate("dadda", a_bits=a_bits, b_bits=b_bits, signed=signed)
    found = []
    for kernel in kernels:
        search = Search(netlist, Bounds(corrected_rms=6), costs, settings, operands=mix, kernel=kernel)
        for _ in range(3):
            search.run(100)
        found.append(search.netlist)
    assert all(other == found[0] for other in found)
    lut = simulate_lut(found[0])
    rms = np.sqrt(sum(s * _corrected(lut, p, q) for s, p, q in zip(mix.shares, mix.a, mix.b, strict=True)))
    assert 0 < rms <= 6 * (1 + WEIGHT_TOLERANCE)
    assert error_figures(lut, mix)["corrected_rms"] == pytest.approx(rms)
    assert Search(found[0], Bounds(corrected_rms=rms * 1.001), costs, settings, operands=mix)
    with pytest.raises(ConfigError, match="exceeds a bound"):
        Search(found[0], Bounds(corrected_rms=rms * 0.999), costs, settings, operands=mix)


def _corrected(lut, a_shares, b_shares):
    """Mean square of what the best weight map and the bias leave in one layer, weight by weight."""
    a, values = operand_values(lut.a_bits, lut.signed), operand_values(lut.b_bits, lut.signed)
    total = 0.0
    for share, w in zip(b_shares, values, strict=True):
        errors = a[:, None] * w - lut.table
        means = a_shares @ errors
        total += share * min(a_shares @ (errors - means) ** 2)
    return total


def test_an_exact_circuit_keeps_a_corrected_error_of_nothing():
    try:
        cgp_library()
    except ToolError as reason:
        pytest.skip(str(reason))
    mix = OperandMix.of([(np.arange(256.0) ** 5, np.arange(256.0) ** 3)], [1])
    search = Search(
        generate("array"), Bounds(corrected_rms=0), evolution_costs(Liberty.embedded()), operands=mix
    )
    search.run(200)
    assert error_figures(simulate_lut(search.netlist), mix)["corrected_rms"] < 1e-3


def test_the_corrected_error_needs_operands_and_whole_words():
    try:
        cgp_library()
    except ToolError as reason:
        pytest.skip(str(reason))
    costs = evolution_costs(Liberty.embedded())
    with pytest.raises(ConfigError, match="corrected_rms needs the operands"):
        Search(generate("array"), Bounds(corrected_rms=1), costs)
    narrow = OperandMix.of([(np.ones(16), np.ones(256))], [1])
    with pytest.raises(ConfigError, match="at least 6 bits and products of at most 16 bits, not 4 x 8"):
        Search(generate("array", a_bits=4), Bounds(corrected_rms=1), costs, operands=narrow)


@pytest.mark.parametrize(
    ("layers", "shares", "message"),
    [
        ([], [], "no layer gives operands"),
        ([(np.ones(4), np.ones(4)), (np.ones(8), np.ones(4))], [1, 1], "operand A are of unequal size"),
        ([(np.ones(4), np.zeros(4))], [1], "histogram of operand B is empty, negative or not finite"),
        ([(np.ones(4), np.ones(4))], [-1], "row of the layers' shares is empty, negative"),
        ([(np.ones(4), np.ones(4))], [1, 2], "2 shares are given for 1 layers"),
    ],
)
def test_wrong_operands_are_named(layers, shares, message):
    with pytest.raises(ConfigError, match=message):
        OperandMix.of(layers, shares)
