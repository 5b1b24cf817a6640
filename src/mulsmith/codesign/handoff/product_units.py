"""``product.v``: signs and widths around the multipliers' own Verilog, and the switch between points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mulsmith.characterize.library import Library
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.netlist import Netlist
from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork
from mulsmith.errors import StoreError

OWN_MODULES = frozenset(
    {"mac", "pe", "delay", "zero_point", "code_sum", "systolic", "vector_unit", "product"}
    | {"maximum", "scale", "round_float", "quantise"}
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A product unit: what stands in the place of a multiplier in a processing element.

    Attributes:
        multipliers: the multiplier at every operating point.
        a_bits: width of an input code.
        b_bits: width of a weight code.
        p_bits: width of the product, signed.
    """

    multipliers: tuple[str, ...]
    a_bits: int
    b_bits: int
    p_bits: int

    @property
    def distinct(self) -> tuple[str, ...]:
        """Its multipliers in the order of the points, each one once."""
        return tuple(dict.fromkeys(self.multipliers))


def netlists(network: IntegerNetwork, library: Library) -> dict[str, Netlist]:
    """Return multiplier -> netlist, each one proved to compute the table that the library holds.

    Raises:
        StoreError: a multiplier without netlist, one that computes another table, or one called like a module
            of the hand-off.
    """
    found = {}
    for name in network.multipliers:
        lut = library[name].lut
        netlist = library.netlist(name).with_signed(lut.signed)
        if simulate_lut(netlist) != lut:
            raise StoreError(f"the netlist of '{name}' does not compute its table", path=library.folder)
        if name in OWN_MODULES or name.startswith(("product_of_", "bench_", "test_")):
            raise StoreError(
                f"multiplier '{name}' is called like a module of the hand-off",
                path=library.folder,
                remedy="characterize it under another name",
            )
        found[name] = netlist
    return found


def unit_of(layer: IntegerLayer, circuits: Mapping[str, Netlist]) -> Unit:
    """Return the product unit that a layer runs on."""
    return Unit(
        layer.multipliers,
        layer.a_bits,
        layer.b_bits,
        max(product_bits(circuits[name]) for name in layer.multipliers),
    )


def write_products(
    units: Sequence[Unit], circuits: Mapping[str, Netlist], sign_magnitude: bool, point_bits: int
) -> str:
    """Return the text of ``product.v``.

    Args:
        units: the product units; their places are their numbers.
        circuits: multiplier -> netlist.
        sign_magnitude: whether unsigned multipliers run between sign-magnitude operands.
        point_bits: width of the selection of the operating point.
    """
    parts = [_wrapper(circuits[name], sign_magnitude) for name in sorted(circuits)]
    parts.append(_SELECTION)
    for number, unit in enumerate(units):
        parts.append(f"    if (UNIT == {number}) begin : unit_{number}\n{_body(unit, circuits)}    end\n")
    parts.append("  endgenerate\nendmodule\n")
    return "".join(parts)


_SELECTION = """\
// Product of an activation and a weight by a unit's multipliers; `point` selects one where there are several.
// A multiplier that is not selected sees constant operands, so that it does not switch.
module product #(
  parameter UNIT = 0,
  parameter A_BITS = 8,
  parameter B_BITS = 8,
  parameter P_BITS = 17,
  parameter POINT_BITS = 1
) (
  input [POINT_BITS-1:0] point,
  input [A_BITS-1:0] x,
  input [B_BITS-1:0] w,
  output signed [P_BITS-1:0] p
);
  generate
"""


def product_bits(netlist: Netlist) -> int:
    """Return the width of a wrapper's signed product."""
    return netlist.out_bits + (0 if netlist.signed else 1)


def _wrapper(netlist: Netlist, sign_magnitude: bool) -> str:
    """Return ``product_of_NAME``: the multiplier between operand codes, with a signed product."""
    a, b, out = netlist.a_bits, netlist.b_bits, netlist.out_bits
    ports = f"input [{a - 1}:0] x, input [{b - 1}:0] w, output signed [{product_bits(netlist) - 1}:0] p"
    head = f"module product_of_{netlist.name}({ports});\n"
    a_port, b_port = (port.name for port in netlist.inputs)
    result = netlist.outputs[0].name

    def instance(x: str, w: str, o: str) -> str:
        return f"  {netlist.name} multiplier (.{a_port}({x}), .{b_port}({w}), .{result}({o}));\n"

    if netlist.signed:
        return f"{head}{instance('x', 'w', 'p')}endmodule\n\n"
    if not sign_magnitude:
        body = f"  wire [{out - 1}:0] o;\n{instance('x', 'w', 'o')}  assign p = {{1'b0, o}};\n"
        return f"{head}{body}endmodule\n\n"
    body = (
        f"  // Magnitudes go through the unsigned multiplier, the signs beside it.\n"
        f"  wire [{a - 1}:0] x_magnitude = x[{a - 1}] ? -x : x;\n"
        f"  wire [{b - 1}:0] w_magnitude = w[{b - 1}] ? -w : w;\n"
        f"  wire [{out - 1}:0] o;\n"
        f"  wire signed [{out}:0] magnitude = {{1'b0, o}};\n"
        f"{instance('x_magnitude', 'w_magnitude', 'o')}"
        f"  assign p = x[{a - 1}] ^ w[{b - 1}] ? -magnitude : magnitude;\n"
    )
    return f"{head}{body}endmodule\n\n"


def _body(unit: Unit, circuits: Mapping[str, Netlist]) -> str:
    """Return the inside of one branch of ``product``."""
    if len(unit.distinct) == 1:
        return f"      product_of_{unit.distinct[0]} only (.x(x), .w(w), .p(p));\n"
    lines = []
    choice = "p_0"
    for k, name in enumerate(unit.distinct):
        points = [number for number, own in enumerate(unit.multipliers) if own == name]
        used = " || ".join(f"point == {number}" for number in points)
        lines += [
            f"wire use_{k} = {used};  // {name}",
            f"wire signed [{product_bits(circuits[name]) - 1}:0] p_{k};",
            f"product_of_{name} multiplier_{k} "
            f"(.x(x & {{{unit.a_bits}{{use_{k}}}}}), .w(w & {{{unit.b_bits}{{use_{k}}}}}), .p(p_{k}));",
        ]
        choice = f"use_{k} ? p_{k} : {choice}" if k else choice
    return "".join(f"      {line}\n" for line in [*lines, f"assign p = {choice};"])
