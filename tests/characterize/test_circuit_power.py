"""Power of a library's circuit for any operands, and the cache of its mapping to cells."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize import circuit_power as module
from mulsmith.characterize.activity import Operands, Uniform
from mulsmith.characterize.circuit_power import circuit_power, mapped_circuit
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.library import Library
from mulsmith.characterize.pipeline import Options, SynthesisOptions, characterize
from mulsmith.characterize.power import estimate_power
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.embedded import embedded_files
from mulsmith.errors import LibertyError, StoreError

NAME = "mul8x4u_dadda"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("library")
    sources = [path for path in embedded_files() if path.stem == NAME]
    characterize(sources, folder, Options(jobs=1, synthesis=SynthesisOptions(clock_ghz=0.5)))
    with Library.open(folder) as opened:
        yield opened


def test_power_is_that_of_a_fresh_synthesis(library: Library) -> None:
    cells = Liberty.embedded()
    mapped = synthesize(library.netlist(NAME), cells)
    timing = analyze(mapped, cells)
    found = circuit_power(library, NAME)
    assert (found.delay_ns, found.clock_ghz) == (timing.delay_ns, 0.5)
    a, b = np.arange(256.0), np.eye(16)[5] + 0.1
    for stationary in (None, "a", "b"):
        expected = estimate_power(mapped, cells, timing, Operands(a, b, stationary), 0.5)
        assert found.power(a, b, stationary).total_mw == pytest.approx(expected.total_mw, rel=1e-6)
    uniform = estimate_power(mapped, cells, timing, Uniform(), 0.5)
    assert found.power(np.ones(256), np.ones(16)).dynamic_mw == pytest.approx(uniform.dynamic_mw, rel=1e-3)


def test_a_circuit_is_mapped_once(
    library: Library, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    netlist, cells = library.netlist(NAME), Liberty.embedded()
    first = mapped_circuit(netlist, cells)
    runs = []
    monkeypatch.setattr(module, "synthesize", lambda *_: runs.append(1) or first)
    again = mapped_circuit(netlist, cells)
    assert (again.cells, again.output_nets, again.flow) == (first.cells, first.output_nets, first.flow)
    assert not runs
    (kept,) = cache.rglob("*.json.z")
    good = kept.read_bytes()
    wrong = replace(first, output_nets=first.output_nets[::-1])
    with caplog.at_level(logging.WARNING):
        for damaged in (good[:20], b"", module.mapped_to_bytes(wrong)):
            kept.write_bytes(damaged)
            assert mapped_circuit(netlist, cells).output_nets == first.output_nets
            assert kept.read_bytes() == good
    assert len(runs) == len(caplog.records) == 3


def test_a_cache_that_cannot_be_written_is_said(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("MULSMITH_CACHE", str(blocked))
    assert mapped_circuit(library.netlist(NAME), Liberty.embedded()).cells
    assert "is not kept for the next time" in caplog.text


def test_other_cells_than_those_of_the_figures(library: Library) -> None:
    other = replace(Liberty.embedded(), sha256="0" * 64)
    with pytest.raises(LibertyError, match="was synthesised to cells of"):
        circuit_power(library, NAME, other)
    with pytest.raises(StoreError, match="there is no multiplier 'mul8x4'"):
        circuit_power(library, "mul8x4")
