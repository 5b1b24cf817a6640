"""A quantised network as one C header: integers, the multiplier's table, no dependencies but libm's rint."""

from __future__ import annotations

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.program.c_code import is_identifier, number
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.quantised import HALF_TABLE, LEVELS, SHIFT, Ints, QuantisedMlp, zero_point

_PRODUCT = """\
/* The multiplier: activation code, weight operand -> product. */
static inline int32_t {name}_multiply(int a, int w) {{ return {name}_table[256 * (a ^ {flip}) + w]; }}
"""
_ENCODE = """\
  for (int i = 0; i < {inputs}; i++) {{
    double code = rint((in[i] - {name}_low[i]) / {name}_step[i]);
    c0[i] = code < 0 ? 0 : code > {levels} ? {levels} : (int)code;
  }}
"""
_SUM = """\
  for (int o = 0; o < {outputs}; o++) {{
    int64_t sum = {name}_bias{layer}[o];
    for (int i = 0; i < {inputs}; i++)
      sum += {name}_multiply(c{layer}[i], {name}_operand{layer}[i * {outputs} + o]){zero};
"""
_HIDDEN = """\
    /* Shifts of negative numbers are arithmetic here, as with every common compiler. */
    sum = (sum * {name}_factor{layer}[o] + (INT64_C(1) << {round})) >> {shift};
    sum = sum < -{half} ? -{half} : sum > {half} - 1 ? {half} - 1 : sum;
    c{after}[o] = {name}_codes{layer}[sum + {half}];
  }}
"""
_LAST = """\
    sums[o] = sum;
  }}
"""
_CALL = """\
/* One call of the network. */
static inline void {name}(const double *in, double *out) {{
  int64_t sums[{outputs}];
  {name}_sums(in, sums);
  for (int o = 0; o < {outputs}; o++) {{
    double scaled = (double)sums[o] * {name}_scale[o];
    out[o] = scaled + {name}_offset[o];
  }}
}}
"""


def integer_header(network: QuantisedMlp, name: str) -> str:
    """Return a header with ``NAME_sums(in, sums)``, which is exact in integers, and ``NAME(in, out)``.

    Raises:
        ConfigError: the name is no C identifier.
    """
    if not is_identifier(name):
        raise ConfigError(f"'{name}' is no C identifier of at most 63 characters")
    guard, widths = f"{name.upper()}_H", network.topology.widths
    table = network.lut.table.astype(np.int64)
    parts = [
        f"#ifndef {guard}\n#define {guard}\n\n#include <math.h>\n#include <stdint.h>\n",
        _integers(f"{name}_table", table, "int32_t"),
        _PRODUCT.format(name=name, flip=128 if network.lut.signed else 0),
    ]
    for array, values in (
        ("low", network.low),
        ("step", network.step),
        ("scale", network.scale),
        ("offset", network.offset),
    ):
        parts.append(_doubles(f"{name}_{array}", values))
    for place, layer in enumerate(network.layers):
        parts.append(_integers(f"{name}_operand{place}", layer.operands, "uint8_t"))
        parts.append(_integers(f"{name}_bias{place}", layer.bias, "int64_t"))
        if len(layer.table):
            parts.append(_integers(f"{name}_factor{place}", layer.factor, "int64_t"))
            parts.append(_integers(f"{name}_codes{place}", layer.table, "uint8_t"))
    parts.append(f"/* {network.topology.text}; exact in integers. */\n" + _sums(network, name))
    parts.append(_CALL.format(name=name, outputs=widths[-1]))
    parts.append(f"#endif /* {guard} */\n")
    return "\n".join(parts)


def _sums(network: QuantisedMlp, name: str) -> str:
    widths = network.topology.widths
    arrays = ", ".join(f"c{place}[{width}]" for place, width in enumerate(widths[:-1]))
    code = f"static inline void {name}_sums(const double *in, int64_t *sums) {{\n  int {arrays};\n"
    code += _ENCODE.format(name=name, inputs=widths[0], levels=LEVELS)
    zero = zero_point(network.lut)
    for place in range(len(network.layers)):
        last = place == len(network.layers) - 1
        code += _SUM.format(
            name=name,
            layer=place,
            inputs=widths[place],
            outputs=widths[place + 1],
            zero=f" - {zero} * c{place}[i]" if zero else "",
        )
        code += (_LAST if last else _HIDDEN).format(
            name=name, layer=place, after=place + 1, round=SHIFT - 1, shift=SHIFT, half=HALF_TABLE
        )
    return code + "}\n"


def _integers(name: str, values: Ints, kind: str) -> str:
    flat = values.ravel()
    lines = [", ".join(map(str, flat[start : start + 32])) for start in range(0, len(flat), 32)]
    return f"static const {kind} {name}[{len(flat)}] = {{\n" + ",\n".join(lines) + "};\n"


def _doubles(name: str, values: Floats) -> str:
    return f"static const double {name}[{len(values)}] = {{{', '.join(map(number, values))}}};\n"
