"""Trials on a Ray cluster (optional dependency ``ray``)."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from mulsmith.errors import StoreError, ToolError
from mulsmith.search.evaluator import Evaluator, run_trial
from mulsmith.search.trial import Evaluation, Trial

RETRIES = 2


class RayRunner:
    """Runs trials as Ray tasks, one CPU each unless said otherwise.

    A worker or node that is lost costs only time: Ray runs its trials again elsewhere, and a trial that loses
    its worker every time is marked failed. The nodes need mulsmith installed and the data at the same paths.

    Args:
        address: of a running cluster (``auto`` for the one of this machine); without it Ray starts a local
            one, unless this process is connected already.
        workers: trials at once on a local cluster; one that runs already has its own CPUs.
        cpus: CPUs that one trial occupies.
        gpus: GPUs (or fractions) that one trial occupies.

    Raises:
        ToolError: ray is not installed or the cluster does not answer.
    """

    def __init__(
        self, address: str | None = None, *, workers: int | None = None, cpus: float = 1.0, gpus: float = 0.0
    ) -> None:
        try:
            import ray
        except ImportError:
            raise ToolError("ray is not installed", remedy="pip install 'mulsmith[ray]'") from None
        self._ray = ray
        self._started = not ray.is_initialized()
        if self._started:
            options: dict[str, Any] = {"address": address, "log_to_driver": False, "logging_level": "ERROR"}
            if address is None:
                # Without it Ray would join a cluster that somebody else started on this machine.
                own = None if workers is None else math.ceil(workers * cpus)
                options |= {"address": "local", "num_cpus": own, "include_dashboard": False}
            try:
                ray.init(**options)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise ToolError(f"no Ray cluster answers at {address or 'this machine'}: {error}") from error
        self._task = ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=RETRIES)(_work)

    def close(self) -> None:
        """Leave the cluster if this runner joined or started it."""
        if self._started:
            self._ray.shutdown()

    def run(self, evaluator: Evaluator, trials: Sequence[Trial]) -> Iterator[tuple[int, Evaluation]]:
        """Yield the evaluations as they finish."""
        # As bytes of pickle, as for other workers: Ray's encoding copies class methods without their module.
        shared = self._ray.put(pickle.dumps(evaluator))
        pending: dict[Any, int] = {
            self._task.remote(shared, trial): index for index, trial in enumerate(trials)
        }
        try:
            while pending:
                done, _ = self._ray.wait(list(pending))
                for reference in done:
                    index = pending.pop(reference)
                    yield index, self._outcome(reference, trials[index])
        finally:
            for reference in pending:
                self._ray.cancel(reference, force=True)

    def _outcome(self, reference: Any, trial: Trial) -> Evaluation:
        try:
            outcome: Evaluation | StoreError = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            return Evaluation(trial, {}, f"lost by Ray {RETRIES + 1} times: {error}")
        if isinstance(outcome, StoreError):
            raise outcome
        return outcome


@lru_cache(maxsize=1)
def _decoded(evaluator: bytes) -> Evaluator:
    found: Evaluator = pickle.loads(evaluator)  # noqa: S301 - from the run that sent this task
    return found


def _work(evaluator: bytes, trial: Trial) -> Evaluation | StoreError:
    try:
        return run_trial(_decoded(evaluator), trial)
    except StoreError as error:
        return error
