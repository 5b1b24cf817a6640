"""One search over one region: store, front, and the network of least energy within the error bound.

A run folder holds every evaluation, so that an interrupted search goes on where it stopped; the enumeration
and the searches of all groups of one kernel share a folder, and no network is trained twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast, get_args

from mulsmith.errors import ConfigError
from mulsmith.search.objective import Objective
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.problem import Listed
from mulsmith.search.program.evaluator import Network, ProgramEvaluator, accuracy_metric
from mulsmith.search.program.goals import BoundedGoal, Goal, WeightedGoal
from mulsmith.search.program.kernel import Kernel
from mulsmith.search.program.mlp import Mlp
from mulsmith.search.program.selection import OperatingPoint, Selector
from mulsmith.search.program.smac import Enumeration, Smac
from mulsmith.search.program.smac_package import SmacPackage
from mulsmith.search.program.space import Choice, TopologySpace
from mulsmith.search.run import Progress, search
from mulsmith.search.runner import ProcessRunner, Runner, SerialRunner
from mulsmith.search.searcher import Searcher
from mulsmith.search.store import Store
from mulsmith.search.trial import Candidate, Evaluation, Trial
from mulsmith.storage import writer_lock

Engine = Literal["forest", "smac", "enumeration"]
REQUIRED = 0.9
INITIAL = 16
Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class ProgramSearch:
    """What to search for.

    Attributes:
        engine: ``forest`` is SMAC on scikit-learn, ``smac`` the package, ``enumeration`` the baseline.
        group: index of the error bound.
        required: share of validation calls that must be within the bound.
        merit: ``bounded`` looks for least energy at the required share, ``weighted`` is the published sum.
        budget: evaluations of ``forest`` or ``smac``.
        seed: of the search and of every training.
        depth: most hidden layers.
        workers: processes; the result does not depend on it.
    """

    engine: Engine = "forest"
    group: int = 0
    required: float = REQUIRED
    merit: Literal["bounded", "weighted"] = "bounded"
    budget: int = 100
    seed: int = 0
    depth: int = 2
    workers: int = 1

    @property
    def objectives(self) -> tuple[Objective, Objective]:
        """Accuracy within the group's bound, and energy."""
        return Objective(accuracy_metric(self.group), "max"), Objective("npu_pj", "min")

    @classmethod
    def checked(cls, engine: str, **settings: Any) -> ProgramSearch:
        """Return settings for an engine that a user named.

        Raises:
            ConfigError: unknown engine, a share outside 0..1, or a negative seed.
        """
        if engine not in get_args(Engine):
            raise ConfigError(
                f"no engine is named '{engine}'", remedy=f"use one of {', '.join(get_args(Engine))}"
            )
        found = cls(cast(Engine, engine), **settings)
        if not 0 < found.required <= 1 or found.seed < 0:
            raise ConfigError(f"required = {found.required} is outside 0..1, or seed = {found.seed} negative")
        return found

    def searcher(
        self, kernel: Kernel, multipliers: tuple[Choice, ...] = (), known: Sequence[Evaluation] = ()
    ) -> Searcher:
        """Return the searcher for a region.

        Args:
            kernel: the region.
            multipliers: a dimension of its space.
            known: what earlier searches for the region found; the enumeration ignores it.

        Raises:
            ConfigError: no such engine, merit or group, or multipliers for the enumeration.
        """
        if not 0 <= self.group < len(kernel.bounds):
            raise ConfigError(
                f"{kernel.name} has {len(kernel.bounds)} error bounds, not one of index {self.group}"
            )
        space = TopologySpace(kernel.inputs, kernel.outputs, depth=self.depth, multipliers=multipliers)
        if self.engine == "enumeration" and multipliers:
            raise ConfigError("the enumeration has no multipliers", remedy="use the engine forest or smac")
        if self.engine == "enumeration":
            return Enumeration(space, self.seed)
        if self.merit not in ("bounded", "weighted"):
            raise ConfigError(f"no merit is named '{self.merit}'", remedy="bounded or weighted")
        metric = accuracy_metric(self.group)
        goal: Goal = BoundedGoal(metric, self.required) if self.merit == "bounded" else WeightedGoal(metric)
        engine = SmacPackage if self.engine == "smac" else Smac
        return engine(
            space,
            goal,
            budget=self.budget,
            seed=self.seed,
            initial=min(INITIAL, self.budget),
            trial_seed=self.seed,
            known=known,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ProgramResult:
    """What a search found.

    Attributes:
        chosen: least energy within the required share, or, where nothing reaches it, the most accurate.
        reached: whether the required share was reached on validation.
        network: the trained network of ``chosen``.
        test: accuracies of ``network`` on the test split, which chose nothing.
        front: the evaluations that no other beats in accuracy and energy.
        tried: the distinct networks that it was chosen from.
        evaluator: what trained and measured them.
        metric: name of the accuracy within the bound.
    """

    chosen: Evaluation
    reached: bool
    network: Network
    test: dict[str, float]
    front: tuple[Evaluation, ...]
    tried: tuple[Evaluation, ...] = field(repr=False)
    evaluator: ProgramEvaluator = field(repr=False)
    metric: str

    @property
    def note(self) -> str:
        """Empty, or what a reader must know: that the bound was not reached."""
        if self.reached:
            return ""
        return "no network reached the required share within the bound; this is the most accurate one"

    def selector(self, region_pj: float | None = None) -> Selector:
        """Return the front for choosing at run time; networks of an earlier session are trained once more.

        Args:
            region_pj: energy of a call of the region, which energy reductions refer to; without it they
                refer to the front's most expensive network.

        Raises:
            ConfigError: the networks are quantised.
        """
        whole = region_pj or max(found.metrics["npu_pj"] for found in self.front)
        points = []
        for found in self.front:
            network = self.evaluator.network(found.trial)
            if not isinstance(network, Mlp):
                raise ConfigError("a selector is for networks in floats, not quantised ones")
            points.append(
                OperatingPoint(network, found.metrics[self.metric], whole / found.metrics["npu_pj"])
            )
        return Selector(points)


def least_energy(found: Sequence[Evaluation], metric: str, required: float) -> tuple[Evaluation, bool]:
    """Return the evaluation of least energy with at least the required accuracy, and whether one has it."""
    good = [e for e in found if e.metrics[metric] >= required]
    if good:
        return min(good, key=lambda e: (e.metrics["npu_pj"], -e.metrics[metric])), True
    return max(found, key=lambda e: (e.metrics[metric], -e.metrics["npu_pj"])), False


def evaluate_program(
    evaluator: ProgramEvaluator,
    settings: ProgramSearch,
    folder: Path,
    watch: Watch | None = None,
    known: Sequence[Evaluation] = (),
) -> list[Evaluation]:
    """Run, or resume, a search over one region and return all its good evaluations.

    Where multipliers are part of the space, the best network is put on every one of them at the end; that
    needs no training.

    Args:
        evaluator: the region and how networks for it are trained.
        settings: engine, bound and budget.
        folder: the run; made if it is not there.
        watch: told of every new evaluation.
        known: what the searches for other bounds of the region found.

    Raises:
        DataError: the region or its sampler returns something wrong.
        StoreError: the folder belongs to another region or plan.
        ConfigError: wrong settings, or every evaluation failed.
    """
    choices = evaluator.choices
    memory = _Remembering(settings.searcher(evaluator.kernel, choices, known))
    with (
        _runner(settings.workers) as runner,
        writer_lock(folder),
        Store(folder, {"program": dict(evaluator.identity)}) as store,
    ):
        search(memory, evaluator, runner, store, settings.objectives, watch)
        if not memory.good:
            raise ConfigError("every evaluation failed; their tracebacks are stored in the run")
        chosen, _ = least_energy([*known, *memory.good], accuracy_metric(settings.group), settings.required)
        others = _Remembering(Listed(_on_all(chosen.trial, choices)))
        search(others, evaluator, SerialRunner(), store, settings.objectives, watch)
    return memory.good + others.good


def evaluate_bounds(
    evaluator: ProgramEvaluator,
    searches: Sequence[ProgramSearch],
    folder: Path,
    watch: Callable[[int, Progress], None] | None = None,
) -> list[Evaluation]:
    """Run, or resume, one search for each bound and return the good evaluations of all.

    Every search knows the networks of those before it.

    Args:
        evaluator: the region and how networks for it are trained.
        searches: settings, one for each bound.
        folder: the run.
        watch: told the bound's index and every new evaluation.

    Raises:
        DataError, StoreError, ConfigError: as ``evaluate_program``.
    """
    found: list[Evaluation] = []
    for settings in searches:
        tell = None if watch is None else partial(watch, settings.group)
        found += evaluate_program(evaluator, settings, folder, tell, found)
    return found


def _runner(workers: int) -> AbstractContextManager[Runner]:
    return nullcontext(SerialRunner()) if workers == 1 else ProcessRunner(workers)


def _on_all(trial: Trial, choices: tuple[Choice, ...]) -> tuple[Trial, ...]:
    genome = trial.candidate.genome
    candidates = [Candidate({**genome, "multiplier": choice.name}, "multiplier") for choice in choices]
    return tuple(replace(trial, candidate=candidate) for candidate in candidates)


def choose(
    evaluator: ProgramEvaluator, settings: ProgramSearch, evaluated: Sequence[Evaluation]
) -> ProgramResult:
    """Return the best network of one group among evaluations, which may be of several groups' searches."""
    metric = accuracy_metric(settings.group)
    archive = ParetoArchive(settings.objectives)
    distinct = tuple({evaluation.trial.candidate.id: evaluation for evaluation in evaluated}.values())
    for evaluation in distinct:
        archive.add(evaluation)
    chosen, reached = least_energy(distinct, metric, settings.required)
    network = evaluator.network(chosen.trial)
    test = evaluator.accuracies(network, 2)
    return ProgramResult(chosen, reached, network, test, tuple(archive.front()), distinct, evaluator, metric)


def search_program(
    evaluator: ProgramEvaluator, settings: ProgramSearch, folder: Path, watch: Watch | None = None
) -> ProgramResult:
    """Run, or resume, a search and return its best network; see ``evaluate_program``."""
    return choose(evaluator, settings, evaluate_program(evaluator, settings, folder, watch))


class _Remembering:
    """A searcher that keeps what it was told: a folder may hold other searches' evaluations too."""

    def __init__(self, inner: Searcher) -> None:
        self._inner = inner
        self.good: list[Evaluation] = []

    def planned(self) -> int | None:
        return self._inner.planned()

    def ask(self) -> list[Any]:
        return self._inner.ask()

    def tell(self, evaluations: Any) -> None:
        self.good += [evaluation for evaluation in evaluations if not evaluation.failed]
        self._inner.tell(evaluations)
