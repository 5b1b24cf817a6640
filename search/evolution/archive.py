"""Multi-objective evolution: an archive of circuits that no other beats, each of which may evolve further.

One step takes a circuit of the archive that was chosen seldom, loosens its errors (or keeps them), and
evolves it for a short time within those bounds and with a random weight of area against power. What comes
out is measured and offered to the archive (after the idea of PAES; J. Knowles, D. Corne,
Evolutionary Computation 8(2), 2000). Delay is no part of a short run's cost; the archive keeps what is fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mulsmith.circuits.cgp import Settings
from mulsmith.circuits.cgp_problem import LIMITS, ROUNDED, WEIGHT_TOLERANCE, Bounds
from mulsmith.errors import ConfigError
from mulsmith.search.evolution.trials import Figure, admits, evolution_trial, objectives
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.trial import Evaluation, Trial

KEEP = 0.5
"""Share of the steps that keep the errors of the circuit they start from."""

LOOSEST = 2.0
"""The other steps multiply each error by up to this."""

SMALLEST = {
    "mae": 0.25, "wce": 1.0, "ep_percent": 1.0, "mean_error": 0.25, "mre_percent": 0.01, "weighted_mae": 0.25,
    "weighted_rms": 0.5, "corrected_rms": 0.5,
}  # fmt: skip
"""What counts for an error below it when it is loosened, so that exact circuits have offspring too."""


class ArchiveSearch:
    """Asks for the start circuits first, then for short evolution runs from members of the archive.

    Each seed has an archive of its own.

    Args:
        starts: trials that measure the start circuits.
        figures: what the archive's members are non-dominated in; at least one error among them.
        bounds: what every circuit keeps at least.
        seeds: independent searches.
        settings: of every run, whatever their seed and share of area.
        generations: of one short run.
        steps: short runs of each seed.
        batch: runs of each seed that are asked for at once.

    Raises:
        ConfigError: no start, no seed, no error among the figures, or no step.
    """

    def __init__(
        self,
        starts: Sequence[Trial],
        figures: Sequence[Figure],
        bounds: Bounds,
        seeds: Sequence[int],
        settings: Settings,
        generations: int,
        steps: int,
        batch: int,
    ) -> None:
        self._errors = [figure for figure in figures if figure in LIMITS]
        for name, there in (
            ("start circuits", starts),
            ("seeds", seeds),
            ("error in front", self._errors),
        ):
            if not there:
                raise ConfigError(f"the campaign has no {name}")
        if steps < 1 or batch < 1:
            raise ConfigError(f"steps = {steps}, batch = {batch}, but at least 1 is needed")
        self._starts = list(starts)
        self._bounds = bounds
        self._settings = settings
        self._generations = generations
        self._steps = steps
        self._batch = batch
        self._chains = [_Chain(seed, ParetoArchive(objectives(figures))) for seed in dict.fromkeys(seeds)]
        self._asked: list[tuple[_Chain, Trial]] = []
        self._begun = False
        self._done = 0

    @property
    def skipped(self) -> list[Bounds]:
        """The bounds, where no start circuit keeps them."""
        return [] if all(len(chain.archive) for chain in self._chains) else [self._bounds]

    def ask(self) -> list[Trial]:
        """Return the start circuits, then the next runs of every seed."""
        if not self._begun:
            return self._starts
        count = min(self._batch, self._steps - self._done)
        self._asked = [
            (chain, self._step(chain)) for _ in range(count) for chain in self._chains if len(chain.archive)
        ]
        return [trial for _, trial in self._asked]

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Offer circuits to the archive of the seed that asked for them, the start circuits to all."""
        if not self._begun:
            self._begun = True
            for chain in self._chains:
                for evaluation in evaluations:
                    self._offer(chain, evaluation)
            return
        self._done += min(self._batch, self._steps - self._done)
        for (chain, _), evaluation in zip(self._asked, evaluations, strict=True):
            self._offer(chain, evaluation)

    def planned(self) -> int:
        """Return the number of trials."""
        return len(self._starts) + self._steps * len(self._chains)

    def _offer(self, chain: _Chain, evaluation: Evaluation) -> None:
        if not evaluation.failed and admits(self._bounds, evaluation.metrics):
            chain.archive.add(evaluation)

    def _step(self, chain: _Chain) -> Trial:
        random = chain.random
        parent = chain.choose()
        keep = random.random() < KEEP
        limits: dict[str, Any] = self._bounds.limits()
        for name in self._errors:
            value = parent.metrics[name]
            if not keep:
                value = max(value, SMALLEST[name]) * random.uniform(1.0, LOOSEST)
            if name in ROUNDED:
                value *= 1 + WEIGHT_TOLERANCE
            limits[name] = min(value, limits.get(name, value))
        if "wce" in limits:
            limits["wce"] = int(limits["wce"])
        settings = replace(
            self._settings,
            seed=int(random.integers(1 << 31)),
            area_share=round(float(random.random()), 3),
        )
        bounds = Bounds(**limits, exact_zero=self._bounds.exact_zero, exact_one=self._bounds.exact_one)
        return evolution_trial(parent.trial, bounds, settings, self._generations)


class _Chain:
    """One seed's archive, and how often each member was chosen."""

    def __init__(self, seed: int, archive: ParetoArchive) -> None:
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.archive = archive
        self._chosen: dict[tuple[str, int], int] = {}

    def choose(self) -> Evaluation:
        """Return a member among those chosen least often."""
        front = self.archive.front()
        keys = [(member.trial.candidate.id, member.trial.seed) for member in front]
        counts = np.array([self._chosen.get(key, 0) for key in keys])
        place = int(self.random.choice(np.flatnonzero(counts == counts.min())))
        self._chosen[keys[place]] = int(counts[place]) + 1
        return front[place]
