"""Where trials are run: in this process or in several local ones, behind one protocol."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import TracebackType
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
    """Runs trials in local worker processes; as a context manager it keeps them between batches.

    A worker that dies (killed, out of memory, crash in native code) costs nothing but time: the trials that
    were under way run again one at a time, and only one that kills its worker again is marked failed.
    Workers end at once when a batch is abandoned or this process dies, however it dies.

    Args:
        workers: number of processes.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ConfigError(f"workers = {workers}, but at least one is needed")
        self._workers = workers
        self._pool: _Pool | None = None
        self._kept = False

    def __enter__(self) -> ProcessRunner:
        self._kept = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept = False
        self._close(at_once=False)

    def run(self, evaluator: Evaluator, trials: Sequence[Trial]) -> Iterator[tuple[int, Evaluation]]:
        """Yield the evaluations as they finish."""
        waiting, suspects = deque(range(len(trials))), []
        complete = False
        try:
            while waiting:
                for index, outcome in self._pool_for(evaluator).outcomes(trials, waiting):
                    if outcome is None:
                        suspects.append(index)
                    else:
                        yield index, outcome
            for index in suspects:
                for _, outcome in self._pool_for(evaluator).outcomes(trials, deque([index])):
                    yield index, outcome or Evaluation(trials[index], {}, "the worker process died twice")
            complete = True
        finally:
            if not (complete and self._kept):
                self._close(at_once=not complete)

    def _pool_for(self, evaluator: Evaluator) -> _Pool:
        if self._pool is not None and (self._pool.broken or self._pool.evaluator is not evaluator):
            self._close(at_once=False)
        if self._pool is None:
            self._pool = _Pool(evaluator, self._workers)
        return self._pool

    def _close(self, at_once: bool) -> None:
        if self._pool is not None:
            self._pool.close(at_once)
            self._pool = None


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back; processes that start meanwhile inherit that, so that none sees it while it loads."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Pool:
    """Worker processes that hold one evaluator; ``broken`` once one of them died."""

    def __init__(self, evaluator: Evaluator, workers: int) -> None:
        self.evaluator = evaluator
        self.broken = False
        self._workers = workers
        # Spawned workers share neither threads nor locks with this process, which may have loaded torch.
        self._executor = ProcessPoolExecutor(
            max_workers=workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(evaluator,),
        )

    def outcomes(
        self, trials: Sequence[Trial], waiting: deque[int]
    ) -> Iterator[tuple[int, Evaluation | None]]:
        """Yield the evaluations of waiting trials, or None where a worker's death took one along.

        No more trials are under way than there are workers, so that a death casts suspicion on few. A broken
        pool stops, and leaves the others waiting.
        """
        flying: dict[Future[Evaluation], int] = {}
        while flying or (waiting and not self.broken):
            while waiting and len(flying) < self._workers and not self.broken:
                try:
                    with _interrupts_held():
                        future = self._executor.submit(_work, trials[waiting[0]])
                    flying[future] = waiting[0]
                    waiting.popleft()
                except BrokenProcessPool:
                    self.broken = True
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                index = flying.pop(future)
                try:
                    yield index, future.result()
                except BrokenProcessPool:
                    self.broken = True
                    yield index, None

    def close(self, at_once: bool) -> None:
        """End the workers, after what is under way or at once."""
        if at_once:
            # Python 3.14 has kill_workers for this.
            for process in list((self._executor._processes or {}).values()):
                process.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)


_evaluator: Evaluator | None = None


def _start_worker(evaluator: Evaluator) -> None:
    global _evaluator
    _evaluator = evaluator
    # Ctrl-C reaches the whole process group; the parent decides, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _work(trial: Trial) -> Evaluation:
    if _evaluator is None:
        raise RuntimeError("the worker was not given its evaluator")
    return run_trial(_evaluator, trial)
