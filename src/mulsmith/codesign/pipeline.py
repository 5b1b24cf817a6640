"""The whole pipeline over one run folder: circuits, network, search, choice, figures, hand-over; resumable.

A run folder holds ``manifest.json`` (configuration and version), ``library/`` (circuits that the run
characterized itself), ``architecture/`` (a run of ``mulsmith search`` over architectures, where one finds the
network), ``search/`` (a run of ``mulsmith search`` with the trained networks), ``result.json``,
``report.html`` and ``handoff/``. Each stage keeps what it has finished, so that a run that was cut off at
any moment goes on there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mulsmith import __version__
from mulsmith.characterize.pipeline import Options, characterize
from mulsmith.characterize.record import Multiplier
from mulsmith.characterize.synthesis_plan import SynthesisOptions
from mulsmith.codesign.architecture import Found, find_architecture
from mulsmith.codesign.choice import choose
from mulsmith.codesign.config import Config, Export
from mulsmith.codesign.handoff.export import ExportOptions, export_run
from mulsmith.codesign.handoff.rtl_project import RtlOptions
from mulsmith.codesign.result import Decision, load_result, summarise
from mulsmith.codesign.run_folder import (
    ARCHITECTURE,
    HANDOFF,
    LIBRARY,
    MANIFEST,
    REPORT,
    RESULT,
    SEARCH,
    claim,
    run_library,
)
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_problem import SearchSetting
from mulsmith.codesign.search_run import Step, open_search, search_on
from mulsmith.errors import ConfigError, StoreError
from mulsmith.provenance import sha256_hex
from mulsmith.search.objective import energy_metric
from mulsmith.search.operating_points import each_point
from mulsmith.search.store import Store
from mulsmith.search.trial import Evaluation, canonical_json
from mulsmith.storage import atomic_write, remove_outputs, writer_lock

_OWN_FILES = (MANIFEST, RESULT, REPORT)
_OWN_FOLDERS = (ARCHITECTURE, SEARCH, LIBRARY, HANDOFF)


OnProgress = Callable[[Step], None]


def run_codesign(
    config: Config,
    folder: Path,
    library: Mapping[str, Multiplier] | None = None,
    fresh: bool = False,
    on_progress: OnProgress = lambda step: None,
) -> dict[str, Any]:
    """Run, or resume, a co-design and return its result (also in ``result.json``).

    Args:
        config: what to do.
        folder: the run folder; made if it is not there.
        library: multipliers; without it the configured library or the embedded circuits.
        fresh: start over, removing what an earlier co-design left in the folder.
        on_progress: told of every stage and step.

    Raises:
        StoreError: the folder belongs to another configuration or writer, or cannot be written.
        ConfigError: a name in the configuration that does not exist, or constraints that contradict.
    """
    method = config.method
    config.search_config()  # contradictions show before anything is written
    with writer_lock(folder):
        if fresh:
            remove_outputs(folder, _OWN_FILES, _OWN_FOLDERS)
        claim(config, folder)
        with _told(folder, on_progress) as tell:
            if library is None:
                _characterize(config, folder, tell)
                library = run_library(config, folder)
            found = _architecture(config, folder, library, tell)
            searched = config.search_config(found.architecture if found else None)
            own, decision = _search(config, searched, method, folder / SEARCH, library, tell)
            tell(Step("figures"))
            result = _result(config, folder, own, decision, found)
            for kind in config.export.formats:
                tell(Step(f"export: {kind}"))
                shutil.rmtree(folder / HANDOFF / kind, ignore_errors=True)
                export_run(folder, kind, folder / HANDOFF / kind, _export_options(config.export))
            return result


@contextmanager
def _told(folder: Path, on_progress: OnProgress) -> Iterator[OnProgress]:
    """Pass progress on, and note on what ends the run where it stopped and what is kept."""
    stage = "start"

    def tell(step: Step) -> None:
        nonlocal stage
        stage = step.stage
        on_progress(step)

    try:
        yield tell
    except BaseException as error:
        error.add_note(
            f"stopped in stage '{stage}'; what is finished is kept in {folder}, the same command goes on"
        )
        raise


def _characterize(config: Config, folder: Path, tell: OnProgress) -> None:
    """Characterize the circuits that the configuration names as files into the run's own library."""
    own = config.circuits
    if not own.files:
        return
    tell(Step("circuits"))
    outcome = characterize(
        own.files,
        folder / LIBRARY,
        Options(synthesis=SynthesisOptions(liberty=own.liberty)),
        on_progress=lambda p: tell(Step(f"circuit {p.done} of {p.total}: {p.label}")),
    )
    if outcome.failures:
        first = outcome.failures[0]
        raise ConfigError(
            f"{len(outcome.failures)} circuits could not be characterized, the first: {first.error}",
            remedy="mend the file or leave it out of circuits.files",
        )


