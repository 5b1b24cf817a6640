"""Parameters, gradients and Adam of one network in float32 numpy: the reference of the compiled trainer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mulsmith.search.program.mlp import Mlp, Topology, activate, slope

Singles = npt.NDArray[np.float32]
DECAY = (np.float32(0.9), np.float32(0.99))
SMALLEST = np.float32(1e-8)


class Trainable:
    """Parameters, gradients and moments in flat arrays, with one view per layer.

    Args:
        topology: of the network.
        rng: draws the initial weights.
    """

    def __init__(self, topology: Topology, rng: np.random.Generator) -> None:
        self.topology = topology
        shapes = list(zip(topology.widths, topology.widths[1:], strict=False))
        size = sum((inputs + 1) * outputs for inputs, outputs in shapes)
        self.flat, self._slope, self.first, self.second, self._buffer = np.zeros((5, size), np.float32)
        self.weights, self.biases = _views(self.flat, shapes)
        self.weight_slopes, self.bias_slopes = _views(self._slope, shapes)
        for layer, (inputs, outputs) in enumerate(shapes):
            gain = 2.0 if (*topology.activations, "")[layer] == "relu" else 1.0
            self.weights[layer][...] = rng.standard_normal((inputs, outputs)) * np.sqrt(gain / inputs)
            self.biases[layer][...] = rng.uniform(-1.0, 1.0, outputs) if layer < len(shapes) - 1 else 0.0

    def epoch(
        self,
        data: tuple[Singles, Singles, Singles],
        order: npt.NDArray[np.int64],
        batch: int,
        rates: Singles,
    ) -> None:
        """Take one step of Adam for each rate, over inputs, targets and shares in the given order."""
        from threadpoolctl import threadpool_limits

        x, y, shares = (values[order] for values in data)
        # One thread: the same sums in the same order on every machine, and workers do not compete.
        with threadpool_limits(limits=1), np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for step, rate in enumerate(rates):
                part = slice(step * batch, (step + 1) * batch)
                self.gradients(x[part], y[part], shares[part, None])
                self.step(rate)

    def gradients(self, x: Singles, y: Singles, shares: Singles) -> None:
        """Fill the gradient of the weighted mean squared error of a batch."""
        names = self.topology.activations
        signals = [x]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            signal = signals[-1] @ weight
            signal += bias
            signals.append(activate(names[layer], signal) if layer < len(names) else signal)
        delta = signals[-1] - y
        delta *= shares * np.float32(2.0 / delta.size)
        for layer in reversed(range(len(self.weights))):
            np.matmul(signals[layer].T, delta, out=self.weight_slopes[layer])
            np.sum(delta, axis=0, out=self.bias_slopes[layer])
            if layer:
                delta = delta @ self.weights[layer].T
                delta *= slope(names[layer - 1], signals[layer])

    def step(self, rate: np.float32) -> None:
        """Take one step of Adam (Kingma and Ba 2015) without bias correction: the rate rises from zero."""
        self.first *= DECAY[0]
        self.first += np.multiply(self._slope, 1 - DECAY[0], out=self._buffer)
        self._slope *= self._slope
        self.second *= DECAY[1]
        self.second += np.multiply(self._slope, 1 - DECAY[1], out=self._buffer)
        np.sqrt(self.second, out=self._buffer)
        self._buffer += SMALLEST
        np.divide(self.first, self._buffer, out=self._buffer)
        self._buffer *= rate
        self.flat -= self._buffer

    def mlp(self) -> Mlp:
        """Return the network as it stands."""
        weights = tuple(weight.astype(np.float64) for weight in self.weights)
        return Mlp(self.topology, weights, tuple(bias.astype(np.float64) for bias in self.biases))


def _views(flat: Singles, shapes: list[tuple[int, int]]) -> tuple[list[Singles], list[Singles]]:
    weights, biases, start = [], [], 0
    for inputs, outputs in shapes:
        weights.append(flat[start : start + inputs * outputs].reshape(inputs, outputs))
        start += inputs * outputs
        biases.append(flat[start : start + outputs])
        start += outputs
    return weights, biases
