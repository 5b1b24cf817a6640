"""A processing element synthesised by Yosys around multipliers that mulsmith mapped itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mulsmith.characterize.cell_kinds import CellKind
from mulsmith.characterize.liberty import Cell, Liberty, Pin
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT, Port
from mulsmith.circuits.yosys import Limits, run_yosys
from mulsmith.errors import LibertyError, ToolError

TOP = "pe"
LIMITS = Limits(seconds=300.0)
Bit = int | str


@dataclass(frozen=True, slots=True)
class MappedElement:
    """A synthesised processing element: its registers, and the logic between them as one circuit.

    Attributes:
        logic: from input port ``i`` (the element's inputs, then register outputs) to output port ``o``
            (register inputs, then the element's outputs); without the clock.
        registers: the cell of every register, in the order of the ports.
        ports: how many of the inputs are the element's own.
        operand_bits: (name of an input port, its bits) of the element's own inputs, in order.
    """

    logic: MappedNetlist
    registers: tuple[str, ...]
    ports: int
    operand_bits: tuple[tuple[str, int], ...]


def synthesis_commands(parameters: Mapping[str, int], multipliers: list[str]) -> list[str]:
    """Return the Yosys passes; files are ``cells.lib``, ``adder.v``, the RTL and the mapped multipliers.

    Args:
        parameters: of module ``pe``.
        multipliers: names of the multipliers, each one in ``NAME.mapped.v``.
    """
    settings = " ".join(f"-set {name} {value}" for name, value in parameters.items())
    return [
        "read_liberty -lib cells.lib",
        *(f"read_verilog {name}.mapped.v" for name in multipliers),
        "read_verilog product.v mac.v pe.v",
        f"chparam {settings} {TOP}",
        f"hierarchy -check -top {TOP}",
        "proc",
        "flatten",
        "opt -full",
        # Signs in bits, so that product bits that are always 0 are known to the adder.
        "techmap t:$neg",
        "simplemap t:$mux",
        "opt -full",
        "techmap -map adder.v",
        "opt",
        "techmap",
        "opt",
        "dfflibmap -liberty cells.lib",
        "abc -liberty cells.lib",
        "opt_clean -purge",
    ]


def synthesise_element(
    rtl: Mapping[str, bytes],
    multipliers: Mapping[str, MappedNetlist],
    parameters: Mapping[str, int],
    liberty: Liberty,
) -> MappedElement:
    """Synthesise module ``pe``.

    Args:
        rtl: ``product.v``, ``mac.v`` and ``pe.v``.
        multipliers: the multipliers of ``product.v``, mapped to the library.
        parameters: of module ``pe``.
        liberty: the cells; it must have a register.

    Raises:
        LibertyError: the library has no full adder or no register.
        ToolError: Yosys is missing or failed, or left something that is no cell of the library.
    """
    if not any(_is_register(cell) for cell in liberty.cells.values()):
        raise LibertyError(
            f"the library '{liberty.name}' has no register with a clock and D",
            path=liberty.path,
            remedy="give a complete standard-cell library",
        )
    files = {name: rtl[name] for name in ("product.v", "mac.v", "pe.v")}
    files |= {"cells.lib": liberty.text, "adder.v": adder_map(liberty).encode()}
    files |= {f"{name}.mapped.v": write_mapped(mapped).encode() for name, mapped in multipliers.items()}
    commands = [*synthesis_commands(parameters, list(multipliers)), "write_json pe.json"]
    written = run_yosys(commands, files, ["pe.json"], LIMITS)
    return _element(json.loads(written["pe.json"])["modules"], liberty)


def write_mapped(mapped: MappedNetlist) -> str:
    """Return a mapped circuit as structural Verilog with its own ports."""
    names = {CONST0: "1'b0", CONST1: "1'b1"}
    net = FIRST_INPUT
    for port in mapped.inputs:
        for bit in range(port.width):
            names[net] = f"{port.name}[{bit}]" if port.width > 1 else port.name
            net += 1
    driven = [pin for cell in mapped.cells for pin in cell.pins.values() if pin not in names]
    names.update((pin, f"n{pin}_") for pin in driven)
    ports = (*mapped.inputs, *mapped.outputs)
    lines = [f"module {mapped.name}({', '.join(port.name for port in ports)});"]
    for direction, group in (("input", mapped.inputs), ("output", mapped.outputs)):
        lines += [f"  {direction} [{port.width - 1}:0] {port.name};" for port in group]
    lines += [f"  wire {name};" for name in dict.fromkeys(names[pin] for pin in driven)]
    for number, (cell, pins) in enumerate(mapped.cells):
        wires = ", ".join(f".{pin}({names[own]})" for pin, own in pins.items())
        lines.append(f"  {cell} u{number}_ ({wires});")
    targets = [f"{port.name}[{bit}]" for port in mapped.outputs for bit in range(port.width)]
    lines += [
        f"  assign {target} = {names[own]};" for target, own in zip(targets, mapped.output_nets, strict=True)
    ]
    return "\n".join([*lines, "endmodule", ""])


def adder_map(liberty: Liberty) -> str:
    """Return the technology map of additions to a chain of the library's full adders.

    Raises:
        LibertyError: the library has no full adder.
    """
    cell = liberty.find(CellKind.FULL_ADDER, 3)
    if cell is None or cell.recognition is None:
        raise LibertyError(
            f"the library '{liberty.name}' has no full adder, of which processing elements are built",
            path=liberty.path,
        )
    a, b, c = cell.inputs
    roles = cell.recognition.roles
    pins = f".{a}(a[k]), .{b}(b[k]), .{c}(carry[k]), .{roles['carry']}(carry[k+1]), .{roles['sum']}(Y[k])"
    return _ADDER.format(cell=cell.name, pins=pins)


_ADDER = """\
(* techmap_celltype = "$add" *)
module add_by_full_adders (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;
  parameter _TECHMAP_CONSTMSK_B_ = 0;
  parameter _TECHMAP_CONSTVAL_B_ = 0;
  wire [Y_WIDTH-1:0] a, b;
  wire [Y_WIDTH:0] carry;
  localparam ADDED = _TECHMAP_CONSTVAL_B_ | ~_TECHMAP_CONSTMSK_B_;
  \\$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)) extend_a (.A(A), .Y(a));
  \\$pos #(.A_SIGNED(B_SIGNED), .A_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH)) extend_b (.A(B), .Y(b));
  assign carry[0] = 1'b0;
  genvar k;
  generate
    for (k = 0; k < Y_WIDTH; k = k + 1) begin : bit
      // Nothing is added to the lowest bits of a product that are always 0.
      if (k < B_WIDTH && (ADDED & ((2 << k) - 1)) == 0) begin : idle
        assign Y[k] = a[k];
        assign carry[k+1] = 1'b0;
      end else begin : busy
        {cell} add ({pins});
      end
    end
  endgenerate
endmodule
"""


def _element(modules: Mapping[str, Any], liberty: Liberty) -> MappedElement:
    """Return registers and logic of the flattened top module in Yosys's JSON."""
    module = next(m for m in modules.values() if int(m["attributes"].get("top", "0"), 2) == 1)
    ports = {name: port for name, port in module["ports"].items() if name != "clk"}
    own = [(name, port["bits"]) for name, port in ports.items() if port["direction"] == "input"]
    ends = [bit for port in ports.values() if port["direction"] == "output" for bit in port["bits"]]
    cells: list[tuple[str, dict[str, Bit]]] = []
    registers: list[tuple[str, Bit, Bit]] = []
    for cell in module["cells"].values():
        kind, pins = cell["type"], {pin: bits[0] for pin, bits in cell["connections"].items() if bits}
        known = liberty.cells.get(kind)
        if known is None:
            raise ToolError(f"Yosys left a cell '{kind}', which the library '{liberty.name}' lacks")
        if known.combinational:
            cells.append((kind, pins))
        else:
            data, _ = register_inputs(known)
            registers.append((kind, pins[data.name], pins[known.outputs[0]]))
    starts = [bit for _, bits in own for bit in bits]
    net_of: dict[Bit, int] = {"0": CONST0, "1": CONST1, "x": CONST0}
    for bit in [*starts, *(output for _, _, output in registers)]:
        net_of[bit] = FIRST_INPUT + len(net_of) - 3
    inputs = len(net_of) - 3
    placed = _ordered(cells, net_of, liberty)
    outputs = [data for _, data, _ in registers] + ends
    logic = MappedNetlist(
        TOP,
        (Port("i", inputs),),
        (Port("o", len(outputs)),),
        placed,
        tuple(net_of[bit] for bit in outputs),
        "yosys",
    )
    widths = tuple((name, len(bits)) for name, bits in own)
    return MappedElement(logic, tuple(kind for kind, _, _ in registers), len(starts), widths)


def register_inputs(cell: Cell) -> tuple[Pin, Pin]:
    """Return (data pin, clock pin) of a register.

    Raises:
        LibertyError: it has other inputs than a clock and one called D.
    """
    if not _is_register(cell):
        raise LibertyError(f"register '{cell.name}' has other inputs than a clock and D", line=cell.line)
    data, clock = sorted(cell.inputs, key=lambda pin: pin.upper() != "D")
    return cell.pins[data], cell.pins[clock]


def _is_register(cell: Cell) -> bool:
    named = [pin for pin in cell.inputs if pin.upper() == "D"]
    return not cell.combinational and len(cell.inputs) == 2 and len(named) == 1 and bool(cell.outputs)


def _ordered(
    cells: list[tuple[str, dict[str, Bit]]], net_of: dict[Bit, int], liberty: Liberty
) -> tuple[MappedCell, ...]:
    """Return the cells in topological order; numbers the nets that they drive."""
    waiting = list(cells)
    placed: list[MappedCell] = []
    next_net = FIRST_INPUT + len(net_of) - 3
    while waiting:
        ready = [item for item in waiting if all(item[1][p] in net_of for p in liberty.cells[item[0]].inputs)]
        if not ready:
            raise ToolError("Yosys left a combinational loop")
        for kind, pins in ready:
            for pin in liberty.cells[kind].outputs:
                if pin in pins:
                    net_of[pins[pin]] = next_net
                    next_net += 1
            placed.append(MappedCell(kind, {pin: net_of[bit] for pin, bit in pins.items()}))
        waiting = [item for item in waiting if item not in ready]
    return tuple(placed)
