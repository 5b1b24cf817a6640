"""Building blocks of multipliers: partial products, column and row reduction, shifters, sign handling.

Bits stand in lists, least significant first. Columns are lists of nets of equal weight, column c having
weight 2**c. All sums are taken modulo 2 to the number of columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mulsmith.circuits.builder import MultiplierBuilder, NetlistBuilder
from mulsmith.circuits.netlist import CONST0, CONST1

Bits = list[int]
Columns = list[list[int]]
Keep = Callable[[int, int], bool]


def keep_all(_i: int, _j: int) -> bool:
    """Keep every partial product."""
    return True


def partial_products(
    m: MultiplierBuilder, keep: Keep = keep_all, *, correction: int = 0
) -> tuple[list[dict[int, int]], int]:
    """Return the partial products by rows of B, and the constant to be added to their sum.

    Bit ``a[i] & b[j]`` has weight 2**(i+j); in a signed multiplier it is negative where exactly one of the
    two is a sign bit. Such a bit x enters complemented, -x = ~x - 1, and its -1 joins the constant
    (Baugh-Wooley, IEEE Trans. Computers 1973). A bit that is not kept counts as 0 whatever its sign.

    Args:
        m: the multiplier.
        keep: whether the bit of A's bit i and B's bit j is kept.
        correction: number to be added to the product as well.

    Returns:
        One mapping column -> net for each bit of B, and the constant modulo 2**out_bits.
    """
    rows: list[dict[int, int]] = []
    constant = correction
    for j, b in enumerate(m.b):
        row: dict[int, int] = {}
        for i, a in enumerate(m.a):
            if not keep(i, j):
                continue
            if m.is_signed and (i == m.a_bits - 1) != (j == m.b_bits - 1):
                row[i + j] = m.nand(a, b)
                constant -= 1 << (i + j)
            else:
                row[i + j] = m.and_(a, b)
        rows.append(row)
    return rows, constant % (1 << m.out_bits)


def constant_bits(value: int, width: int) -> Bits:
    """Return ``value`` modulo 2**width as constant nets."""
    return [CONST1 if value >> bit & 1 else CONST0 for bit in range(width)]


def to_columns(rows: Sequence[dict[int, int]], constant: int, width: int) -> Columns:
    """Return the columns of rows of partial products and a constant; nets at or above ``width`` drop out."""
    columns: Columns = [[] for _ in range(width)]
    for row in rows:
        for column, net in row.items():
            if column < width:
                columns[column].append(net)
    for column, net in enumerate(constant_bits(constant, width)):
        if net == CONST1:
            columns[column].append(net)
    return columns


def add(m: NetlistBuilder, x: Sequence[int], y: Sequence[int], carry: int = CONST0) -> Bits:
    """Return x + y + carry by a ripple-carry adder, one bit longer than the longer operand."""
    total: Bits = []
    for position in range(max(len(x), len(y))):
        a = x[position] if position < len(x) else CONST0
        b = y[position] if position < len(y) else CONST0
        bit, carry = m.full_adder(a, b, carry)
        total.append(bit)
    return [*total, carry]


def negate_if(m: NetlistBuilder, x: Sequence[int], condition: int) -> Bits:
    """Return ``condition ? -x : x`` in two's complement, of the same width."""
    return add(m, [m.xor(bit, condition) for bit in x], [], condition)[: len(x)]


def sign_magnitude(m: MultiplierBuilder, unsigned: Callable[[Sequence[int], Sequence[int]], Bits]) -> Bits:
    """Return the product by an unsigned core; a signed multiplier feeds it absolute values.

    The magnitude of -2**(n-1) is 2**(n-1), which fits the n bits of the core's operand.
    """
    if not m.is_signed:
        return unsigned(m.a, m.b)
    a_sign, b_sign = m.a[-1], m.b[-1]
    product = unsigned(negate_if(m, m.a, a_sign), negate_if(m, m.b, b_sign))
    product = (product + [CONST0] * m.out_bits)[: m.out_bits]
    return negate_if(m, product, m.xor(a_sign, b_sign))


