"""Training of small networks by Adam on batches, in float32 on one core: compiled, or in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mulsmith.errors import ConfigError, ToolError
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.mlp import Mlp, Topology, fold_scaling
from mulsmith.search.program.native_trainer import native_trainer
from mulsmith.search.program.trainable import Trainable

Backend = Literal["auto", "native", "numpy"]


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How networks are trained.

    Attributes:
        epochs: passes over the training set.
        batch: calls per step.
        rate: greatest learning rate; it rises over the first twentieth of the steps and falls as a cosine.
    """

    epochs: int = 300
    batch: int = 250
    rate: float = 0.01

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 1 or not 0 < self.rate < 10:
            raise ConfigError(
                f"epochs = {self.epochs}, batch = {self.batch}, rate = {self.rate}: all must be positive"
            )

    def rates(self, steps: int) -> Floats:
        """Return the learning rate of every step."""
        place = np.arange(steps) / steps
        return self.rate * np.minimum(1.0, place / 0.05 + 1e-3) * 0.5 * (1.0 + np.cos(np.pi * place))


def trainer_name() -> str:
    """Return what ``auto`` trains with; the two differ by rounding, which training amplifies."""
    return "numpy" if native_trainer() is None else "native"


def train(
    topology: Topology,
    inputs: Floats,
    targets: Floats,
    weight: Floats,
    plan: TrainingPlan,
    seed: int,
    backend: Backend = "auto",
) -> Mlp:
    """Return a network fitted by the mean squared error.

    Args:
        topology: its layers.
        inputs: float64 [calls, inputs].
        targets: float64 [calls, outputs].
        weight: float64 [calls], the weight of each call in the mean.
        plan: epochs, batch and learning rate.
        seed: of initial weights and batches.
        backend: ``native`` is the compiled trainer; ``auto`` takes it where it was compiled.

    Raises:
        ToolError: ``native`` was asked for but not compiled.
    """
    rng = np.random.default_rng(seed)
    scales = _scale(inputs), _scale(targets)
    x, y = (
        ((values - mean) / deviation).astype(np.float32)
        for values, (mean, deviation) in zip((inputs, targets), scales, strict=True)
    )
    data = x, y, (weight / weight.mean()).astype(np.float32)
    network = Trainable(topology, rng)
    compiled = None if backend == "numpy" else native_trainer()
    if backend == "native" and compiled is None:
        raise ToolError(
            "the trainer was not compiled", remedy="install a C++ compiler and reinstall mulsmith"
        )
    batch = min(plan.batch, len(x))
    per_epoch = len(x) // batch
    rates = plan.rates(plan.epochs * per_epoch).astype(np.float32).reshape(plan.epochs, per_epoch)
    for epoch_rates in rates:
        order = rng.permutation(len(x))
        if compiled is None:
            network.epoch(data, order, batch, epoch_rates)
        else:
            parameters = network.flat, network.first, network.second
            compiled.epoch(topology, parameters, data, order, batch, epoch_rates)
    return fold_scaling(network.mlp(), *scales)


def _scale(values: Floats) -> tuple[Floats, Floats]:
    deviation = values.std(axis=0)
    return values.mean(axis=0), np.where(deviation > 0, deviation, 1.0)
