"""Networks in integers: against a plain loop, the float network, and the generated C."""

import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError
from mulsmith.search.program.c_library import c_function
from mulsmith.search.program.evaluator import ProgramEvaluator
from mulsmith.search.program.integer_code import integer_header
from mulsmith.search.program.kernel import Floats, Kernel
from mulsmith.search.program.kernel_run import KernelRun, run_kernel
from mulsmith.search.program.mlp import Mlp, Topology
from mulsmith.search.program.multipliers import NetworkMultiplier, reference
from mulsmith.search.program.quantised import map_weights, products, quantise
from mulsmith.search.program.run import ProgramSearch, search_program
from mulsmith.search.program.space import Choice, TopologySpace
from mulsmith.search.program.training import TrainingPlan
from mulsmith.search.trial import Candidate

CODES = np.arange(256)
VALUES = {False: CODES, True: (CODES + 128) % 256 - 128}
WRAPPER = """
#include "region.h"
void call(const double *in, double *out) { region(in, out); }
void sums(const double *in, double *out) {
  int64_t found[2];
  region_sums(in, found);
  for (int o = 0; o < 2; o++) out[o] = (double)found[o];
}
"""


def _lut(signed: bool, drop: int = 0) -> Lut:
    """An exact multiplier, or one whose products lose their last bits."""
    table = np.outer(VALUES[signed], VALUES[signed]) >> drop << drop
    return Lut(table.astype(np.int32), 8, 8, signed)


def _network(hidden: tuple[int, ...], activations: tuple[str, ...]) -> Mlp:
    rng = np.random.default_rng(0)
    widths = (3, *hidden, 2)
    weights = tuple(rng.standard_normal((a, b)) for a, b in pairwise(widths))
    return Mlp(Topology(widths, activations), weights, tuple(rng.standard_normal(b) for b in widths[1:]))


def _calls(count: int = 400) -> Floats:
    return np.random.default_rng(1).uniform(-1.0, 2.0, (count, 3))


@pytest.mark.parametrize("signed", [False, True])
def test_products_are_those_of_a_plain_loop(signed: bool) -> None:
    rng = np.random.default_rng(2)
    lut = _lut(signed, 4)
    codes, operands = rng.integers(0, 256, (5, 3)), rng.integers(0, 256, (3, 2))
    for call, row in zip(codes, products(lut, codes, operands), strict=True):
        for o in range(2):
            total = 0
            for i in range(3):
                if signed:
                    total += int(lut.table[(int(call[i]) - 128) % 256, operands[i, o]])
                else:
                    total += int(lut.table[call[i], operands[i, o]]) - 128 * int(call[i])
            assert row[o] == total


@pytest.mark.parametrize("activations", [("tanh",), ("relu", "sigmoid")])
def test_exact_multipliers_come_near_the_float_network_and_agree(activations: tuple[str, ...]) -> None:
    network, inputs = _network((9, 6)[: len(activations)], activations), _calls()
    exact = network(inputs)
    unsigned, signed = (quantise(network, _lut(s), inputs, exact)(inputs) for s in (False, True))
    np.testing.assert_allclose(unsigned, signed, atol=1e-9)
    assert np.abs(unsigned - exact).mean() < 0.02 * exact.std()


def test_weights_are_mapped_to_the_nearest_products() -> None:
    lut, codes = _lut(False, 5), np.random.default_rng(3).integers(0, 200, (50, 4))
    found = map_weights(lut, codes)
    for weight in (-128, -77, 0, 3, 127):
        errors = [
            np.mean([(a * (weight + 128) - int(lut.table[a, w])) ** 2 for a in codes.ravel()]) for w in CODES
        ]
        assert errors[found[weight + 128]] == pytest.approx(min(errors), rel=1e-6)
    np.testing.assert_array_equal(map_weights(_lut(False), codes), CODES)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("drop", [0, 6])
