"""The decision of a run: the cheapest candidate within all constraints, or which of them contradict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from mulsmith.codesign.config import Constraints
from mulsmith.errors import ConfigError
from mulsmith.search.greedy import bound_margin
from mulsmith.search.trial import Evaluation

Check = Callable[[Evaluation], bool]


def choose(
    candidates: Sequence[Evaluation],
    constraints: Constraints,
    baseline: Mapping[str, float],
    energy_metric: str,
    images: int,
    areas: Mapping[str, float],
) -> Evaluation:
    """Return the candidate of least energy that keeps all constraints; of equals the most accurate.

    Args:
        candidates: evaluations of single assignments, none of them failed.
        constraints: what has to hold.
        baseline: metrics of the exact multiplier in all layers.
        energy_metric: the energy that counts.
        images: validation images behind every accuracy.
        areas: multiplier -> area of one, um2.

    Raises:
        ConfigError: no candidate keeps all; the message names the fewest constraints that together exclude
            all of them.
    """
    checks = _checks(constraints, baseline, energy_metric, images, areas)
    passing = {name: [check(candidate) for candidate in candidates] for name, check in checks.items()}
    allowed = [c for n, c in enumerate(candidates) if all(column[n] for column in passing.values())]
    if not allowed:
        raise _contradiction(passing)
    return min(allowed, key=lambda e: (e.metrics[energy_metric], -e.metrics["accuracy"]))


def accuracy_floor(constraints: Constraints, exact: float, images: int) -> float:
    """Return the least validation accuracy that keeps the bound of the loss, its margin included.

    Args:
        constraints: with the bound and the margin.
        exact: accuracy of the exact network, 0..1.
        images: validation images behind every accuracy.
    """
    max_loss = constraints.max_loss_pp / 100
    return exact - max_loss + constraints.margin * bound_margin(max_loss, images)


def _checks(
    constraints: Constraints,
    baseline: Mapping[str, float],
    energy_metric: str,
    images: int,
    areas: Mapping[str, float],
) -> dict[str, Check]:
    floor = accuracy_floor(constraints, baseline["accuracy"], images)
    checks: dict[str, Check] = {
        f"max_loss_pp = {constraints.max_loss_pp:g}": lambda e: e.metrics["accuracy"] >= floor - 1e-12
    }
    if (percent := constraints.max_energy_percent) is not None:
        most = baseline[energy_metric] * percent / 100
        checks[f"max_energy_percent = {percent:g}"] = lambda e: e.metrics[energy_metric] <= most
    if (kinds := constraints.max_multipliers) is not None:
        checks[f"max_multipliers = {kinds}"] = lambda e: len(multipliers_of(e)) <= kinds
    if (area := constraints.max_area_um2) is not None:
        checks[f"max_area_um2 = {area:g}"] = lambda e: sum(areas[name] for name in multipliers_of(e)) <= area
    return checks


def multipliers_of(evaluation: Evaluation) -> set[str]:
    """Return the different multipliers of an assignment."""
    return set(evaluation.trial.candidate.genome["layers"].values())


def _contradiction(passing: Mapping[str, Sequence[bool]]) -> ConfigError:
    for size in range(1, len(passing) + 1):
        for names in combinations(passing, size):
            if not any(all(kept) for kept in zip(*(passing[name] for name in names), strict=True)):
                count = len(passing[names[0]])
                return ConfigError(
                    f"none of the {count} candidates keeps constraints.{' and constraints.'.join(names)}"
                    + (" together" if size > 1 else ""),
                    remedy="loosen one of them, or give the search more budget or retraining",
                )
    return ConfigError("the search has no candidate that could be evaluated")
