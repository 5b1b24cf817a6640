"""Reading Verilog: every file of EvoApproxLib, and whole modules, judged by Icarus Verilog."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.circuits.icarus import needs_icarus, run_icarus, run_netlist

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.netlist import Port, count_gates
from mulsmith.circuits.verilog import parse_verilog, read_verilog

ASYMMETRIC = "8x8_unsigned/mul8u_125K.v"
CELLS = """
module HAX1(input A, input B, output YS, output YC); assign {YC, YS} = A + B; endmodule
module AND2X1(input A, input B, output Y); assign Y = A & B; endmodule
module FAX1(input A, input B, input C, output YS, output YC); assign {YC, YS} = A + B + C; endmodule
"""
SAMPLE = (
    "8x2_unsigned/mul8x2u_015.v", "8x5_unsigned/mul8x5u_00N.v", "8x8_unsigned/mul8u_125K.v",
    "8x8_signed/mul8s_1KR3.v", "8x8_signed/mul8s_1KR3_pdk45.v",
)  # fmt: skip


def check_table(file: Path, folder: Path) -> np.ndarray:
    """Compare the table with Icarus's, operand A being the first port; return it."""
    netlist = read_verilog(file)
    table = simulate_lut(netlist.with_signed(False)).table
    text = file.read_text()
    if file.stem.endswith("_pdk45"):
        text += CELLS
    (judged,) = run_icarus(folder, text, netlist.name, netlist.inputs, netlist.outputs)
    # Icarus counts the first port fastest, so its values come by b, then a.
    assert np.array_equal(table, np.array(judged).reshape(1 << netlist.b_bits, 1 << netlist.a_bits).T)
    return table


def test_every_file_of_evoapproxlib_is_read(evoapproxlib: Path) -> None:
    files = sorted(evoapproxlib.glob("*/*.v"))
    assert len(files) == 239
    for file in files:
        netlist = read_verilog(file)
        assert netlist.a_bits == 8
        assert netlist.b_bits == (int(file.stem[5]) if file.stem.startswith("mul8x") else 8)
        assert netlist.out_bits == netlist.a_bits + netlist.b_bits
        assert netlist.signed is None


@needs_icarus
@pytest.mark.parametrize("name", SAMPLE)
def test_tables_equal_icarus(name: str, evoapproxlib: Path, tmp_path: Path) -> None:
    check_table(evoapproxlib / name, tmp_path)


@needs_icarus
def test_operand_order_of_an_asymmetric_circuit(evoapproxlib: Path, tmp_path: Path) -> None:
    table = check_table(evoapproxlib / ASYMMETRIC, tmp_path)
    assert np.count_nonzero(table != table.T) > 1000


@needs_icarus
@pytest.mark.nightly
def test_every_table_equals_icarus(evoapproxlib: Path, tmp_path: Path) -> None:
    for file in sorted(evoapproxlib.glob("*/*.v")):
        check_table(file, tmp_path)


MODULES = {
    "old-style header, hierarchy, parameters, positions, open ports": """
        module fa(a, b, c, s, co); input a, b, c; output s, co; wire t;
          xor x1(t, a, b), x2(s, t, c); assign co = t ? c : a; endmodule
        module row #(parameter W = 2, parameter K = 1)(input [W-1:0] x, y, output [W:0] s);
          localparam N = W * K; wire [W:0] c; assign c[0] = 1'b0;
          fa f0(x[0], y[0], c[0], s[0], c[1]); fa f1(.a(x[1]), .b(y[1]), .c(c[1]), .co(c[2]), .s(s[1]));
          assign s[W] = c[N];
        endmodule
        module m(a, b, z); input [3:0] a, b; output [9:0] z; wire [2:0] lo, hi;
          row #(.W(2)) r0(.x(a[1:0]), .y(b[1:0]), .s(lo)); row #(2) r1({a[3], a[2]}, b[3:2], hi);
          fa lone(.a(a[0]), .b(b[3]), .c(lo[1]), .s(z[9]), .co());
          assign z[8:0] = {{2{hi[0]}}, lo ^ hi, ~&a, ^b, |hi, !lo}; endmodule
        """,
    "gate primitives of many inputs": """
        module m(input [4:0] a, input b, output [9:0] z);
          and (z[0], a[0], a[1], a[2]); nand n(z[1], a[1], a[2], a[3]), n2(z[2], a[0], b);
          or o(z[3], a[0], a[1], b); nor (z[4], a[3], a[4], b); xor x(z[5], a[0], a[1], a[2], b);
          xnor (z[6], a[0], a[1], a[2]); not (z[7], z[8], a[4]); buf u(z[9], b); endmodule
        """,
    "ascending ranges, several names per assignment, supplies": """
        module m(input [0:3] a, input [4:1] b, output [0:7] z); supply1 one; supply0 [1:0] none;
          wire [0:3] p = a & b, q = a ^ {one, none, one}; wire [2*3-1:0] w; assign w = {p[1:2], q};
          assign z[0:3] = w[5 -: 4], {z[7], z[6:6]} = p[0:1] + q[2:3], z[4:5] = 2'b10 - b[2 +: 2]; endmodule
        """,
    "comments, attributes, directives, carriage returns": (
        "`timescale 1ns/1ps\r\n`default_nettype wire\r\n"
        "(* keep *) module m(input [1:0] a /* A */, input [1:0] b, // B\r\n"
        "  output [3:0] z);\r\n (* full *) wire [3:0] t;\r\n"
        "  assign t = a * b;\r\n  assign #1 z = t; endmodule // the end"
    ),
    "every port signed": (
        "module m(input signed [2:0] a, b, output signed [6:0] z); assign z = a * b; endmodule"
    ),
    "always block, loop, case, function": """
        module m(input [3:0] a, input [2:0] b, output reg [6:0] z, output reg [2:0] y); integer i;
          function [2:0] swap; input [2:0] x; swap = {x[0], x[1], x[2]}; endfunction
          always @* begin z = 0; for (i = 0; i < 3; i = i + 1) if (b[i]) z = z + (a << i); end
          always @(a or b) case (a) 4'd0: y = 3'd7; 4'd1, 4'd2: y = swap(b); default: y = b - a[2:0]; endcase
        endmodule
        """,
    "generate loop, array of nets, variable index": """
        module m #(parameter N = 3)(input [N-1:0] a, input [1:0] b, output [5:0] z, output y);
          wire [5:0] t [0:2]; genvar i;
          generate for (i = 0; i < 2; i = i + 1) begin : g assign t[i] = b[i] ? a << i : 0; end endgenerate
          assign z = t[0] + t[1], y = a[b]; endmodule
        """.replace("y = a[b]", "y = a[b[0]]"),
    "SystemVerilog": """
        module m(input logic [2:0] a, input logic [2:0] b, output logic [5:0] z);
          logic [5:0] t; always_comb begin t = a * b; z = t; if (a == 3'd5) z = t / 3; end endmodule
        """,
    "always block with ascending ranges and offsets": """
        module m(input [0:3] a, input [5:3] b, output reg [1:6] z);
          always @* begin z = a + {b, 1'b0}; if (b[4]) z[1] = a[0]; z[6] = b[3]; end endmodule
        """,
    "always block with signed ports": """
        module m(input signed [3:0] a, input signed [2:0] b, output reg signed [7:0] z);
          always @* if (a < b) z = a * b; else z = a >>> 1; endmodule
        """,
    "array of instances": """
        module n(input x, y, output p); assign p = x & ~y; endmodule
        module m(input [3:0] a, input y, output [3:0] z); n g[3:0](.x(a), .y(y), .p(z)); endmodule
        """,
}


