"""Between the layers: a sum's unit and the limits of the next codes, as words that reproduce float32.

The emulation computes ``round(float(sum) * unit / scale) + zero point``, saturated, every step in float32.
The product is a multiplication of integers with two roundings. What follows it never falls with the number,
so that a code is the number of limits that the number reaches; they are found by asking the emulation itself.
"""

from __future__ import annotations

import numpy as np
import torch

from mulsmith.codesign.handoff.integer_network import Floats, IntegerLayer
from mulsmith.codesign.handoff.widths import widths
from mulsmith.emulate.quantise import quantise
from mulsmith.emulate.tables import code_range
from mulsmith.errors import EmulationError

_SIGN = 1 << 31
_LARGEST = int(np.array(np.finfo(np.float32).max).view(np.uint32))
_ABOVE_ALL = (1 << 32) - 1


def float_words(values: Floats) -> list[int]:
    """Return the bits of float32 numbers, in C order."""
    words: list[int] = np.ascontiguousarray(values, np.float32).ravel().view(np.uint32).tolist()
    return words


def unit_words(layer: IntegerLayer) -> list[int]:
    """Return the bits of the value of a sum's unit for every output channel.

    Raises:
        EmulationError: a unit, or its product with a possible sum, is no normal float32 number.
    """
    smallest, largest = float(layer.units.min()), float(layer.units.max())
    limits = np.finfo(np.float32)
    if smallest < float(limits.tiny) or largest * 2.0 ** widths(layer).out > float(limits.max):
        raise EmulationError(
            f"the scales of layer '{layer.name}' leave the normal numbers of float32: "
            f"a unit of its sums is worth {smallest:g} to {largest:g}",
            remedy="keep it in float: leave it out of the assignment",
        )
    return float_words(layer.units)


def code_limits(layer: IntegerLayer) -> list[int]:
    """Return the order of the least float32 number of every input code but the lowest, rising.

    The order of a number is its bits with the sign flipped, all of them flipped for negative numbers; codes
    that no number reaches have the highest one.
    """
    low, high = code_range(layer.a_bits, layer.signed)
    scale, zero = torch.tensor(layer.input_scale), torch.tensor(layer.input_zero)
    wanted = torch.arange(low + 1, high + 1)
    below = torch.full(wanted.shape, _SIGN - 1 - _LARGEST)
    reached = torch.full(wanted.shape, _SIGN + _LARGEST + 1)
    while bool((reached - below > 1).any()):
        middle = (below + reached) // 2
        codes = quantise(_number(middle), scale, zero, layer.a_bits, layer.signed)
        enough = codes.to(torch.int64) >= wanted
        reached, below = torch.where(enough, middle, reached), torch.where(enough, below, middle)
    orders: list[int] = torch.where(reached > _SIGN + _LARGEST, _ABOVE_ALL, reached).tolist()
    return orders


def _number(order: torch.Tensor) -> torch.Tensor:
    """Return the float32 numbers of orders, int64."""
    bits = torch.where(order >= _SIGN, order - _SIGN, _ABOVE_ALL - order)
    return torch.from_numpy(bits.numpy().astype(np.uint32).view(np.float32))
