"""Training of small networks by Adam on batches, in float32 numpy on one core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.mlp import Mlp, Topology, activate, fold_scaling, slope

Singles = npt.NDArray[np.float32]
DECAY = (np.float32(0.9), np.float32(0.99))
SMALLEST = np.float32(1e-8)


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


def train(
    topology: Topology, inputs: Floats, targets: Floats, weight: Floats, plan: TrainingPlan, seed: int
) -> Mlp:
    """Return a network fitted by the mean squared error.

    Args:
        topology: its layers.
        inputs: float64 [calls, inputs].
        targets: float64 [calls, outputs].
        weight: float64 [calls], the weight of each call in the mean.
        plan: epochs, batch and learning rate.
        seed: of initial weights and batches.
    """
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(seed)
    scales = _scale(inputs), _scale(targets)
    x, y = (
        ((values - mean) / deviation).astype(np.float32)
        for values, (mean, deviation) in zip((inputs, targets), scales, strict=True)
    )
    shares = (weight / weight.mean()).astype(np.float32)[:, None]
    network = _Trainable(topology, rng)
    batch = min(plan.batch, len(x))
    per_epoch = len(x) // batch
    rates = plan.rates(plan.epochs * per_epoch).astype(np.float32)
    # One thread: the same sums in the same order on every machine, and workers do not compete.
    with threadpool_limits(limits=1), np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for epoch in range(plan.epochs):
            order = rng.permutation(len(x))
            shuffled = x[order], y[order], shares[order]
            for step in range(per_epoch):
                part = slice(step * batch, (step + 1) * batch)
                network.gradients(*(values[part] for values in shuffled))
                network.step(rates[epoch * per_epoch + step])
    return fold_scaling(network.mlp(), *scales)


def _scale(values: Floats) -> tuple[Floats, Floats]:
    deviation = values.std(axis=0)
    return values.mean(axis=0), np.where(deviation > 0, deviation, 1.0)


class _Trainable:
    """Parameters, gradients and moments in flat arrays, with one view per layer."""

    def __init__(self, topology: Topology, rng: np.random.Generator) -> None:
        self._topology = topology
        shapes = list(zip(topology.widths, topology.widths[1:], strict=False))
        size = sum((inputs + 1) * outputs for inputs, outputs in shapes)
        self._flat, self._slope, self._first, self._second, self._buffer = np.zeros(
            (5, size), dtype=np.float32
        )
        self._weights, self._biases = _views(self._flat, shapes)
        self._weight_slopes, self._bias_slopes = _views(self._slope, shapes)
        for layer, (inputs, outputs) in enumerate(shapes):
            gain = 2.0 if (*topology.activations, "")[layer] == "relu" else 1.0
            self._weights[layer][...] = rng.standard_normal((inputs, outputs)) * np.sqrt(gain / inputs)
            self._biases[layer][...] = rng.uniform(-1.0, 1.0, outputs) if layer < len(shapes) - 1 else 0.0

    def gradients(self, x: Singles, y: Singles, shares: Singles) -> None:
        """Fill the gradient of the weighted mean squared error of a batch."""
        names = self._topology.activations
        signals = [x]
        for layer, (weight, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
            signal = signals[-1] @ weight
            signal += bias
            signals.append(activate(names[layer], signal) if layer < len(names) else signal)
        delta = signals[-1] - y
        delta *= shares * np.float32(2.0 / delta.size)
        for layer in reversed(range(len(self._weights))):
            np.matmul(signals[layer].T, delta, out=self._weight_slopes[layer])
            np.sum(delta, axis=0, out=self._bias_slopes[layer])
            if layer:
                delta = delta @ self._weights[layer].T
                delta *= slope(names[layer - 1], signals[layer])

    def step(self, rate: np.float32) -> None:
        """Take one step of Adam (Kingma and Ba 2015) without bias correction: the rate rises from zero."""
        self._first *= DECAY[0]
        self._first += np.multiply(self._slope, 1 - DECAY[0], out=self._buffer)
        self._slope *= self._slope
        self._second *= DECAY[1]
        self._second += np.multiply(self._slope, 1 - DECAY[1], out=self._buffer)
        np.sqrt(self._second, out=self._buffer)
        self._buffer += SMALLEST
        np.divide(self._first, self._buffer, out=self._buffer)
        self._buffer *= rate
        self._flat -= self._buffer

    def mlp(self) -> Mlp:
        """Return the network as it stands."""
        weights = tuple(weight.astype(np.float64) for weight in self._weights)
        return Mlp(self._topology, weights, tuple(bias.astype(np.float64) for bias in self._biases))


def _views(flat: Singles, shapes: list[tuple[int, int]]) -> tuple[list[Singles], list[Singles]]:
    weights, biases, start = [], [], 0
    for inputs, outputs in shapes:
        weights.append(flat[start : start + inputs * outputs].reshape(inputs, outputs))
        start += inputs * outputs
        biases.append(flat[start : start + outputs])
        start += outputs
    return weights, biases
