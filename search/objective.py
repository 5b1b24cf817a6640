"""What a search minimises or maximises, and in which ledger energy is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError


class Ledger(StrEnum):
    """Which multiplications (or the whole system) an energy figure covers."""

    APPROXIMATED = "approximated"
    ALL = "all"
    SYSTEM = "system"


def energy_metric(ledger: Ledger) -> str:
    """Return the name under which evaluators give the energy of a ledger, in pJ per inference."""
    return f"energy_{ledger.value}_pj"


def saving_metric(ledger: Ledger) -> str:
    """Return the name under which evaluators give what a ledger saves against the exact network, in %."""
    return f"saving_{ledger.value}_percent"


@dataclass(frozen=True, slots=True)
class Objective:
    """One metric and the direction in which it improves."""

    metric: str
    direction: Literal["min", "max"]

    @classmethod
    def energy(cls, ledger: Ledger) -> Objective:
        """Return the objective of least energy in one ledger."""
        return cls(energy_metric(ledger), "min")

    def cost(self, metrics: Mapping[str, float]) -> float:
        """Return the metric with its sign turned so that less is better.

        Raises:
            ConfigError: the evaluation does not give this metric.
        """
        if self.metric not in metrics:
            raise ConfigError(
                f"objective '{self.metric}' is not among the metrics {sorted(metrics)} of the evaluator"
            )
        value = metrics[self.metric]
        return value if self.direction == "min" else -value


def costs(objectives: Sequence[Objective], metrics: Sequence[Mapping[str, float]]) -> npt.NDArray[np.float64]:
    """Return the costs of several evaluations, float64 [evaluations, objectives], less is better."""
    rows = [[objective.cost(values) for objective in objectives] for values in metrics]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(objectives))
