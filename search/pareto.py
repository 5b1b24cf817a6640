"""Non-dominated fronts: ranks, crowding and hypervolume (by pymoo), and the archive of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mulsmith.search.objective import Objective, costs
from mulsmith.search.trial import Evaluation

Costs = npt.NDArray[np.float64]


def fronts(cost: Costs) -> list[list[int]]:
    """Return the indices of each non-dominated front, best first; ``cost`` is [points, objectives]."""
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    if not len(cost):
        return []
    return [sorted(front.tolist()) for front in NonDominatedSorting().do(cost)]


def crowding(cost: Costs) -> npt.NDArray[np.float64]:
    """Return the crowding distance of each point of one front (Deb et al. 2002), float64 [points]."""
    from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance

    return np.asarray(calc_crowding_distance(cost), dtype=np.float64)


def hypervolume(cost: Costs, reference: Sequence[float]) -> float:
    """Return the volume that the points dominate within ``reference`` (a cost no point should exceed)."""
    from pymoo.indicators.hv import HV

    corner = np.asarray(reference, dtype=np.float64)
    inside = cost[(cost < corner).all(axis=1)] if len(cost) else cost
    return float(HV(ref_point=corner)(inside)) if len(inside) else 0.0


def best_first(cost: Costs) -> list[int]:
    """Return all indices by non-dominated rank, then by falling crowding distance, then by index."""
    order: list[int] = []
    for front in fronts(cost):
        distance = crowding(cost[front])
        order.extend(front[i] for i in sorted(range(len(front)), key=lambda i: (-distance[i], front[i])))
    return order


class ParetoArchive:
    """The non-dominated evaluations of a run, one for each distinct cost vector.

    Args:
        objectives: what counts, in order.
    """

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self.objectives = tuple(objectives)
        self._members: list[Evaluation] = []
        self._costs = np.empty((0, len(self.objectives)))

    def __len__(self) -> int:
        return len(self._members)

    def add(self, evaluation: Evaluation) -> bool:
        """Offer an evaluation; return whether it is non-dominated (failed ones never are)."""
        if evaluation.failed:
            return False
        cost = costs(self.objectives, [evaluation.metrics])[0]
        if (self._costs <= cost).all(axis=1).any():
            return False
        keep = ~(cost <= self._costs).all(axis=1)
        self._members = [member for member, kept in zip(self._members, keep, strict=True) if kept]
        self._members.append(evaluation)
        self._costs = np.vstack([self._costs[keep], cost])
        return True

    def front(self) -> list[Evaluation]:
        """Return the members in rising order of the first objective's cost."""
        return [self._members[i] for i in np.lexsort(self._costs.T[::-1])]

    def costs(self) -> Costs:
        """Return the members' costs in the order of ``front``, float64 [members, objectives]."""
        return self._costs[np.lexsort(self._costs.T[::-1])]

    def hypervolume(self, reference: Sequence[float]) -> float:
        """Return the dominated volume within a reference cost vector."""
        return hypervolume(self._costs, reference)
