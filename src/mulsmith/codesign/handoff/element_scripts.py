"""Scripts with which anybody can repeat the figures of a processing element: Yosys, then OpenSTA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mulsmith.codesign.handoff.pe_yosys import TOP, synthesis_commands

_INPUTS = ("reset", "step", "first", "drain", "{x[*]}", "{w[*]}", "{below[*]}")


def yosys_script(number: int, parameters: Mapping[str, int], multipliers: Sequence[str]) -> str:
    """Return ``pe_N.ys``, which maps the element, prints its area and leaves ``pe_N.mapped.v``.

    Args:
        number: of the product unit.
        parameters: of module ``pe``.
        multipliers: all multipliers of the hand-off, because ``product.v`` names them.
    """
    folders = {"product.v": "rtl", "mac.v": "rtl", "pe.v": "rtl", "adder.v": "synthesis"}
    folders |= {f"{name}.mapped.v": "synthesis" for name in multipliers}
    lines = [
        " ".join(f"{folders[word]}/{word}" if word in folders else word for word in command.split(" "))
        for command in synthesis_commands(parameters, list(multipliers))
    ]
    head = f"# Put the Liberty file at cells.lib, then: yosys synthesis/pe_{number}.ys"
    end = ["stat -liberty cells.lib", *netlist_commands(f"pe_{number}.mapped.v")]
    return "\n".join([head, *lines, *end, ""])


def netlist_commands(file: str) -> list[str]:
    """Return the Yosys passes that write a mapped element.

    OpenSTA reads neither signed wires nor assignments to several nets at once.
    """
    return ["splitnets", "opt_clean -purge", f"write_verilog -noattr {file}"]


def sta_script(number: int) -> str:
    """Return ``pe_N.tcl``, with which OpenSTA prints the delay of what Yosys left."""
    lines = [
        f"# After yosys synthesis/pe_{number}.ys: sta -no_init -exit synthesis/pe_{number}.tcl",
        "read_liberty cells.lib",
        f"read_verilog pe_{number}.mapped.v",
        f"link_design {TOP}",
        "create_clock -name clock -period 1 [get_ports clk]",
        *(f"set_input_delay 0 -clock clock [get_ports {port}]" for port in _INPUTS),
        "report_checks -path_delay max -digits 4",
    ]
    return "\n".join([*lines, ""])
