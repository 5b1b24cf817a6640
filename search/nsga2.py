"""NSGA-II over any search space (Deb et al. 2002): (P + O) selection by rank and crowding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.objective import Objective, costs
from mulsmith.search.pareto import best_first
from mulsmith.search.space import SearchSpace
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial, canonical_json

ATTEMPTS_FOR_A_NEW_GENOME = 50


class Nsga2:
    """The searcher.

    Args:
        space: where genomes come from.
        objectives: what to improve.
        population: P, size of the parent population.
        offspring: O, new candidates in each generation.
        generations: batches of offspring after the initial population.
        seed: seed of the search.
        crossover_rate: share of offspring that combine two parents before mutation.
        mutation_rate: share of offspring that are mutated (the others are plain crossovers).
        initial: genomes that the initial population must contain.
        fidelity: settings that every trial is evaluated with.

    A genome that was asked for before is not asked for again.
    """

    def __init__(
        self,
        space: SearchSpace,
        objectives: Sequence[Objective],
        *,
        population: int = 20,
        offspring: int = 20,
        generations: int = 30,
        seed: int = 0,
        crossover_rate: float = 0.5,
        mutation_rate: float = 0.9,
        initial: Sequence[Genome] = (),
        fidelity: Mapping[str, Any] | None = None,
    ) -> None:
        if population < 2 or offspring < 1 or generations < 0:
            raise ConfigError("NSGA-II needs a population of at least 2, offspring of at least 1")
        if len(initial) > population:
            raise ConfigError(f"{len(initial)} initial genomes do not fit into a population of {population}")
        self._space = space
        self._objectives = tuple(objectives)
        self._population = population
        self._offspring = offspring
        self._generations = generations
        self._crossover_rate = crossover_rate
        self._mutation_rate = mutation_rate
        self._initial = [space.validate(genome) for genome in initial]
        self._fidelity = dict(fidelity or {})
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._seen: set[str] = set()
        self._parents: list[Evaluation] = []
        self._generation = -1

    def planned(self) -> int:
        """Return P + generations x O."""
        return self._population + self._generations * self._offspring

    def ask(self) -> list[Trial]:
        """Return the initial population, then one generation's offspring at a time."""
        if self._generation >= self._generations:
            return []
        if self._generation < 0:
            genomes = [self._first(i) for i in range(self._population)]
            return [self._trial(genome, "initial") for genome in genomes if self._is_new(genome)]
        children = (self._new_child() for _ in range(self._offspring))
        return [self._trial(child, "offspring") for child in children if child is not None]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Select the next parents from the present ones and the offspring; failed trials drop out."""
        pool = self._parents + [evaluation for evaluation in evaluations if not evaluation.failed]
        if not pool:
            raise ConfigError("every candidate of the initial population failed; see the stored tracebacks")
        cost = costs(self._objectives, [evaluation.metrics for evaluation in pool])
        self._parents = [pool[i] for i in best_first(cost)[: self._population]]
        self._generation += 1

    def _first(self, index: int) -> Genome:
        if index < len(self._initial):
            return self._initial[index]
        for _ in range(ATTEMPTS_FOR_A_NEW_GENOME):
            genome = self._space.sample(self._rng)
            if canonical_json(genome) not in self._seen:
                break
        return genome

    def _new_child(self) -> Genome | None:
        for _ in range(ATTEMPTS_FOR_A_NEW_GENOME):
            child = self._child()
            if self._is_new(child):
                return child
        return None

    def _child(self) -> Genome:
        genome = self._tournament()
        if self._rng.random() < self._crossover_rate:
            genome = self._space.crossover(genome, self._tournament(), self._rng)
        if self._rng.random() < self._mutation_rate:
            genome = self._space.mutate(genome, self._rng)
        return genome

    def _tournament(self) -> Genome:
        # Parents are kept best first, so the smaller index wins.
        return self._parents[int(self._rng.integers(len(self._parents), size=2).min())].trial.candidate.genome

    def _is_new(self, genome: Genome) -> bool:
        text = canonical_json(genome)
        if text in self._seen:
            return False
        self._seen.add(text)
        return True

    def _trial(self, genome: Genome, origin: str) -> Trial:
        return Trial(Candidate(genome, origin), self._fidelity, self._seed)
