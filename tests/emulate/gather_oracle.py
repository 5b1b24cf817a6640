"""Sums of table entries by numpy gathers over explicit loops: shares no code with the operators."""

import itertools

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import Lut

Ints = npt.NDArray[np.int64]


def odd_lut(a_bits: int, b_bits: int, signed: bool, seed: int = 0) -> Lut:
    """Return an asymmetric table: LUT[0, b] != 0 and LUT[0, 0] != 0 too, with errors of rank 12."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(-3, 4, (1 << a_bits, 12)) @ rng.integers(-3, 4, (12, 1 << b_bits))
    table = Lut.exact(a_bits, b_bits, signed).table + noise
    return Lut(table.astype(np.int32), a_bits, b_bits, signed)


def codes(rng: np.random.Generator, shape: tuple[int, ...], bits: int, signed: bool) -> Ints:
    """Return random operand codes."""
    low = -(1 << (bits - 1)) if signed else 0
    return rng.integers(low, low + (1 << bits), shape)


def lookup(lut: Lut, x: Ints, w: Ints) -> Ints:
    """Return the table's entries for codes of equal shape."""
    return lut.table[x % (1 << lut.a_bits), w % (1 << lut.b_bits)].astype(np.int64)


def matmul(x: Ints, w: Ints, lut: Lut) -> Ints:
    """Return sum_k lut[x[m, k], w[k, n]]."""
    out = np.zeros((x.shape[0], w.shape[1]), dtype=np.int64)
    for m, n in itertools.product(range(x.shape[0]), range(w.shape[1])):
        out[m, n] = lookup(lut, x[m], w[:, n]).sum()
    return out


def conv2d(
    x: Ints,
    w: Ints,
    lut: Lut,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    dilation: tuple[int, int] = (1, 1),
    groups: int = 1,
    pad_code: int = 0,
) -> Ints:
    """Return the convolution, output by output."""
    n, _, height, width = x.shape
    outputs, depth, kh, kw = w.shape
    padded = np.full((n, x.shape[1], height + 2 * padding[0], width + 2 * padding[1]), pad_code)
    padded[:, :, padding[0] : padding[0] + height, padding[1] : padding[1] + width] = x
    rows = (padded.shape[2] - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    cols = (padded.shape[3] - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    out = np.zeros((n, outputs, rows, cols), dtype=np.int64)
    for o, i, j in itertools.product(range(outputs), range(rows), range(cols)):
        first = o // (outputs // groups) * depth
        top, left = i * stride[0], j * stride[1]
        field = padded[
            :,
            first : first + depth,
            top : top + dilation[0] * (kh - 1) + 1 : dilation[0],
            left : left + dilation[1] * (kw - 1) + 1 : dilation[1],
        ]
        out[:, o, i, j] = lookup(lut, field, np.broadcast_to(w[o], field.shape)).sum((1, 2, 3))
    return out


def conv_transpose2d(x: Ints, w: Ints, lut: Lut, stride: int, padding: int, extra: int, groups: int) -> Ints:
    """Return the transposed convolution by scattering every product."""
    n, channels, height, width = x.shape
    per_group, kh, kw = w.shape[1:]
    full = np.zeros(
        (n, per_group * groups, (height - 1) * stride + kh + extra, (width - 1) * stride + kw + extra),
        dtype=np.int64,
    )
    every = itertools.product(
        range(channels), range(per_group), range(height), range(width), range(kh), range(kw)
    )
    for c, o, i, j, u, v in every:
        target = c // (channels // groups) * per_group + o
        full[:, target, i * stride + u, j * stride + v] += lookup(
            lut, x[:, c, i, j], np.full(n, w[c, o, u, v])
        )
    return full[:, :, padding : full.shape[2] - padding, padding : full.shape[3] - padding]
