"""The loop of every search: ask, evaluate what is not stored yet, commit, tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mulsmith.search.evaluator import Evaluator
from mulsmith.search.objective import Objective
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.runner import Runner
from mulsmith.search.searcher import Searcher
from mulsmith.search.store import Store
from mulsmith.search.trial import Evaluation, Trial


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands after one more evaluation.

    Attributes:
        evaluation: the newest one.
        finished: evaluations so far, stored ones of an earlier session included.
        reused: how many of them were stored already.
        planned: how many the whole search will take, where that is known.
        front_size: members of the front so far.
        best: the member that is best by the first objective; None where every evaluation failed.
    """

    evaluation: Evaluation
    finished: int
    reused: int
    planned: int | None
    front_size: int
    best: Evaluation | None


def search(
    searcher: Searcher,
    evaluator: Evaluator,
    runner: Runner,
    store: Store,
    objectives: Sequence[Objective],
    on_progress: Callable[[Progress], None] | None = None,
) -> ParetoArchive:
    """Run a search to its end and return the front of all its evaluations.

    An interrupted search is resumed by calling this again with a fresh searcher of the same settings: it
    asks for the same trials, gets the stored outcomes at once, and goes on where the run stopped.

    Raises:
        StoreError: the run folder cannot be written.
        ConfigError: the evaluator does not give a metric that is an objective.
    """
    archive = ParetoArchive(objectives)
    finished = reused = 0
    while batch := searcher.ask():
        outcomes: list[Evaluation | None] = []
        keys = [trial.key(evaluator.identity) for trial in batch]
        for key, trial in zip(keys, batch, strict=True):
            known = store.get(key)
            outcomes.append(None if known is None else _as_asked(known, trial))
        missing = [index for index, known in enumerate(outcomes) if known is None]
        reused += len(batch) - len(missing)
        finished += len(batch) - len(missing)
        for place, evaluation in runner.run(evaluator, [batch[index] for index in missing]):
            index = missing[place]
            store.put(keys[index], evaluation)
            outcomes[index] = evaluation
            finished += 1
            if on_progress is not None:
                front = _front_so_far(archive, outcomes)
                best = front[0] if front else None
                on_progress(Progress(evaluation, finished, reused, searcher.planned(), len(front), best))
        told = [outcome for outcome in outcomes if outcome is not None]
        for outcome in told:
            archive.add(outcome)
        searcher.tell(told)
    return archive


def _as_asked(known: Evaluation, trial: Trial) -> Evaluation:
    # The stored row may have come from another origin; the searcher gets back the trial it asked for.
    return Evaluation(trial, known.metrics, known.error, known.seconds)


def _front_so_far(archive: ParetoArchive, outcomes: Sequence[Evaluation | None]) -> list[Evaluation]:
    # Outcomes join the archive in the order of the batch, so that ties do not depend on the workers; for
    # the display a copy that already holds the finished ones is good enough.
    preview = ParetoArchive(archive.objectives)
    for member in archive.front():
        preview.add(member)
    for outcome in outcomes:
        if outcome is not None:
            preview.add(outcome)
    return preview.front()
