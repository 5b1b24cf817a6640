"""A small multilayer perceptron in numpy: topology, weights and forward pass."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.program.kernel import Floats

Float = TypeVar("Float", np.float32, np.float64)
ACTIVATIONS = ("relu", "sigmoid", "tanh")


@dataclass(frozen=True, slots=True)
class Topology:
    """Layer widths and the activation of every hidden layer; the output layer is linear.

    Attributes:
        widths: inputs, hidden layers, outputs.
        activations: one name for each hidden layer.
    """

    widths: tuple[int, ...]
    activations: tuple[str, ...]

    @classmethod
    def of(cls, inputs: int, outputs: int, genome: Mapping[str, Any]) -> Topology:
        """Return the topology of a genome (``space.TopologySpace``) between given inputs and outputs."""
        return cls((inputs, *genome["hidden"], outputs), tuple(genome["activations"]))

    @property
    def multiplications(self) -> int:
        """Multiplications of one call, which is also the number of weights without biases."""
        return sum(a * b for a, b in zip(self.widths, self.widths[1:], strict=False))

    @property
    def text(self) -> str:
        """Short form such as ``6-8t-8r-1``: the letter is the activation's first."""
        inner = (f"{w}{name[0]}" for w, name in zip(self.widths[1:-1], self.activations, strict=True))
        return "-".join([str(self.widths[0]), *inner, str(self.widths[-1])])


@dataclass(frozen=True, slots=True, eq=False)
class Mlp:
    """A trained network between raw inputs and raw outputs; scaling is folded into its weights.

    Attributes:
        topology: its layers.
        weights: float64 [inputs, outputs] of each layer.
        biases: float64 [outputs] of each layer.
    """

    topology: Topology
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def __call__(self, inputs: Floats) -> Floats:
        """Return the outputs of a batch, float64 [calls, outputs]."""
        signal = np.asarray(inputs, dtype=np.float64)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            signal = signal @ weight + bias
            if layer < len(self.topology.activations):
                signal = activate(self.topology.activations[layer], signal)
        return signal

    def to_bytes(self) -> bytes:
        """Return the network as an ``.npz`` file."""
        buffer = io.BytesIO()
        np.savez(buffer, **self.arrays())
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Mlp:
        """Return the network in an ``.npz`` file.

        Raises:
            StoreError: it is no such file.
        """
        return cls.from_arrays(stored_arrays(data))

    def arrays(self, prefix: str = "") -> dict[str, Any]:
        """Return weights, biases and the names of activations by the names that ``from_arrays`` takes."""
        arrays: dict[str, Any] = {f"{prefix}activations": np.array(self.topology.activations, dtype=np.str_)}
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            arrays |= {f"{prefix}weight{layer}": weight, f"{prefix}bias{layer}": bias}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], prefix: str = "") -> Mlp:
        """Return the network among stored arrays.

        Raises:
            StoreError: they lack a part of it.
        """
        try:
            activations = tuple(str(name) for name in arrays[f"{prefix}activations"])
            places = range(len(activations) + 1)
            weights = tuple(arrays[f"{prefix}weight{layer}"] for layer in places)
            biases = tuple(arrays[f"{prefix}bias{layer}"] for layer in places)
        except KeyError as error:
            raise StoreError(f"not a stored network: {error} is missing") from error
        widths = (weights[0].shape[0], *(weight.shape[1] for weight in weights))
        return cls(Topology(widths, activations), weights, biases)


def stored_arrays(data: bytes) -> dict[str, Any]:
    """Return the arrays of an ``.npz`` file.

    Raises:
        StoreError: it is no such file.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(f"not a stored network: {error}") from error


def activate(name: str, signal: npt.NDArray[Float]) -> npt.NDArray[Float]:
    """Return an activation of a signal; the type of the floats is kept.

    Raises:
        ConfigError: an unknown activation.
    """
    if name == "relu":
        return np.maximum(signal, 0)
    if name == "tanh":
        return np.tanh(signal)
    if name == "sigmoid":
        half = signal.dtype.type(0.5)
        return np.asarray(half * (np.tanh(half * signal) + 1))
    raise ConfigError(f"no activation is named '{name}'", remedy=f"use one of {', '.join(ACTIVATIONS)}")


def slope(name: str, value: npt.NDArray[Float]) -> npt.NDArray[Float]:
    """Return the derivative of an activation, from the value that it gave."""
    if name == "relu":
        return (value > 0).astype(value.dtype)
    return 1 - value * value if name == "tanh" else value * (1 - value)


def fold_scaling(mlp: Mlp, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> Mlp:
    """Return the network between raw values, for one trained between standardised ones.

    Args:
        mlp: the network between (x - mean) / deviation and (y - mean) / deviation.
        inputs: mean and deviation of the inputs.
        outputs: the same of the outputs.
    """
    weights, biases = list(mlp.weights), list(mlp.biases)
    weights[0] = weights[0] / inputs[1][:, None]
    biases[0] = biases[0] - inputs[0] @ weights[0]
    weights[-1] = weights[-1] * outputs[1]
    biases[-1] = biases[-1] * outputs[1] + outputs[0]
    return Mlp(mlp.topology, tuple(weights), tuple(biases))
