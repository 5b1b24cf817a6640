"""A library against another: counts against plain loops, hypervolume against pymoo, clear errors."""

import json

import numpy as np
import pytest
from pymoo.indicators.hv import HV

from mulsmith.characterize.dominance import BEATING, contest
from mulsmith.characterize.figures import figure
from mulsmith.cli import run
from mulsmith.errors import ConfigError


def document(name, mae, wce, area, power, *, b_bits=8, activity="0.1", lut=None):
    synthesis = {
        "area_um2": area, "power_mw": power, "delay_ns": 1.0, "liberty": "cells", "activity": activity,
        "clock_ghz": 1.0,
    }  # fmt: skip
    return {
        "name": name, "a_bits": 8, "b_bits": b_bits, "signed": False, "lut_sha256": lut or name,
        "source": f"lists/some/{name}.v", "errors": {"mae": mae, "wce": wce}, "synthesis": synthesis,
        "reported": {},
    }  # fmt: skip


@pytest.fixture
def libraries():
    random = np.random.default_rng(5)
    rows = random.integers(1, 9, (2, 40, 4)).astype(float)
    return [[document(f"{which}{n}", *row) for n, row in enumerate(rows[k])] for k, which in enumerate("or")]


def test_beaten_is_no_worse_in_all_and_better_in_one(libraries):
    own, reference = libraries
    (found,) = contest(own, reference)
    for match, theirs in zip(found.matches, reference, strict=True):
        expected = []
        for mine in own:
            pairs = [(figure(mine, name), figure(theirs, name)) for name in BEATING]
            if all(a <= b for a, b in pairs) and any(a < b for a, b in pairs):
                expected.append(mine["name"])
        assert (match.beaten_by in expected) if expected else match.beaten_by is None
    assert 0 < found.beaten < len(reference)


def test_a_library_does_not_beat_itself_where_it_is_a_front():
    ladder = [document(f"m{n}", n, n, 9 - n, 9 - n) for n in range(9)]
    (found,) = contest(ladder, ladder)
    assert found.beaten == 0
    assert all(volume.own == volume.reference for volume in found.volumes)


def test_hypervolumes_are_those_of_pymoo(libraries):
    own, reference = libraries
    (found,) = contest(own, reference)
    for volume in found.volumes:
        points = [np.array([[figure(d, volume.x), figure(d, volume.y)] for d in docs]) for docs in libraries]
        if volume.scale == "log2":
            for array in points:
                array[:, 0] = np.log2(1 + array[:, 0])
        corner = points[1].max(axis=0)
        expected = [HV(ref_point=np.ones(2))(array / corner) for array in points]
        assert [volume.own, volume.reference] == pytest.approx(expected)


def test_equal_circuits_of_the_reference_count_once_and_kinds_are_apart():
    own = [document("small", 0, 0, 1, 1), document("narrow", 0, 0, 1, 1, b_bits=4)]
    twice = [document(name, 1, 1, 2, 2, lut="same") for name in ("a", "b")]
    narrow = document("c", 1, 1, 2, 2, b_bits=4)
    found = contest(own, [*twice, narrow])
    assert [(c.kind, c.own, len(c.matches)) for c in found] == [
        ("8x4 unsigned", 1, 1),
        ("8x8 unsigned", 1, 1),
    ]
    assert found[1].matches[0].power_ratio == 0.5
    assert found[1].matches[0].source == "some"


def test_figures_of_another_flow_are_refused(libraries):
    own, reference = libraries
    other = [document("x", 1, 1, 1, 1, activity="uniform")]
    with pytest.raises(
        ConfigError, match=r"synthesised differently: cells, activity .*; cells, activity uni"
    ):
        contest(own, other)
    with pytest.raises(ConfigError, match="'bare' has no synthesis figures"):
        contest(own, [{**reference[0], "name": "bare", "synthesis": None}])


def test_the_command_compares_two_libraries(tmp_path, capsys):
    for name, call in (("own", ["-p", "cut=3"]), ("other", [])):
        family = "truncated" if call else "dadda"
        path = tmp_path / f"{name}.v"
        assert run(["circuits", "generate", family, "--b-bits", "2", *call, "-o", str(path)]) == 0
        library = str(tmp_path / f"{name}-library")
        assert run(["characterize", str(path), "--library", library]) == 0
    capsys.readouterr()
    own, other = str(tmp_path / "own-library"), str(tmp_path / "other-library")
    assert run(["library", "against", other, "--library", own, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["contests"]
    assert (found["kind"], found["beaten"]) == ("8x2 unsigned", 0)
    assert run(["library", "against", other, "--library", other]) == 0
    assert "8x2 unsigned: 0 of 1 beaten (0 %)" in capsys.readouterr().out
    assert run(["library", "against", str(tmp_path / "none"), "--library", own]) == 3
    assert "there is no library here" in capsys.readouterr().err
