"""The whole pipeline over one run folder: circuits, network, search, choice, figures, report; resumable.

A run folder holds ``manifest.json`` (configuration and versions), ``library/`` (circuits that the run
characterized itself), ``search/`` (a run of ``mulsmith search`` with the trained networks), ``result.json``,
``report.html`` and ``handoff/``. Each stage keeps what it has finished, so that a run that was cut off at
any moment goes on there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mulsmith.characterize.pipeline import Options, characterize
from mulsmith.characterize.record import Multiplier
from mulsmith.characterize.synthesis_plan import SynthesisOptions
from mulsmith.codesign.choice import choose
from mulsmith.codesign.config import Config
from mulsmith.codesign.handoff.export import export_run
from mulsmith.codesign.result import RESULT, Decision, summarise
from mulsmith.codesign.run_folder import LIBRARY, MANIFEST, SEARCH, claim, run_library
from mulsmith.codesign.search_run import Step, open_search, run_search
from mulsmith.errors import ConfigError
from mulsmith.search.objective import energy_metric
from mulsmith.search.operating_points import each_point
from mulsmith.search.store import Store
from mulsmith.search.trial import Evaluation
from mulsmith.storage import atomic_write, writer_lock

HANDOFF = "handoff"
_OWN_FILES = (MANIFEST, RESULT, "report.html")
_OWN_FOLDERS = (SEARCH, LIBRARY, HANDOFF)


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
    method, searched = config.method, config.search_config()
    with writer_lock(folder):
        if fresh:
            _clear(folder)
        claim(config, folder)
        if library is None:
            _characterize(config, folder, on_progress)
            library = run_library(config, folder)

        found = run_search(method, searched, folder / SEARCH, library, on_step=on_progress)
        on_progress(Step("choice"))
        own = open_search(method, searched, folder / SEARCH, library)
        with Store(folder / SEARCH, searched.identity(method)) as store:
            evaluations = list(store)
        candidates = _candidates(evaluations)
        areas = {n: m.synthesis.area_um2 for n, m in own.setting.multipliers.items() if m.synthesis}
        chosen = choose(
            candidates,
            config.constraints,
            found["baseline"]["metrics"],
            energy_metric(searched.evaluation.ledger),
            own.images,
            areas,
        )
        on_progress(Step("figures"))
        result = summarise(config, folder, own, Decision(found, evaluations, candidates, chosen))
        atomic_write(folder / RESULT, json.dumps(result, indent=2, allow_nan=False).encode())
        for kind in config.export.formats:
            on_progress(Step(f"export: {kind}"))
            shutil.rmtree(folder / HANDOFF / kind, ignore_errors=True)
            export_run(folder, kind, folder / HANDOFF / kind)
        return result


def _clear(folder: Path) -> None:
    for name in _OWN_FILES:
        (folder / name).unlink(missing_ok=True)
    for name in _OWN_FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)


def _characterize(config: Config, folder: Path, on_progress: OnProgress) -> None:
    """Characterize the circuits that the configuration names as files into the run's own library."""
    own = config.circuits
    if not own.files:
        return
    outcome = characterize(
        own.files,
        folder / LIBRARY,
        Options(synthesis=SynthesisOptions(liberty=own.liberty)),
        on_progress=lambda p: on_progress(Step(f"circuit {p.done} of {p.total}: {p.label}")),
    )
    if outcome.failures:
        first = outcome.failures[0]
        raise ConfigError(
            f"{len(outcome.failures)} circuits could not be characterized, the first: {first.error}",
            remedy="mend the file or leave it out of circuits.files",
        )


def _candidates(evaluations: list[Evaluation]) -> list[Evaluation]:
    """Return the assignments that were judged in their final form: the retrained ones where there are any."""
    good = [point for evaluation in evaluations if not evaluation.failed for point in each_point(evaluation)]
    trained = [point for point in good if point.trial.fidelity.get("epochs")]
    return trained or good
