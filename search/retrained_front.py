"""Any searcher, followed by retraining of the front that it found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mulsmith.search.objective import Objective
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.searcher import Searcher
from mulsmith.search.trial import Evaluation, Trial


class RetrainedFront:
    """A searcher that asks what another one asks, and then for its front with epochs of training.

    Args:
        searcher: what finds the front.
        objectives: by which.
        epochs: of every member of the front.
        seed: of the training.
        limit: how many members are trained at most, spread evenly over the front; 0 trains all.
        counts: whether a member is trained at all.
    """

    def __init__(
        self,
        searcher: Searcher,
        objectives: Sequence[Objective],
        epochs: int,
        seed: int = 0,
        limit: int = 0,
        counts: Callable[[Evaluation], bool] = lambda member: True,
    ) -> None:
        self._searcher = searcher
        self._front = ParetoArchive(objectives)
        self._epochs, self._seed, self._limit = epochs, seed, limit
        self._counts = counts
        self._searching = True
        self._done = False

    def ask(self) -> list[Trial]:
        """Return the searcher's next batch, then the front, then nothing."""
        if self._done:
            return []
        if self._searching:
            if batch := self._searcher.ask():
                return batch
            self._searching = False
        members = self._members()
        if 0 < self._limit < len(members):
            step = (len(members) - 1) / max(1, self._limit - 1)
            members = [members[place] for place in sorted({round(step * i) for i in range(self._limit)})]
        return [Trial(e.trial.candidate, {"epochs": self._epochs}, self._seed) for e in members]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Pass outcomes on while the searcher searches."""
        if not self._searching:
            self._done = True
            return
        for evaluation in evaluations:
            self._front.add(evaluation)
        self._searcher.tell(evaluations)

    def planned(self) -> int | None:
        """Return the searcher's number and the members of the front so far, at most ``limit``."""
        planned = self._searcher.planned()
        members = len(self._members())
        return None if planned is None else planned + (min(members, self._limit) if self._limit else members)

    def _members(self) -> list[Evaluation]:
        return [member for member in self._front.front() if self._counts(member)]
