"""What lies between the layers, in RTL: float32 products and codes against numpy and torch."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from mulsmith import Library, emulate
from mulsmith.codesign.handoff.memory_images import write_image
from mulsmith.codesign.handoff.requantisation import code_limits, float_words, unit_words
from mulsmith.codesign.handoff.rtl_project import rtl_sources
from mulsmith.emulate.quantise import quantise
from mulsmith.errors import EmulationError
from tests.codesign.handoff.networks import mixed_network

SCALE = """
module bench;
  reg [{bits}-1:0] sums [0:{count}-1];
  reg [31:0] units [0:{count}-1];
  reg signed [{bits}-1:0] sum;
  reg [31:0] unit;
  wire [31:0] value;
  integer k;
  scale #(.OUT_BITS({bits})) dut (.sum(sum), .unit(unit), .value(value));
  initial begin
    $readmemh("sums.hex", sums);
    $readmemh("units.hex", units);
    for (k = 0; k < {count}; k = k + 1) begin
      sum = sums[k];
      unit = units[k];
      #1 $display("%h", value);
    end
  end
endmodule
"""
QUANTISE = """
module bench;
  reg [31:0] values [0:{count}-1];
  reg [31:0] limits [0:(1<<{bits})-1];
  reg clk = 0, reset = 1, load = 1, valid = 0;
  reg [{bits}-1:0] load_at;
  reg [31:0] load_limit, value;
  wire ready;
  wire [{bits}-1:0] code;
  integer k;
  quantise #(.A_BITS({bits}), .A_SIGNED({signed})) dut (
    .clk(clk), .reset(reset), .load(load), .load_at(load_at), .load_limit(load_limit), .valid(valid),
    .value(value), .ready(ready), .code(code)
  );
  always #5 clk = ~clk;
  initial begin
    $readmemh("values.hex", values);
    $readmemh("limits.hex", limits);
    for (k = 0; k < 1 << {bits}; k = k + 1) begin
      load_at = k;
      load_limit = limits[k];
      @(negedge clk);
    end
    {{reset, load}} = 0;
    for (k = 0; k < {count}; k = k + 1) begin
      value = values[k];
      valid = 1;
      @(negedge clk);
      while (ready !== 1) @(negedge clk);
      $display("%h", code);
    end
    $finish;
  end
endmodule
"""


def _simulated(folder: Path, bench: str, **memories: bytes) -> list[int]:
    """Return the numbers that a bench prints."""
    for name, data in {**rtl_sources(), "bench.v": bench.encode()}.items():
        if name in ("bench.v", "scale.v", "round_float.v", "quantise.v"):
            (folder / name).write_bytes(data)
    for name, data in memories.items():
        (folder / f"{name}.hex").write_bytes(data)
    sources = sorted(path.name for path in folder.glob("*.v"))
    subprocess.run(["iverilog", "-g2005", "-s", "bench", "-o", "sim", *sources], cwd=folder, check=True)
    done = subprocess.run(["vvp", "-n", "sim"], cwd=folder, capture_output=True, text=True, check=True)
    return [int(line, 16) for line in done.stdout.split()]


@pytest.mark.usefixtures("icarus")
@pytest.mark.parametrize("bits", [32, 40, 64])
def test_the_product_of_sum_and_unit_has_the_bits_of_float32(bits: int, tmp_path: Path) -> None:
    draw = np.random.default_rng(bits)
    largest = (1 << (bits - 1)) - 1
    edges = [0, 1, -1, 3, (1 << 24) - 1, 1 << 24, (1 << 24) + 1, (1 << 24) + 3, -(1 << 25) - 2, largest]
    sums = np.array(
        [*edges, -largest - 1, *(int(n) >> int(s) for n, s in zip(
            draw.integers(-largest, largest, 3000), draw.integers(0, bits - 2, 3000), strict=True
        ))]
    )  # fmt: skip
    units = np.exp(draw.uniform(-20, 3, sums.size)).astype(np.float32)
    units[::7] = 2.0 ** draw.integers(-20, 3, units[::7].size)
    # Few bits in the mantissa give products that lie halfway between two numbers.
    units[1::7] = np.round(units[1::7] * 2.0**20) / 2.0**20 + 2.0**-20
    bench = SCALE.format(bits=bits, count=sums.size)
    words = {"sums": write_image(sums.tolist(), bits), "units": write_image(float_words(units), 32)}
    assert _simulated(tmp_path, bench, **words) == float_words(sums.astype(np.float32) * units)


@pytest.mark.usefixtures("icarus")
@pytest.mark.parametrize("how", [emulate.Quantisation(), emulate.Quantisation(sign_magnitude=True)])
def test_a_code_is_the_number_of_limits_reached(
    how: emulate.Quantisation, library: Library, tmp_path: Path
) -> None:
    for layer in mixed_network("digits-cnn", library, how).layers:
        limits = code_limits(layer)
        assert limits == sorted(limits)
        assert len(limits) == (1 << layer.a_bits) - 1
        scale, zero = torch.tensor(layer.input_scale), torch.tensor(layer.input_zero)
        steps = np.arange(-(2 << layer.a_bits), 2 << layer.a_bits) / 2
        near = (steps * layer.input_scale).astype(np.float32)
        values = np.concatenate(
            [near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(-np.inf)),
             np.array([0.0, -0.0, 3e38, -3e38, 1e-40], np.float32)]
        )  # fmt: skip
        wanted = quantise(torch.from_numpy(values), scale, zero, layer.a_bits, layer.signed).to(torch.int64)
        memories = {
            "values": write_image(float_words(values), 32),
            "limits": write_image([0, *limits], 32),
        }
        folder = tmp_path / layer.name
        folder.mkdir()
        bench = QUANTISE.format(bits=layer.a_bits, signed=int(layer.signed), count=values.size)
        assert _simulated(folder, bench, **memories) == [w % (1 << layer.a_bits) for w in wanted.tolist()]


def test_scales_beyond_normal_numbers_are_refused(library: Library) -> None:
    layer = mixed_network("digits-cnn", library, emulate.Quantisation()).layers[0]
    assert unit_words(layer) == float_words(layer.units)
    for scale in (1e-38, 1e38):
        far = dataclasses.replace(layer, input_scale=scale)
        with pytest.raises(EmulationError, match="scales of layer 'conv1' leave the normal numbers"):
            unit_words(far)
