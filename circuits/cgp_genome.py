"""Netlists as genomes of the CGP engine: one node for each gate, two nets for each node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.circuits.builder import NetlistBuilder
from mulsmith.circuits.netlist import FAN_IN, FIRST_INPUT, Netlist, Op

OPS = (Op.NOT, Op.AND, Op.OR, Op.XOR, Op.NAND, Op.NOR, Op.XNOR, Op.MUX, Op.HA, Op.FA)

Genes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Genome:
    """Genes of a circuit; the engine changes them in place.

    Attributes:
        nodes: int32 [n, 4], number of the function in ``OPS`` and three nets. Node i drives the nets
            first + 2 i and first + 2 i + 1, first being the first net behind constants and inputs.
        outputs: int32 [outputs], the nets of the output bits.
    """

    nodes: Genes
    outputs: Genes


def genome_of(netlist: Netlist, spare: int, random: np.random.Generator) -> Genome:
    """Return the genome of a netlist.

    Args:
        netlist: the circuit.
        spare: how many idle nodes to put among those of the circuit, at random places.
        random: fills the genes of idle nodes and unused inputs.
    """
    live = netlist.live()
    first = live.first_gate_net
    count = len(live.gates) + spare
    places = np.sort(random.choice(count, len(live.gates), replace=False))
    nodes = np.empty((count, 4), dtype=np.int32)
    nodes[:, 0] = random.integers(0, len(OPS), count)
    nodes[:, 1:] = random.integers(0, (first + 2 * np.arange(count))[:, None], (count, 3))
    net_of = {net: net for net in range(first)}
    for place, gate in zip(places.tolist(), live.gates, strict=True):
        nodes[place, 0] = OPS.index(gate.op)
        nodes[place, 1 : 1 + len(gate.inputs)] = [net_of[net] for net in gate.inputs]
        for result, net in enumerate(gate.outputs):
            net_of[net] = first + 2 * place + result
    outputs = np.array([net_of[net] for net in live.output_nets], dtype=np.int32)
    return Genome(nodes, outputs)


def is_valid(genome: Genome, netlist: Netlist) -> bool:
    """Return whether every gene is in its range for a circuit with the ports of ``netlist``."""
    first = FIRST_INPUT + netlist.n_inputs
    limits = (first + 2 * np.arange(len(genome.nodes)))[:, None]
    functions, nets = genome.nodes[:, 0], genome.nodes[:, 1:]
    return bool(
        ((functions >= 0) & (functions < len(OPS))).all()
        and ((nets >= 0) & (nets < limits)).all()
        and ((genome.outputs >= 0) & (genome.outputs < first + 2 * len(genome.nodes))).all()
    )


def netlist_of(genome: Genome, like: Netlist) -> Netlist:
    """Return the circuit of a genome, constants folded, with name, ports and signedness of ``like``."""
    builder = NetlistBuilder(like.name, like.inputs, signed=like.signed)
    nets: list[int] = list(range(FIRST_INPUT + like.n_inputs))
    for code, *inputs in genome.nodes.tolist():
        op = OPS[code]
        results = builder.gate(op, [nets[net] for net in inputs[: FAN_IN[op]]])
        nets += results if len(results) == 2 else results * 2
    bits = [nets[net] for net in genome.outputs.tolist()]
    outputs = {}
    for port in like.outputs:
        outputs[port.name], bits = bits[: port.width], bits[port.width :]
    return builder.build(outputs)
