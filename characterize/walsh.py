"""Walsh spectra of many Boolean functions at once, summed by level.

With f as +1/-1 and F(S) its Walsh coefficients (mean of f times the parity of S), the weight of level k is
the sum of F(S)^2 over the sets S of k variables. It says how f reacts to noise: where every variable toggles
independently with probability t, f toggles with probability (1 - sum_k w_k (1 - 2t)^k) / 2 (R. O'Donnell,
Analysis of Boolean Functions, 2014, chapter 2).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# The transform keeps about this many integers at a time, so that they stay in the processor's cache.
_BLOCK = 1 << 19
_BYTE_VARIABLES = 3


def level_weights(
    values: npt.NDArray[np.uint64], n_variables: int, supports: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the Walsh weight of every level, float64 [n_functions, n_variables + 1]; each row sums to 1.

    All sums are of integers below 2**53, so the result is exact and does not depend on any order.

    Args:
        values: truth tables, uint64 [n_functions, n_words]; entry v sits in bit v % 64 of word v // 64, and
            bit k of v is variable k.
        n_variables: number of variables; at most 24.
        supports: int64 [n_functions]; bit k says whether the function may depend on variable k.
    """
    n_bytes = 1 << max(0, n_variables - _BYTE_VARIABLES)
    tables = values.astype("<u8", copy=False).view(np.uint8)[:, :n_bytes]
    result = np.zeros((len(values), max(n_variables, _BYTE_VARIABLES) + 1))
    masks = supports >> _BYTE_VARIABLES
    sizes = np.bitwise_count(masks)
    for size in np.unique(sizes).tolist():
        rows = np.flatnonzero(sizes == size)
        step = max(1, _BLOCK >> (size + _BYTE_VARIABLES))
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            restricted = np.empty((len(block), 1 << size), dtype=np.uint8)
            for mask in np.unique(masks[block]).tolist():
                same = masks[block] == mask
                restricted[same] = _restricted(tables[block[same]], mask, n_variables - _BYTE_VARIABLES)
            weights = _weights(restricted)
            result[block, : weights.shape[1]] = weights
    return result[:, : n_variables + 1]


def toggle_probabilities(weights: Floats, probability: float) -> Floats:
    """Return how likely each function toggles where every variable toggles with ``probability``, [n]."""
    # Horner's rule: unlike a matrix product, its rounding is the same with every linear-algebra library.
    stable = np.zeros(len(weights))
    for level in reversed(range(weights.shape[1])):
        stable = stable * (1.0 - 2.0 * probability) + weights[:, level]
    return (1.0 - stable) / 2.0


def _restricted(tables: npt.NDArray[np.uint8], mask: int, n_variables: int) -> npt.NDArray[np.uint8]:
    """Return the tables over the byte variables in ``mask`` alone, the others held at 0."""
    if n_variables <= 0 or mask == (1 << n_variables) - 1:
        return tables
    cube = tables.reshape(len(tables), *[2] * n_variables)
    index = tuple(slice(None) if mask >> k & 1 else 0 for k in reversed(range(n_variables)))
    return cube[(slice(None), *index)].reshape(len(tables), -1)


def _weights(tables: npt.NDArray[np.uint8]) -> Floats:
    """Return the level weights of byte-packed truth tables, [n, byte variables + 4]."""
    n, size = tables.shape
    # One look-up transforms the three variables inside a byte; the tables become the inner axis.
    spectrum = _byte_spectra()[np.ascontiguousarray(tables.T)].view(np.int8)
    peak = 1 << _BYTE_VARIABLES
    for dtype, limit in ((np.int8, 64), (np.int16, 1 << 14), (np.int32, 1 << 30)):
        spectrum = spectrum.astype(dtype, copy=False)
        while peak < limit and peak < size << _BYTE_VARIABLES:
            spectrum = _butterfly(spectrum, peak >> _BYTE_VARIABLES)
            peak *= 2
    return _summed(np.square(spectrum, dtype=np.float64), n) / float(size << _BYTE_VARIABLES) ** 2


def _butterfly(spectrum: npt.NDArray[np.signedinteger], stride: int) -> npt.NDArray[np.signedinteger]:
    """Return sums and differences of the pairs that are ``stride`` apart along the first axis."""
    pairs = spectrum.reshape(-1, 2, stride * spectrum.shape[1])
    result = np.empty_like(pairs)
    np.add(pairs[:, 0], pairs[:, 1], out=result[:, 0])
    np.subtract(pairs[:, 0], pairs[:, 1], out=result[:, 1])
    return result.reshape(spectrum.shape)


def _summed(squares: Floats, n: int) -> Floats:
    """Return the sums of squared coefficients by level; the set of a coefficient is the bits of its index."""
    levels = [squares]
    for half in (size >> 1 for size in _sizes(squares.shape[0])):
        low = [level[:half] for level in levels]
        high = [level[half:] for level in levels]
        levels = [low[0], *map(np.add, low[1:], high[:-1]), high[-1]]
    by_byte = np.stack(levels).reshape(len(levels), n, -1)
    lanes = by_byte @ _lane_sums()
    result = np.zeros((n, len(levels) + _BYTE_VARIABLES))
    for lane in range(_BYTE_VARIABLES + 1):
        result[:, lane : lane + len(levels)] += lanes[:, :, lane].T
    return result


def _sizes(size: int) -> list[int]:
    return [size >> k for k in range(size.bit_length() - 1)]


@cache
def _lane_sums() -> Floats:
    """Return the 0/1 matrix that sums the coefficients of a byte by the number of ones in their index."""
    ones = np.bitwise_count(np.arange(1 << _BYTE_VARIABLES))
    matrix: Floats = (ones[:, None] == np.arange(_BYTE_VARIABLES + 1)).astype(np.float64)
    return matrix


@cache
def _byte_spectra() -> npt.NDArray[np.uint64]:
    """Return the transform of every byte, its eight int8 coefficients packed into one uint64."""
    size = 1 << _BYTE_VARIABLES
    index = np.arange(size)
    hadamard = 1 - 2 * (np.bitwise_count(index[:, None] & index) & 1).astype(np.int64)
    signs = 1 - 2 * (np.arange(1 << size)[:, None] >> index & 1)
    packed: npt.NDArray[np.uint64] = (signs @ hadamard).astype(np.int8).view(np.uint64)[:, 0]
    return packed
