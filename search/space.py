"""Search spaces: what can be sampled, changed, combined and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.trial import Genome


class SearchSpace(Protocol):
    """A set of genomes in JSON form; every method returns a valid genome or raises ``ConfigError``."""

    def sample(self, rng: np.random.Generator) -> Genome:
        """Return a random genome."""
        ...

    def mutate(self, genome: Genome, rng: np.random.Generator) -> Genome:
        """Return a changed copy."""
        ...

    def crossover(self, first: Genome, second: Genome, rng: np.random.Generator) -> Genome:
        """Return a combination of two genomes."""
        ...

    def validate(self, genome: Genome) -> Genome:
        """Return the genome in its canonical form, or raise ``ConfigError`` saying what is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class AssignmentSpace:
    """Maps from layer to multiplier over a limited number of tiles (kinds of PE).

    A genome is ``{"layers": {layer: multiplier}}``. At most ``tiles`` different multipliers occur in it, as
    in ALWANN (Mrazek et al., ICCAD 2019): a chip has few kinds of PE.

    Attributes:
        layers: layer names in network order.
        multipliers: names to choose from.
        tiles: how many different multipliers may occur.
    """

    layers: tuple[str, ...]
    multipliers: tuple[str, ...]
    tiles: int

    def __post_init__(self) -> None:
        if not self.layers or not self.multipliers:
            raise ConfigError("an assignment needs at least one layer and one multiplier")
        if len(set(self.layers)) < len(self.layers) or len(set(self.multipliers)) < len(self.multipliers):
            raise ConfigError("a layer or multiplier is named twice")
        if not 1 <= self.tiles <= len(self.layers):
            raise ConfigError(f"tiles = {self.tiles} is outside 1..{len(self.layers)} (the number of layers)")

    def sample(self, rng: np.random.Generator) -> Genome:
        """Return a random map: tiles drawn first, then a tile for every layer."""
        count = min(self.tiles, len(self.multipliers))
        tiles = rng.choice(len(self.multipliers), size=count, replace=False)
        return self._genome([self.multipliers[i] for i in rng.choice(tiles, size=len(self.layers))])

    def mutate(self, genome: Genome, rng: np.random.Generator) -> Genome:
        """Return a map in which one layer moved to another tile or one tile got another multiplier."""
        names = self._names(genome)
        used = sorted(set(names))
        if rng.random() < 0.5:
            layer = int(rng.integers(len(names)))
            pool = used if len(used) >= self.tiles else list(self.multipliers)
            others = [name for name in pool if name != names[layer]]
            if others:
                names[layer] = others[int(rng.integers(len(others)))]
                return self._genome(names)
        old = used[int(rng.integers(len(used)))]
        others = [name for name in self.multipliers if name != old]
        if not others:
            return genome
        new = others[int(rng.integers(len(others)))]
        return self._genome([new if name == old else name for name in names])

    def crossover(self, first: Genome, second: Genome, rng: np.random.Generator) -> Genome:
        """Return a uniform crossover; surplus multipliers are merged into the most frequent ones."""
        pick = rng.random(len(self.layers)) < 0.5
        pairs = zip(pick, self._names(first), self._names(second), strict=True)
        return self._genome(self._repair([a if take else b for take, a, b in pairs], rng))

    def validate(self, genome: Genome) -> Genome:
        """Return the genome with its layers in network order.

        Raises:
            ConfigError: unknown or missing layer, unknown multiplier, or too many of them.
        """
        layers = genome.get("layers") if isinstance(genome, Mapping) else None
        if not isinstance(layers, Mapping):
            raise ConfigError("an assignment is an object {'layers': {layer: multiplier}}")
        unknown = sorted(set(layers) - set(self.layers))
        missing = [name for name in self.layers if name not in layers]
        if unknown or missing:
            raise ConfigError(
                f"assignment names unknown layers {unknown} and lacks layers {missing}",
                remedy=f"the layers are {', '.join(self.layers)}",
            )
        strangers = sorted(set(layers.values()) - set(self.multipliers))
        if strangers:
            raise ConfigError(
                f"assignment names unknown multipliers {strangers}",
                remedy="see 'mulsmith library list', and circuits.names in the configuration",
            )
        if len(set(layers.values())) > self.tiles:
            raise ConfigError(
                f"assignment uses {len(set(layers.values()))} multipliers, but there are {self.tiles} tiles"
            )
        return self._genome([layers[name] for name in self.layers])

    def _names(self, genome: Genome) -> list[str]:
        return [genome["layers"][layer] for layer in self.layers]

    def _genome(self, names: Sequence[str]) -> Genome:
        return {"layers": dict(zip(self.layers, names, strict=True))}

    def _repair(self, names: list[str], rng: np.random.Generator) -> list[str]:
        used = sorted(set(names), key=lambda name: (-names.count(name), name))
        keep = used[: self.tiles]
        return [name if name in keep else keep[int(rng.integers(len(keep)))] for name in names]
