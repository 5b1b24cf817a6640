"""One run over a shipped kernel: a search per error bound, the program, and the files of the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mulsmith.errors import ConfigError
from mulsmith.search.front_picture import front_svg
from mulsmith.search.program.applications import compare, picture
from mulsmith.search.program.c_code import c_header
from mulsmith.search.program.callgrind import RegionCounts
from mulsmith.search.program.cpu import Gain, cpu_energy_pj, cpu_time_ns, gain, region_counts
from mulsmith.search.program.evaluator import ProgramEvaluator, accuracy_metric
from mulsmith.search.program.integer_code import integer_header
from mulsmith.search.program.kernel import Kernel
from mulsmith.search.program.kernels import kernel_named
from mulsmith.search.program.mlp import Mlp
from mulsmith.search.program.multipliers import NetworkMultiplier, reference
from mulsmith.search.program.npu import RESIDENCIES, npu_cost
from mulsmith.search.program.run import ProgramResult, ProgramSearch, choose, evaluate_bounds
from mulsmith.search.program.training import TrainingPlan, trainer_name
from mulsmith.search.run import Progress
from mulsmith.search.store import DATABASE
from mulsmith.search.trial import Candidate
from mulsmith.storage import atomic_write, remove_outputs, writer_lock

TABLES = ("cacti45", "horowitz45", "eyeriss-relative")
Watch = Callable[[int, Progress], None]
_OWN_FILES = (*DATABASE, "result.json")
_OWN_PATTERNS = ("front-*.svg", "front-*.npz", "network-*.npz", "region-*.h", "program-*.png")


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
        multipliers: networks run on one of them in 8 bits, and it is part of the space.
    """

    kernel: str
    bounds: tuple[float, ...] = ()
    settings: ProgramSearch = field(default_factory=ProgramSearch)
    measure: bool = False
    plan: TrainingPlan = field(default_factory=TrainingPlan)
    samples: tuple[int, int, int] = (10_000, 4_000, 4_000)
    multipliers: Mapping[str, NetworkMultiplier] = field(default_factory=dict)

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
        chosen = replace(kernel, bounds=self.bounds) if self.bounds else kernel
        return ProgramEvaluator(chosen, self.plan, self.samples, multipliers=self.multipliers)


def run_kernel(
    request: KernelRun, folder: Path, fresh: bool = False, watch: Watch | None = None
) -> dict[str, Any]:
    """Run, or resume, the searches of a kernel and return the result (also in ``result.json``).

    Every bound's search knows the networks of those before it, and chooses from the networks of all.

    Beside it the folder gets, for each bound N: ``front-N.svg``, ``network-N.npz``, ``front-N.npz`` and
    ``region-N.h`` with the whole front for use at run time in Python and C (or one network in integers, in C
    alone), and ``program-N.png`` with the program's results.

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
    request.settings.searcher(evaluator.kernel, evaluator.choices)
    counts = region_counts(request.kernel, request.measure)
    if fresh:
        _remove(folder)
    groups = [replace(request.settings, group=group) for group in range(len(evaluator.kernel.bounds))]
    evaluated = evaluate_bounds(evaluator, groups, folder, watch)
    found = [
        _bound(evaluator, settings, choose(evaluator, settings, evaluated), counts, folder)
        for settings in groups
    ]
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


def _bound(
    evaluator: ProgramEvaluator,
    settings: ProgramSearch,
    result: ProgramResult,
    counts: RegionCounts,
    folder: Path,
) -> dict[str, Any]:
    kernel, group = evaluator.kernel, settings.group
    metric, topology = accuracy_metric(group), result.network.topology
    arithmetic = evaluator.arithmetic(result.chosen.trial.candidate.genome)
    costs = {table: npu_cost(topology, table, arithmetic=arithmetic) for table in TABLES}
    outcome = compare(kernel.name, result.network)
    files = {
        f"front-{group + 1}.svg": _front_picture(kernel, group, result).encode(),
        f"program-{group + 1}.png": picture(kernel.name, outcome),
    }
    if isinstance(result.network, Mlp):
        # Energy reductions take the lower bound of the processor's energy.
        selector = result.selector(cpu_energy_pj(counts.call).low)
        files[f"network-{group + 1}.npz"] = result.network.to_bytes()
        files[f"front-{group + 1}.npz"] = selector.to_bytes()
        files[f"region-{group + 1}.h"] = c_header(selector, kernel.name).encode()
    else:
        files[f"region-{group + 1}.h"] = integer_header(result.network, kernel.name).encode()
    for name, content in files.items():
        atomic_write(folder / name, content)
    return {
        "bound": kernel.bounds[group],
        "error": kernel.error,
        "required": settings.required,
        "reached": result.reached,
        "note": result.note,
        "evaluations": len(result.tried),
        "network": topology.text,
        "accuracy": result.chosen.metrics[metric],
        "test_accuracy": result.test[metric],
        "metrics": dict(result.chosen.metrics),
        "multiplier": _multiplier(evaluator, result, metric),
        "npu": {
            residency: asdict(npu_cost(topology, residency=residency, arithmetic=arithmetic))
            for residency in RESIDENCIES
        },
        "cpu": {
            "time_ns": cpu_time_ns(counts.call).to_json(),
            "energy_pj": cpu_energy_pj(counts.call).to_json(),
            "instructions": counts.call.instructions,
        },
        "gains": {table: _gain_json(gain(counts, cost)) for table, cost in costs.items()},
        "program": dict(outcome.quality),
        "front": [
            {"id": e.trial.candidate.id, "genome": e.trial.candidate.genome, "metrics": dict(e.metrics)}
            for e in result.front
        ],
        "files": sorted(files),
    }


def _multiplier(evaluator: ProgramEvaluator, result: ProgramResult, metric: str) -> dict[str, Any] | None:
    """Return what the multiplier of a quantised network saves against the exact one in the same network."""
    trial = result.chosen.trial
    if "multiplier" not in trial.candidate.genome:
        return None
    chosen = evaluator.multiplier(trial.candidate.genome["multiplier"])
    exact = reference(evaluator.multipliers)
    genome = {**trial.candidate.genome, "multiplier": exact.name}
    network = evaluator.network(replace(trial, candidate=Candidate(genome)))
    return {
        "name": chosen.name,
        "exact": exact.name,
        "exact_accuracy": evaluator.accuracies(network, 1)[metric],
        "saving_percent": 100.0 * (1.0 - chosen.energy_pj / exact.energy_pj),
    }


def _gain_json(found: Gain) -> dict[str, Any]:
    return {
        "region_time": found.region_time.to_json(),
        "region_energy": found.region_energy.to_json(),
        "program_time": found.program_time.to_json(),
        "program_energy": found.program_energy.to_json(),
        "share_in_region": found.share,
    }


def _front_picture(kernel: Kernel, group: int, result: ProgramResult) -> str:
    metric = accuracy_metric(group)
    points, front = (
        [(e.metrics["npu_pj"] / 1e3, e.metrics[metric]) for e in found]
        for found in (result.tried, result.front)
    )
    title = f"{kernel.name}, bound {kernel.bounds[group]:g}"
    return front_svg(points, front, title, "energy of a call on the array, nJ")


def _remove(folder: Path) -> None:
    if not folder.is_dir():
        return
    with writer_lock(folder):
        made = [path.name for pattern in _OWN_PATTERNS for path in folder.glob(pattern)]
        remove_outputs(folder, (*_OWN_FILES, *made), ("blobs",))
