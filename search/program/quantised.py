"""A small network in 8-bit integers on any 8 x 8 multiplier, exact or approximate.

Activations are codes 0..255, weights -127..127 with one scale per neuron. A neuron adds the multiplier's
products, takes off the zero point's share and adds a bias, all in integers; hidden neurons then go through a
table of 4096 entries that holds the activation. Generated C does the same and gives the same integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.mlp import Mlp, Topology, activate

Ints = npt.NDArray[np.int64]
LEVELS, MOST_WEIGHT = 255, 127
SHIFT, HALF_TABLE = 24, 2048
RANGES = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}
REACH = {"tanh": 4.0, "sigmoid": 8.0}
RIDGE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class IntegerLayer:
    """One layer.

    Attributes:
        operands: weights as the multiplier's operand codes, [inputs, outputs].
        bias: added to the sum of products, [outputs].
        factor: a hidden sum times this, shifted right by 24 bits, is a place of the table, [outputs].
        table: activation codes of the places -2048..2047; empty for the last layer.
    """

    operands: Ints
    bias: Ints
    factor: Ints
    table: Ints


@dataclass(frozen=True, slots=True, eq=False)
class QuantisedMlp:
    """A network between raw inputs and raw outputs.

    Attributes:
        topology: its layers.
        lut: the multiplier; operand A is the activation.
        low, step: input value of code 0 and of one code more, [inputs].
        layers: the integers.
        scale, offset: of the outputs, from the last layer's sums, [outputs].
    """

    topology: Topology
    lut: Lut
    low: Floats
    step: Floats
    layers: tuple[IntegerLayer, ...]
    scale: Floats
    offset: Floats

    def sums(self, inputs: Floats) -> Ints:
        """Return the integer sums of the last layer, [calls, outputs]."""
        codes = encode(inputs, self.low, self.step)
        for layer in self.layers[:-1]:
            codes = hidden_codes(products(self.lut, codes, layer.operands) + layer.bias, layer)
        last = self.layers[-1]
        return products(self.lut, codes, last.operands) + last.bias

    def __call__(self, inputs: Floats) -> Floats:
        """Return the outputs of a batch, float64 [calls, outputs]."""
        return np.asarray(self.sums(inputs) * self.scale + self.offset)


def encode(inputs: Floats, low: Floats, step: Floats) -> Ints:
    """Return the codes 0..255 of inputs; those out of range are clamped."""
    return np.clip(np.rint((inputs - low) / step), 0, LEVELS).astype(np.int64)


def zero_point(lut: Lut) -> int:
    """Return what is taken off a weight's operand to get its value."""
    return 0 if lut.signed else 128


def products(lut: Lut, codes: Ints, operands: Ints) -> Ints:
    """Return sums of products less the zero point's share, [calls, outputs].

    A signed multiplier sees activation codes less 128; what that takes off is part of the bias.
    """
    rows = lut.table[np.arange(256) ^ (128 if lut.signed else 0)]
    total = np.zeros((len(codes), operands.shape[1]), dtype=np.int32)
    for place in range(operands.shape[0]):
        total += rows[:, operands[place]][codes[:, place]]
    return np.asarray(total - zero_point(lut) * codes.sum(axis=1, keepdims=True), dtype=np.int64)


def hidden_codes(sums: Ints, layer: IntegerLayer) -> Ints:
    """Return the codes of hidden neurons from their sums."""
    place = (sums * layer.factor + (1 << (SHIFT - 1))) >> SHIFT
    return np.asarray(layer.table[np.clip(place, -HALF_TABLE, HALF_TABLE - 1) + HALF_TABLE])


def map_weights(lut: Lut, codes: Ints) -> Ints:
    """Return the best operand for each weight -128..127, [256].

    As in ALWANN (Mrazek et al. 2019), a weight is replaced by the one whose products are nearest to its own;
    here in the mean square over the layer's measured activations. A tie keeps the weight.
    """
    share = np.bincount(codes.ravel(), minlength=256) / codes.size
    offset = 128 if lut.signed else 0
    activations = np.arange(256.0) - offset
    values = lut.table[np.arange(256) ^ offset].astype(np.float64)
    order = (np.arange(-128, 128) + zero_point(lut)) % 256
    weights = np.arange(-128.0, 128.0) + zero_point(lut)
    cross = np.outer(weights, (share * activations) @ values)
    error = (share @ values**2) - 2.0 * cross + np.outer(weights**2, np.full(256, share @ activations**2))
    error[np.arange(256), order] -= 1e-6 * (1.0 + np.abs(error[np.arange(256), order]))
    return np.asarray(error.argmin(axis=1))


