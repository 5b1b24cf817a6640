"""Functional models of the generator families in integer arithmetic, written from the papers' formulas.

Every model takes operand values a, b (int64 arrays), the shape and the parameters, and returns the product
as an integer array; nothing here uses the generators' own code.
"""

from functools import partial

import numpy as np


def operands(a_bits, b_bits, signed):
    a, b = np.indices((1 << a_bits, 1 << b_bits), dtype=np.int64)
    return (wrap(a, a_bits), wrap(b, b_bits)) if signed else (a, b)


def wrap(x, bits):
    x = x & ((1 << bits) - 1)
    return np.where(x >> (bits - 1), x - (1 << bits), x)


def bit(x, position):
    return x >> position & 1


def sign_magnitude(core, a, b, n, m, signed, **parameters):
    """sign(a) sign(b) core(|a|, |b|)."""
    return np.sign(a) * np.sign(b) * core(np.abs(a), np.abs(b), n, m, **parameters)


def terms(a, b, n, m, signed):
    """Yield (i, j, value) of every partial product with its sign."""
    for i in range(n):
        for j in range(m):
            sign = -1 if signed and (i == n - 1) != (j == m - 1) else 1
            yield i, j, sign * bit(a, i) * bit(b, j) << (i + j)


def exact(a, b, n, m, signed):
    return a * b


def truncated(a, b, n, m, signed, cut, correction="none", reduction="dadda"):
    total = sum(v for i, j, v in terms(a, b, n, m, signed) if i + j >= cut) + 0 * a
    dropped = sum(v for i, j, v in terms(a, b, n, m, signed) if i + j < cut) + 0 * a
    if correction == "constant":
        total = total + int(np.floor(dropped.mean() / (1 << cut) + 0.5)) * (1 << cut)
    if correction == "variable":
        total = total + 2 * sum(v for i, j, v in terms(a, b, n, m, signed) if i + j == cut - 1)
    return total


def broken_array(a, b, n, m, signed, vbl, hbl, reduction="array"):
    return sum(v for i, j, v in terms(a, b, n, m, signed) if i + j >= vbl and j >= hbl) + 0 * a


def operand_truncation(a, b, n, m, signed, a_cut, b_cut, filling):
    def cut(x, bits, width):
        code = x & ((1 << width) - 1)
        code = code - code % (1 << bits) + (1 << bits >> 1 if filling == "half" else 0)
        # Half of the lowest kept bit: nothing where no bit is cut.
        code = code if bits else x & ((1 << width) - 1)
        return wrap(code, width) if signed else code

    return cut(a, a_cut, n) * cut(b, b_cut, m)


def perforated(a, b, n, m, signed, first, rows):
    mask = sum(1 << j for j in range(m) if not first <= j < first + rows)
    cleared = b & mask
    return a * (wrap(cleared, m) if signed else cleared)


def complemented_rows(a, b, n, m, signed, cut=0):
    """Baugh-Wooley's rows from column ``cut`` on as bits {column: 0/1 array}, and the constant they need."""
    rows, constant = [], 0
    for j in range(m):
        row = {}
        for i in range(max(0, cut - j), n):
            product = bit(a, i) & bit(b, j)
            if signed and (i == n - 1) != (j == m - 1):
                product = 1 - product
                constant -= 1 << (i + j)
            row[i + j] = product
        rows.append(row)
    return rows, constant


def row_or(a, b, n, m, signed, depth, columns, cut, correction):
    total = row_or_uncorrected(a, b, n, m, signed, depth, columns, cut)
    if correction == "constant":
        total = total + int(np.floor((a * b - total).mean() / (1 << cut) + 0.5)) * (1 << cut)
    return total


def row_or_uncorrected(a, b, n, m, signed, depth, columns, cut):
    rows, constant = complemented_rows(a, b, n, m, signed, cut)
    total = constant + 0 * a
    for start in range(0, m, depth):
        for column in range(n + m):
            here = [row[column] for row in rows[start : start + depth] if column in row]
            if here and column < columns:
                total = total + (np.max(here, axis=0) << column)
            elif here:
                total = total + (np.sum(here, axis=0) << column)
    return total


def lower_or(a, b, n, m, signed, lower):
    rows, constant = complemented_rows(a, b, n, m, signed)
    total = 0 * a
    for row in rows:
        total = loa(total, sum(v << c for c, v in row.items()), lower)
    return total + constant


def loa(x, y, lower):
    carry = bit(x, lower - 1) & bit(y, lower - 1) if lower else 0
    return ((x >> lower) + (y >> lower) + carry << lower) + ((x | y) & ((1 << lower) - 1))


