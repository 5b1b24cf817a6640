"""The planes of a factorisation as unsigned times signed bytes with as few different scales as possible.

Products of equal scale can be summed up together, so scales are multiplied into the digits where these have
room. Shifting a digit leaves terms of one operand; the signed digits begin at 0 where they can, because
then no term of the first operand is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.emulate.factorise import Factors

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plane:
    """One plane: unsigned digits of operand A times signed digits of operand B times scale, by code."""

    unsigned: Integers
    signed: Integers
    scale: int


def shared_scales(factors: Factors) -> list[Plane]:
    """Return the planes with as few different scales as the room in their digits allows."""
    left = [
        (u, v, int(scale))
        for u, v, scale in zip(
            factors.a_digits.astype(np.int64), factors.b_digits.astype(np.int64), factors.scales, strict=True
        )
        if scale != 0
    ]
    planes: list[Plane] = []
    while left:
        scale = min(abs(plane[2]) for plane in left)
        placed = [_scaled(*plane, scale) for plane in left]
        planes += [plane for plane in placed if plane is not None]
        left = [plane for plane, found in zip(left, placed, strict=True) if found is None]
    return planes


def _scaled(u: Integers, v: Integers, scale: int, wanted: int) -> Plane | None:
    """Return the plane scale * u * v, less terms of one operand, in the wanted scale, None if it cannot."""
    if scale % wanted:
        return None
    unsigned, factor = u - u.min(), scale // wanted
    for part in range(1, 255 // max(int(unsigned.max()), 1) + 1):
        if factor % part == 0:
            signed = _signed(v * (factor // part))
            if signed is not None:
                return Plane(unsigned * part, signed, wanted)
    return None


def _signed(values: Integers) -> Integers | None:
    """Return values shifted into -128..127, with 0 first where possible; None where they span too much."""
    for shift in (values[0], values.min() + 128):
        shifted: Integers = values - shift
        if shifted.min() >= -128 and shifted.max() <= 127:
            return shifted
    return None
