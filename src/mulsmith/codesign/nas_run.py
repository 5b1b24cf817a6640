"""One architecture search over one folder: search, final training of the front, exports; resumable.

A run folder holds ``run.sqlite`` (configuration and every evaluation), ``fronts/`` (one picture per
generation), ``floats/`` (float weights that candidates share), ``weights/`` and ``blobs/`` (weights that
children start from), ``searches/`` (cell searches), ``checkpoints/`` (trainings under way), ``networks/``
(the final networks: picture, source, weights), ``front.svg``, ``evaluations.jsonl`` and ``result.json``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.nas_config import NasConfig
from mulsmith.codesign.nas_result import nas_result, reason
from mulsmith.codesign.nas_setting import nas_setting
from mulsmith.codesign.search_run import Step
from mulsmith.errors import ConfigError
from mulsmith.search.front_picture import front_svg
from mulsmith.search.nas.fidelity import same_fidelity
from mulsmith.search.nas.fixed import FixedTrials
from mulsmith.search.nas.methods import NAS_METHODS, NasPlan
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.run import Progress, search
from mulsmith.search.runner import Runner
from mulsmith.search.runner_choice import Kind, RunnerOptions, open_runner
from mulsmith.search.searcher import Searcher
from mulsmith.search.store import DATABASE, Store
from mulsmith.search.trial import Evaluation, Trial
from mulsmith.storage import atomic_write, remove_outputs, writer_lock

_FILES = (*DATABASE, "front.svg", "evaluations.jsonl", "result.json")
_FOLDERS = ("floats", "networks", "fronts", "weights", "blobs", "searches", "checkpoints")
OnStep = Callable[[Step], None]


def run_nas(
    method: str,
    config: NasConfig,
    folder: Path,
    library: Mapping[str, Multiplier] | None = None,
    fresh: bool = False,
    on_step: OnStep = lambda step: None,
) -> dict[str, Any]:
    """Run, or resume, an architecture search and return its result (also in ``result.json``).

    Args:
        method: name of a registered architecture search.
        config: data, multipliers and the method's options.
        folder: the run folder; made if it is not there.
        library: multipliers; without it the configured library or the embedded circuits.
        fresh: start over, removing what an earlier search left in the folder.
        on_step: told of every stage and evaluation.

    Raises:
        StoreError: the folder belongs to another configuration or writer, or cannot be written.
        ConfigError: something named does not exist or does not fit together, or every candidate failed.
        DataError: the data set is missing or too small.
    """
    options = config.options(method)
    with writer_lock(folder):
        if fresh:
            remove_outputs(folder, _FILES, _FOLDERS)
        on_step(Step("data and multipliers"))
        setting = nas_setting(config, library)
        for why, count in Counter(setting.left_out.values()).items():
            on_step(Step(f"{count} circuits left out: {why}"))
        plan = NAS_METHODS[method].plan(setting, options, folder)
        with Store(folder, config.identity(method)) as store:
            on_step(Step("search"))
            with _open_runner(config, folder) as runner:
                searched = _search(method, plan, folder, store, runner, on_step)
                on_step(Step("final training"))
                final = _train_finals(plan, searched, store, runner, on_step)
            _draw(folder / "front.svg", plan, final, f"{method}: {len(final)} final networks")
            return nas_result(method, config, folder, store, plan, setting, final)


def _open_runner(config: NasConfig, folder: Path) -> AbstractContextManager[Runner]:
    own = config.run
    kind: Kind = "ray" if own.runner == "ray" else "auto"
    share = 1 / own.workers if own.device.startswith("cuda") else 0.0
    return open_runner(RunnerOptions(kind=kind, workers=own.workers, threads=own.threads), folder, share)


class _Drawn:
    """A searcher that draws the front after every generation."""

    def __init__(self, inner: Searcher, draw: Callable[[int, Sequence[Evaluation]], None]) -> None:
        self._inner = inner
        self._draw = draw
        self._generation = 0
        self._all: list[Evaluation] = []

    def ask(self) -> list[Trial]:
        return self._inner.ask()

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        self._all += evaluations
        self._draw(self._generation, self._all)
        self._generation += 1
        self._inner.tell(evaluations)

    def planned(self) -> int | None:
        return self._inner.planned()


def _search(
    method: str, plan: NasPlan, folder: Path, store: Store, runner: Runner, on_step: OnStep
) -> list[Evaluation]:
    """Return the front of the search among the trials of full fidelity."""

    def draw(generation: int, evaluations: Sequence[Evaluation]) -> None:
        path = folder / "fronts" / f"generation-{generation:03d}.svg"
        title = f"{method}, generation {generation}: {len(evaluations)} evaluations"
        _draw(path, plan, evaluations, title)

    seen: list[Evaluation] = []

    def draw_and_keep(generation: int, evaluations: Sequence[Evaluation]) -> None:
        seen[:] = evaluations
        draw(generation, evaluations)

    searcher = _Drawn(plan.searcher, draw_and_keep)
    search(searcher, plan.evaluator, runner, store, plan.objectives, lambda p: on_step(_step(p)))
    front = _front(plan, [e for e in seen if same_fidelity(e.trial, plan.fidelity)])
    if not front:
        first = next(reason(evaluation) for evaluation in seen if evaluation.failed)
        raise ConfigError(
            f"every candidate failed, the first one so: {first}",
            remedy="lower the learning rate where losses diverge",
        )
    return front


def _train_finals(
    plan: NasPlan, front: Sequence[Evaluation], store: Store, runner: Runner, on_step: OnStep
) -> list[Evaluation]:
    """Return the evaluations of the final training, or the front itself where there is none."""
    outcomes = _evaluate(plan, plan.final(front), store, runner, on_step)
    if not outcomes:
        return list(front)
    return outcomes + _evaluate(plan, plan.combined(outcomes), store, runner, on_step)


def _evaluate(
    plan: NasPlan, trials: list[Trial], store: Store, runner: Runner, on_step: OnStep
) -> list[Evaluation]:
    """Return the outcomes of given trials."""
    before = len(store)

    def progress(step: Progress) -> None:
        finished = before + step.finished - step.reused
        on_step(_step(replace(step, finished=finished, planned=before + len(trials) - step.reused)))

    search(FixedTrials(trials), plan.evaluator, runner, store, plan.objectives, progress)
    outcomes = [store.get(trial.key(plan.evaluator.identity)) for trial in trials]
    return [outcome for outcome in outcomes if outcome is not None]


def _step(progress: Progress) -> Step:
    return Step("search", progress)


def _front(plan: NasPlan, evaluations: Sequence[Evaluation]) -> list[Evaluation]:
    archive = ParetoArchive(plan.objectives)
    for evaluation in evaluations:
        archive.add(evaluation)
    return archive.front()


def _draw(path: Path, plan: NasPlan, evaluations: Sequence[Evaluation], title: str) -> None:
    good = [evaluation for evaluation in evaluations if not evaluation.failed]
    picture = front_svg(
        _places(good), _places(_front(plan, good)), title, "energy of all multiplications, nJ per image"
    )
    atomic_write(path, picture.encode())


def _places(evaluations: Sequence[Evaluation]) -> list[tuple[float, float]]:
    return [(e.metrics["energy_all_pj"] / 1e3, e.metrics["accuracy"]) for e in evaluations]
