"""Error statistics of a table against the exact product, plain or weighted by operand histograms."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.errors import LutError


@dataclass(frozen=True, slots=True)
class ErrorStats:
    """Error statistics of a multiplier; error = table - exact product.

    Percentages of MAE and WCE refer to 2**(a_bits + b_bits). Relative errors leave out operand pairs whose
    exact product is 0, in the sum and in the count. These are EvoApproxLib's definitions (V. Mrazek et al.,
    DATE 2017).

    Attributes:
        mae: mean absolute error.
        mae_percent: mean absolute error in % of the output range.
        wce: worst-case absolute error.
        wce_percent: worst-case absolute error in % of the output range.
        wcre_percent: worst-case relative error, %.
        ep_percent: error probability, % of operand pairs with a wrong result.
        mre_percent: mean relative error, %.
        mse: mean squared error.
        mean_error: mean signed error (bias).
        error_std: standard deviation of the signed error.
    """

    mae: float
    mae_percent: float
    wce: int
    wce_percent: float
    wcre_percent: float
    ep_percent: float
    mre_percent: float
    mse: float
    mean_error: float
    error_std: float

    def to_json(self) -> dict[str, float | int]:
        """Return the statistics by name."""
        return asdict(self)


def error_stats(
    lut: Lut,
    a_weights: npt.ArrayLike | None = None,
    b_weights: npt.ArrayLike | None = None,
) -> ErrorStats:
    """Return the error statistics of a table.

    Args:
        lut: the table.
        a_weights: histogram of operand A, [2**a_bits], indexed by raw code; uniform without it.
        b_weights: histogram of operand B, [2**b_bits].

    Raises:
        LutError: a histogram of the wrong size, with negative or non-finite entries, or empty.

    The worst cases range over the operand pairs of non-zero weight.
    """
    exact = np.multiply.outer(operand_values(lut.a_bits, lut.signed), operand_values(lut.b_bits, lut.signed))
    error = lut.table.astype(np.int64) - exact
    if a_weights is None and b_weights is None:
        return _uniform(error, exact, lut.a_bits + lut.b_bits)
    p = np.multiply.outer(
        _distribution(a_weights, 1 << lut.a_bits, "A"), _distribution(b_weights, 1 << lut.b_bits, "B")
    )
    return _weighted(error, exact, p, lut.a_bits + lut.b_bits)


def _uniform(error: npt.NDArray[np.int64], exact: npt.NDArray[np.int64], out_bits: int) -> ErrorStats:
    # Integer sums are exact, so the figures do not depend on the order of summation.
    size = error.size
    magnitude = np.abs(error)
    nonzero = exact != 0
    relative = magnitude[nonzero] / np.abs(exact[nonzero])
    total, squares = int(error.sum()), int(np.square(error).sum())
    return _stats(
        mae=int(magnitude.sum()) / size,
        wce=int(magnitude.max()),
        wcre=float(relative.max(initial=0.0)),
        ep=int(np.count_nonzero(error)) / size,
        mre=float(relative.mean()) if relative.size else 0.0,
        mse=squares / size,
        mean=total / size,
        variance=(squares * size - total * total) / (size * size),
        out_bits=out_bits,
    )


def _weighted(
    error: npt.NDArray[np.int64],
    exact: npt.NDArray[np.int64],
    p: npt.NDArray[np.float64],
    out_bits: int,
) -> ErrorStats:
    magnitude = np.abs(error)
    possible = p > 0
    nonzero = (exact != 0) & possible
    weight = p[nonzero]
    relative = magnitude[nonzero] / np.abs(exact[nonzero])
    mean = float((p * error).sum())
    mse = float((p * np.square(error)).sum())
    return _stats(
        mae=float((p * magnitude).sum()),
        wce=int(magnitude[possible].max()),
        wcre=float(relative.max(initial=0.0)),
        ep=float(p[error != 0].sum()),
        mre=float((weight * relative).sum() / weight.sum()) if relative.size else 0.0,
        mse=mse,
        mean=mean,
        variance=max(0.0, mse - mean * mean),
        out_bits=out_bits,
    )


def _stats(
    *,
    mae: float,
    wce: int,
    wcre: float,
    ep: float,
    mre: float,
    mse: float,
    mean: float,
    variance: float,
    out_bits: int,
) -> ErrorStats:
    full_scale = 1 << out_bits
    return ErrorStats(
        mae=mae,
        mae_percent=100 * mae / full_scale,
        wce=wce,
        wce_percent=100 * wce / full_scale,
        wcre_percent=100 * wcre,
        ep_percent=100 * ep,
        mre_percent=100 * mre,
        mse=mse,
        mean_error=mean,
        error_std=float(np.sqrt(variance)),
    )


def _distribution(weights: npt.ArrayLike | None, size: int, operand: str) -> npt.NDArray[np.float64]:
    if weights is None:
        return np.full(size, 1.0 / size)
    histogram = np.asarray(weights, dtype=np.float64)
    if histogram.shape != (size,):
        raise LutError(f"histogram of operand {operand} has shape {histogram.shape}, but {(size,)} is needed")
    if not np.isfinite(histogram).all() or (histogram < 0).any():
        raise LutError(f"histogram of operand {operand} has negative or non-finite entries")
    if histogram.sum() == 0:
        raise LutError(f"histogram of operand {operand} is empty")
    distribution: npt.NDArray[np.float64] = histogram / histogram.sum()
    return distribution
