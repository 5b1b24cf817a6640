"""Error of single calls, and the share of calls within a bound."""

from __future__ import annotations

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.program.kernel import ErrorName, Floats

ERRORS: tuple[ErrorName, ...] = ("relative", "relative_l2", "miss", "pixel", "output")


def call_errors(error: ErrorName, exact: Floats, approximate: Floats) -> Floats:
    """Return the error of every call, float64 [calls].

    Args:
        error: ``relative`` is the greatest of the outputs' relative errors and ``relative_l2`` the distance
            over the length of the exact output, both at most 1, and 1 where the denominator is 0; ``miss`` is
            1 where the greatest output is another one; ``pixel`` and ``output`` are mean absolute
            differences over the outputs of a call.
        exact: outputs of the region, [calls, outputs].
        approximate: outputs of its replacement; a call with one that is not finite has an error of 1.

    Raises:
        ConfigError: an unknown metric.
    """
    check_error(error)
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(approximate - exact)
        if error == "miss":
            found = (approximate.argmax(axis=1) != exact.argmax(axis=1)).astype(np.float64)
        elif error == "relative":
            found = _capped_ratio(difference, np.abs(exact)).max(axis=1)
        elif error == "relative_l2":
            found = _capped_ratio(np.linalg.norm(difference, axis=1), np.linalg.norm(exact, axis=1))
        else:
            found = difference.mean(axis=1)
    return np.where(np.isfinite(approximate).all(axis=1), found, 1.0)


def check_error(error: str) -> None:
    """Refuse the name of an unknown metric.

    Raises:
        ConfigError: it is unknown.
    """
    if error not in ERRORS:
        raise ConfigError(f"no error metric is named '{error}'", remedy=f"use one of {', '.join(ERRORS)}")


def share_within(errors: Floats, bound: float) -> float:
    """Return P_acc: the share of calls whose error is below the bound."""
    return float((errors < bound).mean())


def _capped_ratio(numerator: Floats, denominator: Floats) -> Floats:
    ratio = np.ones_like(numerator)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return np.minimum(ratio, 1.0)
