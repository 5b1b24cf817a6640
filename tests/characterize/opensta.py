"""OpenSTA as a judge of timing and power; input bit i is port ``n{i + 2}``, output bit k ``o{k}``."""

import re
import shutil
import subprocess

import pytest

from mulsmith.circuits.netlist import CONST1, FIRST_INPUT

needs_opensta = pytest.mark.skipif(shutil.which("sta") is None, reason="OpenSTA is not installed")


def verilog(mapped):
    """Return a mapped circuit as structural Verilog."""
    first = FIRST_INPUT + sum(port.width for port in mapped.inputs)
    inputs = [f"n{net}" for net in range(FIRST_INPUT, first)]
    outputs = [f"o{k}" for k in range(len(mapped.output_nets))]
    wires = {net for cell in mapped.cells for net in cell.pins.values() if net >= first}
    lines = [f"module top ({', '.join(inputs + outputs)});"]
    lines += [f"input {name};" for name in inputs] + [f"output {name};" for name in outputs]
    lines += [f"wire n{net};" for net in sorted(wires)]
    for index, cell in enumerate(mapped.cells):
        pins = ", ".join(f".{pin}({_name(net)})" for pin, net in cell.pins.items())
        lines.append(f"{cell.cell} u{index} ({pins});")
    lines += [f"assign o{k} = {_name(net)};" for k, net in enumerate(mapped.output_nets)]
    return "\n".join([*lines, "endmodule", ""])


def run(folder, liberty_text, mapped, commands):
    """Run Tcl commands on a circuit and return what OpenSTA prints."""
    (folder / "cells.lib").write_bytes(liberty_text)
    (folder / "top.v").write_text(verilog(mapped))
    # A short clock period: OpenSTA takes arrivals for equal that differ by less than 1e-6 of the slack.
    script = [
        "read_liberty cells.lib",
        "read_verilog top.v",
        "link_design top",
        "create_clock -name c -period 0.001",
        "set_input_delay 0 -clock c [all_inputs]",
        "set_output_delay 0 -clock c [all_outputs]",
        *commands,
    ]
    (folder / "run.tcl").write_text("\n".join(script))
    done = subprocess.run(
        ["sta", "-no_init", "-no_splash", "-exit", "run.tcl"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def longest_path(folder, liberty_text, mapped):
    """Return OpenSTA's longest input-to-output delay in ns and the instances on that path."""
    out = run(folder, liberty_text, mapped, ["report_checks -path_delay max -digits 6"])
    arrival = re.search(r"(\S+)\s+data arrival time", out)
    return float(arrival[1]), [int(index) for index in re.findall(r"[v^] u(\d+)/", out)]


def _name(net):
    return f"1'b{net}" if net <= CONST1 else f"n{net}"
