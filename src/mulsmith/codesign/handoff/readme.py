"""The README of a hand-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mulsmith.codesign.handoff.integer_network import IntegerNetwork

_RTL = """\
# {name}: multipliers in RTL

Every layer computes what the emulation computed, bit for bit. Check it:

```
mulsmith verify .                      # Icarus Verilog
mulsmith verify . --simulator verilator
```

or by hand, from this folder:

```
iverilog -g2005 -I bench -s {module} -o simulation rtl/*.v rtl/multipliers/*.v bench/*.v
vvp simulation
```

Every layer has a bench `test_LAYER` that runs it on recorded codes. A bench says `PASS` or `FAIL` for every
layer that it runs, and writes the outputs to `results_LAYER.hex`.
{whole}

| layer | multipliers{by_point} | runs on | input x weight bits | sum bits | outputs checked |
|---|---|---|---|---|---|
{rows}

## What a layer computes

`y = sum over k of M(x_k, v_k) + offset - w_zero * sum over k of x_k`, per output pixel and channel.

- `M` is the multiplier between operand codes (`rtl/product.v`){signs}.
- Operand A is the activation x, operand B the weight v. In the padding x is the input's zero point, which
  goes through the multiplier, too.
- `offset` = bias - x_zero * sum of the weights + w_zero * x_zero * K, per output channel (`offset.hex`);
  `w_zero` is the weights' zero point (`w_zero.hex`). Both are exact and outside the multiplier.
- Sums are as wide as the largest sum that the layer can have, so that nothing saturates or wraps.
- `y` times the channel's unit (`unit.hex`, input scale times weight scale) is the layer's output, in float32.
  `rtl/scale.v` computes it, `rtl/quantise.v` the next layer's code; `limits.hex` of that layer holds the
  least number of every code. Both give the emulation's bits.

## Files

| file | what |
|---|---|
| `rtl/multipliers/` | the chosen multipliers, structural Verilog |
| `rtl/product.v` | signs and widths around them{switch} |
| `rtl/mac.v`, `rtl/pe.v` | multiply-accumulate unit, processing element |
| `rtl/systolic.v` | output-stationary array, here {rows_n} x {cols_n} |
| `rtl/vector_unit.v` | dot product, here {lanes} products per cycle: grouped layers and single rows |
| `rtl/maximum.v`, `rtl/scale.v`, `rtl/round_float.v`, `rtl/quantise.v` | from sums to the next codes: \
pooling, rectifier, float32, code |
| `rtl/zero_point.v`, `rtl/code_sum.v`, `rtl/delay.v` | correction of zero points, skew of the inputs |
| `layers/` | memory images: codes of an image, weights, corrections, units, limits, tiles, expected outputs |
| `bench/` | self-checking testbenches |
| `synthesis/` | with --liberty: area, delay and power of the processing elements; with the Liberty file at \
`cells.lib`, `yosys synthesis/pe_0.ys` and then `sta synthesis/pe_0.tcl` repeat them |
| `network.json` | shapes, widths, scales, zero points and multipliers of every layer |
| `manifest.json` | a SHA-256 of every file |
"""


_WHOLE = """\
`test_network` runs the whole network from the recorded image to its logits, every layer on what the one
before it computed."""
_PARTS = """\
There is none for the whole network: only some tiles are checked, or it is no plain chain of layers,
rectifiers and max pooling."""


def rtl_readme(
    network: IntegerNetwork,
    rows: Sequence[Mapping[str, Any]],
    height: int,
    width: int,
    lanes: int,
    module: str,
) -> str:
    """Return the README of an RTL hand-off.

    Args:
        network: the integer network.
        rows: the per-layer table.
        height: rows of the systolic array.
        width: its columns.
        lanes: of the vector unit.
        module: the bench that is shown: that of the whole network where there is one.
    """
    several = network.points > 1
    lines = [
        f"| {row['layer']} | {', '.join(row['multipliers'])} | {row['array']} "
        f"| {row['a_bits']} x {row['b_bits']} | {row['acc_bits']} | {row['checks']} of {row['outputs']} |"
        for row in rows
    ]
    signs = "; unsigned multipliers get magnitudes, and the signs go beside them"
    return _RTL.format(
        name=network.name,
        module=module,
        whole=_WHOLE if module not in {row["module"] for row in rows} else _PARTS,
        by_point=" at the operating points" if several else "",
        rows="\n".join(lines),
        signs=signs if network.layers[0].sign_magnitude else "",
        switch="; `point` selects the operating point at run time" if several else "",
        rows_n=height,
        cols_n=width,
        lanes=lanes,
    )


_C = """\
# {name}: the integer network in C

`network.h` holds every layer's weights, zero points, scales and multiplier table; `mulsmith_layer.h` computes
a layer's sums from them. `check.c` recomputes what the emulation recorded of one image and compares it:

```
cc -std=c99 -O2 -ffp-contract=off -o check check.c -lm
./check
```

`mulsmith verify .` does the same, after comparing every file with the manifest.

| layer | multipliers{by_point} | name in C | input | sums |
|---|---|---|---|---|
{rows}

Codes are int16_t, sums MULSMITH_SUM; `point` is the operating point, 0 if there is one only. {whole}
Norms, activations and sums between layers are float32 in the emulation. Compile without -ffast-math.
"""


def c_readme(network: IntegerNetwork, names: Sequence[str]) -> str:
    """Return the README of a C hand-off.

    Args:
        network: the integer network.
        names: of the layers in C.
    """
    rows = [
        f"| {layer.name} | {', '.join(layer.multipliers)} | `{name}` "
        f"| {' x '.join(map(str, layer.recordings[0].codes.shape))} "
        f"| {' x '.join(map(str, layer.recordings[0].sums.shape))} |"
        for layer, name in zip(network.layers, names, strict=True)
    ]
    run = "`mulsmith_run` runs the whole network on a normalised image."
    parts = (
        "This network is no plain chain of layers, rectifiers and max pooling: what lies between is yours."
    )
    return _C.format(
        name=network.name,
        by_point=" at the operating points" if network.points > 1 else "",
        rows="\n".join(rows),
        whole=run if network.steps is not None else parts,
    )
