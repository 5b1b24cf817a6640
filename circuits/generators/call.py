"""The text of a generator call, as it stands in a file's header: ``truncated(a_bits=8, b_bits=8, cut=4)``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mulsmith.circuits.generators.registry import Family, Shape, Value, family_of
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.errors import ConfigError

HEADER_KEY = "mulsmith: generate = "

_CALL = re.compile(r"\s*([a-z][a-z0-9_]*)\s*\(([^()]*)\)\s*")
_ARGUMENT = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=\s*([A-Za-z0-9_+-]+)\s*")


def format_call(family: Family, shape: Shape, own: Mapping[str, Value]) -> str:
    """Return the call with every parameter written out, so that later defaults do not change it."""
    values: dict[str, Value] = {"a_bits": shape.a_bits, "b_bits": shape.b_bits, "signed": shape.signed, **own}
    texts = [
        f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in values.items()
    ]
    return f"{family.name}({', '.join(texts)})"


def parse_call(text: str) -> tuple[str, dict[str, Value]]:
    """Return family and parameters of a call, ready for ``generate``.

    Raises:
        ConfigError: the text is no call, or names a family that there is not.
    """
    call = _CALL.fullmatch(text)
    if call is None:
        raise ConfigError(f"'{text}' is no generator call", remedy="write family(a_bits=8, b_bits=8, ...)")
    parameters: dict[str, Value] = {}
    for argument in call[2].split(",") if call[2].strip() else []:
        match = _ARGUMENT.fullmatch(argument)
        if match is None:
            raise ConfigError(
                f"'{argument.strip()}' is no argument of a generator", remedy="write name=value"
            )
        if match[1] in parameters:
            raise ConfigError(f"the parameter '{match[1]}' is given twice")
        parameters[match[1]] = parse_value(call[1], match[1], match[2])
    return call[1], parameters


def parse_value(family: str, name: str, text: str) -> Value:
    """Return the value that ``text`` means for one parameter of a family; ``generate`` checks its range.

    Raises:
        ConfigError: there is no such family.
    """
    if name == "signed" and text in ("true", "false"):
        return text == "true"
    if name in ("a_bits", "b_bits"):
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text
    for parameter in family_of(family).parameters:
        if parameter.name == name:
            return parameter.parse(text)
    return text


def circuit_source(
    netlist: Netlist, family: Family, call: str, metrics: Mapping[str, float] | None = None
) -> str:
    """Return the Verilog file of a generated circuit: what it is, its call, its metrics, the module.

    Args:
        netlist: the generated circuit.
        family: its family.
        call: the text of ``format_call``.
        metrics: error metrics to be put into the header, by name.
    """
    header = [
        f"{netlist.name}: {family.summary}",
        f"After {family.source}.",
        f"{HEADER_KEY}{call}",
        f"mulsmith: signed = {str(bool(netlist.signed)).lower()}",
        *(f"mulsmith: {name} = {value:.8g}" for name, value in (metrics or {}).items()),
    ]
    return write_verilog(netlist, header)


def header_call(text: str) -> str | None:
    """Return the generator call in the header of a Verilog text, None where there is none."""
    for line in text.splitlines():
        if not line.startswith("//"):
            return None
        comment = line[2:].strip()
        if comment.startswith(HEADER_KEY):
            return comment[len(HEADER_KEY) :]
    return None
