"""One run over a shipped kernel: a search per error bound, the program, and the files of the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mulsmith.errors import ConfigError
from mulsmith.search.front_picture import front_svg
from mulsmith.search.program.applications import compare, picture
from mulsmith.search.program.c_code import c_header
from mulsmith.search.program.callgrind import RegionCounts
from mulsmith.search.program.cpu import Gain, cpu_energy_pj, cpu_time_ns, gain, region_counts
from mulsmith.search.program.evaluator import ProgramEvaluator, accuracy_metric
from mulsmith.search.program.kernels import kernel_named
from mulsmith.search.program.npu import npu_cost
from mulsmith.search.program.run import ProgramResult, ProgramSearch, search_program
from mulsmith.search.program.selection import OperatingPoint, Selector
from mulsmith.search.program.training import TrainingPlan, trainer_name
from mulsmith.search.run import Progress
from mulsmith.storage import atomic_write, writer_lock

TABLES = ("cacti45", "horowitz45", "eyeriss-relative")
Watch = Callable[[int, Progress], None]
_OWN_FILES = ("run.sqlite", "run.sqlite-wal", "run.sqlite-shm", "result.json")


@dataclass(frozen=True, slots=True)
class KernelRun:
    """What to search for.

    Attributes:
        kernel: name of a shipped kernel.
        bounds: error bounds in place of the kernel's own; empty keeps those.
        settings: engine, seed and budget; the group is set for each bound.
        measure: count the region with Callgrind now instead of taking the stored counts.
        plan: how networks are trained.
        samples: calls for training, validation and test.
    """

    kernel: str
    bounds: tuple[float, ...] = ()
    settings: ProgramSearch = field(default_factory=ProgramSearch)
    measure: bool = False
    plan: TrainingPlan = field(default_factory=TrainingPlan)
    samples: tuple[int, int, int] = (10_000, 4_000, 4_000)

    def evaluator(self) -> ProgramEvaluator:
        """Return the evaluator.

        Raises:
            ConfigError: unknown kernel, a bound that is not positive, or too few samples.
        """
        kernel = kernel_named(self.kernel)
        if self.bounds and kernel.error == "miss":
            raise ConfigError(f"{kernel.name} is measured by its miss rate and has no error bound")
        if any(not 0 < bound < float("inf") for bound in self.bounds):
            raise ConfigError(f"bounds = {list(self.bounds)}, but each must be positive and finite")
        if min(self.samples) < 2:
            raise ConfigError(f"samples = {list(self.samples)}, but each split needs two calls at least")
        chosen = replace(kernel, bounds=self.bounds) if self.bounds else kernel
        return ProgramEvaluator(chosen, self.plan, self.samples)


def run_kernel(
    request: KernelRun, folder: Path, fresh: bool = False, watch: Watch | None = None
) -> dict[str, Any]:
    """Run, or resume, the searches of a kernel and return the result (also in ``result.json``).

    Beside it the folder gets, for each bound N: ``front-N.svg``, ``network-N.npz``, ``region-N.h`` with the
    whole front for use at run time, and ``program-N.png`` with the program's results.

    Args:
        request: kernel, bounds and settings.
        folder: the run; made if it is not there.
        fresh: start over.
        watch: told the bound's index and every new evaluation.

    Raises:
        ConfigError: wrong settings.
        StoreError: the folder belongs to another kernel, plan or writer.
    """
    evaluator = request.evaluator()
    request.settings.searcher(evaluator.kernel)
    counts = region_counts(request.kernel, request.measure)
    if fresh:
        _remove(folder)
    found = []
    for group in range(len(evaluator.kernel.bounds)):
        settings = replace(request.settings, group=group)
        tell = None if watch is None else _numbered(watch, group)
        result = search_program(evaluator, settings, folder, tell)
        found.append(_bound(evaluator, settings, result, counts, folder))
    document = {
        "method": "program",
        "kernel": request.kernel,
        "run": str(folder),
        "engine": request.settings.engine,
        "seed": request.settings.seed,
        "trainer": trainer_name(),
        "counts": counts.source,
        "bounds": found,
    }
    atomic_write(folder / "result.json", json.dumps(document, indent=1, allow_nan=False).encode())
    return document


def _numbered(watch: Watch, group: int) -> Callable[[Progress], None]:
    return lambda progress: watch(group, progress)


def _bound(
    evaluator: ProgramEvaluator,
    settings: ProgramSearch,
    result: ProgramResult,
    counts: RegionCounts,
    folder: Path,
) -> dict[str, Any]:
    kernel, group = evaluator.kernel, settings.group
    metric, number = accuracy_metric(group), group + 1
    outcome = compare(kernel.name, result.network)
    _write_files(evaluator, settings, result, counts, folder, picture(kernel.name, outcome))
    return {
        "bound": kernel.bounds[group],
        "error": kernel.error,
        "required": settings.required,
        "reached": result.reached,
        "note": result.note,
        "evaluations": result.evaluations,
        "network": result.network.topology.text,
        "accuracy": result.chosen.metrics[metric],
        "test_accuracy": result.test[metric],
        "metrics": dict(result.chosen.metrics),
        "cpu": {
            "time_ns": cpu_time_ns(counts.call).to_json(),
            "energy_pj": cpu_energy_pj(counts.call).to_json(),
            "instructions": counts.call.instructions,
        },
        "gains": {
            table: _gain_json(gain(counts, npu_cost(result.network.topology, table))) for table in TABLES
        },
        "program": dict(outcome.quality),
        "front": [
            {"id": e.trial.candidate.id, "genome": e.trial.candidate.genome, "metrics": dict(e.metrics)}
            for e in result.front
        ],
        "files": [f"{stem}-{number}{end}" for stem, end in _FILES],
    }


_FILES = (("front", ".svg"), ("network", ".npz"), ("region", ".h"), ("program", ".png"))


def _gain_json(found: Gain) -> dict[str, Any]:
    return {
        "region_time": found.region_time.to_json(),
        "region_energy": found.region_energy.to_json(),
        "program_time": found.program_time.to_json(),
        "program_energy": found.program_energy.to_json(),
        "share_in_region": found.share,
    }


def _write_files(
    evaluator: ProgramEvaluator,
    settings: ProgramSearch,
    result: ProgramResult,
    counts: RegionCounts,
    folder: Path,
    image: bytes,
) -> None:
    metric, number = accuracy_metric(settings.group), settings.group + 1
    front = [(e.metrics["npu_pj"] / 1e3, e.metrics[metric]) for e in result.front]
    title = f"{evaluator.kernel.name}, bound {evaluator.kernel.bounds[settings.group]:g}"
    svg = front_svg(front, front, title, "energy of a call on the array, nJ")
    header = c_header(front_selector(evaluator, result.front, metric, counts), evaluator.kernel.name)
    contents = (svg.encode(), result.network.to_bytes(), header.encode(), image)
    for (stem, end), content in zip(_FILES, contents, strict=True):
        atomic_write(folder / f"{stem}-{number}{end}", content)


def front_selector(
    evaluator: ProgramEvaluator, front: tuple[Any, ...], metric: str, counts: RegionCounts
) -> Selector:
    """Return the trained networks of a front; energy reductions take the processor's lower bound.

    Args:
        evaluator: trains the networks again.
        front: evaluations.
        metric: name of the accuracy.
        counts: of the region.
    """
    least = cpu_energy_pj(counts.call).low
    return Selector(
        [
            OperatingPoint(evaluator.network(e.trial), e.metrics[metric], least / e.metrics["npu_pj"])
            for e in front
        ]
    )


def _remove(folder: Path) -> None:
    if not folder.is_dir():
        return
    with writer_lock(folder):
        for name in _OWN_FILES:
            (folder / name).unlink(missing_ok=True)
        for stem, end in _FILES:
            for path in folder.glob(f"{stem}-[0-9]*{end}"):
                path.unlink()
        shutil.rmtree(folder / "blobs", ignore_errors=True)
