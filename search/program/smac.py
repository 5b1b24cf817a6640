"""SMAC (Hutter et al. 2011) over topologies: random forest, expected improvement, and the enumeration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.space import TopologySpace, powers_of_two
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial, canonical_json

Merit = Callable[[Mapping[str, float]], float]
RANDOM_CANDIDATES = 1000
NEIGHBOURS = 10
PARENTS = 20
TREES = 40


def weighted_merit(accuracy: str, alpha: float = 0.9, beta: float = 0.05, epsilon: float = 0.01) -> Merit:
    """Return the published merit alpha P_acc + beta P_speed + epsilon P_energy, to be maximised.

    The publication does not scale P_speed and P_energy; here both are the share that the least possible
    figure, one multiplication, has in the network's (in logarithms), so that each lies in 0..1.
    """

    def merit(metrics: Mapping[str, float]) -> float:
        speed = 1.0 / (1.0 + np.log1p(metrics["npu_ns"]))
        energy = 1.0 / (1.0 + np.log1p(metrics["npu_pj"]))
        return float(alpha * metrics[accuracy] + beta * speed + epsilon * energy)

    return merit


def bounded_merit(accuracy: str, least: float, steepness: float = 40.0) -> Merit:
    """Return the merit of least energy with an accuracy of at least ``least``: -log(energy) less a penalty.

    Args:
        accuracy: name of the metric.
        least: accuracy below which the penalty begins.
        steepness: logarithmic energy that a missing share of 1 costs.
    """

    def merit(metrics: Mapping[str, float]) -> float:
        return float(-np.log(metrics["npu_pj"]) - steepness * max(0.0, least - metrics[accuracy]))

    return merit


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return sigma (z Phi(z) + phi(z)) with z = (mean - best) / sigma, for maximisation; 0 where sigma is."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        z = (mean - best) / deviation
        gain = deviation * (z * ndtr(z) + np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi))
    return np.where(deviation > 0, gain, np.maximum(mean - best, 0.0))


class Smac:
    """The searcher.

    Args:
        space: the topologies.
        merit: what to maximise.
        budget: evaluations in all.
        seed: seed of the search.
        initial: random topologies before the first forest.
        batch: topologies per forest; the best by expected improvement, each another one.
        trial_seed: seed that every network is trained with.
    """

    def __init__(
        self,
        space: TopologySpace,
        merit: Merit,
        *,
        budget: int = 100,
        seed: int = 0,
        initial: int = 16,
        batch: int = 4,
        trial_seed: int = 0,
    ) -> None:
        if not 1 <= initial <= budget or batch < 1:
            raise ConfigError(f"budget = {budget} must be at least initial = {initial}, and both positive")
        self._space, self._merit = space, merit
        self._budget, self._initial, self._batch = budget, initial, batch
        self._seed, self._trial_seed = seed, trial_seed
        self._rng = np.random.default_rng(seed)
        self._seen: set[str] = set()
        self._told: list[tuple[Genome, float]] = []

    def planned(self) -> int:
        """Return the budget."""
        return self._budget

    def ask(self) -> list[Trial]:
        """Return random topologies first, then those of greatest expected improvement."""
        left = self._budget - len(self._seen)
        if left <= 0:
            return []
        if len(self._told) < 2:
            genomes = self._fresh([self._space.sample(self._rng) for _ in range(4 * self._initial)])
            chosen = genomes[: min(left, self._initial)]
        else:
            chosen = self._best_candidates(min(left, self._batch))
        self._seen |= {canonical_json(genome) for genome in chosen}
        return [Trial(Candidate(genome, "smac"), {}, self._trial_seed) for genome in chosen]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Learn the merit of good trials; failed ones only count against the budget."""
        for evaluation in evaluations:
            if not evaluation.failed:
                self._told.append((evaluation.trial.candidate.genome, self._merit(evaluation.metrics)))

    def _best_candidates(self, count: int) -> list[Genome]:
        ranked = sorted(self._told, key=lambda pair: -pair[1])
        pool = [
            self._space.mutate(genome, self._rng) for genome, _ in ranked[:PARENTS] for _ in range(NEIGHBOURS)
        ]
        pool += [self._space.sample(self._rng) for _ in range(RANDOM_CANDIDATES)]
        pool = self._fresh(pool)
        mean, deviation = self._predict(pool)
        gain = expected_improvement(mean, deviation, ranked[0][1])
        return [pool[i] for i in np.argsort(-gain, kind="stable")[:count]]

    def _predict(self, pool: Sequence[Genome]) -> tuple[Floats, Floats]:
        from sklearn.ensemble import RandomForestRegressor

        forest = RandomForestRegressor(
            TREES, min_samples_leaf=2, max_features=0.8, random_state=self._seed + len(self._told)
        )
        forest.fit([self._space.features(genome) for genome, _ in self._told], [y for _, y in self._told])
        features = np.array([self._space.features(genome) for genome in pool])
        votes = np.array([tree.predict(features) for tree in forest.estimators_])
        return votes.mean(axis=0), votes.std(axis=0)

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
