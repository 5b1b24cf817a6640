"""Behavioural but combinational Verilog: Yosys turns it into simple gates and full adders, read back here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mulsmith.circuits.frontend.graph import NetGraph
from mulsmith.circuits.netlist import CONST0, CONST1, Netlist, Op, Port, check_identifier
from mulsmith.circuits.yosys import Limits, run_yosys
from mulsmith.errors import NetlistError, ToolError

# Words that no structural text holds; text with one of them may be more than pyverilog's grammar knows.
WORDS = re.compile(
    r"\b(?:always(?:_comb)?|function|generate|for|if|case[xz]?|logic|genvar|task|typedef|packed|unsigned|int)\b"
)
_CLOCKED = re.compile(r"\b(posedge|negedge|always_ff|always_latch|initial|inout|wait|fork|forever)\b")
_CONFLICT = re.compile(r"multiple conflicting drivers for .*(?:\n    .*)*")
_PLACE = re.compile(r"circuit\.v:(\d+)")
_UNDECLARED = re.compile(r"Identifier `\\?(\S+)' is implicitly declared")
_MODULE = re.compile(r"\bmodule\s+([A-Za-z_][\w$]*)")
_LIMITS = Limits(seconds=30.0, memory_mb=2048)

# Carry chains become full adders instead of Yosys's default parallel-prefix carry logic.
_ADDERS = b"""
(* techmap_celltype = "$alu" *)
module ripple_(A, B, CI, BI, X, Y, CO);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  input CI, BI;
  output [Y_WIDTH-1:0] X, Y, CO;
  wire [Y_WIDTH-1:0] a, b;
  \\$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)) ea (.A(A), .Y(a));
  \\$pos #(.A_SIGNED(B_SIGNED), .A_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH)) eb (.A(B), .Y(b));
  wire [Y_WIDTH-1:0] d = BI ? ~b : b;
  wire [Y_WIDTH:0] c;
  assign c[0] = CI;
  \\$fa #(.WIDTH(Y_WIDTH)) chain (.A(a), .B(d), .C(c[Y_WIDTH-1:0]), .X(c[Y_WIDTH:1]), .Y(Y));
  assign X = a ^ d, CO = c[Y_WIDTH:1];
