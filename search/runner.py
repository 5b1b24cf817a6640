"""Where trials are run: in this process or in several local ones, behind one protocol."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from mulsmith.errors import ConfigError
from mulsmith.search.evaluator import Evaluator, run_trial
from mulsmith.search.trial import Evaluation, Trial


class Runner(Protocol):
    """Runs a batch of trials; outcomes come in any order, each with its place in the batch."""

    def run(self, evaluator: Evaluator, trials: Sequence[Trial]) -> Iterator[tuple[int, Evaluation]]:
        """Yield (index, evaluation) as trials finish; a trial that fails is an evaluation too."""
        ...


class SerialRunner:
    """Runs trials one after the other in this process."""

    def run(self, evaluator: Evaluator, trials: Sequence[Trial]) -> Iterator[tuple[int, Evaluation]]:
        """Yield the evaluations in order."""
        for index, trial in enumerate(trials):
            yield index, run_trial(evaluator, trial)


class ProcessRunner:
    """Runs trials in local worker processes, which live as long as the runner does.

    A worker that dies (killed, out of memory, crash in native code) costs nothing but time: the trials that
    were under way run again one at a time, and only one that kills its worker again is marked failed.

    Args:
        workers: number of processes.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ConfigError(f"workers = {workers}, but at least one is needed")
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._evaluator: Evaluator | None = None

    def run(self, evaluator: Evaluator, trials: Sequence[Trial]) -> Iterator[tuple[int, Evaluation]]:
        """Yield the evaluations as they finish; another evaluator than before gets workers of its own."""
        if not trials:
            return
        if self._pool is None or evaluator is not self._evaluator:
            self._stop()
            self._pool, self._evaluator = _pool(evaluator, self._workers), evaluator
        lost: list[int] = []
        finished = False
        try:
            for index, outcome in _outcomes(self._pool, trials, range(len(trials))):
                if outcome is None:
                    lost.append(index)
                else:
                    yield index, outcome
            finished = True
        finally:
            if lost or not finished:
                self._stop()
        for index in lost:
            with _pool(evaluator, 1) as alone:
                for _, outcome in _outcomes(alone, trials, [index]):
                    yield index, outcome or Evaluation(trials[index], {}, "the worker process died twice")

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._evaluator = None


def _pool(evaluator: Evaluator, workers: int) -> ProcessPoolExecutor:
    # Spawned workers share neither threads nor locks with this process, which may have loaded torch.
    return ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(evaluator,),
    )


def _outcomes(
    pool: ProcessPoolExecutor, trials: Sequence[Trial], indices: Sequence[int]
) -> Iterator[tuple[int, Evaluation | None]]:
    """Yield each trial's evaluation, or None where a worker's death took it along."""
    pending: dict[Future[Evaluation], int] = {}
    for place, index in enumerate(indices):
        try:
            pending[pool.submit(_work, trials[index])] = index
        except BrokenProcessPool:
            yield from ((left, None) for left in indices[place:])
            break
    while pending:
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            index = pending.pop(future)
            try:
                yield index, future.result()
            except BrokenProcessPool:
                yield index, None


_evaluator: Evaluator | None = None


def _start_worker(evaluator: Evaluator) -> None:
    global _evaluator
    _evaluator = evaluator


def _work(trial: Trial) -> Evaluation:
    if _evaluator is None:
        raise RuntimeError("the worker was not given its evaluator")
    return run_trial(_evaluator, trial)
