"""A searcher that asks for given trials and nothing else, such as final trainings."""

from __future__ import annotations

from collections.abc import Sequence

from mulsmith.search.trial import Evaluation, Trial


class FixedTrials:
    """Asks for its trials in one batch.

    Args:
        trials: what is to be evaluated.
    """

    def __init__(self, trials: Sequence[Trial]) -> None:
        self._trials = list(trials)
        self._asked = False

    def ask(self) -> list[Trial]:
        """Return all trials, then none."""
        return [] if self._asked else self._trials

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Note that the batch is done; nothing is learned."""
        self._asked = True

    def planned(self) -> int:
        """Return the number of trials."""
        return len(self._trials)
