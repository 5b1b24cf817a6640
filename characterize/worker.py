"""What a worker process does: read and simulate one file, or synthesise one circuit, per request.

``characterize/worker_pool.py`` starts this module as a child. Requests and replies are JSON objects, one a
line. Every reply depends on its request alone, so records are the same with any number of workers.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulsmith.characterize.header import read_header, read_notes, read_printed
from mulsmith.characterize.lut_files import write_lut
from mulsmith.characterize.netlist_json import netlist_from_bytes, netlist_to_bytes
from mulsmith.characterize.signedness import decide
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.sources import file_sha256
from mulsmith.circuits.verilog import read_verilog
from mulsmith.errors import LibertyError, MulsmithError, NetlistError

if TYPE_CHECKING:
    from mulsmith.characterize.liberty import Liberty

Request = Mapping[str, Any]
Reply = dict[str, Any]


def main() -> None:
    """Answer requests from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever a library prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    for line in sys.stdin:
        replies.write(json.dumps(answer(json.loads(line))) + "\n")
        replies.flush()


def answer(request: Request) -> Reply:
    """Return the reply to one request: ``{"ok"}``, ``{"error"}`` of the input, or ``{"internal"}``."""
    try:
        return {"ok": TASKS[request["task"]](request)}
    except MulsmithError as error:
        kind = next(cls.__name__ for cls in type(error).__mro__ if cls.__module__ == "mulsmith.errors")
        fields = {"cause": error.cause, "path": error.path, "line": error.line, "remedy": error.remedy}
        return {"error": {"kind": kind, **fields}}
    except Exception:
        return {"internal": traceback.format_exc()}


def read_file(request: Request) -> Reply:
    """Read, simulate and measure one Verilog file; its table is written into the library.

    Args:
        request: ``path``, ``sha256`` (of the file), ``signed`` (option or None), ``library`` (folder) and
            ``rewrite`` (the table even if it exists).

    Returns:
        ``module``, ``a_bits``, ``b_bits``, ``signed``, ``reason``, ``lut_sha256``, ``netlist_sha256``,
        ``netlist`` (stored form, base64), ``errors`` and ``reported``.
    """
    path = Path(request["path"])
    try:
        netlist = read_verilog(path)
        if file_sha256(path) != request["sha256"]:
            raise NetlistError("the file changed while it was read", remedy="run again")
        text = path.read_text(encoding="utf-8", errors="replace")
        choice = decide(
            simulate_lut(netlist.with_signed(False)),
            netlist.out_bits,
            option=request["signed"],
            declared=netlist.signed,
            notes=read_notes(text),
            printed=read_printed(text),
        )
    except MulsmithError as error:
        raise error.at(path) from None
    netlist = netlist.with_signed(choice.lut.signed)
    return {
        "module": netlist.name,
        "a_bits": choice.lut.a_bits,
        "b_bits": choice.lut.b_bits,
        "signed": choice.lut.signed,
        "reason": choice.reason,
        "lut_sha256": write_lut(Path(request["library"]), choice.lut, rewrite=request["rewrite"]),
        "netlist_sha256": netlist.sha256(),
        "netlist": base64.b64encode(netlist_to_bytes(netlist)).decode("ascii"),
        "errors": choice.errors.to_json(),
        "reported": read_header(text),
    }


def synthesise(request: Request) -> Reply:
    """Synthesise one circuit and measure it.

    Args:
        request: ``netlist`` (stored form, base64), ``liberty`` (path, or None for the embedded one) with its
            ``liberty_sha256``, ``activity`` (as text) and ``clock_ghz``.

    Returns:
        The JSON form of the ``SynthesisReport``.
    """
    from mulsmith.characterize.activity_text import parse_activity
    from mulsmith.characterize.flow import synthesis_report

    netlist = netlist_from_bytes(base64.b64decode(request["netlist"]))
    liberty = _liberty(request["liberty"], request["liberty_sha256"])
    return synthesis_report(
        netlist, liberty, parse_activity(request["activity"]), request["clock_ghz"]
    ).to_json()


@functools.cache
def _liberty(path: str | None, sha256: str) -> Liberty:
    from mulsmith.characterize.synthesis_plan import read_liberty

    liberty = read_liberty(None if path is None else Path(path))
    if liberty.sha256 != sha256:
        raise LibertyError("the file changed while it was used", path=path, remedy="run again")
    return liberty


TASKS: Mapping[str, Callable[[Request], Reply]] = {"read": read_file, "synthesise": synthesise}
