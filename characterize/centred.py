"""How closely a multiplier's results for one weight code follow the products of another, up to a constant.

The mean error of a sum can be taken out by its bias, so only what varies with the activations matters.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import Lut, operand_values

Floats = npt.NDArray[np.float64]


def centred_squares(lut: Lut, a_shares: Floats) -> Floats:
    """Return the variance of a * w - M(a, w') over operand A, [w, w'] by raw codes of B.

    Args:
        lut: the multiplier M.
        a_shares: share of every raw code of A, [2**a_bits], summing to 1.
    """
    a, w = (operand_values(bits, lut.signed).astype(np.float64) for bits in (lut.a_bits, lut.b_bits))
    results = lut.table.astype(np.float64)
    a -= a_shares @ a
    results -= a_shares @ results
    covariance, variance = (a_shares * a) @ results, a_shares @ np.square(results)
    found = np.square(w)[:, None] * (a_shares @ np.square(a)) - 2 * w[:, None] * covariance + variance
    return np.maximum(found, 0.0)
