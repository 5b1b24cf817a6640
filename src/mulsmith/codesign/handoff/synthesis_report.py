"""Synthesis of a hand-off's processing elements: scripts for Yosys, and figures beside the energy model's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mulsmith.characterize.flow import report_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.record import SynthesisReport
from mulsmith.characterize.synthesis import synthesize
from mulsmith.codesign.handoff.benches import LayerPlan
from mulsmith.codesign.handoff.element_scripts import sta_script, yosys_script
from mulsmith.codesign.handoff.pe_power import ElementFigures, element_figures
from mulsmith.codesign.handoff.pe_yosys import adder_map, synthesise_element, write_mapped
from mulsmith.codesign.handoff.product_units import Unit, product_bits
from mulsmith.codesign.handoff.rtl_project import RtlProject
from mulsmith.energy.processing_element import CELLS, ElementShape, element_cost, idle_bits

_RTL = ("product.v", "mac.v", "pe.v")


@dataclass(frozen=True, slots=True)
class ElementReport:
    """One processing element, synthesised, and what the energy model charges for it.

    Attributes:
        unit: number of its product unit.
        multipliers: at every operating point.
        sum_bits: width of its accumulator.
        points: figures at every operating point; they differ in power alone.
        charged_area_um2: multipliers and the model's overhead.
        charged_power_mw: the same at 1 GHz, at every operating point.
    """

    unit: int
    multipliers: tuple[str, ...]
    sum_bits: int
    points: tuple[ElementFigures, ...]
    charged_area_um2: float
    charged_power_mw: tuple[float, ...]

    @property
    def area_deviation_percent(self) -> float:
        """How much more the model charges than synthesis gives, %."""
        return 100 * (self.charged_area_um2 / self.points[0].area_um2 - 1)

    @property
    def power_deviation_percent(self) -> tuple[float, ...]:
        """The same in power at every operating point, %."""
        pairs = zip(self.charged_power_mw, self.points, strict=True)
        return tuple(100 * (charged / found.power_mw - 1) for charged, found in pairs)

    def to_json(self) -> dict[str, Any]:
        """Return everything by name."""
        return {
            **asdict(self),
            "area_deviation_percent": self.area_deviation_percent,
            "power_deviation_percent": self.power_deviation_percent,
        }


def synthesis_files(project: RtlProject, liberty: Liberty) -> tuple[dict[str, bytes], list[ElementReport]]:
    """Return (path -> content of ``synthesis/``, the figures) of a hand-off's processing elements.

    Raises:
        LibertyError: the library lacks a full adder or a register.
        ToolError: Yosys is missing or failed.
    """
    mapped = {name: synthesize(netlist, liberty) for name, netlist in project.circuits.items()}
    figures = {name: report_mapped(own, liberty) for name, own in mapped.items()}
    files = {f"synthesis/{name}.mapped.v": write_mapped(own).encode() for name, own in mapped.items()}
    files["synthesis/adder.v"] = adder_map(liberty).encode()
    reports = []
    for number, unit in enumerate(project.units):
        plans = [plan for plan in project.plans if plan.number == number]
        parameters = _parameters(number, unit, plans, project.point_bits)
        files[f"synthesis/pe_{number}.ys"] = yosys_script(number, parameters, list(mapped)).encode()
        files[f"synthesis/pe_{number}.tcl"] = sta_script(number).encode()
        reports.append(_report(project, number, plans, parameters, mapped, figures, liberty))
    document = {"liberty": liberty.name, "overhead_fitted_to": CELLS, "clock_ghz": 1.0, "toggle": 0.1}
    document["elements"] = [report.to_json() for report in reports]
    files["synthesis/report.json"] = (json.dumps(document, indent=2, allow_nan=False) + "\n").encode()
    files["synthesis/report.md"] = _table(reports, liberty).encode()
    return files, reports


def _parameters(number: int, unit: Unit, plans: Sequence[LayerPlan], point_bits: int) -> dict[str, int]:
    return {
        "UNIT": number,
        "A_BITS": unit.a_bits,
        "B_BITS": unit.b_bits,
        "P_BITS": unit.p_bits,
        "ACC_BITS": max(plan.bits.acc for plan in plans),
        "POINT_BITS": point_bits,
    }


def _report(
    project: RtlProject,
    number: int,
    plans: Sequence[LayerPlan],
    parameters: Mapping[str, int],
    mapped: Mapping[str, MappedNetlist],
    figures: Mapping[str, SynthesisReport],
    liberty: Liberty,
) -> ElementReport:
    unit = project.units[number]
    rtl = {name: project.files[f"rtl/{name}"] for name in _RTL}
    used = {name: mapped[name] for name in project.circuits}
    element = synthesise_element(rtl, used, parameters, liberty)
    terms = max(plan.layer.terms for plan in plans)
    found = tuple(
        element_figures(element, liberty, terms, point=point) for point in range(len(unit.multipliers))
    )
    layer = plans[0].layer
    charged = []
    for name, lut in zip(layer.multipliers, layer.tables, strict=True):
        netlist = project.circuits[name]
        shape = ElementShape(
            unit.a_bits,
            unit.b_bits,
            product_bits(netlist),
            parameters["ACC_BITS"],
            idle_bits(lut),
            layer.sign_magnitude and not netlist.signed,
        )
        own = figures[name]
        charged.append(element_cost(shape, own.area_um2, own.power_mw / own.clock_ghz))
    others = sum(figures[name].area_um2 for name in unit.distinct) - figures[layer.multipliers[0]].area_um2
    return ElementReport(
        number,
        unit.multipliers,
        parameters["ACC_BITS"],
        found,
        charged[0].area_um2 + others,
        tuple(cost.energy_pj for cost in charged),
    )


def _table(reports: Sequence[ElementReport], liberty: Liberty) -> str:
    rows = []
    for report in reports:
        for point, (name, found) in enumerate(zip(report.multipliers, report.points, strict=True)):
            rows.append(
                f"| {report.unit} | {point} | {name} | {report.sum_bits} | {found.area_um2:.0f} "
                f"| {found.register_area_um2:.0f} | {found.delay_ns:.2f} | {found.power_mw:.3f} "
                f"| {report.charged_area_um2:.0f} ({report.area_deviation_percent:+.1f} %) "
                f"| {report.charged_power_mw[point]:.3f} ({report.power_deviation_percent[point]:+.1f} %) |"
            )
    return _REPORT.format(name=liberty.name, cells=CELLS, rows="\n".join(rows))


_REPORT = """\
# Processing elements in {name}

Module `pe` by the scripts `pe_N.ys`: multipliers mapped by mulsmith, additions as chains of full adders, the
rest by Yosys and ABC. Power: 1 GHz, operand bits toggle with probability 0.1 per cycle, a product is added in
every cycle, no clock tree. Delay: between registers, without what these take. "Charged" is the multiplier's
own figure and the energy model's overhead of a processing element, which was fitted to {cells}; the
multiplexer between multipliers is not in it.

| unit | point | multiplier | sum bits | µm² | in registers | ns | mW | charged area | charged power |
|---|---|---|---|---|---|---|---|---|---|
{rows}
"""
