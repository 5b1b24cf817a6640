"""What every assignment method starts from, and what a method is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.searcher import Searcher
from mulsmith.search.trial import Evaluation, Trial
from mulsmith.toml_file import Section

if TYPE_CHECKING:
    from mulsmith.search.noise import NoiseRecipe

Floats = npt.NDArray[np.float64]

OBJECTIVES = (Objective("accuracy", "max"), Objective.energy(Ledger.ALL))
"""Of a problem that names none."""


@dataclass(frozen=True, slots=True, eq=False)
class Tolerance:
    """How much noise the layers of a network stand, and what the multipliers would put on them.

    Attributes:
        sigma: layer -> noise relative to its output that it stands.
        error: predicted error relative to the layer's output, [layers, multipliers].
        weights: hash of the state that was trained along with the noise; None where weights stayed.
    """

    sigma: Mapping[str, float]
    error: Floats
    weights: str | None = None


def _no_noise(recipe: NoiseRecipe) -> Tolerance:
    raise ConfigError("this problem comes without a way to learn noise")


@dataclass(frozen=True, slots=True, eq=False)
class AssignmentProblem:
    """What every assignment method starts from.

    Attributes:
        layers: layer names in network order.
        multipliers: names to choose from.
        baseline: the exact multiplier among them.
        energy_pj: energy of the layers, [layers, multipliers], in the ledger that the search minimises.
        predict: returns the predicted error relative to the layer's output, the same shape; called only by
            methods that need it.
        tolerance: learns how much noise the layers stand; called only by methods that need it.
        objectives: what counts.
        retraining: epochs for which a candidate of a retraining method is trained before it is judged.
        images: how many images accuracies are measured on; None where they have no sampling error.
        depth: accuracy below the exact network's where the hypervolume begins, 0..1.
        saved_pj: energy below the exact network's where it begins.
    """

    layers: tuple[str, ...]
    multipliers: tuple[str, ...]
    baseline: str
    energy_pj: Floats
    predict: Callable[[], Floats]
    tolerance: Callable[[NoiseRecipe], Tolerance] = _no_noise
    objectives: tuple[Objective, ...] = OBJECTIVES
    retraining: int = 0
    images: int | None = None
    depth: float = 0.1
    saved_pj: float = 0.0

    def __post_init__(self) -> None:
        if self.baseline not in self.multipliers:
            raise ConfigError(f"the baseline '{self.baseline}' is not among the multipliers")

    @property
    def fidelity(self) -> dict[str, Any]:
        """The fidelity of an evaluation after retraining."""
        return {"epochs": self.retraining} if self.retraining else {}

    def layer_energy(self) -> dict[str, dict[str, float]]:
        """Return layer -> multiplier -> pJ."""
        return self.by_name(self.energy_pj)

    def by_name(self, values: Floats) -> dict[str, dict[str, float]]:
        """Return figures [layers, multipliers] as layer -> multiplier -> figure."""
        rows = zip(self.layers, values.tolist(), strict=True)
        return {layer: dict(zip(self.multipliers, row, strict=True)) for layer, row in rows}


Builder = Callable[[AssignmentProblem, Any], Searcher]


@dataclass(frozen=True, slots=True)
class Method:
    """A search method: its options, its builder and how it evaluates by default.

    Attributes:
        options: schema of the method's section in a configuration.
        build: problem and options -> searcher.
        mapping: weight map: ``none``, ``uniform`` or ``histogram``.
        bias: whether the mean error of every channel is taken out.
        retraining: epochs of retraining; methods with 0 may retrain their front at the end.
        one_form: whether all multipliers must have the operand form of the exact one.
    """

    options: type[Section]
    build: Builder
    mapping: str = "none"
    bias: bool = False
    retraining: int = 0
    one_form: bool = False


@dataclass(slots=True)
class Listed:
    """A searcher that knows all its trials from the start; equal candidates are asked for once.

    Attributes:
        trials: what to evaluate, in order.
    """

    trials: tuple[Trial, ...]
    _asked: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.trials = tuple({trial.candidate.id: trial for trial in reversed(self.trials)}.values())[::-1]

    def ask(self) -> list[Trial]:
        """Return all trials, then nothing."""
        return [] if self._asked else list(self.trials)

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Note that the one batch is done."""
        self._asked = True

    def planned(self) -> int:
        """Return how many trials there are."""
        return len(self.trials)
