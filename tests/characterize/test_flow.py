"""From netlist to figures: each figure against a plain recount of the mapped circuit, and OpenSTA."""

from pathlib import Path

import pytest
from opensta import longest_path, needs_opensta

from mulsmith.characterize.activity import Toggle, Uniform
from mulsmith.characterize.flow import synthesis_report
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.generators import generate
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog import read_verilog

OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")


@pytest.fixture(scope="module")
def netlist() -> Netlist:
    return generate("wallace", a_bits=5, b_bits=4)


def libraries() -> list[Liberty]:
    return [Liberty.embedded(), *([Liberty.read(OSU018)] if OSU018.exists() else [])]


@needs_opensta
def test_figures_are_those_of_the_mapped_circuit(netlist: Netlist, tmp_path: Path) -> None:
    for liberty in libraries():
        report = synthesis_report(netlist, liberty)
        mapped = synthesize(netlist, liberty)
        names = [cell for cell, _ in mapped.cells]
        assert dict(report.cells) == {name: names.count(name) for name in set(names)}
        assert report.area_um2 == pytest.approx(sum(liberty.cells[name].area_um2 for name in names))
        delay_ns, _ = longest_path(tmp_path, liberty.text, mapped)
        assert report.delay_ns == pytest.approx(delay_ns, rel=1e-3)
        assert report.power_mw == report.power_dynamic_mw + report.power_leakage_mw
        assert (report.liberty, report.flow) == (liberty.name, mapped.flow)


def test_power_follows_clock_and_activity(netlist: Netlist) -> None:
    liberty = Liberty.embedded()
    report = synthesis_report(netlist, liberty)
    assert (report.clock_ghz, report.activity) == (1.0, "toggle 0.1")
    half = synthesis_report(netlist, liberty, clock_ghz=0.5)
    assert half.power_dynamic_mw == pytest.approx(report.power_dynamic_mw / 2)
    assert half.power_leakage_mw == report.power_leakage_mw
    still = synthesis_report(netlist, liberty, Toggle(0.0))
    assert still.power_dynamic_mw == 0.0
    assert synthesis_report(netlist, liberty, Uniform()).power_dynamic_mw > report.power_dynamic_mw


@needs_opensta
def test_delays_of_real_multipliers_equal_opensta(evoapproxlib: Path, gscl45nm: Path, tmp_path: Path) -> None:
    liberty = Liberty.read(gscl45nm)
    files = sorted(path for path in evoapproxlib.rglob("*.v") if "_pdk45" not in path.name)[4::11]
    assert len(files) >= 20
    for path in files:
        mapped = synthesize(read_verilog(path), liberty)
        if mapped.cells:
            delay_ns, _ = longest_path(tmp_path, liberty.text, mapped)
            assert analyze(mapped, liberty).delay_ns == pytest.approx(delay_ns, rel=1e-3), path.name
