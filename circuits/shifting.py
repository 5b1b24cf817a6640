"""Building blocks of segment and logarithmic multipliers: leading ones, normalisation, shifters, rounding."""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.circuits.arithmetic import Bits
from mulsmith.circuits.builder import NetlistBuilder
from mulsmith.circuits.netlist import CONST0


def leading_one(m: NetlistBuilder, x: Sequence[int]) -> Bits:
    """Return x with every bit but its highest 1 cleared."""
    result = [CONST0] * len(x)
    above = CONST0
    for position in reversed(range(len(x))):
        result[position] = m.and_(x[position], m.not_(above))
        above = m.or_(above, x[position])
    return result


def normalise(m: NetlistBuilder, x: Sequence[int]) -> tuple[Bits, Bits]:
    """Return x shifted left until its highest bit is 1, and the shift in binary; x is not to be 0."""
    shifted = list(x)
    amount: Bits = []
    for stage in reversed(range((len(x) - 1).bit_length())):
        step = 1 << stage
        empty = m.not_(m.or_all(shifted[-step:]))
        moved = [CONST0] * step + shifted[:-step]
        shifted = [m.mux(empty, stay, move) for stay, move in zip(shifted, moved, strict=True)]
        amount.append(empty)
    return shifted, amount[::-1]


def shift_left(m: NetlistBuilder, x: Sequence[int], amount: Sequence[int], width: int) -> Bits:
    """Return ``x << amount``, cut or extended to ``width`` bits."""
    bits = (list(x) + [CONST0] * width)[:width]
    for stage, select in enumerate(amount):
        step = min(1 << stage, width)
        moved = [CONST0] * step + bits[: width - step]
        bits = [m.mux(select, stay, move) for stay, move in zip(bits, moved, strict=True)]
    return bits


def shift_right(m: NetlistBuilder, x: Sequence[int], amount: Sequence[int]) -> Bits:
    """Return ``x >> amount``, of the width of x; bits shifted out are lost."""
    bits = list(x)
    for stage, select in enumerate(amount):
        step = min(1 << stage, len(bits))
        moved = bits[step:] + [CONST0] * step
        bits = [m.mux(select, stay, move) for stay, move in zip(bits, moved, strict=True)]
    return bits


def encode(m: NetlistBuilder, one_hot: Sequence[int]) -> Bits:
    """Return the number of the line that is 1 in binary, 0 where none is."""
    width = (len(one_hot) - 1).bit_length()
    return [m.or_all([net for n, net in enumerate(one_hot) if n >> bit & 1]) for bit in range(width)]


def select(m: NetlistBuilder, one_hot: Sequence[int], words: Sequence[Sequence[int]]) -> Bits:
    """Return the word whose line is 1, all of one width; 0 where no line is 1."""
    return [
        m.or_all([m.and_(line, word[bit]) for line, word in zip(one_hot, words, strict=True)])
        for bit in range(len(words[0]))
    ]


def times_one_hot(m: NetlistBuilder, x: Sequence[int], one_hot: Sequence[int], width: int) -> Bits:
    """Return ``x * power`` in ``width`` bits, the power of two given as one-hot lines."""
    return [
        m.or_all([m.and_(line, x[c - p]) for p, line in enumerate(one_hot) if 0 <= c - p < len(x)])
        for c in range(width)
    ]
