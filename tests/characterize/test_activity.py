"""Activity of nets against a one-by-one simulation of operand pairs."""

import itertools

import numpy as np
import pytest
from mapped_circuits import array_multiplier, random_circuit

from mulsmith.characterize.activity import Glitch, Operands, Toggle, Uniform
from mulsmith.characterize.cell_states import CellStates
from mulsmith.characterize.instances import instances, simulate_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.characterize.net_activity import net_activity
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.netlist import Port
from mulsmith.errors import ConfigError, NetlistError

LIBRARY = Liberty.embedded()


def bits_of(mapped):
    """Return the value of every net for every pair, [n_nets, 2**a_bits, 2**b_bits]."""
    a_bits, b_bits = (port.width for port in mapped.inputs)
    values = simulate_mapped(mapped, LIBRARY)
    bits = np.unpackbits(values.view(np.uint8), axis=1, bitorder="little")[:, : 1 << (a_bits + b_bits)]
    return bits.reshape(len(values), 1 << a_bits, 1 << b_bits).astype(int)


def activity_of(mapped, activity):
    return net_activity(mapped, LIBRARY, analyze(mapped, LIBRARY), activity)


def test_toggle_by_enumeration():
    mapped = random_circuit(LIBRARY, 1, a_bits=3, b_bits=2, n_cells=25)
    flat = bits_of(mapped).reshape(-1, 32)
    distance = np.bitwise_count(np.arange(32)[:, None] ^ np.arange(32))
    for probability in (0.0, 0.1, 0.5, 1.0):
        pair = probability**distance * (1 - probability) ** (5 - distance) / 32
        expected = [(pair * (row[:, None] ^ row)).sum() for row in flat]
        assert activity_of(mapped, Toggle(probability)).toggles == pytest.approx(expected, abs=1e-12)
    assert (
        activity_of(mapped, Uniform()).toggles.tolist() == activity_of(mapped, Toggle(0.5)).toggles.tolist()
    )


def test_histograms_by_enumeration():
    mapped = random_circuit(LIBRARY, 2, a_bits=3, b_bits=4, n_cells=40)
    rng = np.random.default_rng(0)
    a, b = rng.random(8), rng.random(16)
    pa, pb = a / a.sum(), b / b.sum()
    values = bits_of(mapped)
    expected = {None: [], "a": [], "b": []}
    for net in values:
        sums = dict.fromkeys(expected, 0.0)
        for (a0, b0), (a1, b1) in itertools.product(itertools.product(range(8), range(16)), repeat=2):
            if net[a0, b0] == net[a1, b1]:
                continue
            sums[None] += pa[a0] * pb[b0] * pa[a1] * pb[b1]
            sums["a"] += pa[a0] * pb[b0] * pb[b1] * (a0 == a1)
            sums["b"] += pa[a0] * pb[b0] * pa[a1] * (b0 == b1)
        for key, value in sums.items():
            expected[key].append(value)
    for stationary, toggles in expected.items():
        found = activity_of(mapped, Operands(a, b, stationary)).toggles
        assert found == pytest.approx(toggles, abs=1e-6)


def test_uniform_histograms_are_uniform():
    mapped = array_multiplier(LIBRARY, 4, 4)
    flat = Operands(np.ones(16), np.ones(16))
    assert activity_of(mapped, flat).toggles == pytest.approx(
        activity_of(mapped, Uniform()).toggles, abs=1e-6
    )


def test_cell_states_by_counting():
    mapped = random_circuit(LIBRARY, 3, a_bits=3, b_bits=3, n_cells=30)
    cells = instances(mapped, LIBRARY)
    values = simulate_mapped(mapped, LIBRARY)
    flat = bits_of(mapped).reshape(-1, 64)
    layout = CellStates.of(cells)
    states, free, offsets = layout.counted(values), layout.independent(flat.mean(axis=1)), layout.offsets
    for cell, start, end in zip(cells, offsets, offsets[1:], strict=False):
        index = sum(flat[net] << k for k, net in enumerate(cell.inputs))
        assert states[start:end] == pytest.approx(np.bincount(index, minlength=end - start) / 64)
        assert free[start:end].sum() == pytest.approx(1)


