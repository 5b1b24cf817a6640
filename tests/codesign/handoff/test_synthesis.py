"""Processing elements in gscl45nm: figures against Yosys, OpenSTA and what the energy model charges."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from mulsmith import Library, emulate
from mulsmith.characterize.flow import report_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.synthesis import synthesize
from mulsmith.circuits.yosys import run_yosys
from mulsmith.codesign.handoff import RtlOptions, record, rtl_project
from mulsmith.codesign.handoff.element_scripts import netlist_commands
from mulsmith.codesign.handoff.manifest import write_folder
from mulsmith.codesign.handoff.pe_power import element_figures
from mulsmith.codesign.handoff.pe_yosys import (
    adder_map,
    synthesis_commands,
    synthesise_element,
    write_mapped,
)
from mulsmith.codesign.handoff.product_units import Unit, product_bits, write_products
from mulsmith.codesign.handoff.rtl_project import rtl_sources
from mulsmith.codesign.handoff.synthesis_report import synthesis_files
from mulsmith.emulate.zoo import build
from mulsmith.energy import Accelerator, NetworkEnergy, estimate, workload_from_torch
from mulsmith.energy.processing_element import Element, ElementShape, element_cost, idle_bits
from mulsmith.errors import ConfigError, LibertyError
from tests.codesign.handoff.networks import mixed_network

# None of these was fitted; see benchmarks/pe_overhead.py.
UNSEEN = ("mul8x8u_trunc7_cc", "mul8x8s_half_a4b4", "mul8x3u_half_a5b0", "mul8x8s_bbm6")
SIGN_MAGNITUDE = emulate.Quantisation(sign_magnitude=True)


@pytest.fixture(scope="module")
def liberty(gscl45nm: Path) -> Liberty:
    return Liberty.read(gscl45nm)


def account_of_digits(element: Element, library: Library, liberty: Liberty) -> NetworkEnergy:
    """Return the energy account of the mixed network with the multipliers' figures in the same cells."""
    records = {
        name: replace(
            library[name], synthesis=report_mapped(synthesize(library.netlist(name), liberty), liberty)
        )
        for name in UNSEEN
    }
    workload = workload_from_torch(build("digits-cnn", 10, 1), (1, 1, 8, 8), name="digits-cnn")
    return estimate(
        workload,
        assignment={layer.name: UNSEEN[number] for number, layer in enumerate(workload)},
        library={**records, "mul8x8u_dadda": library["mul8x8u_dadda"]},
        baseline="mul8x8u_dadda",
        convention="shared_clock",
        element=element,
    )


@pytest.mark.parametrize("how", [SIGN_MAGNITUDE, emulate.Quantisation()], ids=["signs", "zero points"])
def test_the_energy_model_charges_what_synthesis_gives(
    how: emulate.Quantisation, library: Library, liberty: Liberty, tmp_path: Path
) -> None:
    project = rtl_project(mixed_network("digits-cnn", library, how, UNSEEN), library, RtlOptions(tiles=1))
    files, reports = synthesis_files(project, liberty)
    assert len(reports) == len(UNSEEN)
    for report in reports:
        assert abs(report.area_deviation_percent) < 10, report
        assert abs(report.power_deviation_percent[0]) < 10, report
    account = account_of_digits("signs" if how is SIGN_MAGNITUDE else "plain", library, liberty)
    found = {report.multipliers[0]: report.points[0] for report in reports}
    for layer in account.layers:
        charged = (layer.by_component["multiplier"] + layer.by_component["element"]) / layer.macs
        assert charged == pytest.approx(found[layer.multiplier].power_mw, rel=0.1), layer.multiplier
    pes = Accelerator.load("eyeriss-like").pes
    charged_area = (account.multiplier_area_um2 + account.element_area_um2) / pes
    assert charged_area == pytest.approx(sum(point.area_um2 for point in found.values()), rel=0.1)
    document = json.loads(files["synthesis/report.json"])
    assert document["elements"][0]["points"][0]["area_um2"] == reports[0].points[0].area_um2
    assert all(name.encode() in files["synthesis/report.md"] for name in UNSEEN)
    yosys = shutil.which("yosys")
    if yosys is None:
        return
    write_folder(tmp_path / "rtl", "rtl", {**project.files, **files}, {})
    (tmp_path / "rtl" / "cells.lib").write_bytes(liberty.text)
    for report in reports:
        said = _said(tmp_path / "rtl", yosys, f"synthesis/pe_{report.unit}.ys")
        area = re.search(r"Chip area for module '\\pe': ([\d.]+)", said)
        assert area is not None
        # Another version of Yosys maps the logic between the adders a little differently.
        assert float(area[1]) == pytest.approx(report.points[0].area_um2, rel=0.02)
        if shutil.which("sta") is None:
            continue
        said = _said(tmp_path / "rtl", "sta", "-no_init", "-exit", f"synthesis/pe_{report.unit}.tcl")
        assert "Error" not in said
        arrival = re.search(r"(\S+)\s+data arrival time", said)
        assert arrival is not None
        assert float(arrival[1]) == pytest.approx(report.points[0].delay_ns, rel=0.03)


