"""Trials as jobs of a Slurm cluster (optional dependency ``submitit``)."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mulsmith.errors import StoreError, ToolError
from mulsmith.search.evaluator import Evaluator, run_trial
from mulsmith.search.trial import Evaluation, Trial
from mulsmith.storage import BlobStore

POLL_S = 1.0


class SlurmRunner:
    """Runs each batch as one job array, a job per trial; a trial whose job is lost is marked failed.

    The nodes need mulsmith and torch installed and the run folder at the same path.

    Args:
        folder: where jobs leave their files.
        workers: jobs at once.
        cpus: CPUs of a job.
        gpus: GPUs of a job; fractions are rounded up.
        partition: of the cluster; empty is its default.
        minutes: time limit of a job.
        cluster: ``slurm``, or ``local`` for processes on this machine.

    Raises:
        ToolError: submitit is not installed, or there is no such cluster here.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        cpus: int = 1,
        gpus: float = 0.0,
        partition: str = "",
        minutes: int = 240,
        cluster: str = "slurm",
    ) -> None:
        try:
            import submitit
        except ImportError:
            raise ToolError("submitit is not installed", remedy="pip install 'mulsmith[slurm]'") from None
        self._evaluators = BlobStore(folder, ".pickle")
        try:
            self._executor = submitit.AutoExecutor(folder=folder, cluster=cluster)
        except RuntimeError as error:
            raise ToolError(
                f"no Slurm answers here: {error}", remedy="run it on a node that can submit jobs"
            ) from error
        self._executor.update_parameters(
            timeout_min=minutes,
            cpus_per_task=cpus,
            gpus_per_node=math.ceil(gpus),
            slurm_array_parallelism=workers,
            **({"slurm_partition": partition} if partition else {}),
        )

    def run(self, evaluator: Evaluator, trials: Sequence[Trial]) -> Iterator[tuple[int, Evaluation]]:
        """Yield the evaluations as they finish."""
        shared = self._evaluators.path(self._evaluators.put(pickle.dumps(evaluator)))
        jobs = self._executor.map_array(_work, [shared] * len(trials), trials)
        pending: dict[int, Any] = dict(enumerate(jobs))
        try:
            while pending:
                for index in [index for index, job in pending.items() if job.done()]:
                    yield index, _outcome(pending.pop(index), trials[index])
                if pending:
                    time.sleep(POLL_S)
        finally:
            for job in pending.values():
                job.cancel()


def _outcome(job: Any, trial: Trial) -> Evaluation:
    import submitit

    try:
        outcome: Evaluation | StoreError = job.result()
    except submitit.core.utils.UncompletedJobError as error:
        return Evaluation(trial, {}, f"lost by Slurm (job {job.job_id}): {error}")
    if isinstance(outcome, StoreError):
        raise outcome
    return outcome


def _work(evaluator: Path, trial: Trial) -> Evaluation | StoreError:
    try:
        # Written by the run that submitted this job.
        return run_trial(pickle.loads(evaluator.read_bytes()), trial)  # noqa: S301
    except StoreError as error:
        return error
