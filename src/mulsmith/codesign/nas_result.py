"""What an architecture search found: final networks, figures on test, the comparison with exact."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mulsmith.codesign.nas_config import NasConfig
from mulsmith.emulate.training import accuracy
from mulsmith.search.nas.comparison import compare_with_exact
from mulsmith.search.nas.methods import NasPlan
from mulsmith.search.nas.setting import NasSetting, torch_threads
from mulsmith.search.nas.training import DIVERGED, HOPELESS
from mulsmith.search.objective import Objective, costs
from mulsmith.search.pareto import ParetoArchive, hypervolume
from mulsmith.search.store import Store
from mulsmith.search.trial import Evaluation
from mulsmith.storage import atomic_write

MIN_SAVING_PERCENT = 30.0
_PLANE = (Objective("accuracy", "max"), Objective("energy_all_pj", "min"))


def nas_result(
    method: str,
    config: NasConfig,
    folder: Path,
    store: Store,
    plan: NasPlan,
    setting: NasSetting,
    final: Sequence[Evaluation],
) -> dict[str, Any]:
    """Write ``result.json``, ``evaluations.jsonl`` and the final networks; return the result."""
    archive = ParetoArchive(plan.objectives)
    good = [evaluation for evaluation in final if not evaluation.failed]
    for evaluation in good:
        archive.add(evaluation)
    compared = compare_with_exact(good, plan.multiplier, setting.exact, MIN_SAVING_PERCENT)
    shown = {e.trial.candidate.id: e for e in archive.front()}
    for extra in (compared.exact, compared.approximate) if compared else ():
        if extra is not None:
            shown.setdefault(extra.trial.candidate.id, extra)
    # The test split reports what the validation split chose; nothing below goes back into a choice.
    points = {name: _point(e, folder, plan, setting) for name, e in shown.items()}
    failed = [e for e in store if e.failed]
    result: dict[str, Any] = {
        "method": method,
        "run": str(folder),
        "evaluations": len(store),
        "search_seconds": round(sum(e.seconds for e in store), 1),
        "left_out": dict(setting.left_out),
        "stopped": sum(1 for e in store if e.metrics.get("stopped") or _marked(e, HOPELESS)),
        "diverged": [e.trial.candidate.id for e in failed if _marked(e, DIVERGED)],
        "failed": [
            {"id": e.trial.candidate.id, "error": reason(e)}
            for e in failed
            if not _marked(e, DIVERGED) and not _marked(e, HOPELESS)
        ],
        "convention": config.run.energy,
        "accelerator": config.run.accelerator or None,
        "exact_multiplier": setting.exact,
        "front": [points[e.trial.candidate.id] for e in archive.front()],
    }
    if compared is not None:
        result["exact"] = points[compared.exact.trial.candidate.id]
        result["hypervolume"] = _volume(good, compared.exact)
        if compared.approximate is not None:
            result["approximate"] = points[compared.approximate.trial.candidate.id]
            lost = result["exact"]["test_accuracy"] - result["approximate"]["test_accuracy"]
            result["saving_percent"] = compared.saving_percent
            result["test_accuracy_lost_pp"] = 100 * lost
    for name, text in plan.figures.items():
        atomic_write(folder / name, text.encode())
    store.write_jsonl(folder / "evaluations.jsonl")
    atomic_write(folder / "result.json", json.dumps(result, indent=2, allow_nan=False).encode())
    return result


def reason(failed: Evaluation) -> str:
    """Return why an evaluation failed: the last line of its traceback, or the reason that it was given."""
    return (failed.error or "unknown").strip().splitlines()[-1]


def _marked(evaluation: Evaluation, mark: str) -> bool:
    return (evaluation.error or "").startswith(mark)


def _point(evaluation: Evaluation, folder: Path, plan: NasPlan, setting: NasSetting) -> dict[str, Any]:
    candidate = evaluation.trial.candidate
    with torch_threads(setting.options.threads):
        on_test = accuracy(plan.trained(evaluation.trial), setting.data.test)
    for suffix, text in (("svg", plan.picture(candidate.genome)), ("py", plan.source(candidate.genome))):
        atomic_write(folder / "networks" / f"{candidate.id}.{suffix}", text.encode())
    return {
        "id": candidate.id,
        "metrics": dict(evaluation.metrics),
        "multiplier": plan.multiplier(candidate.genome),
        "test_accuracy": on_test,
        "genome": candidate.genome,
    }


def _volume(good: Sequence[Evaluation], exact: Evaluation) -> float:
    """Return the share of (accuracy 0..1, energy up to the exact solution's) that the networks dominate."""
    cost = costs(_PLANE, [e.metrics for e in good]) / np.array([1.0, exact.metrics["energy_all_pj"]])
    return hypervolume(cost, (0.0, 1.0))
