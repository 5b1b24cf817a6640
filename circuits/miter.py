"""A circuit that says whether a multiplier errs by more than a bound: what a SAT solver has to refute.

The exact product beside it comes from the generator that shares most gates with the multiplier, which lets
the solver find equal nets in both.
"""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.circuits.builder import MultiplierBuilder, NetlistBuilder
from mulsmith.circuits.generators.exact import array, dadda, wallace
from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT, Netlist
from mulsmith.errors import NetlistError


class ErrorMiter:
    """A multiplier, an exact one and the difference of their results.

    Args:
        netlist: the multiplier, its signedness stated.

    Raises:
        NetlistError: it does not say whether it is signed, or its result is wider than the product.
    """

    def __init__(self, netlist: Netlist) -> None:
        if netlist.signed is None:
            raise NetlistError(f"module '{netlist.name}' does not say whether it is signed")
        product_bits = netlist.a_bits + netlist.b_bits
        if netlist.out_bits > product_bits:
            raise NetlistError(
                f"module '{netlist.name}' gives {netlist.out_bits} bits, but the product has {product_bits}"
            )
        self.netlist = netlist
        self.largest_error = 1 << product_bits
        self._exact = min(self._candidates(), key=self._gates_with)

    def exceeds(self, bound: int) -> Netlist:
        """Return the circuit whose one output is 1 where the error is larger than ``bound``."""
        builder, difference = self._difference(self._exact)
        width = len(difference) + 1
        difference = [*difference, difference[-1]]
        limit = [CONST1 if bound >> bit & 1 else CONST0 for bit in range(width)]
        above = _add(builder, limit, [builder.not_(net) for net in difference], CONST1)[-1]
        below = _add(builder, difference, limit, CONST0)[-1]
        return builder.build({"exceeds": [builder.or_(above, below)]})

    def _candidates(self) -> list[Netlist]:
        a_bits, b_bits, signed = self.netlist.a_bits, self.netlist.b_bits, bool(self.netlist.signed)
        makers = (array, dadda, wallace)
        return [make(MultiplierBuilder("exact", a_bits, b_bits, signed=signed)) for make in makers]

    def _gates_with(self, exact: Netlist) -> int:
        builder, difference = self._difference(exact)
        return len(builder.build({"difference": difference}).gates)

    def _difference(self, exact: Netlist) -> tuple[NetlistBuilder, list[int]]:
        """Return the signed difference of both results, one bit wider than the product."""
        builder = NetlistBuilder("miter", exact.inputs)
        results = [_copy(builder, circuit) for circuit in (self.netlist, exact)]
        width = exact.out_bits + 1
        found, expected = (
            nets + [nets[-1] if exact.signed else CONST0] * (width - len(nets)) for nets in results
        )
        return builder, _add(builder, found, [builder.not_(net) for net in expected], CONST1)


def _copy(builder: NetlistBuilder, netlist: Netlist) -> list[int]:
    """Add a circuit over the builder's inputs; return its output nets."""
    nets = {net: net for net in range(FIRST_INPUT + netlist.n_inputs)}
    for gate in netlist.gates:
        results = builder.gate(gate.op, [nets[net] for net in gate.inputs])
        nets.update(zip(gate.outputs, results, strict=True))
    return [nets[net] for net in netlist.output_nets]


def _add(builder: NetlistBuilder, a: Sequence[int], b: Sequence[int], carry: int) -> list[int]:
    """Return the sum of two numbers of equal width, cut to it."""
    total = []
    for x, y in zip(a, b, strict=True):
        bit, carry = builder.full_adder(x, y, carry)
        total.append(bit)
    return total
