"""Proof that a mapped circuit computes what its netlist computes: exhaustive simulation of both."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mulsmith.characterize.instances import simulate_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.simulate import Words, counting_words, simulate
from mulsmith.circuits.netlist import Netlist
from mulsmith.errors import NetlistError, ToolError

MAX_INPUTS = 24
# Wider circuits are simulated in pieces of 2**18 vectors, 32 KiB per net.
_PIECE_BITS = 18


def check_equivalent(netlist: Netlist, mapped: MappedNetlist, liberty: Liberty) -> None:
    """Compare a mapped circuit with its netlist for every input.

    Raises:
        ToolError: they differ; the first input that shows it is named.
        NetlistError: too many input bits for an exhaustive proof.
    """
    if [p.width for p in netlist.inputs] != [p.width for p in mapped.inputs]:
        raise ToolError(f"the mapped circuit of '{netlist.name}' has other ports")
    for offset, stimulus in _pieces(netlist):
        expected = simulate(netlist, stimulus)
        found = simulate_mapped(mapped, liberty, stimulus)
        for bit, (a, b) in enumerate(zip(netlist.output_nets, mapped.output_nets, strict=True)):
            difference = expected[a] ^ found[b]
            words = np.flatnonzero(difference)
            if words.size:
                first = int(difference[words[0]])
                code = offset + 64 * int(words[0]) + (first & -first).bit_length() - 1
                raise ToolError(
                    f"synthesis of '{netlist.name}' gave a wrong circuit: output bit {bit} differs for input "
                    f"code {code:#x}",
                    remedy="report this with the circuit and the Liberty file; its figures are not kept",
                )


def _pieces(netlist: Netlist) -> Iterator[tuple[int, list[Words]]]:
    """Yield (first code, stimulus) pairs that cover every input; input bit i is bit i of the code."""
    n_bits = netlist.n_inputs
    if n_bits > MAX_INPUTS:
        raise NetlistError(
            f"module '{netlist.name}' has {n_bits} input bits, but synthesis proves its result for at most "
            f"{MAX_INPUTS}"
        )
    low = counting_words(min(n_bits, _PIECE_BITS))
    zeros = np.zeros_like(low[0])
    for piece in range(1 << max(0, n_bits - _PIECE_BITS)):
        high = [~zeros if piece >> k & 1 else zeros for k in range(n_bits - len(low))]
        yield piece << _PIECE_BITS, low + high
