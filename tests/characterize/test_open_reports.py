"""Reports of Yosys and OpenSTA, written by the tools themselves in the test."""

import re
from pathlib import Path

import opensta
import pytest

from mulsmith.characterize.flow import synthesis_report
from mulsmith.characterize.importers import import_reports
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.generators import generate
from mulsmith.circuits.yosys import run_yosys
from mulsmith.errors import ReportError

OLD_STAT = """
=== top ===

   Number of wires:                 14
   Number of cells:                  3
     AND2X1                          2
     FAX1                            1

   Chip area for module '\\top': 13.610000
"""


@pytest.fixture(scope="module")
def liberty() -> Liberty:
    return Liberty.embedded()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, liberty: Liberty) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    mapped = synthesize(generate("array", a_bits=4, b_bits=4), liberty)
    files = {"top.v": opensta.verilog(mapped).encode(), "cells.lib": liberty.text}
    commands = [
        "read_liberty -lib cells.lib",
        "read_verilog top.v",
        "tee -q -o area.rpt stat -liberty cells.lib -top top",
    ]
    area = folder / "area.rpt"
    area.write_bytes(run_yosys(commands, files, ["area.rpt"])["area.rpt"])
    texts = {"area": area}
    for kind, command in {
        "timing": ["report_checks -digits 6"],
        "power": ["set_power_activity -input -activity 0.1 -duty 0.5", "report_power -digits 6"],
    }.items():
        texts[kind] = folder / f"{kind}.rpt"
        texts[kind].write_text(opensta.run(folder, liberty.text, mapped, command))
    return texts


@opensta.needs_opensta
def test_area_and_delay_are_ours(reports: dict[str, Path], liberty: Liberty) -> None:
    netlist = generate("array", a_bits=4, b_bits=4)
    mapped = synthesize(netlist, liberty)
    ours = synthesis_report(netlist, liberty)
    report = import_reports(
        list(reports.values()), clock_ghz=1000.0, liberty=liberty.name, time_unit="1ns", power_unit="W"
    )
    assert report.flow == "imported: yosys + opensta"
    assert report.area_um2 == pytest.approx(ours.area_um2, abs=1e-4)
    assert dict(report.cells) == dict(ours.cells)
    assert report.delay_ns == pytest.approx(analyze(mapped, liberty).delay_ns, abs=2e-6)
    assert report.power_mw == pytest.approx(report.power_dynamic_mw + report.power_leakage_mw)
    total = re.search(r"^Total\s+(\S+)\s+(\S+)\s+(\S+)", reports["power"].read_text(), re.MULTILINE)
    assert total is not None
    assert report.power_dynamic_mw == pytest.approx(1e3 * (float(total[1]) + float(total[2])))


@opensta.needs_opensta
def test_units_must_be_known(reports: dict[str, Path]) -> None:
    paths = list(reports.values())
    with pytest.raises(ReportError, match="the timing report does not state its time unit"):
        import_reports(paths, clock_ghz=1.0, liberty="x", power_unit="W")
    reports["timing"].write_text(" time 1ns\n" + reports["timing"].read_text())
    if "(Watts)" not in reports["power"].read_text():
        with pytest.raises(ReportError, match="the power report does not state its unit"):
            import_reports(paths, clock_ghz=1.0, liberty="x")
    report = import_reports(paths, clock_ghz=1.0, liberty="x", power_unit="W")
    assert report.delay_ns > 0
    with pytest.raises(ReportError, match="no report states the cell library"):
        import_reports(paths, clock_ghz=1.0, power_unit="W")


def test_the_older_layout_of_yosys(tmp_path: Path) -> None:
    path = tmp_path / "area.rpt"
    path.write_text(OLD_STAT)
    with pytest.raises(ReportError, match="there is no timing report among the files given"):
        import_reports([path], clock_ghz=1.0)
    path.write_text(
        OLD_STAT.replace("AND2X1                          2", "AND2X1                          7")
    )
    with pytest.raises(ReportError, match="the report counts 3 cells, but lists 8"):
        import_reports([path], clock_ghz=1.0)
