"""How wide sums must be so that nothing overflows, and which unit a layer runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mulsmith.codesign.handoff.integer_network import IntegerLayer
from mulsmith.emulate.tables import code_range
from mulsmith.errors import EmulationError

Array = Literal["systolic", "vector"]
MAX_OUT_BITS = 64


@dataclass(frozen=True, slots=True)
class Widths:
    """Widths of a layer's signals in bits, all of them signed.

    Attributes:
        acc: sum of products.
        xsum: sum of input codes.
        zero: a weight's zero point.
        out: the layer's sum; 32, or more where 32 could overflow.
    """

    acc: int
    xsum: int
    zero: int
    out: int


def widths(layer: IntegerLayer) -> Widths:
    """Return the least widths in which no sum of a layer can overflow, whatever its inputs.

    Raises:
        EmulationError: a sum could leave 64 bits.
    """
    peak = max(int(np.abs(lut.table.astype(np.int64)).max()) for lut in layer.tables)
    low, high = code_range(layer.a_bits, layer.signed)
    sum_bound = layer.terms * peak
    x_bound = layer.terms * max(-low, high)
    zero_bound = int(np.abs(layer.weight_zero).max())
    out_bound = sum_bound + int(np.abs(layer.offsets).max()) + zero_bound * x_bound
    out = max(32, signed_bits(out_bound))
    if out > MAX_OUT_BITS:
        raise EmulationError(f"sums of layer '{layer.name}' could leave {MAX_OUT_BITS} bits")
    return Widths(signed_bits(sum_bound), signed_bits(x_bound), signed_bits(zero_bound), out)


def signed_bits(bound: int) -> int:
    """Return how many two's-complement bits hold every integer from -bound to bound."""
    return bound.bit_length() + 1


def array_of(layer: IntegerLayer) -> Array:
    """Return where a layer runs: grouped layers and single rows leave most of a systolic array idle."""
    pixels = int(layer.recordings[0].sums[0].size)
    return "vector" if layer.geometry.groups > 1 or pixels == 1 else "systolic"
