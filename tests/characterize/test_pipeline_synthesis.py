"""Synthesis figures in records: what is computed again when Liberty, script, activity or tool changes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize import pipeline
from mulsmith.characterize.activity import Glitch, Operands, Toggle, Uniform
from mulsmith.characterize.activity_text import parse_activity
from mulsmith.characterize.flow import synthesis_report
from mulsmith.characterize.imports import attach_synthesis
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.library import Library
from mulsmith.characterize.pipeline import Options, Outcome, SynthesisOptions
from mulsmith.circuits.embedded import embedded_files
from mulsmith.errors import ConfigError, LibertyError

NAME = "mul8x2u_dadda"
SYNTHESISE = Options(synthesis=SynthesisOptions())


@pytest.fixture(scope="module")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synthesised")
    _characterize(folder, SYNTHESISE)
    return folder


@pytest.fixture
def library(synthesised: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(synthesised, tmp_path / "lib"))


def _characterize(folder: Path, options: Options) -> Outcome:
    return pipeline.characterize([path for path in embedded_files() if path.stem == NAME], folder, options)


def _body(folder: Path) -> str:
    with Library.open(folder) as opened:
        return opened.entry(NAME).body


def test_a_record_has_the_figures_of_a_direct_call(library: Path) -> None:
    with Library.open(library) as opened:
        report = synthesis_report(opened.netlist(NAME), Liberty.embedded())
        assert opened[NAME].synthesis == report
        document = opened.entry(NAME).document()
    assert list(document["synthesis"])[:6] == [
        "area_um2", "delay_ns", "power_mw", "power_dynamic_mw", "power_leakage_mw", "cells",
    ]  # fmt: skip
    stated = document["provenance"]["synthesis"]["inputs"]
    assert stated["netlist_sha256"] == document["netlist_sha256"]
    assert stated["liberty_sha256"] == Liberty.embedded().sha256
    assert stated["activity"] == "toggle 0.1"


def test_nothing_is_computed_again_with_or_without_synthesis(library: Path) -> None:
    before = _body(library)
    assert _characterize(library, SYNTHESISE).unchanged == 1
    assert _characterize(library, Options()).unchanged == 1
    assert _body(library) == before


def test_synthesis_is_added_to_a_library_without_it(synthesised: Path, tmp_path: Path) -> None:
    _characterize(tmp_path, Options())
    assert json.loads(_body(tmp_path))["synthesis"] is None
    assert _characterize(tmp_path, SYNTHESISE).computed == 1
    assert json.loads(_body(tmp_path)) == json.loads(_body(synthesised))


def test_a_changed_liberty_computes_again(library: Path, tmp_path: Path) -> None:
    changed = tmp_path / "my cells; v2.lib"
    changed.write_bytes(Liberty.embedded().text + b"\n/* changed */\n")
    options = Options(synthesis=SynthesisOptions(liberty=changed))
    assert _characterize(library, options).computed == 1
    assert _characterize(library, options).unchanged == 1
    changed.write_bytes(changed.read_bytes() + b"\n")
    assert _characterize(library, options).computed == 1


def test_figures_of_an_earlier_run_are_used_again(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _body(library)
    assert _characterize(library, Options(synthesis=SynthesisOptions(activity="uniform"))).computed == 1
    assert _body(library) != before
    monkeypatch.setattr("mulsmith.characterize.worker_pool._start", None)
    assert _characterize(library, SYNTHESISE).computed == 1
    assert _body(library) == before


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("mulsmith.characterize.synthesis_plan.SCRIPT_SHA256", "another script"),
        ("mulsmith.characterize.synthesis_plan.synthesis_tools", lambda: {"pyosys": "99"}),
    ],
)
def test_a_changed_script_or_tool_computes_again(
    library: Path, monkeypatch: pytest.MonkeyPatch, target: str, value: object
) -> None:
    monkeypatch.setattr(target, value)
    assert _characterize(library, SYNTHESISE).computed == 1
    assert _characterize(library, SYNTHESISE).unchanged == 1


def test_imported_figures_stay_until_force(library: Path, tmp_path: Path) -> None:
    with Library.open(library) as opened:
        report = opened[NAME].synthesis
    assert report is not None
    area = tmp_path / "area.rpt"
    area.write_text("the report")
    attach_synthesis(library, NAME, report, [area])
    assert json.loads(_body(library))["provenance"]["synthesis"]["imported"] is True
    assert _characterize(library, SYNTHESISE).unchanged == 1
    assert json.loads(_body(library))["provenance"]["synthesis"]["imported"] is True
    assert _characterize(library, Options(synthesis=SynthesisOptions(), force=True)).computed == 1
    assert "imported" not in json.loads(_body(library))["provenance"]["synthesis"]


def test_a_missing_or_broken_liberty_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(LibertyError, match="No such file"):
        _characterize(tmp_path, Options(synthesis=SynthesisOptions(liberty=tmp_path / "no.lib")))
    (tmp_path / "broken.lib").write_text("library (x) { cell (")
    with pytest.raises(LibertyError, match=r"broken\.lib"):
        _characterize(tmp_path, Options(synthesis=SynthesisOptions(liberty=tmp_path / "broken.lib")))


def test_activities_are_read_from_text(tmp_path: Path) -> None:
    assert parse_activity("0.25") == Toggle(0.25)
    assert parse_activity("uniform") == Uniform()
    assert parse_activity("glitch:0.1") == Glitch(Toggle(0.1))
    np.savez(tmp_path / "h.npz", a=np.ones(256), b=np.arange(256))
    plain = parse_activity(f"{tmp_path}/h.npz")
    stationary = parse_activity(f"b-stationary:{tmp_path}/h.npz")
    assert isinstance(plain, Operands)
    assert isinstance(stationary, Operands)
    assert (plain.stationary, stationary.stationary) == (None, "b")
    assert plain.b_histogram[200] == 200


@pytest.mark.parametrize("text", ["often", "1.5", "nan", "glitch:glitch:0.1", "no.npz", "0.1e", ""])
def test_other_texts_are_no_activity(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_activity(text)


def test_files_without_histograms_are_refused(tmp_path: Path) -> None:
    for name, arrays in (("one", {"a": np.ones(4)}), ("text", {"a": np.array("x"), "b": np.array("y")})):
        np.savez(tmp_path / f"{name}.npz", **arrays)
        with pytest.raises(ConfigError, match=name):
            parse_activity(f"{tmp_path}/{name}.npz")
    with pytest.raises(ConfigError, match="the clock is 0 GHz"):
        _characterize(tmp_path, Options(synthesis=SynthesisOptions(clock_ghz=0)))


def test_figures_are_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    names = (NAME, "mul8x2u_or2_c3", "mul8x3u_dadda")
    paths = [path for path in embedded_files() if path.stem in names]
    bodies = []
    for jobs, order in ((1, paths), (2, paths[::-1])):
        options = Options(synthesis=SynthesisOptions(), jobs=jobs)
        outcome = pipeline.characterize(order, tmp_path / str(jobs), options)
        assert outcome.names == sorted(names)
        with Library.open(tmp_path / str(jobs)) as opened:
            bodies.append([opened.entry(name).body for name in opened])
    assert bodies[0] == bodies[1]
