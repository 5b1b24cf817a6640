"""The C hand-off: a header with the integer network and its tables, and a program that checks it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from mulsmith.codesign.handoff.chain import Step
from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork
from mulsmith.codesign.handoff.names import plain_names
from mulsmith.codesign.handoff.readme import c_readme
from mulsmith.codesign.handoff.widths import widths

_PER_LINE = 20


def c_project(network: IntegerNetwork) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return (relative path -> content, what the manifest says) of the C hand-off of a network."""
    names = [f"layer_{name}" for name in plain_names([layer.name for layer in network.layers])]
    runtime = files("mulsmith.codesign.handoff").joinpath("c", "mulsmith_layer.h").read_bytes()
    content = {
        "mulsmith_layer.h": runtime,
        "network.h": _header(network, names).encode(),
        "vectors.h": _vectors(network, names).encode(),
        "check.c": _check(network, names).encode(),
        "README.md": c_readme(network, names).encode(),
    }
    layers = [
        {"layer": layer.name, "checks": sum(r.sums.size for r in layer.recordings)}
        for layer in network.layers
    ]
    if network.steps is not None:
        layers.append({"layer": "network", "checks": sum(values.size for values in network.logits)})
    return content, {"network": network.name, "points": network.points, "layers": layers}


def _header(network: IntegerNetwork, names: Sequence[str]) -> str:
    tables = {lut.sha256(): lut for layer in network.layers for lut in layer.tables}
    peak = max(int(np.abs(lut.table.astype(np.int64)).max()) for lut in tables.values())
    wide = max(widths(layer).out for layer in network.layers) > 32
    number = {key: k for k, key in enumerate(tables)}
    labels = _labels(network)
    parts = [
        f"/* {network.name}: the integer network, with the tables of its multipliers. */\n"
        "#ifndef MULSMITH_NETWORK_H\n#define MULSMITH_NETWORK_H\n\n#include <stdint.h>\n\n"
        f"#define MULSMITH_TABLE {'int16_t' if peak < 1 << 15 else 'int32_t'}\n"
        f"#define MULSMITH_SUM {'int64_t' if wide else 'int32_t'}\n"
        f"#define MULSMITH_POINTS {network.points}\n"
        f'#include "mulsmith_layer.h"\n\n'
    ]
    for key, lut in tables.items():
        parts.append(f"/* {labels[key]} */\n")
        parts.append(_array("MULSMITH_TABLE", f"mulsmith_table_{number[key]}", lut.table.ravel().tolist()))
    for layer, name in zip(network.layers, names, strict=True):
        parts.append(_layer(layer, name, [number[lut.sha256()] for lut in layer.tables]))
    if network.steps is not None:
        parts.append(_inference(network, names, network.steps))
    return "".join([*parts, "#endif\n"])


def _labels(network: IntegerNetwork) -> dict[str, str]:
    """Return table hash -> which multipliers it belongs to."""
    found: dict[str, set[str]] = {}
    for layer in network.layers:
        for name, lut in zip(layer.multipliers, layer.tables, strict=True):
            found.setdefault(lut.sha256(), set()).add(name)
    return {key: ", ".join(sorted(names)) for key, names in found.items()}


def _layer(layer: IntegerLayer, name: str, tables: Sequence[int]) -> str:
    recording, geometry = layer.recordings[0], layer.geometry
    numbers = [
        *recording.codes.shape, *recording.sums.shape, *layer.weights.shape[2:], *geometry.stride,
        *geometry.padding, *geometry.dilation, geometry.groups, layer.a_bits, layer.b_bits, int(layer.signed),
        layer.input_zero,
    ]  # fmt: skip
    arrays = ["weight_scale", "weights", "weight_zero", "offset", "tables"]
    fields = [*map(str, numbers), _float(layer.input_scale), *(f"{name}_{array}" for array in arrays)]
    pointers = ", ".join(f"mulsmith_table_{k}" for k in tables)
    return (
        f"/* {layer.name} on {', '.join(layer.multipliers)} */\n"
        + _array("float", f"{name}_weight_scale", [_float(v) for v in layer.weight_scale.tolist()])
        + _array("int16_t", f"{name}_weights", layer.looked_up.ravel().tolist())
        + _array("int16_t", f"{name}_weight_zero", layer.weight_zero.tolist())
        + _array("MULSMITH_SUM", f"{name}_offset", layer.offsets.tolist())
        + f"static const MULSMITH_TABLE *const {name}_tables[] = {{{pointers}}};\n"
        + f"static const mulsmith_layer {name} = {{\n  {', '.join(fields)}}};\n\n"
    )


