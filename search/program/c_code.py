"""A selector as one C header: weights, fixed topologies and the three modes; it needs libm only."""

from __future__ import annotations

import re

from mulsmith.errors import ConfigError
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.mlp import Mlp
from mulsmith.search.program.selection import Selector

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_ACTIVATION = {
    "relu": "value > 0.0 ? value : 0.0",
    "tanh": "tanh(value)",
    "sigmoid": "0.5 * (tanh(0.5 * value) + 1.0)",
}
_SELECT = """\
/* Make a network active; mode 0 is quality, 1 energy, 2 integrated. Returns its index. */
static inline int {name}_select(int mode, double accuracy, double energy_reduction, double theta) {{
  int best = -1;
  double best_first = 0.0, best_second = 0.0;
  for (int pass = 0; pass < 2 && best < 0; pass++)
    for (int i = 0; i < {count}; i++) {{
      double acc = {name}_accuracy[i], eer = {name}_energy_reduction[i], first = acc, second = eer;
      if (mode == 2) {{
        first = theta * (acc - accuracy) + (1.0 - theta) * (eer - energy_reduction) / {most};
        second = 0.0;
      }} else if (mode == 1 && pass == 0) {{
        if (acc < accuracy) continue;
        first = eer;
        second = acc;
      }}
      if (best < 0 || first > best_first || (first == best_first && second > best_second)) {{
        best = i;
        best_first = first;
        best_second = second;
      }}
    }}
  return {name}_active = best;
}}
"""


def is_identifier(name: str) -> bool:
    """Return whether a name is a C identifier of at most 63 characters."""
    return _IDENTIFIER.fullmatch(name) is not None


def c_header(selector: Selector, name: str) -> str:
    """Return a header with ``NAME_select(mode, accuracy, energy_reduction, theta)`` and ``NAME(in, out)``.

    Raises:
        ConfigError: the name is no C identifier.
    """
    if not is_identifier(name):
        raise ConfigError(f"'{name}' is no C identifier of at most 63 characters")
    points = selector.points
    guard = f"{name.upper()}_H"
    parts = [f"#ifndef {guard}\n#define {guard}\n\n#include <math.h>\n"]
    for index, point in enumerate(points):
        parts.append(_network(point.network, f"{name}_network{index}"))
    parts.append(_array(f"{name}_accuracy", [point.accuracy for point in points]))
    parts.append(_array(f"{name}_energy_reduction", [point.energy_reduction for point in points]))
    parts.append(f"static int {name}_active = {selector.active};\n")
    most = number(max(point.energy_reduction for point in points))
    parts.append(_SELECT.format(name=name, count=len(points), most=most))
    labels = [*(f"case {i}" for i in range(len(points) - 1)), "default"]
    cases = "".join(f"    {label}: {name}_network{i}(in, out); break;\n" for i, label in enumerate(labels))
    parts.append(
        "/* One call of the active network. */\n"
        f"static inline void {name}(const double *in, double *out) {{\n"
        f"  switch ({name}_active) {{\n{cases}  }}\n}}\n"
    )
    parts.append(f"#endif /* {guard} */\n")
    return "\n".join(parts)


def _network(network: Mlp, name: str) -> str:
    arrays, code = [], []
    source, widths = "in", network.topology.widths
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        inputs, outputs = widths[layer], widths[layer + 1]
        last = layer == len(network.topology.activations)
        target = "out" if last else f"h{layer}"
        arrays.append(_array(f"{name}_w{layer}", weight.T.ravel()) + _array(f"{name}_b{layer}", bias))
        if not last:
            code.append(f"  double {target}[{outputs}];\n")
        result = "value" if last else _ACTIVATION[network.topology.activations[layer]]
        code.append(
            f"  for (int o = 0; o < {outputs}; o++) {{\n"
            f"    double value = {name}_b{layer}[o];\n"
            f"    const double *w = {name}_w{layer} + o * {inputs};\n"
            f"    for (int i = 0; i < {inputs}; i++) value += w[i] * {source}[i];\n"
            f"    {target}[o] = {result};\n  }}\n"
        )
        source = target
    head = f"/* {network.topology.text} */\nstatic inline void {name}(const double *in, double *out) {{\n"
    return "".join(arrays) + head + "".join(code) + "}\n"


def _array(name: str, values: Floats | list[float]) -> str:
    numbers = ", ".join(number(float(value)) for value in values)
    return f"static const double {name}[{len(values)}] = {{{numbers}}};\n"


def number(value: float) -> str:
    """Return a double as a C literal without loss."""
    return float(value).hex()
