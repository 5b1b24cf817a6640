"""Reading Verilog: structural text directly, behavioural but combinational text through Yosys."""

from __future__ import annotations

from pathlib import Path

from mulsmith.circuits.netlist import Netlist
from mulsmith.errors import MulsmithError, NetlistError

MAX_OPERAND_BITS = 32


def read_verilog(path: Path, *, top: str | None = None) -> Netlist:
    """Return the circuit of a Verilog file.

    Args:
        path: the file, at most 2 MiB of UTF-8 text.
        top: its top module; without it the one that no other module instantiates.

    Raises:
        NetlistError: the file cannot be read or is no combinational circuit; names file, line and construct.
        ToolError: Yosys, which reads behavioural text, is missing or was ended by a limit.
    """
    from mulsmith.circuits.frontend.source import read_source

    return parse_verilog(read_source(path), path=str(path), top=top)


def parse_verilog(text: str, *, path: str = "<text>", top: str | None = None) -> Netlist:
    """Return the circuit of a Verilog text; ``path`` is what errors call it.

    Raises:
        NetlistError: as for ``read_verilog``.
        ToolError: as for ``read_verilog``.
    """
    try:
        return _parse(text, Path(path).stem, top)
    except MulsmithError as error:
        raise error.at(path) from None
    except RecursionError:
        raise NetlistError("is nested too deeply", path=path) from None


def _parse(text: str, stem: str, top: str | None) -> Netlist:
    from mulsmith.circuits.frontend.source import clean

    netlist = _circuit(clean(text), stem, top)
    for port in netlist.inputs:
        if port.width > MAX_OPERAND_BITS:
            raise NetlistError(
                f"operand '{port.name}' of module '{netlist.name}' has {port.width} bits, "
                f"but at most {MAX_OPERAND_BITS} are supported"
            )
    return netlist


def _circuit(source: str, stem: str, top: str | None) -> Netlist:
    from mulsmith.circuits.frontend.behavioural import WORDS, read_behavioural, top_by_text
    from mulsmith.circuits.frontend.expressions import Behavioural
    from mulsmith.circuits.frontend.modules import build, choose_top, collect
    from mulsmith.circuits.frontend.syntax import parse_modules

    try:
        definitions = parse_modules(source)
    except NetlistError as error:
        # pyverilog's grammar lacks much of the behavioural language, which Yosys reads.
        if WORDS.search(source) is None:
            raise
        try:
            return read_behavioural(source, top_by_text(source, top), "text", error.line)
        except NetlistError as second:
            raise (second if second.line is not None else error) from None
    name = choose_top(definitions, top, stem)
    try:
        return build(collect(definitions), name)
    except Behavioural as found:
        return read_behavioural(source, name, found.construct, found.line)
