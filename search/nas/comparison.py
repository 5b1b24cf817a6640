"""The best exact network of a search against its best approximate one; picked on the validation split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mulsmith.search.trial import Evaluation, Genome

ENERGY = "energy_all_pj"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two solutions of one search.

    Attributes:
        exact: the most accurate evaluation on the exact multiplier.
        approximate: the most accurate other one that saves enough of its energy, if there is any.
        saving_percent: of the approximate one, over all multiplications, against the exact one.
    """

    exact: Evaluation
    approximate: Evaluation | None
    saving_percent: float


def compare_with_exact(
    evaluations: Sequence[Evaluation],
    multiplier: Callable[[Genome], str],
    exact: str,
    min_saving_percent: float,
) -> Comparison | None:
    """Return the comparison, or None where nothing was evaluated on the exact multiplier.

    Args:
        evaluations: with the metrics ``accuracy`` (validation) and ``energy_all_pj``.
        multiplier: genome -> its multiplier.
        exact: name of the exact one.
        min_saving_percent: what the approximate solution must save at least.
    """

    def best(some: Sequence[Evaluation]) -> Evaluation:
        return max(some, key=lambda e: (e.metrics["accuracy"], -e.metrics[ENERGY], e.trial.candidate.id))

    good = [e for e in evaluations if not e.failed]
    on_exact = [e for e in good if multiplier(e.trial.candidate.genome) == exact]
    if not on_exact:
        return None
    reference = best(on_exact)

    def saving(evaluation: Evaluation) -> float:
        return 100 * (1 - evaluation.metrics[ENERGY] / reference.metrics[ENERGY])

    cheap = [
        e for e in good
        if multiplier(e.trial.candidate.genome) != exact and saving(e) >= min_saving_percent
    ]  # fmt: skip
    if not cheap:
        return Comparison(reference, None, 0.0)
    chosen = best(cheap)
    return Comparison(reference, chosen, saving(chosen))
