"""A set of multipliers over a ladder of error limits (epsilon-constraint method), one chain per seed.

The ladder is climbed from the tightest limits to the loosest. Each run starts from the cheapest circuit that
keeps its limits: a given one, or what the same chain found earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

from mulsmith.circuits.cgp import Settings
from mulsmith.circuits.cgp_problem import Bounds
from mulsmith.errors import ConfigError
from mulsmith.search.evolution.trials import admits, cost, evolution_trial
from mulsmith.search.trial import Evaluation, Trial


class Campaign:
    """Asks for the start circuits first, then for one evolution run of every seed at each step of the ladder.

    Args:
        starts: trials that measure the start circuits.
        ladder: bounds, in any order.
        seeds: one independent chain each.
        settings: of every run, whatever their seed.
        generations: of every run.

    Raises:
        ConfigError: no start, no limits or no seed.
    """

    def __init__(
        self,
        starts: Sequence[Trial],
        ladder: Sequence[Bounds],
        seeds: Sequence[int],
        settings: Settings,
        generations: int,
    ) -> None:
        for name, values in (("start circuits", starts), ("limits", ladder), ("seeds", seeds)):
            if not values:
                raise ConfigError(f"the campaign has no {name}")
        self._starts = list(starts)
        self._ladder = sorted(set(ladder), key=_looseness)
        self._seeds = tuple(dict.fromkeys(seeds))
        self._settings = settings
        self._generations = generations
        self._measured: list[Evaluation] = []
        self._chains: dict[int, list[Evaluation]] = {seed: [] for seed in self._seeds}
        self._step = -1
        self._skipped: list[Bounds] = []

    @property
    def skipped(self) -> list[Bounds]:
        """Bounds that no start circuit keeps."""
        return list(self._skipped)

    def ask(self) -> list[Trial]:
        """Return the next rung's trials, one for each seed."""
        if self._step < 0:
            return self._starts
        while self._step < len(self._ladder):
            bounds = self._ladder[self._step]
            trials = [trial for seed in self._seeds if (trial := self._trial(seed, bounds)) is not None]
            if trials:
                return trials
            self._skipped.append(bounds)
            self._step += 1
        return []

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Take the circuits of a rung; they may start later ones."""
        for evaluation in evaluations:
            if self._step < 0:
                self._measured.append(evaluation)
            else:
                self._chains[evaluation.trial.seed].append(evaluation)
        self._step += 1

    def planned(self) -> int:
        """Return the number of trials, those included that turn out to have no start."""
        return len(self._starts) + len(self._ladder) * len(self._seeds)

    def _trial(self, seed: int, bounds: Bounds) -> Trial | None:
        known = [*self._measured, *self._chains[seed]]
        fit = [e for e in known if not e.failed and admits(bounds, e.metrics)]
        if not fit:
            return None
        start = min(fit, key=lambda e: cost(e.metrics, self._settings))
        return evolution_trial(start.trial, bounds, replace(self._settings, seed=seed), self._generations)


def _looseness(bounds: Bounds) -> tuple[float, ...]:
    return tuple(float("inf") if value is None else float(value) for value in astuple(bounds))
