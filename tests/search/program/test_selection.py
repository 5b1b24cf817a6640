"""Online selection, and the generated C against the Python networks."""

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.program.c_code import c_header
from mulsmith.search.program.c_library import c_function
from mulsmith.search.program.mlp import Mlp, Topology
from mulsmith.search.program.selection import Mode, OperatingPoint, Selector

WRAPPER = """
#include "region.h"
void call(const double *in, double *out) { region(in, out); }
void choose(const double *in, double *out) {
  out[0] = region_select((int)in[0], in[1], in[2], in[3]);
}
"""
MODES: tuple[Mode, ...] = ("quality", "energy", "integrated")


def _network(hidden: tuple[int, ...], activations: tuple[str, ...], seed: int) -> Mlp:
    rng = np.random.default_rng(seed)
    widths = (3, *hidden, 2)
    weights = tuple(rng.standard_normal((a, b)) for a, b in pairwise(widths))
    return Mlp(Topology(widths, activations), weights, tuple(rng.standard_normal(b) for b in widths[1:]))


def _selector() -> Selector:
    return Selector(
        [
            OperatingPoint(_network((4,), ("relu",), 0), 0.80, 9.0),
            OperatingPoint(_network((8, 5), ("tanh", "sigmoid"), 1), 0.93, 4.0),
            OperatingPoint(_network((16, 16), ("sigmoid", "relu"), 2), 0.99, 1.5),
        ]
    )


def test_modes_choose_by_hand_computed_rules() -> None:
    selector = _selector()
    assert selector.select("quality") == 2
    assert selector.select("energy", accuracy=0.9) == 1
    assert selector.select("energy", accuracy=0.5) == 0
    assert selector.select("energy", accuracy=0.999) == 2
    # theta = 0.9: 0.9 acc + 0.1 eer / 9 is 0.82, 0.881, 0.908.
    assert selector.select("integrated", theta=0.9) == 2
    assert selector.select("integrated", theta=0.2) == 0
    assert selector(np.zeros((4, 3))).shape == (4, 2)


def test_generated_c_equals_python(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    selector = _selector()
    (tmp_path / "region.h").write_text(c_header(selector, "region"))
    (tmp_path / "wrapper.c").write_text(WRAPPER)
    library = tmp_path / "wrapper.so"
    command = [compiler, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "wrapper.c", "-o", library, "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    call, choose = c_function(library, "call", 3, 2), c_function(library, "choose", 4, 1)
    inputs = np.random.default_rng(0).standard_normal((200, 3))
    visited = set()
    for mode, name in enumerate(MODES):
        for accuracy in (0.0, 0.9, 0.999):
            for theta in (0.1, 0.5, 0.9):
                active = selector.select(name, accuracy=accuracy, energy_reduction=2.0, theta=theta)
                assert choose(np.array([[mode, accuracy, 2.0, theta]]))[0, 0] == active
                np.testing.assert_allclose(call(inputs), selector(inputs), rtol=1e-6, atol=1e-12)
                visited.add(active)
    assert visited == {0, 1, 2}


def test_a_stored_selector_is_the_same() -> None:
    selector = _selector()
    again = Selector.from_bytes(selector.to_bytes())
    inputs = np.random.default_rng(0).standard_normal((5, 3))
    for mode in MODES:
        assert selector.select(mode, accuracy=0.9) == again.select(mode, accuracy=0.9)
        np.testing.assert_array_equal(selector(inputs), again(inputs))


def test_bad_selections_are_explained() -> None:
    network = _selector().points[0].network
    for stored, message in (
        (b"nothing", "not a stored network"),
        (network.to_bytes(), "'figures' is missing"),
    ):
        with pytest.raises(StoreError, match=message):
            Selector.from_bytes(stored)
    with pytest.raises(StoreError, match="is missing"):
        Mlp.from_arrays({})
    with pytest.raises(ConfigError, match="same inputs and outputs"):
        Selector([])
    with pytest.raises(ConfigError, match="theta = 2"):
        _selector().select("integrated", theta=2)
    with pytest.raises(ConfigError, match="no C identifier"):
        c_header(_selector(), "a b")
