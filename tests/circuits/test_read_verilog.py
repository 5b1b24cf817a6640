"""Reading Verilog: every file of EvoApproxLib, and each construct against plain arithmetic."""

from __future__ import annotations

from pathlib import Path

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.verilog import parse_verilog, read_verilog


def test_every_file_of_evoapproxlib_is_read(evoapproxlib: Path) -> None:
    files = sorted(evoapproxlib.glob("*/*.v"))
    assert len(files) == 239
    for file in files:
        netlist = read_verilog(file)
        assert netlist.a_bits == 8
        assert netlist.signed is None


def test_a_product_is_a_product() -> None:
    text = "module m(input [2:0] x, input [1:0] y, output [4:0] z); assign z = x * y; endmodule"
    table = simulate_lut(parse_verilog(text).with_signed(False)).table
    assert all(table[a, b] == a * b for a in range(8) for b in range(4))