@needs_icarus
@pytest.mark.parametrize("name", MODULES)
def test_modules_equal_icarus(name: str, tmp_path: Path) -> None:
    text = MODULES[name]
    netlist = parse_verilog(text, top="m")
    assert run_netlist(netlist) == run_icarus(tmp_path, text, "m", netlist.inputs, netlist.outputs)
    assert netlist.signed == (True if "signed" in name else None)


def test_adders_are_known_by_function_and_kept() -> None:
    text = """
        module odd_name(output carry, input x, y, z, output total);
          assign total = ~(x ^ ~(y ^ z)), carry = x & y | z & (x | y); endmodule
        module nearly(input x, y, z, output s, c); assign s = x ^ y ^ z, c = x & y | z; endmodule
        module m(input [2:0] a, input [2:0] b, output [7:0] z);
          odd_name u(.carry(z[0]), .x(a[0]), .y(b[0]), .z(a[1]), .total(z[1]));
          nearly v(a[2], b[2], a[1], z[2], z[3]);
          FAX1 w(.A(a[0]), .B(a[1]), .C(a[2]), .YS(z[4]), .YC(z[5]));
          assign {z[7], z[6]} = a[0] + b[1] + b[2]; endmodule
    """
    counts = count_gates(parse_verilog(text).gates)
    assert counts["fa"] == 3
    assert counts["xor"] == 2


def test_yosys_returns_full_adders() -> None:
    text = "module m(input [3:0] a, input [3:0] b, output reg [7:0] z); always @* z = a * b; endmodule"
    netlist = parse_verilog(text)
    counts = count_gates(netlist.gates)
    assert counts["and"] == 16
    assert counts["fa"] >= 8
    assert set(counts) <= {"and", "fa", "ha"}


def test_top_module() -> None:
    pair = "module p(input a, b, output z); assign z = a & b; endmodule\n"
    text = pair + pair.replace("module p", "module q")
    assert parse_verilog(text, top="q").name == "q"
    assert parse_verilog(text, path="lib/p.v").name == "p"
    assert parse_verilog(text + pair.replace("module p", "module r").replace("a & b", "~a")
                         .replace("assign", "wire t; p u(.a(a), .b(b), .z(t)); q v(a, b, y); wire y; assign")
                         ).name == "r"  # fmt: skip
    always = "module p(input a, b, output reg z); always @* z = a & b; endmodule\n"
    assert parse_verilog(always).name == "p"


def test_the_order_of_ports_is_the_order_of_operands() -> None:
    text = "module m(b, z, a); input [1:0] a; output [4:0] z; input [2:0] b; assign z = a * b; endmodule"
    netlist = parse_verilog(text)
    assert netlist.inputs == (Port("b", 3), Port("a", 2))


def test_the_order_of_statements_does_not_count() -> None:
    one = "wire p = a[0] & b[0]; wire q = a[1] ^ b[1];"
    two = "wire q = a[1] ^ b[1]; wire p = a[0] & b[0];"
    texts = [
        f"module m(input [1:0] a, b, output [1:0] z); {x} assign z = {{p, q}}; endmodule" for x in (one, two)
    ]
    assert parse_verilog(texts[0]).sha256() == parse_verilog(texts[1]).sha256()