def test_generated_c_gives_the_same_integers(signed: bool, drop: int, tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    network, inputs = _network((8, 5), ("tanh", "relu")), _calls()
    found = quantise(network, _lut(signed, drop), inputs, network(inputs))
    (tmp_path / "region.h").write_text(integer_header(found, "region"))
    (tmp_path / "wrapper.c").write_text(WRAPPER)
    library = tmp_path / "wrapper.so"
    command = [compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "wrapper.c", "-o", library, "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    # Beyond the sampled range too, where codes are clamped.
    calls = np.vstack([inputs, 3.0 * _calls(100)])
    np.testing.assert_array_equal(c_function(library, "sums", 3, 2)(calls), found.sums(calls))
    np.testing.assert_allclose(c_function(library, "call", 3, 2)(calls), found(calls), rtol=1e-12, atol=1e-12)


def _multipliers() -> dict[str, NetworkMultiplier]:
    rows = (("exact", 0, 0.5), ("coarse", 4, 0.3), ("coarser", 9, 0.1))
    return {
        name: NetworkMultiplier(name, _lut(False, drop), energy, float(2**drop - 1) / 2, drop == 0)
        for name, drop, energy in rows
    }


def test_the_multiplier_is_part_of_the_space(tmp_path: Path) -> None:
    kernel = Kernel(
        "square", 1, 1, lambda x: x**2, lambda rng, n: rng.uniform(0, 1, (n, 1)), "output", (0.05,)
    )
    evaluator = ProgramEvaluator(kernel, TrainingPlan(40, 25), (500, 300, 300), multipliers=_multipliers())
    result = search_program(evaluator, ProgramSearch(budget=24), tmp_path)
    genome = result.chosen.trial.candidate.genome
    assert result.reached and genome["multiplier"] in _multipliers()
    energy = evaluator.multiplier(genome["multiplier"]).energy_pj
    metrics = result.chosen.metrics
    assert metrics["multiplication_pj"] == pytest.approx(metrics["multiplications"] * energy)
    # The best network was tried on all three at the end, and none cheaper is good enough.
    for name in _multipliers():
        other = replace(result.chosen.trial, candidate=Candidate({**genome, "multiplier": name}))
        accuracy = evaluator.evaluate(other)["accuracy_1"]
        assert accuracy < 0.9 or _multipliers()[name].energy_pj >= energy
    again = search_program(evaluator, ProgramSearch(budget=24), tmp_path)
    np.testing.assert_array_equal(result.network(np.eye(1)), again.network(np.eye(1)))


def test_the_smac_package_chooses_multipliers_too(tmp_path: Path) -> None:
    pytest.importorskip("smac")
    request = KernelRun(
        "kmeans",
        (0.2, 0.3),
        ProgramSearch("smac", budget=4, required=0.3),
        plan=TrainingPlan(20, 25),
        samples=(300, 200, 200),
        multipliers=_multipliers(),
    )
    for bound in run_kernel(request, tmp_path)["bounds"]:
        assert all(point["genome"]["multiplier"] in _multipliers() for point in bound["front"])
    with pytest.raises(ConfigError, match="the enumeration has no multipliers"):
        run_kernel(replace(request, settings=ProgramSearch("enumeration")), tmp_path)


def test_a_quantised_run_writes_integer_code_and_the_saving(tmp_path: Path) -> None:
    settings = ProgramSearch(budget=6, required=0.3)
    request = KernelRun(
        "kmeans",
        (0.2,),
        settings,
        plan=TrainingPlan(20, 25),
        samples=(300, 200, 200),
        multipliers=_multipliers(),
    )
    found = run_kernel(request, tmp_path)["bounds"][0]
    circuit = found["multiplier"]
    expected = 100 * (1 - _multipliers()[circuit["name"]].energy_pj / 0.5)
    assert circuit["exact"] == "exact" and circuit["saving_percent"] == pytest.approx(expected)
    assert "kmeans_sums" in (tmp_path / "region-1.h").read_text() and "network-1.npz" not in found["files"]


def test_bad_multipliers_are_explained() -> None:
    inputs = _calls(20)
    network = _network((4,), ("tanh",))
    narrow = Lut(np.zeros((256, 16), dtype=np.int32), 8, 4, False)
    with pytest.raises(ConfigError, match="not 8 x 4"):
        quantise(network, narrow, inputs, network(inputs))
    with pytest.raises(ConfigError, match="no exact 8 x 8"):
        reference({})
    with pytest.raises(ConfigError, match="no multiplier is named 'other'"):
        space = TopologySpace(2, 1, multipliers=(Choice("one", 1.0, 0.0),))
        space.validate({"hidden": [3], "activations": ["tanh"], "multiplier": "other"})
    with pytest.raises(ConfigError, match="no C identifier"):
        integer_header(quantise(network, _lut(False), inputs, network(inputs)), "1")