def broken_booth(a, b, n, m, signed, vbl=0, reduction="dadda"):
    total = 0 * a
    for k in range((m + (1 if signed else 2)) // 2):
        low = bit(b, 2 * k - 1) if k else 0 * b
        high = bit(b, 2 * k + 1)
        digit = low + bit(b, 2 * k) - 2 * high
        row = np.where(high == 1, -np.abs(digit) * a - 1, np.abs(digit) * a)
        if 2 * k + n + (0 if signed else 1) >= vbl:
            total = total + (row * 4**k >> vbl << vbl) + (high * 4**k if 2 * k >= vbl else 0)
    return total


COMPRESSOR_ERRORS = {
    "momeni2": {0b0000: 1, 0b0011: 1, 0b1100: 1, 0b1111: 3},
    "venkatachalam": {0b0101: 1, 0b0110: 1, 0b1001: 1, 0b1010: 1, 0b1111: 3},
    "lin": {0b1111: 2},
}


def compressors(a, b, n, m, signed, design, columns):
    """Published truth tables, applied column by column in the order that the generator documents."""
    rows, constant = complemented_rows(a, b, n, m, signed)
    width = n + m
    work = [[row[c] for row in rows if c in row] for c in range(width)]
    for c in range(width):
        if constant >> c & 1:
            work[c].append(np.ones_like(a))
    while max(map(len, work)) > 2:
        following, carries, chains = [[] for _ in range(width)], [], []
        for c, column in enumerate(work):
            kind = design if c < columns else "exact"
            arriving, waiting, carries, chains = carries, chains, [], []
            while len(column) >= 4:
                group, column = column[:4], column[4:]
                count = sum(group)
                if kind in ("exact", "momeni1"):
                    chain = waiting.pop(0) if waiting else 0 * a
                    if kind == "exact":
                        out = (group[0] + group[1] + group[2]) >> 1
                        following[c].append((count + chain) & 1)
                        carries.append((count + chain - 2 * out) >> 1)
                    else:
                        out = (group[0] | group[1]) & (group[2] | group[3])
                        same = (group[0] == group[1]) | (group[2] == group[3])
                        following[c].append(np.where(chain == 1, 0, same))
                        carries.append(chain)
                    chains.append(out)
                else:
                    code = group[0] << 3 | group[1] << 2 | group[2] << 1 | group[3]
                    table = [COMPRESSOR_ERRORS[kind].get(x, x.bit_count()) for x in range(16)]
                    value = np.array(table)[code]
                    following[c].append(value & 1)
                    carries.append(value >> 1)
            if len(column) == 3:
                following[c].append(sum(column) & 1)
                carries.append(sum(column) >> 1)
                column = []
            following[c] += [*column, *arriving, *waiting]
            # A net that is 0 for every operand pair is no net.
            following[c] = [net for net in following[c] if np.any(net)]
        work = following
    return (
        sum(np.asarray(net, dtype=np.int64) << c for c, column in enumerate(work) for net in column) + 0 * a
    )


def kulkarni(a, b, n, m, columns):
    total = 0 * a
    for i in range(0, n, 2):
        for j in range(0, m, 2):
            x, y = a >> i & 3, b >> j & 3
            wrong = (x == 3) & (y == 3) & (i + j < columns)
            total = total + (np.where(wrong, 7, x * y) << (i + j))
    return total


def leading(x):
    return np.floor(np.log2(np.maximum(x, 1))).astype(np.int64)


def drum(a, b, n, m, k):
    def segment(x):
        shift = np.maximum(leading(x) - k + 1, 0)
        return np.where(shift > 0, (x >> shift | 1) << shift, x)

    return segment(a) * segment(b)


def static_segment(a, b, n, m, k):
    def segment(x, width):
        drop = max(width - k, 0)
        return np.where(x >> k > 0, x >> drop << drop, x)

    return segment(a, n) * segment(b, m)


def logarithmic(a, b, n, m, fraction=None, add=lambda x, y: x + y, extra=0, adder=None, lower=0):
    """Mitchell's approximation with logarithm fractions in units of 2**-f; ``extra`` is in 64ths."""
    f = max(n, m) - 1
    cut = f - (f if fraction is None else fraction)
    k, ell = leading(a), leading(b)
    x = (a - (1 << k) << (f - k)) >> cut << cut
    y = (b - (1 << ell) << (f - ell)) >> cut << cut
    if adder == "loa":
        total = loa(x, y, lower)
    elif adder == "soa":
        total = loa(x, y, lower) | ((1 << lower) - 1)
    else:
        total = x + y
    mantissa = np.where(total < 1 << f, (1 << f) + total, 2 * total)
    value = ((64 * mantissa + (extra << f)) << (k + ell)) >> (f + 6)
    return np.where((a == 0) | (b == 0), 0, np.minimum(value, (1 << (n + m)) - 1))


def roba(a, b, n, m):
    def rounded(x):
        power = 1 << leading(x)
        up = (2 * x >= 3 * power) & (x != 3) & (power > 1)
        return np.where(x == 0, 0, np.where(up, 2 * power, power))

    ra, rb = rounded(a), rounded(b)
    return ra * b + a * rb - ra * rb


MODELS = {
    "array": exact,
    "wallace": exact,
    "dadda": exact,
    "booth": broken_booth,
    "broken_booth": broken_booth,
    "truncated": truncated,
    "broken_array": broken_array,
    "operand_truncation": operand_truncation,
    "perforated": perforated,
    "row_or": row_or,
    "lower_or": lower_or,
    "compressors": compressors,
    "kulkarni": partial(sign_magnitude, kulkarni),
    "drum": partial(sign_magnitude, drum),
    "static_segment": partial(sign_magnitude, static_segment),
    "mitchell": partial(sign_magnitude, logarithmic),
    "alm": partial(sign_magnitude, logarithmic),
    "mbm": partial(sign_magnitude, partial(logarithmic, extra=5)),
    "roba": partial(sign_magnitude, roba),
}
