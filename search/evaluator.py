"""The contract of an evaluator, and the one place where a trial is run and its failure is caught."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Mapping
from typing import Any, Protocol

from mulsmith.errors import StoreError
from mulsmith.search.trial import Evaluation, Trial


class UnfitError(Exception):
    """Raised by an evaluator for a candidate that can have no metrics, as a reason without a traceback."""


class Evaluator(Protocol):
    """Turns a trial into metrics; it never knows which searcher asked. Must be picklable for workers."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """What a result depends on besides the trial (data, network, library), as JSON; part of the key."""
        ...

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return metric name -> value; raises on failure."""
        ...


def run_trial(evaluator: Evaluator, trial: Trial) -> Evaluation:
    """Evaluate one trial; an exception or a non-finite metric marks it failed, with the reason kept.

    Raises:
        StoreError: the evaluator could not read or write its files, which is no fault of the candidate: the
            trial must be evaluated again once that is mended.
    """
    start = time.perf_counter()
    try:
        metrics = {name: float(value) for name, value in evaluator.evaluate(trial).items()}
    except UnfitError as error:
        return Evaluation(trial, {}, str(error), time.perf_counter() - start)
    except StoreError:
        raise
    except Exception:
        return Evaluation(trial, {}, traceback.format_exc(), time.perf_counter() - start)
    seconds = time.perf_counter() - start
    broken = sorted(name for name, value in metrics.items() if not math.isfinite(value))
    if broken:
        return Evaluation(trial, {}, f"not finite: {', '.join(broken)}", seconds)
    return Evaluation(trial, metrics, None, seconds)
