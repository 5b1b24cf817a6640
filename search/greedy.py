"""Greedy layer-wise assignment under an accuracy bound: the simplest method, and the first baseline.

Three rounds: every multiplier in all layers at once; then each one of that round's front in a single layer,
the exact multiplier in the others; then moves one at a time, largest energy saving per predicted loss first,
each kept if the accuracy that is measured for the whole stays within the bound. The bound is drawn tighter by
a margin for the sampling error of the paired difference: on few images many moves look harmless by luck.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mulsmith.errors import ConfigError
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial

_SMALLEST_LOSS = 1e-3


@dataclass(slots=True)
class GreedyAssignment:
    """Searcher over ``{"layers": {layer: multiplier}}``; metrics ``accuracy`` and ``energy_all_pj``.

    Attributes:
        layers: layer names in network order.
        multipliers: names to choose from.
        baseline: the exact multiplier among them.
        layer_energy_pj: layer -> multiplier -> energy of the layer's multiplications per inference.
        max_loss: accuracy that may be lost against the baseline in all layers, 0..1.
        shortlist: how many multipliers of the first round's front go on, spread over its energies.
        images: how many images accuracies are measured on; None where they have no sampling error.
        margin: multiples of ``bound_margin`` that the accuracy must stay clear of the bound.
    """

    layers: tuple[str, ...]
    multipliers: tuple[str, ...]
    baseline: str
    layer_energy_pj: Mapping[str, Mapping[str, float]]
    max_loss: float
    shortlist: int = 12
    images: int | None = None
    margin: float = 1.0
    chosen: dict[str, str] = field(init=False)
    chosen_accuracy: float | None = field(init=False, default=None)
    _round: int = field(init=False, default=0)
    _baseline_accuracy: float = field(init=False, default=0.0)
    _bound: float = field(init=False, default=0.0)
    _moves: list[tuple[float, str, str]] = field(init=False, default_factory=list)
    _front: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        if self.baseline not in self.multipliers:
            raise ConfigError(f"the baseline '{self.baseline}' is not among the multipliers")
        if not 0 <= self.max_loss <= 1:
            raise ConfigError(f"max_loss = {self.max_loss} is outside 0..1")
        if self.margin < 0 or (self.images is not None and self.images < 1):
            raise ConfigError(f"margin = {self.margin} is negative or images = {self.images} is not positive")
        self.chosen = dict.fromkeys(self.layers, self.baseline)

    def ask(self) -> list[Trial]:
        """Return the next round, or in the third round the next move."""
        if self._round == 0:
            genomes = [dict.fromkeys(self.layers, name) for name in self.multipliers]
            return [_trial(genome, "uniform") for genome in genomes]
        if self._round == 1:
            pairs = [(layer, name) for layer in self.layers for name in self._front]
            base = dict.fromkeys(self.layers, self.baseline)
            return [_trial({**base, layer: name}, "single layer") for layer, name in pairs]
        while self._moves:
            _, layer, name = self._moves[0]
            if self._saving(layer, name) > 0:
                return [_trial({**self.chosen, layer: name}, "greedy move")]
            self._moves.pop(0)
        return []

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Take the outcomes of a round or of a move."""
        if self._round == 0:
            self._after_uniform(evaluations)
            self._round = 1 if self._front else 2
        elif self._round == 1:
            self._after_single(evaluations)
            self._round = 2
        else:
            _, layer, name = self._moves.pop(0)
            outcome = evaluations[0]
            if not outcome.failed and outcome.metrics["accuracy"] >= self._bound:
                self.chosen[layer] = name
                self.chosen_accuracy = outcome.metrics["accuracy"]

    def planned(self) -> int | None:
        """Return how many trials there are at most, known after the first round."""
        if self._round == 0:
            return None
        return len(self.multipliers) + 2 * len(self.layers) * len(self._front)

    def _after_uniform(self, evaluations: Sequence[Evaluation]) -> None:
        accuracy = {}
        for name, outcome in zip(self.multipliers, evaluations, strict=True):
            if not outcome.failed:
                accuracy[name] = outcome.metrics["accuracy"]
            elif name == self.baseline:
                raise ConfigError(f"the baseline could not be evaluated: {outcome.error}")
        self.chosen_accuracy = self._baseline_accuracy = accuracy[self.baseline]
        margin = 0.0 if self.images is None else self.margin * bound_margin(self.max_loss, self.images)
        self._bound = accuracy[self.baseline] - self.max_loss + margin
        price = {name: sum(self.layer_energy_pj[layer][name] for layer in self.layers) for name in accuracy}
        best = -1.0
        front = []
        for name in sorted(accuracy, key=lambda name: (price[name], -accuracy[name])):
            if accuracy[name] > best and price[name] < price[self.baseline]:
                best = accuracy[name]
                front.append(name)
        step = max(1.0, (len(front) - 1) / max(1, self.shortlist - 1))
        places = {round(step * i) for i in range(self.shortlist)}
        self._front = [name for place, name in enumerate(front) if place in places]

    def _after_single(self, evaluations: Sequence[Evaluation]) -> None:
        pairs = [(layer, name) for layer in self.layers for name in self._front]
        base = self._baseline_accuracy
        for (layer, name), outcome in zip(pairs, evaluations, strict=True):
            if not outcome.failed and outcome.metrics["accuracy"] >= self._bound:
                loss = max(base - outcome.metrics["accuracy"], _SMALLEST_LOSS)
                self._moves.append((self._saving(layer, name) / loss, layer, name))
        self._moves.sort(key=lambda move: (-move[0], move[1], move[2]))

    def _saving(self, layer: str, name: str) -> float:
        energies = self.layer_energy_pj[layer]
        return energies[self.chosen[layer]] - energies[name]


def bound_margin(max_loss: float, images: int) -> float:
    """Return the least standard error of a loss of ``max_loss`` on ``images`` images, at most ``max_loss``.

    Two networks are compared on the same images, so only images on which they disagree count: a net loss of
    p takes at least p of them, and then its binomial standard error is sqrt(p (1 - p) / n). Disagreements in
    both directions, which cancel in the loss, add to it.

    Args:
        max_loss: accuracy that may be lost, 0..1.
        images: how many are measured on.
    """
    return min(max_loss, math.sqrt(max_loss * (1 - max_loss) / images))


def _trial(layers: Mapping[str, str], origin: str) -> Trial:
    genome: Genome = {"layers": dict(layers)}
    return Trial(Candidate(genome, origin))
