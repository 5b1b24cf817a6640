"""SMAC (Hutter et al. 2011) over topologies: random forest, expected improvement, and the enumeration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.program.goals import Goal
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.space import TopologySpace, powers_of_two
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial, canonical_json

RANDOM_CANDIDATES = 1000
NEIGHBOURS = 10
PARENTS = 20
TREES = 40


class Smac:
    """The searcher.

    Args:
        space: the topologies.
        goal: what to look for.
        budget: evaluations in all.
        seed: seed of the search.
        initial: random topologies before the first forest.
        batch: topologies per forest; the best by expected improvement, each another one.
        trial_seed: seed that every network is trained with.
        known: what other searches found in the same space; it is learnt from and not asked for again.
    """

    def __init__(
        self,
        space: TopologySpace,
        goal: Goal,
        *,
        budget: int = 100,
        seed: int = 0,
        initial: int = 16,
        batch: int = 2,
        trial_seed: int = 0,
        known: Sequence[Evaluation] = (),
    ) -> None:
        if not 1 <= initial <= budget or batch < 1:
            raise ConfigError(f"budget = {budget} must be at least initial = {initial}, and both positive")
        self._space, self._goal = space, goal
        self._budget, self._initial, self._batch = budget, initial, batch
        self._seed, self._trial_seed = seed, trial_seed
        self._rng = np.random.default_rng(seed)
        self._told: list[tuple[Genome, Mapping[str, float]]] = []
        self.tell(known)
        self._seen = {canonical_json(e.trial.candidate.genome) for e in known}
        self._asked = 0

    def planned(self) -> int:
        """Return the budget."""
        return self._budget

    def ask(self) -> list[Trial]:
        """Return random topologies first, then those of greatest expected improvement."""
        left = self._budget - self._asked
        if left <= 0:
            return []
        if len(self._told) < 2:
            genomes = self._fresh([self._space.sample(self._rng) for _ in range(4 * self._initial)])
            chosen = genomes[: min(left, self._initial)]
        else:
            chosen = self._best_candidates(min(left, self._batch))
        self._seen |= {canonical_json(genome) for genome in chosen}
        self._asked += len(chosen)
        return [Trial(Candidate(genome, "smac"), {}, self._trial_seed) for genome in chosen]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Learn from good trials; failed ones only count against the budget."""
        self._told += [(e.trial.candidate.genome, e.metrics) for e in evaluations if not e.failed]

    def _best_candidates(self, count: int) -> list[Genome]:
        ranked = sorted(self._told, key=lambda pair: -self._goal.merit(pair[1]))
        pool = [
            self._space.mutate(genome, self._rng) for genome, _ in ranked[:PARENTS] for _ in range(NEIGHBOURS)
        ]
        pool += [self._space.sample(self._rng) for _ in range(RANDOM_CANDIDATES)]
        pool = self._fresh(pool)
        told = [metrics for _, metrics in self._told]
        mean, deviation = self._predict(pool)
        chosen: list[int] = []
        for caution in range(count):
            order = np.argsort(-self._goal.gain(told, mean, deviation, caution), kind="stable")
            chosen.append(next(int(place) for place in order if place not in chosen))
        return [pool[place] for place in chosen]

    def _predict(self, pool: Sequence[Genome]) -> tuple[Floats, Floats]:
        from sklearn.ensemble import RandomForestRegressor

        known = np.array([self._space.features(genome) for genome, _ in self._told])
        targets = self._goal.targets([metrics for _, metrics in self._told])
        features = np.array([self._space.features(genome) for genome in pool])
        forest = RandomForestRegressor(
            TREES, min_samples_leaf=2, max_features=0.8, random_state=self._seed + len(self._told)
        )
        mean, deviation = np.empty((2, len(targets), len(pool)))
        for place, column in enumerate(targets):
            forest.fit(known, column)
            votes = np.array([tree.predict(features) for tree in forest.estimators_])
            mean[place], deviation[place] = votes.mean(axis=0), votes.std(axis=0)
        return mean, deviation

    def _fresh(self, genomes: Sequence[Genome]) -> list[Genome]:
        unique = {canonical_json(genome): genome for genome in genomes}
        return [genome for text, genome in unique.items() if text not in self._seen]


class Enumeration:
    """The baseline: every topology of ``powers_of_two`` in one batch."""

    def __init__(self, space: TopologySpace, trial_seed: int = 0) -> None:
        self._genomes = powers_of_two(space)
        self._trial_seed = trial_seed
        self._asked = False

    def planned(self) -> int:
        """Return the number of topologies."""
        return len(self._genomes)

    def ask(self) -> list[Trial]:
        """Return all topologies once."""
        if self._asked:
            return []
        self._asked = True
        return [Trial(Candidate(genome, "enumeration"), {}, self._trial_seed) for genome in self._genomes]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Learn nothing."""
