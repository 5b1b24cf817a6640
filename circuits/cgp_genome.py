"""Netlists as genomes of the CGP engine: one node for each cell, two nets for each node.

Cell libraries have gates of three inputs that a netlist states as two gates; in a genome they are one node,
so that evolution sees their true costs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from mulsmith.circuits.builder import NetlistBuilder
from mulsmith.circuits.netlist import FAN_IN, FIRST_INPUT, Gate, Netlist, Op


class Compound(StrEnum):
    """Cells of three inputs that stand for two gates."""

    NAND3 = "nand3"
    NOR3 = "nor3"
    AND_OR_INVERT = "aoi21"
    OR_AND_INVERT = "oai21"


COMPOUNDS = {
    Compound.NAND3: (Op.AND, Op.NAND),
    Compound.NOR3: (Op.OR, Op.NOR),
    Compound.AND_OR_INVERT: (Op.AND, Op.NOR),
    Compound.OR_AND_INVERT: (Op.OR, Op.NAND),
}
"""First and second gate: second(first(a, b), c)."""

FUNCTIONS: tuple[Op | Compound, ...] = (
    Op.NOT, Op.AND, Op.OR, Op.XOR, Op.NAND, Op.NOR, Op.XNOR, Op.MUX, *Compound, Op.HA, Op.FA,
)  # fmt: skip
"""What a node may be, in the order of the engine's numbers."""

Genes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Genome:
    """Genes of a circuit; the engine changes them in place.

    Attributes:
        nodes: int32 [n, 4], number of the function in ``FUNCTIONS`` and three nets. Node i drives the nets
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
    cells = _cells(live)
    count = len(cells) + spare
    places = np.sort(random.choice(count, len(cells), replace=False))
    nodes = np.empty((count, 4), dtype=np.int32)
    nodes[:, 0] = random.integers(0, len(FUNCTIONS), count)
    nodes[:, 1:] = random.integers(0, (first + 2 * np.arange(count))[:, None], (count, 3))
    net_of = {net: net for net in range(first)}
    for place, (function, inputs, results) in zip(places.tolist(), cells, strict=True):
        nodes[place, 0] = FUNCTIONS.index(function)
        nodes[place, 1 : 1 + len(inputs)] = [net_of[net] for net in inputs]
        for result, net in enumerate(results):
            net_of[net] = first + 2 * place + result
    outputs = np.array([net_of[net] for net in live.output_nets], dtype=np.int32)
    return Genome(nodes, outputs)


def is_valid(genome: Genome, netlist: Netlist) -> bool:
    """Return whether every gene is in its range for a circuit with the ports of ``netlist``."""
    first = FIRST_INPUT + netlist.n_inputs
    limits = (first + 2 * np.arange(len(genome.nodes)))[:, None]
    functions, nets = genome.nodes[:, 0], genome.nodes[:, 1:]
    return bool(
        ((functions >= 0) & (functions < len(FUNCTIONS))).all()
        and ((nets >= 0) & (nets < limits)).all()
        and ((genome.outputs >= 0) & (genome.outputs < first + 2 * len(genome.nodes))).all()
    )


def netlist_of(genome: Genome, like: Netlist) -> Netlist:
    """Return the circuit of a genome, constants folded, with name, ports and signedness of ``like``."""
    builder = NetlistBuilder(like.name, like.inputs, signed=like.signed)
    nets: list[int] = list(range(FIRST_INPUT + like.n_inputs))
    for code, *inputs in genome.nodes.tolist():
        function = FUNCTIONS[code]
        a, b, c = (nets[net] for net in inputs)
        if isinstance(function, Compound):
            first, second = COMPOUNDS[function]
            results = builder.gate(second, (*builder.gate(first, (a, b)), c))
        else:
            results = builder.gate(function, (a, b, c)[: FAN_IN[function]])
        nets += results if len(results) == 2 else results * 2
    bits = [nets[net] for net in genome.outputs.tolist()]
    outputs = {}
    for port in like.outputs:
        outputs[port.name], bits = bits[: port.width], bits[port.width :]
    return builder.build(outputs)


Cell = tuple[Op | Compound, tuple[int, ...], tuple[int, ...]]


def _cells(netlist: Netlist) -> list[Cell]:
    """Return function, inputs and results of every cell, two gates that one cell computes together."""
    readers = Counter([net for gate in netlist.gates for net in gate.inputs] + list(netlist.output_nets))
    driver = {net: gate for gate in netlist.gates for net in gate.outputs}
    merged: set[int] = set()
    cells: list[Cell] = []
    for gate in reversed(netlist.gates):
        if gate.outputs[0] in merged:
            continue
        found = _compound(gate, driver, readers)
        if found is None:
            cells.append((gate.op, gate.inputs, gate.outputs))
        else:
            compound, inner, other = found
            merged.add(inner.outputs[0])
            cells.append((compound, (*inner.inputs, other), gate.outputs))
    return cells[::-1]


def _compound(
    gate: Gate, driver: dict[int, Gate], readers: Counter[int]
) -> tuple[Compound, Gate, int] | None:
    """Return the cell that ``gate`` makes with the gate of an input that nothing else reads."""
    for compound, (first, second) in COMPOUNDS.items():
        if gate.op is not second:
            continue
        for net, other in (gate.inputs, gate.inputs[::-1]):
            inner = driver.get(net)
            if inner is not None and inner.op is first and readers[net] == 1:
                return compound, inner, other
    return None