def unsigned_columns(m: NetlistBuilder, x: Sequence[int], y: Sequence[int]) -> Columns:
    """Return the partial products of two unsigned operands in len(x) + len(y) columns."""
    columns: Columns = [[] for _ in range(len(x) + len(y))]
    for j, b in enumerate(y):
        for i, a in enumerate(x):
            columns[i + j].append(m.and_(a, b))
    return columns


def multiply(m: NetlistBuilder, x: Sequence[int], y: Sequence[int]) -> Bits:
    """Return the exact unsigned product, len(x) + len(y) bits, by a Dadda tree."""
    return dadda(m, unsigned_columns(m, x, y))


def ripple(m: NetlistBuilder, columns: Columns) -> Bits:
    """Return the sum of columns of at most two nets, by a ripple-carry adder."""
    low = [column[0] if column else CONST0 for column in columns]
    high = [column[1] if len(column) > 1 else CONST0 for column in columns]
    return add(m, low, high)[: len(columns)]


def dadda(m: NetlistBuilder, columns: Columns) -> Bits:
    """Return the sum of the columns: reduced as late as possible (L. Dadda, Alta Frequenza 1965)."""
    heights = [2]
    while heights[-1] < max(map(len, columns), default=0):
        heights.append(heights[-1] * 3 // 2)
    work = [_without_zeros(column) for column in columns]
    for limit in reversed(heights):
        for position, column in enumerate(work):
            above = work[position + 1] if position + 1 < len(work) else []
            while len(column) > limit:
                if len(column) == limit + 1:
                    total, carry = m.half_adder(column.pop(0), column.pop(0))
                else:
                    total, carry = m.full_adder(column.pop(0), column.pop(0), column.pop(0))
                _append(column, total)
                _append(above, carry)
    return ripple(m, work)


def wallace(m: NetlistBuilder, columns: Columns) -> Bits:
    """Return the sum of the columns: as many adders as possible in each stage (C. S. Wallace, 1964)."""
    work = [_without_zeros(column) for column in columns]
    while max(map(len, work), default=0) > 2:
        stage: Columns = [[] for _ in range(len(work) + 1)]
        for position, column in enumerate(work):
            rest = list(column)
            while len(rest) >= 2 and len(column) > 2:
                taken, rest = rest[:3], rest[3:]
                adder = m.full_adder(*taken) if len(taken) == 3 else m.half_adder(*taken)
                _append(stage[position], adder[0])
                _append(stage[position + 1], adder[1])
            for net in rest:
                _append(stage[position], net)
        work = stage[: len(work)]
    return ripple(m, work)


def carry_save_array(m: NetlistBuilder, columns: Columns) -> Bits:
    """Return the sum of the columns by an array: one carry-save row for each further net of a column.

    This is Braun's array; carries move one row down and one column left, a ripple-carry adder ends it.
    """
    pending = [_without_zeros(column) for column in columns]
    height = max(map(len, pending), default=0)
    peak = max(position for position, column in enumerate(pending) if len(column) == height)
    for column in pending[peak + 1 :]:
        # Above the highest column the first rows of the array have no bit.
        column[:0] = [CONST0] * (height - len(column))
    sums = [column.pop(0) if column else CONST0 for column in pending]
    carries = [CONST0] * len(columns)
    while any(pending):
        moved = [CONST0] * (len(columns) + 1)
        for position, column in enumerate(pending):
            third = column.pop(0) if column else CONST0
            sums[position], moved[position + 1] = m.full_adder(sums[position], carries[position], third)
        carries = moved[: len(columns)]
    return add(m, sums, carries)[: len(columns)]


REDUCTIONS: dict[str, Callable[[NetlistBuilder, Columns], Bits]] = {
    "dadda": dadda,
    "wallace": wallace,
    "array": carry_save_array,
}


def _without_zeros(column: Sequence[int]) -> list[int]:
    return [net for net in column if net != CONST0]


def _append(column: list[int], net: int) -> None:
    if net != CONST0:
        column.append(net)
