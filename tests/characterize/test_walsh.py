"""Walsh weights against the definition, and toggling probabilities against enumeration of all pairs."""

import numpy as np
import pytest

from mulsmith.characterize.walsh import level_weights, toggle_probabilities


def packed(bits):
    repeated = np.tile(bits, (1, max(1, 64 // bits.shape[1])))
    return np.packbits(repeated.astype(np.uint8), axis=1, bitorder="little").view("<u8").astype(np.uint64)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6, 7, 10])
def test_weights_by_definition(n):
    rng = np.random.default_rng(n)
    bits = rng.integers(0, 2, (7, 1 << n))
    index = np.arange(1 << n)
    parity = 1 - 2 * (np.bitwise_count(index[:, None] & index) & 1).astype(float)
    spectrum = ((1 - 2 * bits) @ parity / (1 << n)) ** 2
    expected = np.array([spectrum[:, np.bitwise_count(index) == level].sum(axis=1) for level in range(n + 1)])
    weights = level_weights(packed(bits), n, np.full(7, (1 << n) - 1))
    assert weights == pytest.approx(expected.T, abs=1e-12)


def test_toggling_by_enumeration():
    n, probability = 5, 0.2
    bits = np.random.default_rng(1).integers(0, 2, (3, 1 << n))
    index = np.arange(1 << n)
    distance = np.bitwise_count(index[:, None] ^ index)
    pair = probability**distance * (1 - probability) ** (n - distance) / (1 << n)
    expected = [(pair * (row[:, None] ^ row)).sum() for row in bits]
    weights = level_weights(packed(bits), n, np.full(3, (1 << n) - 1))
    assert toggle_probabilities(weights, probability) == pytest.approx(expected)


def test_supports_do_not_change_the_result():
    n = 10
    index = np.arange(1 << n)
    bits = np.stack(
        [index >> 9 & 1, (index >> 8 & index >> 4 & 1), (index >> 7 ^ index) & 1, index * 0, index * 0 + 1]
    )
    supports = np.array([1 << 9, 1 << 8 | 1 << 4, 1 << 7 | 1, 0, 0])
    everything = np.full(5, (1 << n) - 1)
    narrow, wide = (level_weights(packed(bits), n, s) for s in (supports, everything))
    assert narrow.tolist() == wide.tolist()
    assert narrow[:, :3].tolist() == [[0, 1, 0], [0.25, 0.5, 0.25], [0, 0, 1], [1, 0, 0], [1, 0, 0]]


def test_sixteen_variables_exactly():
    values = np.zeros((3, 1024), dtype=np.uint64)
    values[1] = ~values[0]
    values[2] = np.arange(1024, dtype=np.uint64) & np.uint64(1)
    weights = level_weights(values, 16, np.full(3, 0xFFFF))
    assert weights[:2, 0].tolist() == [1, 1]
    assert weights.sum(axis=1).tolist() == [1, 1, 1]
