"""Removal of gates that repeat what another net already computes, found by exhaustive simulation."""

from __future__ import annotations

from dataclasses import replace

from mulsmith.characterize.simulate import counting_words, simulate
from mulsmith.circuits.netlist import CONST0, CONST1, Gate, Netlist, Op

MAX_INPUTS = 18


def sweep(netlist: Netlist) -> Netlist:
    """Return the circuit with every net replaced by the first one of equal or complementary function.

    Nets are compared for every input, so constants, copies and complements are found wherever they come
    from; a complement becomes an inverter. Adders stay adders. Circuits of more than 18 input bits are
    returned as they are, without dead gates.
    """
    if netlist.n_inputs > MAX_INPUTS:
        return netlist.live()
    value = simulate(netlist, counting_words(netlist.n_inputs))
    first: dict[bytes, int] = {}
    rename: dict[int, int] = {}
    gates: list[Gate] = []
    known = [CONST0, CONST1, *range(2, netlist.first_gate_net)]
    for net in known:
        first.setdefault(value[net].tobytes(), net)
        rename[net] = net
    for gate in netlist.gates:
        kept = False
        for net in gate.outputs:
            key = value[net].tobytes()
            if key in first:
                rename[net] = first[key]
                continue
            opposite = first.get((~value[net]).tobytes()) if gate.op is not Op.NOT else None
            if opposite is not None and len(gate.outputs) == 1:
                gates.append(Gate(Op.NOT, (opposite,), (net,)))
                kept = True
            first[key] = rename[net] = net
        if not kept and any(rename[net] == net for net in gate.outputs):
            gates.append(Gate(gate.op, tuple(rename[n] for n in gate.inputs), gate.outputs))
    return replace(
        netlist, gates=tuple(gates), output_nets=tuple(rename[n] for n in netlist.output_nets)
    ).live()
