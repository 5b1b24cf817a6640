"""The normalised form in which a library keeps a netlist: live gates only, ports A, B and O, no names."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

from mulsmith.circuits.netlist import Gate, Netlist, Op, Port
from mulsmith.errors import MulsmithError, StoreError

STORED_NAME = "multiplier"


def normalised(netlist: Netlist) -> Netlist:
    """Return a multiplier's live structure with standard names, a function of ``netlist.sha256()`` alone."""
    ports = (Port("A", netlist.a_bits), Port("B", netlist.b_bits)), (Port("O", netlist.out_bits),)
    return replace(netlist.live(), name=STORED_NAME, inputs=ports[0], outputs=ports[1])


def netlist_to_bytes(netlist: Netlist) -> bytes:
    """Return the normalised netlist as compressed JSON."""
    form = normalised(netlist)
    document = {
        "widths": [form.a_bits, form.b_bits, form.out_bits],
        "signed": form.signed,
        "gates": [[gate.op.value, gate.inputs, gate.outputs] for gate in form.gates],
        "output_nets": form.output_nets,
    }
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode(), 6)


def netlist_from_bytes(data: bytes, name: str = STORED_NAME) -> Netlist:
    """Return the netlist that ``netlist_to_bytes`` wrote, under the module name ``name``.

    Raises:
        StoreError: the data is damaged.
    """
    try:
        document = json.loads(zlib.decompress(data))
        a_bits, b_bits, out_bits = document["widths"]
        return Netlist(
            name,
            (Port("A", a_bits), Port("B", b_bits)),
            (Port("O", out_bits),),
            tuple(Gate(Op(op), tuple(ins), tuple(outs)) for op, ins, outs in document["gates"]),
            tuple(document["output_nets"]),
            document["signed"],
        )
    except (zlib.error, ValueError, KeyError, TypeError, MulsmithError) as error:
        raise StoreError(
            f"a stored netlist is damaged ({error})", remedy="characterize the circuit again with --force"
        ) from None
