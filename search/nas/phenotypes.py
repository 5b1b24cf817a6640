"""A searcher over genotypes that asks for phenotypes: what was evaluated once is looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mulsmith.search.searcher import Searcher
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial


class AskPhenotypes:
    """Replaces the genome of every trial by what it expresses.

    The store knows trials by their genome, so a genotype with a known phenotype costs nothing; equal
    phenotypes within one batch are asked for once.

    Args:
        inner: a searcher over genotypes.
        express: genotype -> phenotype, both JSON; equal networks must give equal phenotypes.
    """

    def __init__(self, inner: Searcher, express: Callable[[Genome], Genome]) -> None:
        self._inner = inner
        self._express = express
        self._genotypes: list[Trial] = []
        self._place: list[int] = []

    def ask(self) -> list[Trial]:
        """Return the distinct phenotypes of the inner searcher's next batch."""
        self._genotypes = self._inner.ask()
        distinct: dict[str, int] = {}
        asked: list[Trial] = []
        self._place = []
        for trial in self._genotypes:
            candidate = Candidate(self._express(trial.candidate.genome), trial.candidate.origin)
            if candidate.id not in distinct:
                distinct[candidate.id] = len(asked)
                asked.append(Trial(candidate, trial.fidelity, trial.seed))
            self._place.append(distinct[candidate.id])
        return asked

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Give every genotype the outcome of its phenotype."""
        outcomes = [evaluations[place] for place in self._place]
        self._inner.tell(
            [
                Evaluation(trial, outcome.metrics, outcome.error, outcome.seconds)
                for trial, outcome in zip(self._genotypes, outcomes, strict=True)
            ]
        )

    def planned(self) -> int | None:
        """Return what the inner searcher plans; fewer trials are evaluated where phenotypes repeat."""
        return self._inner.planned()