def test_glitches_by_hand():
    # Both inputs rise together: the NAND of A and its delayed inverse falls while the inverter still is high.
    cells = (MappedCell("INVX1", {"A": 2, "Y": 4}), MappedCell("NAND2X1", {"A": 2, "B": 4, "Y": 5}))
    mapped = MappedNetlist("pulse", (Port("A", 1), Port("B", 1)), (Port("O", 1),), cells, (5,))
    still = activity_of(mapped, Toggle(1.0))
    assert still.toggles[5] == 0
    # An inertial NAND swallows the pulse of the faster inverter ...
    assert activity_of(mapped, Glitch(Toggle(1.0), pairs=6400)).toggles[5] == 0
    # ... but not the longer one behind three more inverters: half of the pairs rise, two edges each.
    chain = [MappedCell("INVX1", {"A": 2, "Y": 4})]
    chain += [MappedCell("INVX1", {"A": net, "Y": net + 1}) for net in range(4, 10)]
    chain.append(MappedCell("NAND2X1", {"A": 2, "B": 10, "Y": 11}))
    long = MappedNetlist("pulse", mapped.inputs, mapped.outputs, tuple(chain), (11,))
    toggles = activity_of(long, Glitch(Toggle(1.0), pairs=6400)).toggles
    assert toggles[10] == 1
    assert toggles[11] == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("base", [Toggle(0.1), Uniform(), Operands(np.arange(16.0), np.ones(16), "b")])
def test_glitches_never_lower_the_toggles(base):
    mapped = array_multiplier(LIBRARY, 4, 4)
    exact, sampled = activity_of(mapped, base), activity_of(mapped, Glitch(base, pairs=32768, seed=1))
    inputs = slice(2, 10)
    assert sampled.toggles[inputs] == pytest.approx(exact.toggles[inputs], abs=0.02)
    assert (sampled.toggles > exact.toggles - 0.02).all()
    assert sampled.toggles.sum() > exact.toggles.sum()


def test_glitch_seeds():
    mapped = array_multiplier(LIBRARY, 4, 3)
    first, again, other = (activity_of(mapped, Glitch(seed=seed, pairs=640)).toggles for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_descriptions_and_digests():
    flat = Operands(np.ones(4), np.ones(4))
    models = [
        Toggle(),
        Toggle(0.2),
        Uniform(),
        flat,
        Operands(np.ones(4), np.ones(4), "a"),
        Glitch(),
        Glitch(seed=1),
    ]
    assert len({model.digest() for model in models}) == len(models)
    assert Uniform().digest() == Toggle(0.5).digest()
    assert Toggle().describe() == "toggle 0.1"
    assert Glitch().describe() == "toggle 0.1, with glitches (16384 sampled pairs, seed 0)"
    assert models[4].describe().endswith(", a-stationary")


@pytest.mark.parametrize(
    ("build", "cause"),
    [
        (lambda: Toggle(1.5), "the toggle probability 1.5 is outside 0..1"),
        (
            lambda: Operands(np.ones((2, 2)), np.ones(2)),
            "the histogram of operand A is no row of finite weights",
        ),
        (lambda: Operands(np.ones(2), np.zeros(2)), "the histogram of operand B is no row of finite weights"),
        (lambda: Operands(np.array([1.0, -1.0]), np.ones(2)), "the histogram of operand A is no row"),
        (lambda: Operands(np.array([1.0, np.nan]), np.ones(2)), "the histogram of operand A is no row"),
        (
            lambda: Operands(np.ones(2), np.ones(2), "c"),
            "stationary is 'c', but None, 'a' and",
        ),
        (lambda: Glitch(pairs=100), "pairs is 100, but a multiple of 64"),
        (lambda: Glitch(resolution_ps=0), "resolution_ps is 0, but must be positive"),
    ],
)
def test_wrong_parameters(build, cause):
    with pytest.raises(ConfigError) as error:
        build()
    assert str(error.value).startswith(cause)


def test_histograms_of_other_widths():
    mapped = array_multiplier(LIBRARY, 4, 3)
    for model in (Operands(np.ones(16), np.ones(16)), Glitch(Operands(np.ones(16), np.ones(16)))):
        with pytest.raises(
            ConfigError, match="histogram of operand B has 16 entries, but 3 bits have 8 codes"
        ):
            activity_of(mapped, model)
    single = MappedNetlist("one", (Port("A", 2),), (Port("O", 1),), (), (2,))
    for model in (Operands(np.ones(4), np.ones(4)), Glitch(Operands(np.ones(4), np.ones(4)))):
        with pytest.raises(NetlistError, match="the circuit has 1 operands, but histograms take two"):
            activity_of(single, model)
