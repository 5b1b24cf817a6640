"""The errors of a circuit beside the bounds that evolution keeps, measured by the independent simulator."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mulsmith.characterize.centred import centred_squares
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.cgp_problem import ROUNDED, Bounds


def error_figures(lut: Lut, operands: OperandMix | None) -> dict[str, float]:
    """Return every error that ``Bounds`` may limit, by its name there; ``mean_error`` without its sign.

    ``zero_errors`` and ``one_errors`` count wrong results where an operand is 0 or 1.
    """
    errors = error_stats(lut)
    figures: dict[str, float] = {
        name: getattr(errors, name) for name in ("mae", "wce", "ep_percent", "mre_percent")
    }
    figures["mean_error"] = abs(errors.mean_error)
    if operands is not None:
        weighted = [error_stats(lut, a, b) for a, b in zip(operands.a, operands.b, strict=True)]
        figures["weighted_mae"] = float(operands.shares @ np.array([layer.mae for layer in weighted]))
        mean_square = operands.shares @ np.array([layer.mse for layer in weighted])
        figures["weighted_rms"] = float(np.sqrt(mean_square))
        figures["corrected_rms"] = corrected_rms(lut, operands)
    exact = Lut.exact(lut.a_bits, lut.b_bits, lut.signed).table
    wrong = lut.table != exact
    for code, name in enumerate(("zero_errors", "one_errors")):
        figures[name] = int(np.count_nonzero(wrong[code]) + np.count_nonzero(wrong[:, code]))
    return figures


def corrected_rms(lut: Lut, operands: OperandMix) -> float:
    """Return the root mean square of the error that weight map and bias correction leave.

    In every layer a weight w goes through the code w' of B with the least variance of a * w - M(a, w') over
    the layer's activations a; the mean of that difference is taken out.
    """
    layers = zip(operands.shares, operands.a, operands.b, strict=True)
    mean_square = sum(share * float(q @ centred_squares(lut, p).min(axis=1)) for share, p, q in layers)
    return float(np.sqrt(mean_square))


def exceeded(bounds: Bounds, figures: Mapping[str, float], tolerance: float = 0.0) -> list[str]:
    """Return the bounds that errors do not keep, by name.

    Args:
        bounds: the bounds.
        figures: what ``error_figures`` returns.
        tolerance: relative deviation that is allowed where the engine rounds weights.
    """
    broken = [
        name
        for name, limit in bounds.limits().items()
        if figures[name] > limit * (1 + (tolerance if name in ROUNDED else 0.0))
    ]
    broken += ["exact_zero"] if bounds.exact_zero and figures["zero_errors"] else []
    broken += ["exact_one"] if bounds.exact_one and figures["one_errors"] else []
    return broken