endmodule
"""

_PREFIX = b"`default_nettype none\n"
_COMMANDS = (
    "read_verilog -sv circuit.v",
    "hierarchy -check -top TOP",
    "proc",
    "flatten",
    "tee -o check.txt check",
    "opt",
    "memory -nomap",
    "alumacc",
    "maccmap",
    "opt",
    "techmap -map adders.v",
    "techmap t:$fa %n",
    "opt",
    "clean -purge",
    "write_json circuit.json",
)

_OPS = {
    "$_NOT_": Op.NOT, "$_AND_": Op.AND, "$_OR_": Op.OR, "$_XOR_": Op.XOR, "$_NAND_": Op.NAND,
    "$_NOR_": Op.NOR, "$_XNOR_": Op.XNOR,
}  # fmt: skip


class _UndefinedError(Exception):
    """An x or z among the nets that Yosys left."""


def read_behavioural(source: str, top: str, construct: str, line: int | None = None) -> Netlist:
    """Return the circuit of module ``top`` of a cleaned text.

    Args:
        source: the text.
        top: its top module.
        construct: what made the text behavioural, for errors without a better place.
        line: where that stands.

    Raises:
        NetlistError: not combinational, undriven, or not accepted by Yosys; with the line that Yosys names.
        ToolError: Yosys is missing or was ended by a limit.
    """
    check_identifier(top)
    clocked = _CLOCKED.search(source)
    if clocked is not None:
        place = source.count("\n", 0, clocked.start()) + 1
        raise NetlistError(f"'{clocked.group()}' is not supported", line=place)
    files = {"circuit.v": _PREFIX + source.encode(), "adders.v": _ADDERS}
    commands = [command.replace("TOP", top) for command in _COMMANDS]
    try:
        results = run_yosys(commands, files, ["circuit.json", "check.txt"], _LIMITS)
    except ToolError as error:
        if not error.cause.startswith("Yosys failed: "):
            raise
        raise _refused(error) from None
    conflict = _CONFLICT.search(results["check.txt"].decode("utf-8", "replace"))
    if conflict is not None:
        raise NetlistError("a net is driven twice", line=min(_lines(conflict.group()), default=line))
    try:
        return _netlist(json.loads(results["circuit.json"])["modules"][top], top)
    except _UndefinedError:
        raise NetlistError(
            f"a value that is not defined (x or z) comes out of the {construct}", line=line
        ) from None


def _refused(error: ToolError) -> NetlistError:
    line = None if error.line is None else max(1, error.line - 1)
    undeclared = _UNDECLARED.search(error.cause)
    if undeclared is not None:
        return NetlistError(f"net '{undeclared.group(1)}' is not declared", line=line)
    cause = error.cause.removeprefix("Yosys failed: ").rstrip(".").replace("`\\", "'").replace("`", "'")
    return NetlistError(f"not accepted by Yosys: {cause}", line=line)


def top_by_text(source: str, top: str | None) -> str:
    """Return the top module of a text that has no syntax tree: the one that no other text mentions.

    Raises:
        NetlistError: no module, or the choice is open.
    """
    names: list[str] = _MODULE.findall(source)
    if top is not None:
        return top
    candidates = [name for name in names if len(re.findall(rf"\b{re.escape(name)}\b", source)) == 1]
    if len(candidates) != 1:
        raise NetlistError(
            f"several modules could be the top: {', '.join(candidates or names)}",
            remedy="name the top module",
        )
    return candidates[0]


def _netlist(module: Mapping[str, Any], top: str) -> Netlist:
    graph = NetGraph()
    nets: dict[object, int] = {"0": CONST0, "1": CONST1}
    ports = module["ports"]
    order = [
        name for direction in ("input", "output") for name in ports if ports[name]["direction"] == direction
    ]
    if len(order) != len(ports):
        raise NetlistError("has an inout port")
    inputs = [name for name in order if ports[name]["direction"] == "input"]
    names = _bit_names(module)
    for name in inputs:
        bits = ports[name]["bits"]
        nets.update(
            zip(bits, graph.declare(check_identifier(name), len(bits), 1, len(bits) - 1, 0), strict=True)
        )

    def net(bit: object) -> int:
        if bit in ("x", "z"):
            raise _UndefinedError
        if bit not in nets:
            label, line = names.get(bit, (f"bit {bit}", None))
            nets[bit] = graph.declare(label, 1, line or 1, 0, 0)[0]
        return nets[bit]

    for cell in module["cells"].values():
        _add(graph, cell, net)
    outputs = [name for name in order if ports[name]["direction"] == "output"]
    bits = [net(bit) for name in outputs for bit in ports[name]["bits"]]
    signs = {bool(ports[name].get("signed", 0)) for name in order}
    return graph.netlist(
        top,
        tuple(Port(name, len(ports[name]["bits"])) for name in inputs),
        tuple(Port(check_identifier(name), len(ports[name]["bits"])) for name in outputs),
        bits,
        True if signs == {True} else None,
    )


def _add(graph: NetGraph, cell: Mapping[str, Any], net: Any) -> None:
    kind, pins = cell["type"], cell["connections"]
    line = _line(cell)
    if kind == "$fa":
        for a, b, c, carry, total in zip(*(pins[pin] for pin in "ABCXY"), strict=True):
            results = graph.full_adder(net(a), net(b), net(c))
            graph.connect(net(total), results[0], line or 1)
            graph.connect(net(carry), results[1], line or 1)
    elif kind in _OPS:
        value = graph.gate(_OPS[kind], *(net(pins[pin][0]) for pin in "AB" if pin in pins))
        graph.connect(net(pins["Y"][0]), value, line or 1)
    elif kind == "$_MUX_":
        value = graph.gate(Op.MUX, net(pins["S"][0]), net(pins["A"][0]), net(pins["B"][0]))
        graph.connect(net(pins["Y"][0]), value, line or 1)
    else:
        raise NetlistError(_describe(kind), line=line)


def _describe(kind: str) -> str:
    lower = kind.lower()
    if "latch" in lower or "_sr_" in lower:
        return "latch: a branch leaves a variable of a combinational block without a value"
    if "dff" in lower:
        return "clocked logic (flip-flop)"
    if "mem" in lower:
        return "memory"
    return f"cell '{kind}' is not supported"


def _line(item: Mapping[str, Any]) -> int | None:
    return next(iter(_lines(str(item.get("attributes", {}).get("src", "")))), None)


def _lines(text: str) -> list[int]:
    # One line stands before the user's text.
    return [max(1, int(number) - 1) for number in _PLACE.findall(text)]


def _bit_names(module: Mapping[str, Any]) -> dict[object, tuple[str, int | None]]:
    names: dict[object, tuple[str, int | None]] = {}
    for name, entry in module["netnames"].items():
        if not entry.get("hide_name"):
            for index, bit in enumerate(entry["bits"]):
                label = f"{name}[{index}]" if len(entry["bits"]) > 1 else name
                names.setdefault(bit, (label, _line(entry)))
    return names
