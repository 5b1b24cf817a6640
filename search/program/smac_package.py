"""The ``smac`` package (Lindauer et al., JMLR 2022) as a searcher over topologies; an optional dependency."""

from __future__ import annotations

import shutil
import warnings
import weakref
from collections.abc import Sequence
from tempfile import mkdtemp
from typing import Any

from mulsmith.errors import ConfigError, ToolError
from mulsmith.search.program.goals import Goal
from mulsmith.search.program.mlp import ACTIVATIONS
from mulsmith.search.program.space import TopologySpace
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial, canonical_json


class SmacPackage:
    """SMAC's hyperparameter facade: Sobol points, then its forest on the goal's merit.

    Args:
        space: the topologies.
        goal: its merit is maximised.
        budget: evaluations in all.
        seed: seed of the search.
        initial: topologies before the first forest.
        trial_seed: seed that every network is trained with.
        known: what other searches found in the same space; it is learnt from and not asked for again.

    Raises:
        ToolError: the package is not installed.
        ConfigError: the budget is smaller than the initial design.
    """

    def __init__(
        self,
        space: TopologySpace,
        goal: Goal,
        *,
        budget: int = 100,
        seed: int = 0,
        initial: int = 16,
        trial_seed: int = 0,
        known: Sequence[Evaluation] = (),
    ) -> None:
        if not 1 <= initial <= budget:
            raise ConfigError(f"budget = {budget} must be at least initial = {initial}, and both positive")
        self._space, self._goal, self._budget = space, goal, budget
        self._trial_seed = trial_seed
        self._told: dict[str, Evaluation] = {}
        self._asked = 0
        # SMAC keeps files of its own; the run's store is what a resumed search replays.
        folder = mkdtemp(prefix="mulsmith-smac-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # SMAC counts a topology that it asks for again; the budget here counts those that are trained.
        self._facade = _facade(space, 2 * budget + len(known), seed, initial, folder)
        self._waiting: list[tuple[Any, str]] = []
        for evaluation in known:
            genome = evaluation.trial.candidate.genome
            self._told[canonical_json(genome)] = evaluation
            self._tell(_trial_info(self._facade.scenario.configspace, genome), evaluation)

    def planned(self) -> int:
        """Return the budget."""
        return self._budget

    def ask(self) -> list[Trial]:
        """Return the next topology that was not evaluated yet; none when the budget is spent."""
        while self._asked < self._budget:
            try:
                with warnings.catch_warnings():
                    # SMAC averages empty lists for its log.
                    warnings.simplefilter("ignore", RuntimeWarning)
                    info = self._facade.ask()
            except StopIteration:
                return []
            genome = _genome(info.config)
            text = canonical_json(genome)
            if text in self._told:
                self._tell(info, self._told[text])
                continue
            self._waiting = [(info, text)]
            self._asked += 1
            return [Trial(Candidate(genome, "smac"), {}, self._trial_seed)]
        return []

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        """Learn the merit of the last topology."""
        for (info, text), evaluation in zip(self._waiting, evaluations, strict=True):
            self._told[text] = evaluation
            self._tell(info, evaluation)

    def _tell(self, info: Any, evaluation: Evaluation) -> None:
        from smac.runhistory.dataclasses import TrialValue
        from smac.runhistory.enumerations import StatusType

        if evaluation.failed:
            value = TrialValue(cost=float("inf"), status=StatusType.CRASHED)
        else:
            value = TrialValue(cost=-self._goal.merit(evaluation.metrics))
        self._facade.tell(info, value)


def _facade(space: TopologySpace, trials: int, seed: int, initial: int, folder: str) -> Any:
    try:
        from ConfigSpace import Categorical, ConfigurationSpace, GreaterThanCondition, Integer
        from smac import HyperparameterOptimizationFacade, Scenario
    except ImportError as error:
        raise ToolError(
            f"the smac package cannot be imported: {error}",
            remedy="install mulsmith[smac], or use the engine forest",
        ) from error
    found = ConfigurationSpace(seed=seed)
    depth = Integer("depth", (1, space.depth)) if space.depth > 1 else None
    for layer in range(space.depth):
        width = Integer(f"width{layer}", (1, space.width), log=True)
        activation = Categorical(f"activation{layer}", list(ACTIVATIONS))
        if depth is not None and layer == 0:
            found.add(depth)
        found.add(width, activation)
        if depth is not None and layer:
            found.add(*(GreaterThanCondition(child, depth, layer) for child in (width, activation)))
    if space.multipliers:
        found.add(Categorical("multiplier", [choice.name for choice in space.multipliers]))
    scenario = Scenario(found, deterministic=True, n_trials=trials, output_directory=folder, seed=seed)
    design = HyperparameterOptimizationFacade.get_initial_design(scenario, n_configs=initial, max_ratio=1.0)
    return HyperparameterOptimizationFacade(
        scenario, _never_called, initial_design=design, overwrite=True, logging_level=False
    )


def _never_called(config: Any, seed: int = 0) -> float:
    raise RuntimeError("topologies are evaluated by the runner")


def _trial_info(space: Any, genome: Genome) -> Any:
    from ConfigSpace import Configuration
    from smac.runhistory.dataclasses import TrialInfo

    hidden, activations = genome["hidden"], genome["activations"]
    values = {f"width{layer}": width for layer, width in enumerate(hidden)}
    values |= {f"activation{layer}": name for layer, name in enumerate(activations)}
    if "depth" in space:
        values["depth"] = len(hidden)
    if "multiplier" in genome:
        values["multiplier"] = genome["multiplier"]
    return TrialInfo(Configuration(space, values), seed=0)


def _genome(config: Any) -> Genome:
    depth = int(config["depth"]) if "depth" in config else 1
    circuit = {"multiplier": str(config["multiplier"])} if "multiplier" in config else {}
    return {
        **circuit,
        "hidden": [int(config[f"width{layer}"]) for layer in range(depth)],
        "activations": [str(config[f"activation{layer}"]) for layer in range(depth)],
    }
