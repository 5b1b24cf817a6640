"""One search run over one folder: setting, method, evaluations, front; resumable at any point.

A run folder holds ``run.sqlite`` (configuration and every evaluation), ``network.pt`` (the float network),
``front.svg`` (grows with the run), ``evaluations.jsonl`` and ``result.json`` (at the end); where the method
retrains also ``noise/``, ``blobs/``, ``trained/ID.pt`` (networks) and ``qos/ID.pt`` (operating points).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_problem import SearchSetting
from mulsmith.codesign.search_result import summarise_search
from mulsmith.codesign.setting import open_library, prepare, train_or_load, untrained_network
from mulsmith.emulate.data import first_images, load_data
from mulsmith.emulate.training import Epoch
from mulsmith.search.front_picture import front_svg
from mulsmith.search.methods import METHODS
from mulsmith.search.objective import Ledger, energy_metric, saving_metric
from mulsmith.search.operating_points import OperatingPoints, each_point
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.problem import AssignmentProblem
from mulsmith.search.retrained_front import RetrainedFront
from mulsmith.search.run import Progress, search
from mulsmith.search.runner_choice import open_runner
from mulsmith.search.searcher import Searcher
from mulsmith.search.store import DATABASE, Store
from mulsmith.search.trial import Evaluation
from mulsmith.storage import atomic_write, remove_outputs, writer_lock

_FILES = (*DATABASE, "network.pt", "training.pt", "front.svg", "evaluations.jsonl", "result.json")
_FOLDERS = ("noise", "blobs", "trained", "qos", "slurm")
PICTURE_EVERY_S = 2.0
_AXES = {
    Ledger.APPROXIMATED: "energy of multiplications in the layers chosen for, exact = 1",
    Ledger.ALL: "energy of all multiplications, exact = 1",
    Ledger.SYSTEM: "energy of the whole accelerator, exact = 1",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Where a search run stands; ``search`` is None before the first evaluation."""

    stage: str
    search: Progress | None = None


def run_search(
    method: str,
    config: SearchConfig,
    folder: Path,
    library: Mapping[str, Multiplier] | None = None,
    fresh: bool = False,
    on_step: Callable[[Step], None] = lambda step: None,
) -> dict[str, Any]:
    """Run, or resume, a search and return its result (also in ``result.json``).

    Args:
        method: name of a registered method.
        config: the setting and the method's options.
        folder: the run folder; made if it is not there.
        library: multipliers; without it the configured library or the embedded circuits.
        fresh: start over, removing what an earlier search left in the folder.
        on_step: told of every stage and evaluation.

    Raises:
        StoreError: the folder belongs to another configuration or writer, or cannot be written.
        ConfigError: an unknown method or name in the configuration.
    """
    METHODS.named(method)
    with writer_lock(folder):
        if fresh:
            remove_outputs(folder, _FILES, _FOLDERS)
        with Store(folder, config.identity(method)) as store:
            return search_on(open_search(method, config, folder, library, on_step), store, on_step)


def search_on(own: SearchSetting, store: Store, on_step: Callable[[Step], None]) -> dict[str, Any]:
    """Run, or resume, the search of an open setting and return its result (also in ``result.json``).

    Args:
        own: what is searched on; the caller holds the writer's place of its folder.
        store: the evaluations of the same folder and configuration.
        on_step: told of every stage and evaluation.
    """
    method, config, folder = own.method, own.config, own.folder
    on_step(Step("operands"))
    evaluator, problem = own.evaluator(), own.problem()
    searcher = _searcher(method, config, problem)
    on_step(Step("search"))
    _search(method, config, folder, store, evaluator, problem, searcher, on_step)
    on_step(Step("figures on the test split"))
    test = first_images(own.setting.data.test, config.evaluation.test_images)
    return summarise_search(method, config, folder, store, evaluator, problem, test)


def open_search(
    method: str,
    config: SearchConfig,
    folder: Path,
    library: Mapping[str, Multiplier] | None = None,
    on_step: Callable[[Step], None] = lambda step: None,
) -> SearchSetting:
    """Return what a run searches on; the network is trained where the folder and the configuration have none.

    Raises:
        ConfigError, StoreError: as ``run_search``.
    """
    on_step(Step("network"))
    data = load_data(config.data.name, config.data.folder, config.training.seed)
    network = untrained_network(config, data)

    def trained(epoch: Epoch) -> None:
        on_step(Step(f"training: epoch {epoch.number} of {config.training.epochs}"))

    train_or_load(network, config, data, folder, trained)
    chosen = open_library(config.circuits) if library is None else library
    setting = prepare(config, data, network, chosen, config.evaluation.energy)
    return SearchSetting(method, config, setting, folder, lambda words: on_step(Step(words)))


def _searcher(method: str, config: SearchConfig, problem: AssignmentProblem) -> Searcher:
    known = METHODS.named(method)
    searcher = known.build(problem, config.options(method))
    if known.retraining or not problem.retraining:
        return searcher
    own, saving = config.retraining, saving_metric(config.evaluation.ledger)

    def counts(member: Evaluation) -> bool:
        return member.metrics[saving] >= config.evaluation.reference_saving_percent

    return RetrainedFront(searcher, problem.objectives, problem.retraining, own.seed, own.front_limit, counts)


def _search(
    method: str,
    config: SearchConfig,
    folder: Path,
    store: Store,
    evaluator: OperatingPoints,
    problem: AssignmentProblem,
    searcher: Searcher,
    on_step: Callable[[Step], None],
) -> None:
    picture = _Picture(folder / "front.svg", method, config.evaluation.ledger, evaluator, problem)
    drawn = 0.0

    def progress(step: Progress) -> None:
        nonlocal drawn
        if time.monotonic() - drawn > PICTURE_EVERY_S:
            picture.draw(store)
            drawn = time.monotonic()
        on_step(Step("search", step))

    with open_runner(config.runner, folder) as runner:
        search(searcher, evaluator, runner, store, problem.objectives, progress)
    picture.draw(store)


class _Picture:
    """The picture of the front so far, in the ledger that the search minimises."""

    def __init__(
        self,
        path: Path,
        method: str,
        ledger: Ledger,
        evaluator: OperatingPoints,
        problem: AssignmentProblem,
    ) -> None:
        self._path, self._method, self._objectives = path, method, problem.objectives
        self._metric, self._axis = energy_metric(ledger), _AXES[ledger]
        self._exact = dict.fromkeys(problem.layers, problem.baseline)
        self._exact_pj = evaluator.single.base.energy.ledgers(self._exact)[self._metric]

    def draw(self, store: Store) -> None:
        """Write it from everything that is stored."""
        good = [point for evaluation in store if not evaluation.failed for point in each_point(evaluation)]
        archive = ParetoArchive(self._objectives)
        for point in good:
            archive.add(point)
        title = f"{self._method}: {len(good)} evaluations"
        exact = [e for e in good if e.trial.candidate.genome.get("layers") == self._exact]
        picture = front_svg(
            self._places(good),
            self._places(archive.front()),
            title,
            self._axis,
            self._places(exact)[-1] if exact else None,
        )
        atomic_write(self._path, picture.encode())

    def _places(self, evaluations: list[Evaluation]) -> list[tuple[float, float]]:
        return [(e.metrics[self._metric] / self._exact_pj, e.metrics["accuracy"]) for e in evaluations]
