"""From Verilog files to records of a library: incremental, parallel, atomic, with one result in any order."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from mulsmith.characterize.run import Options, Outcome, Progress, Run, reading_provenance
from mulsmith.characterize.sources import find_sources
from mulsmith.characterize.store import INDEX_FILE, Store
from mulsmith.characterize.synthesis_plan import SynthesisOptions, plan_synthesis
from mulsmith.characterize.writing import OnWait, writing
from mulsmith.errors import ConfigError

__all__ = ["Options", "Outcome", "Progress", "SynthesisOptions", "characterize", "is_current"]


def characterize(
    paths: Sequence[Path],
    folder: Path,
    options: Options | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_wait: OnWait = None,
) -> Outcome:
    """Characterize multipliers into a library.

    Args:
        paths: Verilog files and folders; none means the embedded circuits.
        folder: the library, made where there is none.
        options: how.
        on_progress: called after every input.
        on_wait: called once where another process is writing to the library.

    Raises:
        ConfigError: an option out of range.
        LibertyError: the Liberty file is broken or lacks a needed function.
        StoreError: the library cannot be written; what was committed before stays.
    """
    options = options or Options()
    jobs = options.jobs if options.jobs is not None else os.cpu_count() or 1
    if jobs < 1:
        raise ConfigError(f"the number of jobs is {jobs}, but at least 1 is needed")
    plan = None if options.synthesis is None else plan_synthesis(options.synthesis)
    if plan is not None:
        plan.check_liberty()
    sources, failures = find_sources(paths)
    with writing(folder, on_wait) as store:
        run = Run(store, sources, options, plan, on_progress)
        run.outcome.failures.extend(failures)
        return run.finish(min(jobs, max(1, len(sources))))


def is_current(paths: Sequence[Path], folder: Path, options: Options) -> bool:
    """Return whether a library holds just what ``characterize`` would put into it, reading only.

    Raises:
        ConfigError: an option out of range.
        LibertyError: the Liberty file cannot be read.
        StoreError: there is a library, but it cannot be read.
    """
    if not (folder / INDEX_FILE).is_file():
        return False
    sources, failures = find_sources(paths)
    plan = None if options.synthesis is None else plan_synthesis(options.synthesis)
    with contextlib.closing(Store.open(folder)) as store:
        known = store.names_by_input()
        keys = [reading_provenance(source, options.signed).key for source in sources]
        if failures or not all(key in known for key in keys):
            return False
        names = {known[key] for key in keys}
        if options.prune and names != set(store.names()):
            return False
        records = (entry.document() for entry in store.entries() if entry.name in names)
        return plan is None or all(plan.is_met_by(record) for record in records)