def _inference(network: IntegerNetwork, names: Sequence[str], steps: Sequence[Step]) -> str:
    """Return the function that runs the whole network."""
    codes = max(layer.recordings[0].codes.size for layer in network.layers)
    sums = max(layer.recordings[0].sums.size for layer in network.layers)
    lines = [
        f"static int16_t codes[{codes}];",
        f"static MULSMITH_SUM sums[{sums}];",
        f"for (int i = 0; i < {network.image.size}; i++)",
        f"  codes[i] = mulsmith_code(&{names[0]}, image[i]);",
    ]
    for name, step, following in zip(names, steps, [*names[1:], None], strict=True):
        pool, stride = step.pool or ((1, 1), (1, 1))
        after = f"(mulsmith_after){{{', '.join(map(str, (int(step.relu), *pool, *stride)))}}}"
        lines.append(f"mulsmith_sums(&{name}, point, codes, sums);")
        if following is None:
            lines.append(f"mulsmith_last(&{name}, sums, {after}, logits);")
        else:
            lines.append(f"mulsmith_next(&{name}, sums, {after}, &{following}, codes);")
    return (
        "/* The whole network: a normalised image in, the last layer's numbers out. */\n"
        "static void mulsmith_run(int point, const float *image, float *logits) {\n"
        + "".join(f"  {line}\n" for line in lines)
        + "}\n\n"
    )


def _vectors(network: IntegerNetwork, names: Sequence[str]) -> str:
    parts = ["/* What the emulation recorded of one image. */\n"]
    for layer, name in zip(network.layers, names, strict=True):
        for k, recording in enumerate(layer.recordings):
            parts.append(_array("int16_t", f"{name}_codes_{k}", recording.codes.ravel().tolist()))
            parts.append(_array("MULSMITH_SUM", f"{name}_sums_{k}", recording.sums.ravel().tolist()))
    if network.steps is not None:
        parts.append(_array("float", "network_image", [_float(v) for v in network.image.ravel().tolist()]))
        for k, values in enumerate(network.logits):
            parts.append(_array("float", f"network_logits_{k}", [_float(v) for v in values.tolist()]))
    return "".join(parts)


def _check(network: IntegerNetwork, names: Sequence[str]) -> str:
    """Return the program that recomputes everything recorded; it leaves with 1 where anything differs."""
    largest = max(layer.recordings[0].sums.size for layer in network.layers)
    lines = []
    for name in names:
        lines.append(f'  begin("{name}");')
        for k in range(network.points):
            lines += [
                f"  mulsmith_sums(&{name}, {k}, {name}_codes_{k}, sums);",
                f"  for (size_t i = 0; i < sizeof {name}_sums_{k} / sizeof *sums; i++)",
                f"    compare(sums[i] == {name}_sums_{k}[i]);",
            ]
        lines.append("  end();")
    if network.steps is not None:
        lines.append('  begin("network");')
        for k in range(network.points):
            lines += [
                f"  mulsmith_run({k}, network_image, logits);",
                f"  for (size_t i = 0; i < sizeof network_logits_{k} / sizeof *logits; i++)",
                f"    compare(logits[i] == network_logits_{k}[i]);",
            ]
        lines.append("  end();")
    return _CHECK.format(largest=largest, body="\n".join(lines))


_CHECK = """\
/* Recomputes what the emulation recorded and compares every number. */
#include <stddef.h>
#include <stdio.h>

#include "network.h"
#include "vectors.h"

static MULSMITH_SUM sums[{largest}];
static float logits[{largest}];
static const char *name;
static long checked, wrong, failures;

static void begin(const char *what) {{
  name = what;
  checked = wrong = 0;
}}

static void compare(int equal) {{
  checked++;
  wrong += !equal;
}}

static void end(void) {{
  printf("%s %s %ld %ld\\n", wrong ? "FAIL" : "PASS", name, checked, wrong);
  failures += wrong;
}}

int main(void) {{
  (void)logits;
{body}
  return failures != 0;
}}
"""


def _array(kind: str, name: str, values: Sequence[object]) -> str:
    rows = [
        ", ".join(map(str, values[start : start + _PER_LINE])) for start in range(0, len(values), _PER_LINE)
    ]
    body = ",\n  ".join(rows)
    return f"static const {kind} {name}[] = {{\n  {body}}};\n"


def _float(value: float) -> str:
    """Return a float32 as an exact C literal."""
    return f"{float(value).hex()}f"
