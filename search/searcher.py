"""The contract of a searcher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mulsmith.search.trial import Evaluation, Trial


class Searcher(Protocol):
    """Proposes trials in batches and learns from their outcomes; it never trains or evaluates.

    A searcher is a deterministic function of its seed and of what it was told. That is all that a resumed
    run needs: it replays the stored evaluations and goes on where the run stopped, and the number of
    workers cannot change the result, because outcomes are told in the order in which they were asked for.
    """

    def ask(self) -> list[Trial]:
        """Return the next batch of trials; an empty one says that the search is over."""
        ...

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Take the outcomes of the last batch, in the order of ``ask``."""
        ...

    def planned(self) -> int | None:
        """Return how many trials the whole search will ask for, where that is known."""
        ...
