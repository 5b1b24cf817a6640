"""The searcher of Phoenix: a beam of the best networks so far, grown block by block; ensembles of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.nas.fidelity import same_fidelity
from mulsmith.search.nas.phoenix.space import Blocks, BlockSpace, Child, depth
from mulsmith.search.nas.phoenix.weights import lineage
from mulsmith.search.objective import Objective, costs
from mulsmith.search.pareto import best_first
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial, canonical_json

ATTEMPTS_FOR_A_NEW_NETWORK = 50


@dataclass(frozen=True, slots=True)
class BeamRules:
    """How the search goes on from what it has seen.

    Attributes:
        trials: of the whole search, suggestions and ensembles included.
        batch: trials that are asked for at once, after the suggestions.
        beam: best networks of which one is picked at random as the parent.
        order: of the beam: rank and crowding over all objectives, or the first objective alone.
        append: probability that a network below the allowed depth grows; else a block is replaced.
        rewire: probability that instead of either only the multipliers of one block change.
        trials_per_depth: finished trials after which the allowed depth rises by one.
        min_depth: allowed from the start.
        max_depth: allowed at the end.
        ensemble_every: every so manieth trial is an ensemble; 0 is never.
        ensemble_width: members of an ensemble.
    """

    trials: int = 100
    batch: int = 5
    beam: int = 5
    order: Literal["pareto", "accuracy"] = "pareto"
    append: float = 0.9
    rewire: float = 0.3
    trials_per_depth: int = 5
    min_depth: int = 2
    max_depth: int = 20
    ensemble_every: int = 5
    ensemble_width: int = 3

    def __post_init__(self) -> None:
        if self.min_depth > self.max_depth:
            raise ConfigError(f"min_depth = {self.min_depth} is above max_depth = {self.max_depth}")

    def allowed_depth(self, finished: int) -> int:
        """Return how deep a network may grow after a number of finished trials."""
        return min(self.max_depth, max(self.min_depth, 1 + finished // self.trials_per_depth))


class PhoenixSearcher:
    """The searcher.

    A child names the trial whose weights it starts from, so that equal trials have equal weights. Networks
    that were stopped as hopeless, or that were not evaluated at the full fidelity, are no parents.

    Args:
        space: what networks are made of.
        objectives: accuracy first.
        rules: how the search goes on.
        suggestions: the first trials.
        seed: of the search and of all trials.
        fidelity: settings that every trial is evaluated with.
    """

    def __init__(
        self,
        space: BlockSpace,
        objectives: Sequence[Objective],
        rules: BeamRules,
        suggestions: Sequence[Sequence[str]],
        seed: int,
        fidelity: Mapping[str, Any],
    ) -> None:
        self._space = space
        self._objectives = tuple(objectives)
        self._rules = rules
        self._seed = seed
        self._fidelity = dict(fidelity)
        self._rng = np.random.default_rng(seed)
        self._suggested = [space.suggestion(entries, self._rng) for entries in suggestions]
        if not self._suggested:
            raise ConfigError("Phoenix needs at least one suggestion to start from")
        self._known: list[Evaluation] = []
        self._seen: set[str] = set()
        self._finished = 0

    def planned(self) -> int:
        """Return the number of trials of the whole search."""
        return max(self._rules.trials, len(self._suggested))

    def ask(self) -> list[Trial]:
        """Return the suggestions, then batches of children and ensembles."""
        if self._finished == 0:
            return [self._trial(network(blocks), "suggestion") for blocks in self._suggested]
        batch = []
        beam = self._beam()
        for number in range(self._finished, min(self._finished + self._rules.batch, self._rules.trials)):
            every = self._rules.ensemble_every
            genome = self._ensemble(beam) if every and (number + 1) % every == 0 else None
            if genome is not None:
                batch.append(self._trial(genome, "ensemble"))
            elif (genome := self._child(beam)) is not None:
                batch.append(self._trial(genome, "child"))
        return batch

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Learn which networks can be parents.

        Raises:
            ConfigError: none of the suggestions was fit.
        """
        if self._finished == 0:
            self._seen.update(canonical_json(blocks) for blocks in self._suggested)
        self._known += [e for e in evaluations if self._can_be_parent(e)]
        self._finished += len(evaluations)
        if not self._known:
            raise ConfigError(
                "every suggested network failed or was no better than guessing",
                remedy="lower the learning rate, train longer, or suggest other networks",
            )

    def _can_be_parent(self, evaluation: Evaluation) -> bool:
        return (
            not evaluation.failed
            and not evaluation.metrics.get("stopped")
            and "blocks" in evaluation.trial.candidate.genome
            and same_fidelity(evaluation.trial, self._fidelity)
        )

    def _beam(self) -> list[Evaluation]:
        """Return the best networks so far, best first."""
        objectives = self._objectives if self._rules.order == "pareto" else self._objectives[:1]
        cost = costs(objectives, [evaluation.metrics for evaluation in self._known])
        order = best_first(cost) if len(objectives) > 1 else np.argsort(cost[:, 0], kind="stable").tolist()
        return [self._known[place] for place in order[: self._rules.beam]]

    def _child(self, beam: Sequence[Evaluation]) -> Genome | None:
        """Return a network that was not asked for before, made from one of the beam."""
        for _ in range(ATTEMPTS_FOR_A_NEW_NETWORK):
            parent = beam[int(self._rng.integers(len(beam)))].trial
            blocks: Blocks = parent.candidate.genome["blocks"]
            child = self._changed(blocks)
            if child is None or canonical_json(child.blocks) in self._seen:
                continue
            self._seen.add(canonical_json(child.blocks))
            return network(child.blocks, lineage(parent), child.carried(blocks, self._space.shape))
        return None

    def _changed(self, blocks: Blocks) -> Child | None:
        rules = self._rules
        if self._rng.random() < rules.rewire:
            return self._space.rewired(blocks, self._rng)
        grows = self._rng.random() < rules.append and depth(blocks) < rules.allowed_depth(self._finished)
        return (self._space.grown if grows else self._space.replaced)(blocks, self._rng)

    def _ensemble(self, beam: Sequence[Evaluation]) -> Genome | None:
        """Return an ensemble of random members of the beam that was not asked for before."""
        width = self._rules.ensemble_width
        if len(beam) < width:
            return None
        for _ in range(ATTEMPTS_FOR_A_NEW_NETWORK):
            places = sorted(self._rng.permutation(len(beam))[:width].tolist())
            genome = ensemble([beam[place].trial for place in places])
            if canonical_json(genome) not in self._seen:
                self._seen.add(canonical_json(genome))
                return genome
        return None

    def _trial(self, genome: Genome, origin: str) -> Trial:
        return Trial(Candidate(genome, origin), self._fidelity, self._seed)


def continued(trial: Trial, blocks: Blocks, space: BlockSpace) -> Genome:
    """Return a network that starts from all weights of a trial, on the multipliers of ``blocks``."""
    parent: Blocks = trial.candidate.genome["blocks"]
    child = Child(blocks, list(range(len(blocks))))
    return network(blocks, lineage(trial), child.carried(parent, space.shape))


def ensemble(trials: Sequence[Trial]) -> Genome:
    """Return the ensemble of the networks of trials, in an order that does not depend on theirs."""
    members = [{"blocks": t.candidate.genome["blocks"], "weights": lineage(t)} for t in trials]
    return {"members": sorted(members, key=lambda member: str(member["weights"]))}


def network(blocks: Blocks, parent: str = "", carried: Mapping[str, str] | None = None) -> Genome:
    """Return the genome of a network; modules that are not carried over from the parent start afresh."""
    return {"blocks": blocks, "parent": parent if carried else "", "carried": dict(carried or {})}
