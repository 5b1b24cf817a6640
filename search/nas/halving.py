"""Successive halving of every batch of a searcher: all at a low fidelity, the best ones again at a higher."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from mulsmith.errors import ConfigError
from mulsmith.search.nas.fidelity import with_epochs
from mulsmith.search.objective import Objective, costs
from mulsmith.search.pareto import best_first
from mulsmith.search.searcher import Searcher
from mulsmith.search.trial import Evaluation, Trial
from mulsmith.toml_file import Section


class HalvingOptions(Section):
    """Whether a search halves its batches."""

    rungs: int = Field(default=1, ge=1, le=5, description="of successive halving; 1 is none")
    share: float = Field(default=0.5, gt=0, lt=1, description="that goes on from a rung")

    def halved(self, searcher: Searcher, objectives: Sequence[Objective]) -> Searcher:
        """Return the searcher, its batches halved where that is asked for."""
        if self.rungs == 1:
            return searcher
        return SuccessiveHalving(searcher, rungs=self.rungs, share=self.share, objectives=objectives)


class SuccessiveHalving:
    """The searcher (Jamieson and Talwalkar 2016, per batch).

    A batch of the inner searcher gets ``share ** (rungs - 1)`` of the epochs; the best ``share`` of
    it by rank and crowding goes on to the next rung, the last of which is the full fidelity. The inner
    searcher hears of every trial the outcome of its highest rung, with the fidelity of that rung.

    Args:
        inner: proposes the trials, which carry the full fidelity.
        rungs: fidelities that a trial can reach, the full one included; 1 changes nothing.
        share: of a rung that goes on, in 0..1.
        objectives: what best means.

    Raises:
        ConfigError: no rung, or a share outside 0..1.
    """

    def __init__(self, inner: Searcher, *, rungs: int, share: float, objectives: Sequence[Objective]) -> None:
        if rungs < 1 or not 0 < share < 1:
            raise ConfigError(f"successive halving with rungs = {rungs} and share = {share}")
        self._inner = inner
        self._rungs = rungs
        self._share = share
        self._objectives = tuple(objectives)
        self._batch: list[Trial] = []
        self._outcomes: list[Evaluation | None] = []
        self._alive: list[int] = []
        self._rung = 0

    def ask(self) -> list[Trial]:
        """Return the trials of the present rung that are still in the race."""
        if not self._alive:
            self._batch = self._inner.ask()
            self._outcomes = [None] * len(self._batch)
            self._alive = list(range(len(self._batch)))
            self._rung = 0
        return [self._at_rung(self._batch[index]) for index in self._alive]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Promote the best of the rung, or tell the inner searcher when it was the last one."""
        for index, evaluation in zip(self._alive, evaluations, strict=True):
            self._outcomes[index] = evaluation
        good = [(i, e) for i, e in zip(self._alive, evaluations, strict=True) if not e.failed]
        self._rung += 1
        if self._rung < self._rungs and good:
            order = best_first(costs(self._objectives, [e.metrics for _, e in good]))
            kept = max(1, round(self._share * len(self._alive)))
            self._alive = sorted(good[place][0] for place in order[:kept])
            return
        self._alive = []
        self._inner.tell([outcome for outcome in self._outcomes if outcome is not None])

    def planned(self) -> int | None:
        """Return None: how many trials there are depends on their outcomes."""
        return self._inner.planned() if self._rungs == 1 else None

    def _at_rung(self, trial: Trial) -> Trial:
        below = self._rungs - 1 - self._rung
        if below == 0:
            return trial
        return Trial(trial.candidate, with_epochs(trial.fidelity, self._share**below), trial.seed)
