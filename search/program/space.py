"""The space of topologies: hidden layers, their widths and their activations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.mlp import ACTIVATIONS
from mulsmith.search.trial import Genome


@dataclass(frozen=True, slots=True)
class Choice:
    """A multiplier as a searcher sees it.

    Attributes:
        name: in the library.
        energy_pj: of one multiplication.
        mae: mean absolute error.
    """

    name: str
    energy_pj: float
    mae: float


@dataclass(frozen=True, slots=True)
class TopologySpace:
    """Genomes ``{"hidden": [widths], "activations": [names]}``, and ``"multiplier"`` where there is a choice.

    Attributes:
        inputs, outputs: of the region; they shape the features.
        depth: most hidden layers; 2 as published.
        width: most neurons of a layer; 128 as published.
        multipliers: of 8-bit networks; none for networks in 16-bit words.
    """

    inputs: int
    outputs: int
    depth: int = 2
    width: int = 128
    multipliers: tuple[Choice, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.depth <= 8 or not 1 <= self.width <= 4096:
            raise ConfigError(f"depth = {self.depth} or width = {self.width} is outside 1..8 or 1..4096")

    def sample(self, rng: np.random.Generator) -> Genome:
        """Return a random genome; widths are uniform in their logarithm."""
        depth = int(rng.integers(1, self.depth + 1))
        hidden = [self._width(rng) for _ in range(depth)]
        activations = [str(rng.choice(ACTIVATIONS)) for _ in range(depth)]
        return {"hidden": hidden, "activations": activations, **self._multiplier(rng)}

    def mutate(self, genome: Genome, rng: np.random.Generator) -> Genome:
        """Return a copy with another width, activation or multiplier, or a layer more or less."""
        hidden, activations = list(genome["hidden"]), list(genome["activations"])
        if self.multipliers and rng.random() < 0.4:
            return {"hidden": hidden, "activations": activations, **self._multiplier(rng)}
        layer, kind = int(rng.integers(len(hidden))), rng.random()
        if kind < 0.2 and len(hidden) > 1:
            del hidden[layer], activations[layer]
        elif kind < 0.3 and len(hidden) < self.depth:
            hidden.insert(layer, self._width(rng))
            activations.insert(layer, str(rng.choice(ACTIVATIONS)))
        elif kind < 0.5:
            activations[layer] = str(rng.choice(ACTIVATIONS))
        else:
            # Small steps around a good width, and large ones that halve or double it.
            scaled = round(hidden[layer] * 2.0 ** rng.normal(0.0, rng.choice((0.3, 1.0))))
            step = scaled - hidden[layer] or int(rng.choice((-1, 1)))
            hidden[layer] = int(np.clip(hidden[layer] + step, 1, self.width))
        return {**genome, "hidden": hidden, "activations": activations}

    def crossover(self, first: Genome, second: Genome, rng: np.random.Generator) -> Genome:
        """Return the widths of one genome with the activations of the other where depths agree."""
        if len(first["hidden"]) != len(second["hidden"]):
            return first if rng.random() < 0.5 else second
        return {**first, "activations": list(second["activations"])}

    def validate(self, genome: Genome) -> Genome:
        """Return the genome in its canonical form.

        Raises:
            ConfigError: a wrong depth, width or activation.
        """
        if not isinstance(genome, Mapping) or not {"hidden", "activations"} <= set(genome):
            raise ConfigError("a topology is an object {'hidden': [widths], 'activations': [names]}")
        hidden, activations = list(genome["hidden"]), list(genome["activations"])
        if not 1 <= len(hidden) <= self.depth or len(activations) != len(hidden):
            raise ConfigError(f"a topology has 1..{self.depth} hidden layers and an activation for each")
        if any(not isinstance(width, int) or not 1 <= width <= self.width for width in hidden):
            raise ConfigError(f"hidden widths {hidden} are not integers in 1..{self.width}")
        if unknown := sorted(set(activations) - set(ACTIVATIONS)):
            raise ConfigError(f"unknown activations {unknown}")
        found = {"hidden": hidden, "activations": activations}
        if self.multipliers:
            self._choice(genome.get("multiplier"))
            found["multiplier"] = genome["multiplier"]
        return found

    def features(self, genome: Genome) -> Floats:
        """Return what a surrogate sees: log2 of widths, one-hot activations, narrowest, multiplications.

        A multiplier adds log2 of its energy and of its error.
        """
        hidden, activations = genome["hidden"], genome["activations"]
        widths = [np.log2(width) + 1.0 for width in hidden] + [0.0] * (self.depth - len(hidden))
        kinds = [
            float(layer < len(hidden) and activations[layer] == name)
            for layer in range(self.depth)
            for name in ACTIVATIONS
        ]
        chain = (self.inputs, *hidden, self.outputs)
        products = sum(a * b for a, b in pairwise(chain))
        circuit = []
        if self.multipliers:
            choice = self._choice(genome["multiplier"])
            circuit = [np.log2(choice.energy_pj), np.log2(choice.mae + 1e-3)]
        narrowest = np.log2(min(hidden))
        return np.array([*widths, *kinds, narrowest, np.log2(products), float(len(hidden)), *circuit])

    def _multiplier(self, rng: np.random.Generator) -> Genome:
        if not self.multipliers:
            return {}
        return {"multiplier": self.multipliers[int(rng.integers(len(self.multipliers)))].name}

    def _choice(self, name: object) -> Choice:
        for choice in self.multipliers:
            if choice.name == name:
                return choice
        raise ConfigError(f"no multiplier is named {name!r} in this space")

    def _width(self, rng: np.random.Generator) -> int:
        return int(np.clip(round(2.0 ** rng.uniform(0.0, np.log2(self.width))), 1, self.width))


def powers_of_two(space: TopologySpace, activation: str = "sigmoid") -> list[Genome]:
    """Return the baseline's topologies: two hidden layers of 2, 4, ... neurons, one activation."""
    sizes = [2**k for k in range(1, 13) if 2**k <= space.width]
    return [{"hidden": [a, b], "activations": [activation] * 2} for a in sizes for b in sizes]
