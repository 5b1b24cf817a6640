"""Choice of a few multipliers for every layer at every operating point (QoS-Nets, Trommer et al. 2024)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import Literal

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError

Floats = npt.NDArray[np.float64]
Method = Literal["auto", "exact", "greedy", "paper"]

EXACT_LIMIT = 2_000_000
"""``auto`` enumerates up to this many subsets and is greedy beyond."""

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Subset:
    """A choice of multipliers.

    Attributes:
        members: column numbers, rising.
        choice: the member that each row uses, [rows].
        cost: sum over rows of the cost of their members.
        violated: rows whose member exceeds its tolerance; only ``paper`` mode ever leaves any.
    """

    members: tuple[int, ...]
    choice: tuple[int, ...]
    cost: float
    violated: tuple[int, ...]


def choose_subset(
    ratio: Floats,
    cost: Floats,
    size: int,
    *,
    method: Method = "auto",
    seed: int = 0,
    row_names: Sequence[str] | None = None,
) -> Subset:
    """Choose ``size`` multipliers so that each row's cheapest feasible member costs least in all.

    Args:
        ratio: predicted error / tolerated error, [rows, multipliers]; a row is a (layer, operating point)
            pair, and a multiplier is feasible in it where the ratio is at most 1.
        cost: cost of each row on each multiplier, [rows, multipliers], positive.
        size: how many different multipliers the chip has.
        method: ``exact`` enumerates, ``greedy`` adds the best member again and again, ``paper`` clusters by
            k-means as published (and may violate tolerances); ``auto`` is exact up to ``EXACT_LIMIT``
            subsets.
        seed: of the k-means initialisation.
        row_names: names for messages.

    Raises:
        ConfigError: wrong shapes, or a row (named) that no multiplier, or no allowed subset, can serve.
    """
    rows, count = _check(ratio, cost, size)
    feasible = ratio <= 1.0
    if method != "paper":
        _check_servable(feasible, row_names)
    expense = np.where(feasible, cost, np.inf)
    useful = np.flatnonzero(feasible.any(axis=0))
    size = min(size, count if method == "paper" else len(useful))
    if method == "auto":
        method = "exact" if comb(len(useful), size) <= EXACT_LIMIT else "greedy"
    if method == "paper":
        return _paper(ratio, cost, size, seed)
    members = _exact(expense, useful, size) if method == "exact" else _greedy(expense, useful, size)
    if members is None:
        raise ConfigError(
            f"no subset of {size} multipliers serves every row", remedy="allow more multipliers"
        )
    choice = [members[int(np.argmin(row))] for row in expense[:, members]]
    total = float(expense[np.arange(rows), choice].sum())
    return Subset(tuple(members), tuple(choice), total, ())


def _check(ratio: Floats, cost: Floats, size: int) -> tuple[int, int]:
    if ratio.ndim != 2 or cost.shape != ratio.shape:
        raise ConfigError(f"ratio {ratio.shape} and cost {cost.shape} are not both [rows, multipliers]")
    if not (cost > 0).all():
        raise ConfigError("every multiplier needs a positive cost", remedy="characterize it with synthesis")
    if size < 1:
        raise ConfigError(f"a subset of {size} multipliers is empty")
    return ratio.shape


def _check_servable(feasible: npt.NDArray[np.bool_], row_names: Sequence[str] | None) -> None:
    stuck = np.flatnonzero(~feasible.any(axis=1)).tolist()
    if stuck:
        names = ", ".join(str(row_names[i]) if row_names is not None else f"row {i}" for i in stuck)
        raise ConfigError(
            f"no multiplier is exact enough for {names}",
            remedy="add a more exact multiplier or allow more error there",
        )


def _exact(expense: Floats, useful: npt.NDArray[np.intp], size: int) -> list[int] | None:
    best, members = np.inf, None
    for chunk in _chunks(combinations(useful.tolist(), size)):
        # [rows, subsets, size] -> cheapest member of each row, summed over rows
        totals = expense[:, np.array(chunk)].min(axis=2).sum(axis=0)
        index = int(np.argmin(totals))
        if totals[index] < best:
            best, members = float(totals[index]), list(chunk[index])
    return members


def _chunks(subsets: Iterator[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    while chunk := list(islice(subsets, _CHUNK)):
        yield chunk


def _greedy(expense: Floats, useful: npt.NDArray[np.intp], size: int) -> list[int] | None:
    members: list[int] = []
    current = np.full(len(expense), np.inf)
    for _ in range(size):
        candidates = [int(i) for i in useful if i not in members]
        after = np.minimum(current[:, None], expense[:, candidates])
        # First serve the most rows, then spend the least on them.
        unserved = np.isinf(after).sum(axis=0)
        spent = np.where(np.isinf(after), 0.0, after).sum(axis=0)
        best = int(np.lexsort((spent, unserved))[0])
        members.append(candidates[best])
        current = after[:, best]
    return sorted(members) if np.isfinite(current).all() else None


def _paper(ratio: Floats, cost: Floats, size: int, seed: int) -> Subset:
    from sklearn.cluster import KMeans

    vectors = np.where(ratio > 1.0, 1.0 + np.log(np.maximum(ratio, 1.0)), ratio)
    clusters = min(size, len(np.unique(vectors, axis=0)))
    model = KMeans(clusters, n_init=10, random_state=seed).fit(vectors)
    chosen = []
    for label, centroid in enumerate(model.cluster_centers_):
        allowed = np.flatnonzero(centroid <= 1.0)
        price = cost[model.labels_ == label].sum(axis=0)
        # A centroid that allows nothing gets the multiplier with the least error in it.
        pick = allowed[np.argmin(price[allowed])] if len(allowed) else np.argmin(centroid)
        chosen.append(int(pick))
    choice = [chosen[label] for label in model.labels_]
    violated = tuple(row for row, member in enumerate(choice) if ratio[row, member] > 1.0)
    total = float(cost[np.arange(len(choice)), choice].sum())
    return Subset(tuple(sorted(set(choice))), tuple(choice), total, violated)
