"""Derive the embedded 14-cell Liberty file from FreePDK45's gscl45nm.lib.

Usage: python tools/derive_liberty.py path/to/gscl45nm.lib characterize/data/mulsmith14.lib

Every delay, transition and energy table is reduced to 2 x 2 points: the least-squares fit
``c0 + c1 slew + c2 load + c3 slew load`` of the source's table over the slews and loads that occur inside a
multiplier. Areas, capacitances, leakage and functions are taken over as they are.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from mulsmith.characterize.liberty import Cell, InternalPower, Liberty, Pin, TimingArc
from mulsmith.characterize.nldm import Table

CELLS = (
    "INVX1", "NAND2X1", "NOR2X1", "AND2X1", "OR2X1", "XOR2X1", "XNOR2X1",
    "AOI21X1", "OAI21X1", "NAND3X1", "AOI22X1", "MUX2X1", "FAX1", "HAX1",
)  # fmt: skip
SLEWS_NS = (0.0, 0.15)
LOADS_PF = (0.001, 0.020)
SAMPLES = 8

HEADER = """/*
 Standard cells for evaluating multipliers: 14 of the cells of gscl45nm.lib, its tables reduced to 2 x 2.

 Derived by tools/derive_liberty.py from gscl45nm.lib (SHA-256 {sha256}),
 the OSU standard-cell library of Oklahoma State University as distributed with FreePDK45 by North Carolina
 State University, Copyright its authors, licensed under the Apache License, Version 2.0. Changed: fewer
 cells, and every table replaced by a least-squares fit, linear in slew and in load, over slews of
 {slews} ns and loads of {loads} pF. Typical corner, 1.1 V, 27 C.
*/
library (mulsmith14) {{
  delay_model : table_lookup;
  time_unit : "1ns";
  voltage_unit : "1V";
  current_unit : "1uA";
  pulling_resistance_unit : "1kohm";
  leakage_power_unit : "1nW";
  capacitive_load_unit (1, pf);
  slew_upper_threshold_pct_rise : 80;
  slew_lower_threshold_pct_rise : 20;
  slew_upper_threshold_pct_fall : 80;
  slew_lower_threshold_pct_fall : 20;
  input_threshold_pct_rise : 50;
  input_threshold_pct_fall : 50;
  output_threshold_pct_rise : 50;
  output_threshold_pct_fall : 50;
  nom_process : 1;
  nom_voltage : {voltage:g};
  nom_temperature : 27;
  lu_table_template (delay) {{
    variable_1 : input_net_transition;
    variable_2 : total_output_net_capacitance;
    index_1 ("{slews}");
    index_2 ("{loads}");
  }}
  power_lut_template (energy) {{
    variable_1 : input_transition_time;
    variable_2 : total_output_net_capacitance;
    index_1 ("{slews}");
    index_2 ("{loads}");
  }}
"""


def derive(liberty: Liberty) -> str:
    """Return the text of the reduced library."""
    lines = [
        HEADER.format(
            sha256=liberty.sha256,
            voltage=liberty.voltage,
            slews=", ".join(f"{slew:g}" for slew in SLEWS_NS),
            loads=", ".join(f"{load:g}" for load in LOADS_PF),
        )
    ]
    for name in CELLS:
        lines += _cell(liberty.cell(name))
    return "".join(lines) + "}\n"


def reduced(table: Table) -> list[list[float]]:
    """Return the fit of a table at the corners of the window, one row per slew."""
    slews, loads = (_samples(*window) for window in (SLEWS_NS, LOADS_PF))
    by_load = [_line(slews, [table(slew, load) for slew in slews], SLEWS_NS) for load in loads]
    return [_line(loads, [ends[row] for ends in by_load], LOADS_PF) for row in (0, 1)]


def _samples(low: float, high: float) -> list[float]:
    return [low + (high - low) * i / (SAMPLES - 1) for i in range(SAMPLES)]


def _line(xs: Sequence[float], ys: Sequence[float], ends: Sequence[float]) -> list[float]:
    """Return the values at ``ends`` of the least-squares line through the points."""
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    return [mean_y + slope * (x - mean_x) for x in ends]


def _cell(cell: Cell) -> list[str]:
    lines = [f"  cell ({cell.name}) {{\n", f"    area : {cell.area_um2:g};\n"]
    lines.append(f"    cell_leakage_power : {cell.leakage_nw:g};\n")
    for pin in cell.pins.values():
        lines += _pin(pin)
    return [*lines, "  }\n"]


def _pin(pin: Pin) -> list[str]:
    lines = [f"    pin ({pin.name}) {{\n", f"      direction : {pin.direction.value};\n"]
    if pin.function is not None:
        lines.append(f'      function : "{pin.function.text}";\n')
    else:
        lines.append(f"      capacitance : {pin.capacitance_pf:g};\n")
        lines.append(f"      rise_capacitance : {pin.rise_capacitance_pf:g};\n")
        lines.append(f"      fall_capacitance : {pin.fall_capacitance_pf:g};\n")
    for arc in pin.arcs:
        lines += _timing(arc)
    for power in pin.internal_power:
        lines += _internal_power(power)
    return [*lines, "    }\n"]


def _timing(arc: TimingArc) -> list[str]:
    lines = ["      timing () {\n", f'        related_pin : "{arc.related_pin}";\n']
    lines.append(f"        timing_sense : {arc.sense.value};\n")
    for kind in ("cell_rise", "rise_transition", "cell_fall", "fall_transition"):
        lines.append(_table(kind, "delay", getattr(arc, kind)))
    return [*lines, "      }\n"]


def _internal_power(power: InternalPower) -> list[str]:
    lines = ["      internal_power () {\n"]
    if power.related_pin is not None:
        lines.append(f'        related_pin : "{power.related_pin}";\n')
    for kind in ("rise", "fall"):
        lines.append(_table(f"{kind}_power", "energy", getattr(power, kind)))
    return [*lines, "      }\n"]


def _table(kind: str, template: str, table: Table | None) -> str:
    if table is None:
        return ""
    rows = ", ".join('"' + ", ".join(f"{_rounded(value)}" for value in row) + '"' for row in reduced(table))
    return f"        {kind} ({template}) {{ values ({rows}); }}\n"


def _rounded(value: float) -> str:
    return re.sub(r"^-0$", "0", f"{value:.5g}")


def main() -> None:
    """Read the full library and write the reduced one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    arguments.target.write_text(derive(Liberty.read(arguments.source)))


if __name__ == "__main__":
    main()