def _architecture(
    config: Config, folder: Path, library: Mapping[str, Multiplier], tell: OnProgress
) -> Found | None:
    """Let the configured architecture search, if there is one, find the network."""
    if not config.network.method:
        return None
    return find_architecture(
        config,
        folder / ARCHITECTURE,
        library,
        lambda step: tell(Step(f"architecture: {step.stage}", step.search)),
    )


def _search(
    config: Config,
    searched: SearchConfig,
    method: str,
    folder: Path,
    library: Mapping[str, Multiplier],
    tell: OnProgress,
) -> tuple[SearchSetting, Decision]:
    """Search, and choose among what was found; return what it was searched on and the decision."""
    with writer_lock(folder), Store(folder, searched.identity(method)) as store:
        own = open_search(method, searched, folder, library, tell)
        found = search_on(own, store, tell)
        # Not in the order of commits, which depends on the workers.
        evaluations = sorted(store, key=lambda evaluation: evaluation.trial.key({}))
    tell(Step("choice"))
    candidates = _candidates(evaluations)
    areas = {n: m.synthesis.area_um2 for n, m in own.setting.multipliers.items() if m.synthesis}
    metric = energy_metric(searched.evaluation.ledger)
    reference = found["baseline"]["metrics"]
    chosen = choose(candidates, config.constraints, reference, metric, own.images, areas)
    return own, Decision(found, evaluations, candidates, chosen)


def _result(
    config: Config, folder: Path, own: SearchSetting, decision: Decision, found: Found | None
) -> dict[str, Any]:
    """Return the result, which is kept where the folder has that of the same decision already."""
    key = _result_key(config, own, decision)
    with suppress(StoreError):  # there is none yet, or a damaged one is written anew
        kept = load_result(folder)
        if kept.get("key") == key:
            return {**kept, "run": str(folder)}
    result = summarise(config, folder, own, decision, found.figures if found else None)
    document = {**result, "key": key}
    atomic_write(folder / RESULT, json.dumps(document, indent=2, allow_nan=False).encode())
    return load_result(folder)


def _result_key(config: Config, own: SearchSetting, decision: Decision) -> str:
    """Return the hash of what a result depends on."""
    settings = config.model_dump(mode="json", exclude={"runner"})
    chosen = decision.chosen.trial.key(own.setting.evaluator.identity)
    return sha256_hex(canonical_json([__version__, settings, config.runner.threads, chosen]).encode())


def _candidates(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """Return every assignment as it was judged last: retrained where it was, else as it is."""
    good = [point for evaluation in evaluations if not evaluation.failed for point in each_point(evaluation)]
    trained = {point.trial.candidate.id for point in good if point.trial.fidelity.get("epochs")}
    return [p for p in good if p.trial.fidelity.get("epochs") or p.trial.candidate.id not in trained]


def _export_options(export: Export) -> ExportOptions:
    sizes = RtlOptions(export.rows, export.cols, export.lanes, export.tiles)
    return ExportOptions(image=export.image, rtl=sizes, liberty=export.liberty)