def _said(folder: Path, *command: str) -> str:
    """Return what a command prints that is run in a folder."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("sta") is None, reason="OpenSTA is not installed")
def test_opensta_agrees(library: Library, liberty: Liberty, tmp_path: Path) -> None:
    name = "mul8x8u_dadda"
    netlist = library.netlist(name)
    mapped = synthesize(netlist, liberty)
    product = write_products([Unit((name,), 8, 8, product_bits(netlist))], {name: netlist}, False, 1)
    rtl = {**rtl_sources(), "product.v": product.encode()}
    sizes = {"UNIT": 0, "A_BITS": 8, "B_BITS": 8, "P_BITS": 17, "ACC_BITS": 22}
    found = element_figures(synthesise_element(rtl, {name: mapped}, sizes, liberty), liberty, 25)
    files = {key: rtl[key] for key in ("product.v", "mac.v", "pe.v")}
    files |= {"cells.lib": liberty.text, "adder.v": adder_map(liberty).encode()}
    files[f"{name}.mapped.v"] = write_mapped(mapped).encode()
    written = run_yosys([*synthesis_commands(sizes, [name]), *netlist_commands("m.v")], files, ["m.v"])
    (tmp_path / "m.v").write_bytes(written["m.v"])
    (tmp_path / "cells.lib").write_bytes(liberty.text)
    constant = {"step": "0 -duty 1", "drain": "0 -duty 0", "reset": "0 -duty 0", "first": "0.08 -duty 0.04"}
    script = [
        "read_liberty cells.lib",
        "read_verilog m.v",
        "link_design pe",
        "create_clock -name c -period 1 [get_ports clk]",
        "set_input_delay 0 -clock c [all_inputs]",
        "set_power_activity -input -activity 0.1 -duty 0.5",
        *(f"set_power_activity -input_port {port} -activity {value}" for port, value in constant.items()),
        "set_power_activity -input_port clk -activity 2 -duty 0.5",
        "report_power",
        "report_checks -path_delay max -digits 4",
    ]
    (tmp_path / "run.tcl").write_text("\n".join(script))
    said = _said(tmp_path, "sta", "-no_init", "-no_splash", "-exit", "run.tcl")
    arrival = re.search(r"(\S+)\s+data arrival time", said)
    total = re.search(r"^Total +\S+ +\S+ +\S+ +(\S+)", said, re.MULTILINE)
    assert arrival is not None
    assert total is not None
    # Here every output carries the load of a register, there only those that lead to one.
    assert float(arrival[1]) == pytest.approx(found.delay_ns, rel=1e-3)
    # OpenSTA propagates activities as if all nets were independent.
    assert 1e3 * float(total[1]) == pytest.approx(found.power_mw, rel=0.05)


@pytest.mark.parametrize("signs", [False, True])
def test_product_bits_that_are_always_0_take_no_adder(
    signs: bool, library: Library, liberty: Liberty
) -> None:
    name, sum_bits, idle = "mul8x8u_trunc8_cc", 22, 8
    assert idle_bits(library[name].lut) == idle
    netlist = library.netlist(name)
    mapped = synthesize(netlist, liberty)
    product = write_products([Unit((name,), 8, 8, product_bits(netlist))], {name: netlist}, signs, 1)
    sizes = {"UNIT": 0, "A_BITS": 8, "B_BITS": 8, "P_BITS": 17, "ACC_BITS": sum_bits}
    rtl = {**rtl_sources(), "product.v": product.encode()}
    element = synthesise_element(rtl, {name: mapped}, sizes, liberty)
    adders, inside = (sum(cell == "FAX1" for cell, _ in own.cells) for own in (element.logic, mapped))
    assert adders - inside == sum_bits - idle


@pytest.mark.parametrize("top", ["maximum", "scale", "quantise"])
def test_what_lies_between_the_layers_is_hardware(top: str) -> None:
    files = {name: data for name, data in rtl_sources().items() if name.split(".")[0] in (top, "round_float")}
    commands = [f"read_verilog {' '.join(files)}", f"prep -flatten -top {top}", "check -assert"]
    written = run_yosys([*commands, "write_json m.json"], files, ["m.json"])
    cells = json.loads(written["m.json"])["modules"][top]["cells"].values()
    kinds = {cell["type"] for cell in cells}
    assert not {kind for kind in kinds if "latch" in kind}
    assert any("dff" in kind for kind in kinds) == (top != "scale")


def test_operating_points_cost_their_own_power(library: Library, liberty: Liberty) -> None:
    torch.manual_seed(7)
    model = nn.Sequential(nn.Conv2d(2, 4, 3))
    image = torch.randn(1, 2, 5, 5)
    base = emulate.convert(model, library["mul8x8u_dadda"], [image], SIGN_MAGNITUDE)
    cheap = emulate.reassign(base, {"0": "mul8x8u_half_a5b6"}, library)
    points = [emulate.freeze(base), emulate.freeze(cheap)]
    project = rtl_project(record("points", points, image), library)
    (report,) = synthesis_files(project, liberty)[1]
    exact, saving = report.points
    assert saving.area_um2 == exact.area_um2
    assert saving.power_mw < 0.9 * exact.power_mw
    assert report.charged_power_mw[1] < report.charged_power_mw[0]


def test_a_library_without_registers_is_refused(library: Library) -> None:
    project = rtl_project(mixed_network("digits-cnn", library, SIGN_MAGNITUDE), library, RtlOptions(tiles=1))
    with pytest.raises(LibertyError, match="has no register"):
        synthesis_files(project, Liberty.embedded())


def test_the_overhead_is_linear_and_checked() -> None:
    shape = ElementShape(a_bits=8, b_bits=8, p_bits=16, sum_bits=24)
    plain = element_cost(shape, 600.0, 0.3)
    assert plain.area_um2 == pytest.approx(600 + 18 * 9.45862 + 24 * 27.082)
    assert plain.energy_pj > 0.3
    signs = element_cost(ElementShape(8, 8, 17, 24, 4, True), 600.0, 0.3)
    assert signs.energy_pj > 0.3
    with pytest.raises(ConfigError, match="25 idle bits do not fit"):
        element_cost(ElementShape(8, 8, 16, 24, 25), 600.0, 0.3)