def quantise(network: Mlp, lut: Lut, inputs: Floats, targets: Floats) -> QuantisedMlp:
    """Return a trained network on a multiplier, without training.

    Layer after layer, on the codes that the layers before give: weights are mapped to the multiplier's best
    operands, each neuron's sum is corrected by the straight line that fits the exact sums, and the output
    layer is fitted anew to the targets.

    Args:
        network: trained in floats.
        lut: an 8 x 8 multiplier.
        inputs: training calls, [calls, inputs].
        targets: their exact outputs, [calls, outputs].

    Raises:
        ConfigError: the multiplier is no 8 x 8 one.
    """
    if (lut.a_bits, lut.b_bits) != (8, 8):
        raise ConfigError(f"small networks run on 8 x 8 multipliers, not {lut.a_bits} x {lut.b_bits}")
    low = inputs.min(axis=0)
    step = np.maximum(inputs.max(axis=0) - low, 1e-12) / LEVELS
    codes = encode(inputs, low, step)
    code_low, code_step = low, step
    layers = []
    for weight, bias, name in zip(
        network.weights, network.biases, network.topology.activations, strict=False
    ):
        layer, codes, code_low, code_step = _hidden(lut, codes, code_low, code_step, weight, bias, name)
        layers.append(layer)
    weight, bias = _refit(code_low + code_step * codes, targets)
    scaled, start = weight * code_step[:, None], bias + code_low @ weight
    operands, sums = _integers(lut, codes, scaled)
    nothing = np.zeros(0, dtype=np.int64)
    last = IntegerLayer(operands, np.zeros(len(bias), dtype=np.int64), nothing, nothing)
    slope, shift = _line(sums, codes @ scaled + start)
    return QuantisedMlp(network.topology, lut, low, step, (*layers, last), slope, shift)


def _hidden(
    lut: Lut, codes: Ints, low: Floats, step: Floats, weight: Floats, bias: Floats, name: str
) -> tuple[IntegerLayer, Ints, Floats, Floats]:
    scaled, start = weight * step[:, None], bias + low @ weight
    exact = codes @ scaled + start
    operands, sums = _integers(lut, codes, scaled)
    slope, shift = _line(sums, exact)
    reach = min(float(np.abs(exact).max()), REACH.get(name, np.inf)) or 1.0
    grid = reach / HALF_TABLE
    factor = np.rint(slope / grid * 2.0**SHIFT).astype(np.int64)
    first, end = RANGES.get(name, (0.0, max(float(exact.max()), 1e-12)))
    places = grid * np.arange(-HALF_TABLE, HALF_TABLE, dtype=np.float64)
    code_step = (end - first) / LEVELS
    table = np.clip(np.rint((activate(name, places) - first) / code_step), 0, LEVELS).astype(np.int64)
    layer = IntegerLayer(operands, np.rint(shift / slope).astype(np.int64), factor, table)
    width = len(bias)
    return layer, hidden_codes(sums + layer.bias, layer), np.full(width, first), np.full(width, code_step)


def _integers(lut: Lut, codes: Ints, scaled: Floats) -> tuple[Ints, Ints]:
    """Return operands and their sums over the calls."""
    scale = np.maximum(np.abs(scaled).max(axis=0), 1e-30) / MOST_WEIGHT
    values = np.rint(scaled / scale).astype(np.int64)
    operands = map_weights(lut, codes)[values + 128]
    return operands, products(lut, codes, operands)


def _line(sums: Ints, exact: Floats) -> tuple[Floats, Floats]:
    """Return slope and shift of the least-squares line from sums to exact values, for each neuron."""
    mean, goal = sums.mean(axis=0), exact.mean(axis=0)
    spread = ((sums - mean) ** 2).mean(axis=0)
    together = ((sums - mean) * (exact - goal)).mean(axis=0)
    slope = np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), 1.0)
    slope = np.where(np.abs(slope) > 1e-30, slope, 1e-30)
    return slope, goal - slope * mean


def _refit(signal: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return weights and biases of the output layer by ridge regression."""
    centre, goal = signal.mean(axis=0), targets.mean(axis=0)
    deviation = np.maximum(signal.std(axis=0), 1e-12)
    design = (signal - centre) / deviation
    gram = design.T @ design + RIDGE * len(design) * np.eye(design.shape[1])
    weight = np.linalg.solve(gram, design.T @ (targets - goal)) / deviation[:, None]
    return weight, goal - centre @ weight
