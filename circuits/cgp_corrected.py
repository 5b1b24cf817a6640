"""The bound on what weight map and bias correction leave of the error, in the engine's form.

The map replaces a weight by the code whose results vary with the activations most like the weight's products;
a constant between the two is the mean error of a sum, which the bias takes up (``emulate.corrections``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.errors import ConfigError

COUNT_SCALE = 1 << 20
MAX_OUTPUT_BITS = 16
"""Width up to which sums of ``COUNT_SCALE`` squared results are exact in a double."""
MIN_A_BITS = 6
"""All codes of A fill whole 64-bit words."""

EXACT_MEAN_SQUARE = 1e-6
"""What an exact circuit may seem to leave by rounding; far below one wrong result."""

Codes = npt.NDArray[np.int64]


def columns_of(a_bits: int, b_bits: int) -> tuple[Codes, Codes]:
    """Return the raw operand codes of every pair: all of A in order for one code of B after the other.

    Codes of B follow each other by reversed bits, so that the first few are spread over their range.
    """
    codes = np.arange(1 << b_bits)
    order = sum((codes >> bit & 1) << (b_bits - 1 - bit) for bit in range(b_bits))
    return np.tile(np.arange(1 << a_bits), 1 << b_bits), np.repeat(np.asarray(order), 1 << a_bits)


def corrected_arrays(
    operands: OperandMix, a_bits: int, b_bits: int, signed: bool
) -> dict[str, npt.NDArray[np.float64]]:
    """Return the operands of all layers as the engine reads them, codes of B in the order of ``columns_of``.

    Raises:
        ConfigError: operand A is too narrow, or the product too wide.
    """
    if a_bits < MIN_A_BITS or a_bits + b_bits > MAX_OUTPUT_BITS:
        raise ConfigError(
            f"the bound corrected_rms takes operands A of at least {MIN_A_BITS} bits and products of at most "
            f"{MAX_OUTPUT_BITS} bits, not {a_bits} x {b_bits}"
        )
    b = columns_of(a_bits, b_bits)[1][:: 1 << a_bits]
    values = [_values(np.arange(1 << a_bits), a_bits, signed), _values(b, b_bits, signed)]
    return {
        "a_counts": np.ascontiguousarray(np.rint(operands.a * COUNT_SCALE)),
        "a_values": values[0],
        "b_shares": np.ascontiguousarray(operands.shares[:, None] * operands.b[:, b]),
        "b_values": values[1],
    }


def _values(codes: Codes, bits: int, signed: bool) -> npt.NDArray[np.float64]:
    return (codes - ((codes >> (bits - 1)) << bits) if signed else codes).astype(np.float64)
