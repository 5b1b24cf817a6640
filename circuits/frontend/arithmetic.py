"""Words of nets: adders, multipliers, comparisons, shifts and reductions made of gates."""

from __future__ import annotations

from mulsmith.circuits.frontend.graph import Bits, NetGraph
from mulsmith.circuits.netlist import CONST0, CONST1, Op


def invert(graph: NetGraph, bits: Bits) -> Bits:
    """Return the complement of every bit."""
    return [graph.gate(Op.NOT, bit) for bit in bits]


def add(graph: NetGraph, a: Bits, b: Bits, carry: int = CONST0) -> tuple[Bits, int]:
    """Return the sum of two words of one width, and the carry out of its top bit: a ripple-carry adder."""
    result = []
    for x, y in zip(a, b, strict=True):
        bit, carry = graph.full_adder(x, y, carry)
        result.append(bit)
    return result, carry


def total(graph: NetGraph, terms: list[Bits]) -> Bits:
    """Return the sum of several words of one width, modulo that width.

    Terms of one bit go into the carry inputs, so that ``a + b + c`` of single bits is one full adder.
    """
    single = [term for term in terms if not any(term[1:])]
    words = [term for term in terms if any(term[1:])]
    value = words.pop(0) if words else single.pop(0)
    while words or single:
        term = words.pop(0) if words else single.pop(0)
        carry = single.pop(0)[0] if single else CONST0
        value = add(graph, value, term, carry)[0]
    return value


def subtract(graph: NetGraph, a: Bits, b: Bits) -> tuple[Bits, int]:
    """Return a - b, and a bit that is 1 where a >= b as unsigned words."""
    return add(graph, a, invert(graph, b), CONST1)


def multiply(graph: NetGraph, a: Bits, b: Bits) -> Bits:
    """Return the product of two words, modulo their common width: an array of carry-propagate rows."""
    width = len(a)
    product = [graph.gate(Op.AND, bit, b[0]) for bit in a]
    for shift in range(1, width):
        row = [graph.gate(Op.AND, bit, b[shift]) for bit in a[: width - shift]]
        if any(row):
            product[shift:] = add(graph, product[shift:], row)[0]
    return product


def any_of(graph: NetGraph, bits: Bits, op: Op = Op.OR) -> int:
    """Return the reduction of a word by AND, OR or XOR, as a balanced tree."""
    while len(bits) > 1:
        paired = [graph.gate(op, x, y) for x, y in zip(bits[::2], bits[1::2], strict=False)]
        bits = paired + bits[len(paired) * 2 :]
    return bits[0]


def equal(graph: NetGraph, a: Bits, b: Bits) -> int:
    """Return a bit that is 1 where two words of one width are equal."""
    same = [graph.gate(Op.XNOR, x, y) for x, y in zip(a, b, strict=True)]
    return any_of(graph, same, Op.AND)


def less(graph: NetGraph, a: Bits, b: Bits, signed: bool) -> int:
    """Return a bit that is 1 where a < b."""
    if signed:
        a = [*a[:-1], graph.gate(Op.NOT, a[-1])]
        b = [*b[:-1], graph.gate(Op.NOT, b[-1])]
    return graph.gate(Op.NOT, subtract(graph, a, b)[1])


def select(graph: NetGraph, condition: int, if_1: Bits, if_0: Bits) -> Bits:
    """Return one of two words of one width."""
    return [graph.gate(Op.MUX, condition, zero, one) for zero, one in zip(if_0, if_1, strict=True)]


def shift(graph: NetGraph, bits: Bits, amount: Bits, right: bool, fill: int) -> Bits:
    """Return a word shifted by a constant or by another word: a barrel shifter."""
    width = len(bits)
    for position, bit in enumerate(amount):
        if bit == CONST0:
            continue
        distance = min(1 << position, width) if position < 32 else width
        gap = [fill] * distance
        moved = bits[distance:] + gap if right else gap + bits[: width - distance]
        bits = select(graph, bit, moved, bits)
    return bits
