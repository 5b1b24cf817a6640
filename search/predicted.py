"""``assign``: the front of assignments found from predicted errors, with few emulations to learn from.

A layer's error relative to its output, which the error model predicts for every multiplier, is turned into a
predicted loss: a few emulations with one approximate layer each say how steeply the network's loss rises with
the square of that error. Loss and energy then add up over layers, so the whole front follows by dynamic
programming. From the front and its neighbours those candidates are emulated that promise the largest growth
of the hypervolume (``improvement``); the steepness of every layer is fitted again to all that was seen, and
so on until the budget is spent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError
from mulsmith.search.improvement import AccuracyModel, Candidates, expected_gain
from mulsmith.search.trial import Candidate, Evaluation, Trial, canonical_json

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

MAX_STATES = 1500
"""Partial fronts are thinned to this many points, evenly in energy."""
MAX_SHORTLIST = 10
"""With fewer tiles than layers, subsets of this many multipliers are tried."""
MAX_PARENTS = 60
"""Points whose neighbours (one layer changed) are candidates."""
SMALLEST_SPREAD = 0.003
"""Deviation of accuracies from the model that is assumed at least."""
_TRUST = 1.0
_FLOOR = 1e-9


@dataclass(slots=True)
class PredictedAssignment:
    """Searcher over ``{"layers": {layer: multiplier}}``; metrics ``loss`` and ``accuracy``.

    Attributes:
        layers: layer names in network order.
        multipliers: names to choose from.
        baseline: the exact multiplier among them.
        energy_pj: energy of the layers' multiplications, [layers, multipliers].
        error: predicted standard deviation of the error relative to the layer's output, the same shape.
        budget: emulations in all.
        probes: emulations per layer that learn how sensitive it is.
        rounds: how often candidates are emulated and the sensitivities fitted again.
        tiles: how many different multipliers may occur; as many as layers without it.
        depth: accuracy below the baseline where the hypervolume begins, 0..1.
        saved_pj: energy below the baseline where it begins; candidates that save less are only probes.
    """

    layers: tuple[str, ...]
    multipliers: tuple[str, ...]
    baseline: str
    energy_pj: Floats
    error: Floats
    budget: int = 60
    probes: int = 1
    rounds: int = 10
    tiles: int | None = None
    depth: float = 0.1
    saved_pj: float = 0.0
    _stage: int = field(init=False, default=0)
    _asked: set[str] = field(init=False, default_factory=set)
    _seen: list[tuple[Indices, float, float]] = field(init=False, default_factory=list)
    _pending: list[Indices] = field(init=False, default_factory=list)
    _base_loss: float = field(init=False, default=0.0)
    _slopes: Floats = field(init=False)

    def __post_init__(self) -> None:
        shape = (len(self.layers), len(self.multipliers))
        if self.energy_pj.shape != shape or self.error.shape != shape:
            raise ConfigError(
                f"energies {self.energy_pj.shape} and errors {self.error.shape} are not {shape}"
            )
        if self.baseline not in self.multipliers:
            raise ConfigError(f"the baseline '{self.baseline}' is not among the multipliers")
        if self.probes < 1 or self.rounds < 1 or self.budget < 1 + self.probes * len(self.layers):
            raise ConfigError(
                f"a budget of {self.budget} evaluations is too small for {self.probes} probes of each of "
                f"{len(self.layers)} layers",
                remedy="raise budget or lower probes",
            )
        self._slopes = np.ones(len(self.layers))

    def planned(self) -> int:
        """Return the budget, which is spent unless the whole front has been seen before."""
        return self.budget

    def ask(self) -> list[Trial]:
        """Return baseline and probes, then points of the predicted front."""
        if self._stage > self.rounds:
            return []
        if self._stage == 0:
            choices = [(self._exact(), "baseline"), *((probe, "probe") for probe in self._probes())]
        else:
            choices = self._next_points()
        self._pending = [choice for choice, _ in choices]
        return [self._trial(choice, origin) for choice, origin in choices]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Take outcomes and fit the sensitivities again; a failed trial teaches nothing."""
        for choice, outcome in zip(self._pending, evaluations, strict=True):
            if not outcome.failed:
                metrics = outcome.metrics
                self._seen.append((choice, metrics["loss"], metrics["accuracy"]))
            elif self._stage == 0 and (choice == self._exact()).all():
                raise ConfigError(f"the baseline could not be evaluated: {outcome.error}")
        if self._stage == 0:
            self._base_loss = self._seen[0][1]
        self._slopes = fit_slopes(
            np.array([self._squares(choice) for choice, _, _ in self._seen]),
            np.array([loss - self._base_loss for _, loss, _ in self._seen]),
        )
        self._stage += 1

    def predicted_front(self) -> list[tuple[float, float, Indices]]:
        """Return (predicted loss increase, energy in pJ, multiplier of each layer) by rising energy."""
        loss = self._slopes[:, None] * np.square(self.error)
        everything = np.arange(len(self.multipliers))
        free = additive_front(loss, self.energy_pj, everything)
        if self.tiles is None or self.tiles >= len(self.layers):
            return free
        used, count = np.unique(np.concatenate([point[2] for point in free]), return_counts=True)
        shortlist = used[np.argsort(-count, kind="stable")][:MAX_SHORTLIST]
        points = [
            point
            for subset in combinations(sorted(shortlist.tolist()), min(self.tiles, len(shortlist)))
            for point in additive_front(loss, self.energy_pj, np.array(subset))
        ]
        return _undominated(points)

    def _next_points(self) -> list[tuple[Indices, str]]:
        left = self.budget - len(self._asked)
        wanted = -(-left // (self.rounds - self._stage + 1))
        front = [choice for _, energy, choice in self.predicted_front() if energy <= self._limit_pj]
        promising = self._promising(front, wanted)
        taken = self._asked | {self._key(choice) for choice in promising}
        fresh = [choice for choice in front if self._key(choice) not in taken]
        spread = self._spread_over(fresh, wanted - len(promising))
        return [
            *((choice, "expected growth") for choice in promising),
            *((choice, "predicted front") for choice in spread),
        ]

    def _spread_over(self, fresh: list[Indices], wanted: int) -> list[Indices]:
        if len(fresh) <= wanted:
            return fresh
        # Evenly in the logarithm of energy: the cheap end, where the choice matters, is not left out.
        levels = np.log(np.array([self._energy(point) for point in fresh]))
        goals = np.linspace(levels[0], levels[-1], wanted)
        places = np.unique(np.abs(levels[None, :] - goals[:, None]).argmin(axis=1))
        return [fresh[place] for place in places]

    def _promising(self, front: list[Indices], wanted: int) -> list[Indices]:
        """Return the candidates around the front that let the hypervolume grow most, one after the other.

        After each choice the model goes on as if the candidate had been found at its mean, so that a round
        does not spend all its emulations on one spot.
        """
        pool = self._neighbourhood(front)
        if not pool:
            return []
        seen = self._described([choice for choice, _, _ in self._seen])
        found = np.array([accuracy for _, _, accuracy in self._seen])
        model = AccuracyModel.fit(seen, found, self.depth, SMALLEST_SPREAD)
        candidates, floor, limit = self._described(pool), float(found[0]) - self.depth, self._limit_pj
        chosen: list[int] = []
        while len(chosen) < wanted:
            mean, spread = model.posterior(candidates)
            gain = expected_gain(model, mean, spread, candidates.energy, floor, limit)
            gain[chosen] = 0.0
            best = int(np.argmax(gain))
            if gain[best] <= 0:
                break
            chosen.append(best)
            model = model.believing(candidates, best, float(mean[best]))
        return [pool[place] for place in chosen]

    def _described(self, choices: list[Indices]) -> Candidates:
        stacked = np.stack(choices)
        layers = np.arange(len(self.layers))
        losses = self._slopes * np.square(self.error[layers, stacked])
        return Candidates(stacked, losses, self.energy_pj[layers, stacked].sum(axis=1))

    def _neighbourhood(self, front: list[Indices]) -> list[Indices]:
        """Return the unseen candidates: the predicted front, and one-layer changes of it and of the best."""
        step = max(1, -(-len(front) // MAX_PARENTS))
        best = _staircase(
            np.array([-accuracy for _, _, accuracy in self._seen]),
            np.array([self._energy(choice) for choice, _, _ in self._seen]),
        )
        found: dict[bytes, Indices] = {choice.tobytes(): choice for choice in front}
        for parent in [*front[::step], *(self._seen[place][0] for place in best)]:
            for layer in range(len(self.layers)):
                for multiplier in range(len(self.multipliers)):
                    changed = parent.copy()
                    changed[layer] = multiplier
                    found.setdefault(changed.tobytes(), changed)
        tiles = self.tiles or len(self.layers)
        return [
            choice
            for choice in found.values()
            if len(set(choice.tolist())) <= tiles
            and self._energy(choice) <= self._limit_pj
            and self._key(choice) not in self._asked
        ]

    @property
    def _limit_pj(self) -> float:
        """Energy of the reference corner of the hypervolume."""
        return self._energy(self._exact()) - self.saved_pj

    def _energy(self, choice: Indices) -> float:
        return float(self.energy_pj[np.arange(len(self.layers)), choice].sum())

    def _probes(self) -> list[Indices]:
        """Return single-layer assignments whose errors are spread over those that matter."""
        found = []
        for layer in range(len(self.layers)):
            useful = _staircase(self.error[layer], self.energy_pj[layer])
            inexact = [m for m in useful if self.error[layer, m] > 0]
            spots = (
                np.linspace(0, max(0, len(inexact) - 1), self.probes + 2)[1:-1].tolist() if inexact else []
            )
            for spot in dict.fromkeys(round(spot) for spot in spots):
                choice = self._exact()
                choice[layer] = inexact[spot]
                found.append(choice)
        return found

    def _exact(self) -> Indices:
        return np.full(len(self.layers), self.multipliers.index(self.baseline), dtype=np.int64)

    def _squares(self, choice: Indices) -> Floats:
        squares: Floats = np.square(self.error[np.arange(len(self.layers)), choice])
        return squares

    def _genome(self, choice: Indices) -> Mapping[str, Mapping[str, str]]:
        names = [self.multipliers[index] for index in choice]
        return {"layers": dict(zip(self.layers, names, strict=True))}

    def _key(self, choice: Indices) -> str:
        return canonical_json(self._genome(choice))

    def _trial(self, choice: Indices, origin: str) -> Trial:
        self._asked.add(self._key(choice))
        return Trial(Candidate(self._genome(choice), origin))


def fit_slopes(squares: Floats, losses: Floats) -> Floats:
    """Return non-negative slopes, [layers], of losses against squared errors, by weighted least squares.

    Points are weighted so that relative misfits count, small losses as much as large ones; a weak prior at
    the common slope of all layers decides where a layer was not probed.

    Args:
        squares: squared relative error of every layer, [points, layers].
        losses: increase of the loss, [points].
    """
    from scipy.optimize import nnls

    total = squares.sum(axis=1)
    common = max(float(np.clip(losses, 0, None).sum() / max(total.sum(), _FLOOR)), _FLOOR)
    scale = 1.0 / (np.abs(losses) + common * 0.1 * max(float(np.median(total)), _FLOOR))
    typical = np.sqrt(np.mean(np.square(squares * scale[:, None]), axis=0)) + _FLOOR
    prior = np.diag(0.1 * _TRUST * typical)
    rows = np.vstack([squares * scale[:, None], prior])
    goal = np.concatenate([losses * scale, prior.sum(axis=1) * common])
    slopes: Floats = np.maximum(nnls(rows, goal)[0], 1e-3 * common)
    return slopes


def additive_front(loss: Floats, energy: Floats, allowed: Indices) -> list[tuple[float, float, Indices]]:
    """Return the front of total loss and energy when every layer picks one column, by rising energy.

    Args:
        loss: [layers, multipliers].
        energy: the same shape.
        allowed: columns to pick from.
    """
    totals = np.zeros((1, 2))
    choices = np.zeros((1, 0), dtype=np.int64)
    for layer_loss, layer_energy in zip(loss[:, allowed], energy[:, allowed], strict=True):
        useful = np.array(_staircase(layer_loss, layer_energy))
        own = np.stack([layer_loss[useful], layer_energy[useful]], axis=1)
        joined = (totals[:, None] + own[None]).reshape(-1, 2)
        keep = np.array(_staircase(joined[:, 0], joined[:, 1]))
        if len(keep) > MAX_STATES:
            keep = keep[np.unique(np.linspace(0, len(keep) - 1, MAX_STATES).round().astype(int))]
        totals = joined[keep]
        picked = allowed[useful[keep % len(useful)]]
        choices = np.concatenate([choices[keep // len(useful)], picked[:, None]], axis=1)
    return [(float(a), float(b), choice) for (a, b), choice in zip(totals, choices, strict=True)]


def _staircase(loss: Floats, energy: Floats) -> list[int]:
    """Return the indices of the non-dominated points by rising energy and falling loss."""
    order = np.lexsort((loss, energy))
    best = np.minimum.accumulate(np.concatenate([[np.inf], loss[order][:-1]]))
    return [int(i) for i in order[loss[order] < best]]


def _undominated(points: list[tuple[float, float, Indices]]) -> list[tuple[float, float, Indices]]:
    keep = _staircase(np.array([p[0] for p in points]), np.array([p[1] for p in points]))
    return [points[i] for i in keep]
