"""Exact families compute a * b for every operand pair, width and signedness."""

import numpy as np
import pytest

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.generators import generate
from mulsmith.circuits.netlist import count_gates


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("b_bits", range(2, 9))
@pytest.mark.parametrize("family", ["array", "wallace", "dadda"])
def test_exact_product(family, b_bits, signed):
    table = simulate_lut(generate(family, b_bits=b_bits, signed=signed)).table
    for bits, axis in ((8, 0), (b_bits, 1)):
        assert table.shape[axis] == 1 << bits
    a, b = np.indices(table.shape)
    if signed:
        a, b = np.where(a > 127, a - 256, a), np.where(b >= 1 << (b_bits - 1), b - (1 << b_bits), b)
    assert (table == a * b).all()


@pytest.mark.parametrize("n", range(2, 9))
def test_dadda_and_array_use_the_textbook_number_of_adders(n):
    # N x N bits: N * (N - 2) full adders and N half adders besides N**2 AND gates (Dadda 1965, Braun 1963).
    for family in ("dadda", "array"):
        counts = count_gates(generate(family, a_bits=n, b_bits=n).gates)
        assert (counts["and"], counts.get("fa", 0), counts["ha"]) == (n * n, n * (n - 2), n)
