"""Icarus Verilog as an independent judge: what a module computes for every input."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize.simulate import counting_words, simulate
from mulsmith.circuits.netlist import Netlist, Port

needs_icarus = pytest.mark.skipif(
    shutil.which("iverilog") is None, reason="iverilog is not installed (apt install iverilog)"
)

PROBE = """module probe_;
  {regs}
  {wires}
  {top} dut({ports});
  integer i_;
  initial for (i_ = 0; i_ < {count}; i_ = i_ + 1) begin
    {{{inputs}}} = i_;
    #1 $display("%b", {{{outputs}}});
  end
endmodule
"""


def run_icarus(
    folder: Path, text: str, top: str, inputs: Sequence[Port], outputs: Sequence[Port]
) -> list[list[int]]:
    """Return, per output, its value for every count of the inputs; the first input counts fastest."""
    regs = " ".join(f"reg [{p.width - 1}:0] i_{p.name};" for p in inputs)
    wires = " ".join(f"wire [{p.width - 1}:0] o_{p.name};" for p in outputs)
    ports = ", ".join(
        [f".{p.name}(i_{p.name})" for p in inputs] + [f".{p.name}(o_{p.name})" for p in outputs]
    )
    probe = PROBE.format(
        regs=regs,
        wires=wires,
        top=top,
        ports=ports,
        count=1 << sum(p.width for p in inputs),
        inputs=", ".join(f"i_{p.name}" for p in reversed(inputs)),
        outputs=", ".join(f"o_{p.name}" for p in outputs),
    )
    source, bench, image = folder / "circuit.v", folder / "probe.v", folder / "image"
    source.write_text(text, encoding="utf-8")
    bench.write_text(probe, encoding="utf-8")
    command = ["iverilog", "-g2012", "-s", "probe_", "-o", str(image), str(bench), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    done = subprocess.run(["vvp", "-n", str(image)], check=True, capture_output=True, text=True, timeout=300)
    rows = done.stdout.split()
    values: list[list[int]] = []
    start = 0
    for port in outputs:
        values.append([int(row[start : start + port.width], 2) for row in rows])
        start += port.width
    return values


def run_netlist(netlist: Netlist) -> list[list[int]]:
    """Return the same of a netlist, by bit-parallel simulation."""
    words = counting_words(netlist.n_inputs)
    value = simulate(netlist, words)
    size = 1 << netlist.n_inputs
    planes = [
        np.unpackbits(value[net].astype("<u8").view(np.uint8), bitorder="little")[:size].astype(np.int64)
        for net in netlist.output_nets
    ]
    values: list[list[int]] = []
    for port in netlist.outputs:
        bits, planes = planes[: port.width], planes[port.width :]
        values.append(sum(bit << i for i, bit in enumerate(bits)).tolist())
    return values
