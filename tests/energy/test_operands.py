"""Energy of multiplications with the layers' own operands: from histograms in a file to an account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize.activity import Operands
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.library import Library
from mulsmith.characterize.pipeline import Options, SynthesisOptions, characterize
from mulsmith.characterize.power import estimate_power
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.embedded import embedded_files
from mulsmith.cli import run
from mulsmith.energy import (
    Accelerator,
    EnergyTable,
    Layer,
    OperandHistograms,
    Workload,
    estimate,
    estimator_for,
    multiplier_cost,
    operand_energies,
    parse_mapping,
)
from mulsmith.energy.operands import Form, LayerHistograms
from mulsmith.errors import ConfigError

EXACT, CHEAP = "mul8x4u_dadda", "mul8x4u_trunc6_vc"
FORM = Form(8, 4, False)
LAYERS = Workload(
    name="two",
    source="test",
    layers=(
        Layer(name="first", M=4, C=3, P=6, Q=6, R=3, S=3),
        Layer(name="second", M=5, C=8),
    ),
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("library")
    sources = [path for path in embedded_files() if path.stem in (EXACT, CHEAP)]
    characterize(sources, folder, Options(jobs=1, synthesis=SynthesisOptions()))
    with Library.open(folder) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path / "cache"))


def histograms() -> OperandHistograms:
    rng = np.random.default_rng(1)
    zeros = np.where(np.arange(256) == 0, 1000.0, 1.0)
    return OperandHistograms(
        {
            FORM: {
                "first": LayerHistograms(rng.random(256), rng.random(16)),
                "second": LayerHistograms(zeros, rng.random(16)),
            }
        }
    )


def test_histograms_survive_their_file(tmp_path: Path) -> None:
    path = tmp_path / "operands.npz"
    histograms().write(path)
    read = OperandHistograms.read(path)
    assert read.forms.keys() == {FORM}
    for layer in ("first", "second"):
        for ours, theirs in zip(read.of(layer, FORM), histograms().of(layer, FORM), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_energy_of_a_layer_is_that_of_its_operands(library: Library) -> None:
    operands = histograms()
    found = operand_energies(library, [EXACT, CHEAP], {"first": None, "second": "b"}, operands)
    shared = operand_energies(library, [CHEAP], {"second": "b"}, operands, "shared_clock")
    cells = Liberty.embedded()
    for name in (EXACT, CHEAP):
        mapped = synthesize(library.netlist(name), cells)
        timing = analyze(mapped, cells)
        for layer, stationary in (("first", None), ("second", "b")):
            activity = Operands(*operands.of(layer, FORM), stationary)
            power = estimate_power(mapped, cells, timing, activity).total_mw
            assert found[layer, name] == pytest.approx(power * timing.delay_ns, rel=1e-6)
            if (layer, name) == ("second", CHEAP):
                assert shared[layer, name] == pytest.approx(power, rel=1e-6)
    assert found["second", EXACT] < 0.5 * found["first", EXACT]


def test_account_with_operands(library: Library) -> None:
    operands = histograms()
    plain = estimate(LAYERS, assignment=CHEAP, baseline=EXACT, library=library)
    account = estimate(LAYERS, assignment=CHEAP, baseline=EXACT, library=library, operands=operands)
    spec, table = Accelerator.load("eyeriss-like"), EnergyTable.load("cacti45")
    costs = [multiplier_cost(library[name]) for name in (EXACT, CHEAP)]
    nominal = estimator_for(LAYERS, spec, table, costs)
    energies = operand_energies(library, [EXACT, CHEAP], nominal.stationary(), operands)
    estimator = estimator_for(LAYERS, spec, table, costs, operand_pj=energies)
    assert estimator.energy_pj([[1, 1]])[0] == pytest.approx(account.total_pj)
    products = dict.fromkeys((EXACT, CHEAP), 0.0)
    for ours, theirs in zip(account.layers, plain.layers, strict=True):
        assert ours.multiply_pj == energies[ours.name, CHEAP] != theirs.multiply_pj
        assert ours.mapping == theirs.mapping
        assert ours.by_component["multiplier"] == pytest.approx(ours.macs * ours.multiply_pj)
        for name in products:
            products[name] += ours.macs * energies[ours.name, name]
    assert account.savings is not None
    percent = 100 * (1 - products[CHEAP] / products[EXACT])
    assert account.savings.multiplier_percent == pytest.approx(percent)
    assert any("the layers' operands" in note for note in account.notes)


def test_which_operand_stays_follows_from_the_innermost_loop() -> None:
    accelerator = Accelerator.load("eyeriss-like")
    for dim, stays in (("M", "a"), ("Q", "b"), ("P", "b"), ("C", None), ("R", None)):
        text = f"dram []\nfor C in [0:2)\nfor P in [0:2)\npsum_spad []\nfor {dim} in [0:4)\n"
        text = text if dim == "M" else text.replace("psum_spad", "weight_spad")
        assert parse_mapping(text, accelerator).stationary == stays
    assert parse_mapping("rows []\nfor M in [0:4) (Spatial-Y)\n", accelerator).stationary is None


def test_what_is_missing_is_named(library: Library) -> None:
    operands = histograms()
    with pytest.raises(ConfigError, match="no operand histograms of layer third"):
        operand_energies(library, [EXACT], {"third": None}, operands)
    signed = OperandHistograms({Form(8, 4, True): operands.forms[FORM]})
    with pytest.raises(ConfigError, match=r"for 8x4u multipliers.*8x4s"):
        operand_energies(library, [EXACT], {"first": None}, signed)
    with pytest.raises(ConfigError, match="need netlists"):
        estimate(LAYERS, assignment=EXACT, library={EXACT: library[EXACT]}, operands=operands)
    with pytest.raises(ConfigError, match="from synthesis, not from reported"):
        estimate(LAYERS, assignment=EXACT, library=library, operands=operands, figures="reported")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"other": np.ones(4)}, "'other' names no operand of a layer"),
        ({"99x4u/A/x": np.ones(4)}, "names no operand"),
        ({"8x4u/A/x": np.ones(256)}, "no histogram of operand 'B'"),
        (
            {"8x4u/A/x": np.ones(256), "8x4u/B/x": np.ones(15)},
            r"operand B .*\(15,\), not \(16,\)",
        ),
        ({"8x4u/A/x": np.zeros(256), "8x4u/B/x": np.ones(16)}, "one of them positive"),
        ({"8x4u/A/x": np.full(256, np.nan), "8x4u/B/x": np.ones(16)}, "finite weights"),
        ({"8x4u/A/x": np.full(256, -1.0), "8x4u/B/x": np.ones(16)}, "finite weights"),
        ({"8x4u/A/x": np.array([{}] * 256), "8x4u/B/x": np.ones(16)}, "no operand histograms"),
        ({"8x4u/A/x": np.array(["a"] * 256), "8x4u/B/x": np.ones(16)}, "no operand histograms"),
    ],
)
def test_bad_files(arrays: dict[str, np.ndarray], message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)
    with pytest.raises(ConfigError, match=message) as caught:
        OperandHistograms.read(path)
    assert str(path) in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    for data in (b"", b"text", b"PK\x03\x04broken"):
        path.write_bytes(data)
        with pytest.raises(ConfigError, match="no operand histograms"):
            OperandHistograms.read(path)
    np.save(tmp_path / "one.npy", np.ones(3))
    for missing in (tmp_path / "none.npz", tmp_path, tmp_path / "one.npy"):
        with pytest.raises(ConfigError, match="no operand histograms"):
            OperandHistograms.read(missing)


def test_command_with_operands(library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = tmp_path / "two.yaml"
    layers.write_text("name: two\nsource: s\nlayers:\n  - {name: second, kind: linear, features: [8, 5]}\n")
    path = tmp_path / "operands.npz"
    histograms().write(path)
    options = ["--accelerator", "eyeriss-like", "--assign", CHEAP, "--baseline", EXACT]
    command = ["energy", str(layers), *options, "--library", str(library.folder)]
    assert run([*command, "--operands", str(path)]) == 0
    assert "the layers' operands" in capsys.readouterr().out
    assert run([*command, "--operands", str(tmp_path / "none.npz")]) == 2
    assert "none.npz" in capsys.readouterr().err
    assert run([*command, "--liberty", str(path)]) == 2
    assert "changes nothing without --operands" in capsys.readouterr().err
