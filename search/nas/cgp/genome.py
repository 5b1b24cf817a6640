"""Genomes over a template: wiring, output and multiplier; mutation; the network that a genome expresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.nas.cgp.template import Template
from mulsmith.search.trial import Genome


@dataclass(frozen=True, slots=True)
class CgpSpace:
    """Genomes ``{"inputs": [[place, ...] per node], "output": place, "multiplier": name}``.

    A place is a node's number in the grid, -1 the image. A mutation redraws all inputs of random places
    until an active one (the output gene counts as one) was hit; then the multiplier with ``p_multiplier``.

    Attributes:
        template: the grid.
        multipliers: names to choose from.
        p_multiplier: probability that a mutation redraws the multiplier.
    """

    template: Template
    multipliers: tuple[str, ...]
    p_multiplier: float = 0.5

    def __post_init__(self) -> None:
        if not self.multipliers:
            raise ConfigError("the search has no multiplier to choose from")

    def sample(self, rng: np.random.Generator) -> Genome:
        """Return a random genome."""
        inputs = [self._draw(place, rng) for place in range(len(self.template.grid))]
        name = self.multipliers[int(rng.integers(len(self.multipliers)))]
        return {"inputs": inputs, "output": self._draw_output(rng), "multiplier": name}

    def mutate(self, genome: Genome, rng: np.random.Generator) -> Genome:
        """Return a copy in which at least one active gene was redrawn."""
        inputs, output = [list(genes) for genes in genome["inputs"]], genome["output"]
        active = active_places(inputs, output)
        hit = False
        while not hit:
            place = int(rng.integers(len(inputs) + 1))
            if place == len(inputs):
                output, hit = self._draw_output(rng), True
            else:
                inputs[place], hit = self._draw(place, rng), place in active
        name = genome["multiplier"]
        if rng.random() < self.p_multiplier:
            name = self.multipliers[int(rng.integers(len(self.multipliers)))]
        return {"inputs": inputs, "output": output, "multiplier": name}

    def crossover(self, first: Genome, second: Genome, rng: np.random.Generator) -> Genome:
        """Return the first genome: the method has no crossover."""
        return first

    def validate(self, genome: Genome) -> Genome:
        """Return the genome.

        Raises:
            ConfigError: a gene that the template does not allow, or an unknown multiplier.
        """
        if not isinstance(genome, Mapping) or set(genome) != {"inputs", "output", "multiplier"}:
            raise ConfigError("a genome is an object of inputs, output and multiplier")
        if genome["multiplier"] not in self.multipliers:
            raise ConfigError(f"the genome names the unknown multiplier '{genome['multiplier']}'")
        grid, starts = self.template.grid, self.template.starts()
        for place, genes in enumerate(genome["inputs"]):
            sources = self.template.sources(self._column(place))
            if len(genes) != grid[place].inputs or any(gene not in sources for gene in genes):
                raise ConfigError(f"the genome wires node {place} to {genes}, outside {sources}")
        if len(genome["inputs"]) != len(grid) or not starts[-2] <= genome["output"] < starts[-1]:
            raise ConfigError("the genome does not cover the grid or its output is not in the last column")
        return genome

    def express(self, genome: Genome) -> Genome:
        """Return the phenotype ``{"nodes": [{function, "inputs"}], "multiplier"}`` of a genome.

        Nodes are the active ones in grid order, renumbered from 0, inputs -1 for the image; the last one is
        the output. The two inputs of a sum are sorted: it is commutative.
        """
        active = sorted(active_places(genome["inputs"], genome["output"]))
        number = {-1: -1} | {place: index for index, place in enumerate(active)}
        nodes = [
            {
                **self.template.grid[place].model_dump(),
                "inputs": sorted(number[gene] for gene in genome["inputs"][place]),
            }
            for place in active
        ]
        return {"nodes": nodes, "multiplier": genome["multiplier"]}

    def _column(self, place: int) -> int:
        return int(np.searchsorted(self.template.starts(), place, side="right")) - 1

    def _draw(self, place: int, rng: np.random.Generator) -> list[int]:
        sources = self.template.sources(self._column(place))
        picks = rng.integers(sources.start, sources.stop, size=self.template.grid[place].inputs)
        return [int(pick) for pick in picks]

    def _draw_output(self, rng: np.random.Generator) -> int:
        starts = self.template.starts()
        return int(rng.integers(starts[-2], starts[-1]))


def active_places(inputs: Sequence[Sequence[int]], output: int) -> set[int]:
    """Return the places that the output depends on, itself included, the image not."""
    active: set[int] = set()
    waiting = [output]
    while waiting:
        place = waiting.pop()
        if place >= 0 and place not in active:
            active.add(place)
            waiting.extend(inputs[place])
    return active
