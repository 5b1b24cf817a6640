"""A small assignment problem with a known front, for the tests of every searcher and runner."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from mulsmith.search.objective import Objective, costs
from mulsmith.search.pareto import fronts
from mulsmith.search.space import AssignmentSpace
from mulsmith.search.trial import Trial

LAYERS = ("conv1", "conv2", "conv3", "fc")
MULTIPLIERS = ("exact", "fine", "medium", "coarse")
ENERGY = {"exact": 1.0, "fine": 0.8, "medium": 0.5, "coarse": 0.2}
ERROR = {"exact": 0.0, "fine": 0.1, "medium": 0.45, "coarse": 1.5}
OPERATIONS = {"conv1": 3.0, "conv2": 7.0, "conv3": 11.0, "fc": 1.0}
SENSITIVITY = {"conv1": 5.0, "conv2": 2.0, "conv3": 1.0, "fc": 3.0}
OBJECTIVES = (Objective("accuracy", "max"), Objective("energy_all_pj", "min"))
SPACE = AssignmentSpace(LAYERS, MULTIPLIERS, tiles=3)


def toy_metrics(layers: Mapping[str, str]) -> dict[str, float]:
    """Return accuracy and energy of an assignment: additive losses and energies."""
    loss = sum(SENSITIVITY[name] * ERROR[layers[name]] for name in LAYERS)
    energy = sum(OPERATIONS[name] * ENERGY[layers[name]] for name in LAYERS)
    return {"accuracy": 1.0 - 0.02 * loss, "loss": loss, "energy_all_pj": energy}


@dataclass(frozen=True)
class ToyEvaluator:
    """Evaluates ``toy_metrics`` after a while; ``kill_on`` makes a worker die, ``fail_on`` raises."""

    kill_on: str = ""
    fail_on: str = ""
    seconds: float = 0.0
    identity: Mapping[str, Any] = field(default_factory=lambda: {"problem": "toy"})

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        time.sleep(self.seconds)
        genome = trial.candidate.genome
        if "points" in genome:
            every = [toy_metrics(point) for point in genome["points"]]
            return {name: sum(found[name] for found in every) / len(every) for name in every[0]}
        layers = genome["layers"]
        if self.kill_on and layers["fc"] == self.kill_on:
            os._exit(3)
        if self.fail_on and layers["fc"] == self.fail_on:
            raise ValueError("this layer cannot be evaluated")
        return toy_metrics(layers)


def true_front() -> set[tuple[float, ...]]:
    """Return the front's cost vectors by brute force over every allowed assignment."""
    allowed = [names for names in product(MULTIPLIERS, repeat=len(LAYERS)) if len(set(names)) <= SPACE.tiles]
    cost = costs(OBJECTIVES, [toy_metrics(dict(zip(LAYERS, names, strict=True))) for names in allowed])
    return {tuple(row) for row in np.round(cost[fronts(cost)[0]], 9).tolist()}
