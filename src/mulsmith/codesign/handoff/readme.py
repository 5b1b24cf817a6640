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

or by hand, from this folder, for one layer:

```
iverilog -g2005 -I bench -s {module} -o simulation rtl/*.v rtl/multipliers/*.v bench/*.v
vvp simulation
```

A bench says `PASS` or `FAIL` and writes every output to `results_LAYER.hex`.

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
- `(y * x_scale * w_scale)` is the layer's output as a number; norms, activations and the next layer's codes
  follow in float32, as in the emulation. Scales stand in `network.json`.

## Files

| file | what |
|---|---|
| `rtl/multipliers/` | the chosen multipliers, structural Verilog |
| `rtl/product.v` | signs and widths around them{switch} |
| `rtl/mac.v`, `rtl/pe.v` | multiply-accumulate unit, processing element |
| `rtl/systolic.v` | output-stationary array, here {rows_n} x {cols_n} |
| `rtl/vector_unit.v` | dot product, here {lanes} products per cycle: grouped layers and single rows |
| `rtl/zero_point.v`, `rtl/code_sum.v`, `rtl/delay.v` | correction of zero points, skew of the inputs |
| `layers/` | memory images: codes of one image, weights, corrections; tiles and expected outputs |
| `bench/` | self-checking testbenches |
| `synthesis/` | with --liberty: Yosys scripts of the processing elements, their area, delay, power |
| `network.json` | shapes, widths, scales, zero points and multipliers of every layer |
| `manifest.json` | a SHA-256 of every file |
"""


def rtl_readme(
    network: IntegerNetwork, rows: Sequence[Mapping[str, Any]], height: int, width: int, lanes: int
) -> str:
    """Return the README of an RTL hand-off.

    Args:
        network: the integer network.
        rows: the per-layer table.
        height: rows of the systolic array.
        width: its columns.
        lanes: of the vector unit.
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
        module=rows[0]["module"],
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


def c_readme(network: IntegerNetwork, names: Sequence[str], whole: bool) -> str:
    """Return the README of a C hand-off.

    Args:
        network: the integer network.
        names: of the layers in C.
        whole: whether there is a function that runs the whole network.
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
        whole=run if whole else parts,
    )
