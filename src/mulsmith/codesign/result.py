"""The result document of a co-design run: what ``codesign --json`` prints and the report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mulsmith import __version__
from mulsmith.codesign.choice import accuracy_floor
from mulsmith.codesign.config import DEFAULT_ACCELERATOR, Config
from mulsmith.codesign.evaluation import confusion, layer_errors
from mulsmith.codesign.run_folder import RESULT
from mulsmith.codesign.search_problem import SearchSetting
from mulsmith.codesign.setting import Setting
from mulsmith.emulate.training import accuracy
from mulsmith.energy import estimate
from mulsmith.errors import StoreError
from mulsmith.provenance import tool_version
from mulsmith.search.objective import energy_metric
from mulsmith.search.pareto import ParetoArchive
from mulsmith.search.trial import Evaluation
from mulsmith.storage import read_object


def load_result(folder: Path) -> dict[str, Any]:
    """Return the result of a finished run.

    Raises:
        StoreError: there is none, or it is damaged.
    """
    absent = StoreError(
        "there is no finished co-design run here", path=folder, remedy="run 'mulsmith codesign --run' first"
    )
    return read_object(folder / RESULT, "result", absent)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run's result is made of.

    Attributes:
        found: the result of the search.
        evaluations: everything that was evaluated.
        candidates: the assignments among which was chosen.
        chosen: one of them.
    """

    found: Mapping[str, Any]
    evaluations: Sequence[Evaluation]
    candidates: Sequence[Evaluation]
    chosen: Evaluation


def summarise(
    config: Config,
    folder: Path,
    own: SearchSetting,
    decision: Decision,
    architecture: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the result document of a finished search; nothing in it was chosen on test data."""
    setting, chosen, found = own.setting, decision.chosen, decision.found
    data, genome = setting.data, chosen.trial.candidate.genome
    assignment = {**dict.fromkeys(setting.layers, setting.exact), **genome["layers"]}
    exact = dict.fromkeys(setting.layers, setting.exact)
    metric = energy_metric(config.evaluation.ledger)
    reference = found["baseline"]["metrics"]
    evaluator = own.evaluator()
    classes = data.classes
    ours = confusion(evaluator.network_of(chosen.trial), data.test, classes)
    theirs = confusion(setting.evaluator.reassigned({"layers": exact}), data.test, classes)
    errors = layer_errors(own, assignment)
    account = accelerator_account(config, setting, assignment)
    count = own.energy
    return {
        "run": str(folder),
        "method": config.method,
        "convention": config.evaluation.energy,
        "ledger": config.evaluation.ledger.value,
        "constraints": config.constraints.model_dump(mode="json"),
        "data": {
            "name": data.name,
            "train": len(data.train),
            "validation": len(data.validation),
            "judged": own.images,
            "test": len(data.test),
        },
        "accuracy_floor": accuracy_floor(config.constraints, reference["accuracy"], own.images),
        "network": own.config.network.title,
        "architecture": architecture,
        "baseline": {
            "multiplier": setting.exact,
            "accuracy": reference["accuracy"],
            "test_accuracy": theirs.accuracy,
            "float_accuracy": evaluator.single.base.judge(setting.network, exact, {})["accuracy"],
            "float_test_accuracy": accuracy(setting.network, data.test),
            "energy_pj": reference["energy_all_pj"],
            "confusion": theirs.counts,
        },
        "chosen": {
            "id": genome.get("plan", chosen.trial.candidate.id),
            "point": genome.get("point"),
            "epochs": chosen.trial.fidelity.get("epochs"),
            "accuracy": chosen.metrics["accuracy"],
            "test_accuracy": ours.accuracy,
            "assignment": assignment,
            "energy_pj": chosen.metrics["energy_all_pj"],
            "energy_relative": chosen.metrics[metric] / reference[metric],
            "savings": _savings(setting, assignment, account),
            "confusion": ours.counts,
        },
        "layers": [
            {
                "name": layer,
                "multiplications": number,
                "multiplier": assignment[layer],
                "energy_pj": number * count.price_pj(layer, assignment[layer]),
                "exact_energy_pj": number * count.price_pj(layer, setting.exact),
                "error": errors[layer],
            }
            for layer, number in count.multiplications.items()
        ],
        "accelerator": account,
        "operating_points": found["plans"],
        "circuits": [_circuit(setting, name, decision.candidates) for name in setting.multipliers],
        "left_out": dict(setting.left_out),
        "failed": {
            e.trial.candidate.id: (e.error or "unknown").strip().splitlines()[-1]
            for e in decision.evaluations
            if e.failed
        },
        "front": [_point(e, reference[metric], metric) for e in front_of(decision.candidates, own)],
        "points": [_point(e, reference[metric], metric) for e in decision.candidates],
        "provenance": {
            "mulsmith": __version__,
            "torch": tool_version("torch"),
            "configuration": config.model_dump(mode="json"),
            "quantisation": asdict(own.quantisation),
            "evaluator": {
                key: value for key, value in setting.evaluator.identity.items() if isinstance(value, str)
            },
        },
        "report": "report.html",
    }


def front_of(candidates: Sequence[Evaluation], own: SearchSetting) -> list[Evaluation]:
    """Return the candidates that no other beats, in the objectives of the search."""
    archive = ParetoArchive(own.objectives)
    for candidate in candidates:
        archive.add(candidate)
    return archive.front()


def accelerator_account(config: Config, setting: Setting, assignment: Mapping[str, str]) -> dict[str, Any]:
    """Return what one inference costs on an accelerator, under the choice and under exact multipliers."""
    chosen = config.accelerator
    how: dict[str, Any] = {
        "input_shape": (1, *setting.data.shape),
        "accelerator": chosen.name or DEFAULT_ACCELERATOR,
        "library": setting.multipliers,
        "table": chosen.table,
        "convention": config.evaluation.energy,
        "objective": chosen.objective,
        "baseline": setting.exact,
    }
    ours = estimate(setting.network, assignment=assignment, **how)
    theirs = estimate(setting.network, assignment=setting.exact, **how)
    return {"chosen": ours.to_json(), "exact": theirs.to_json()}


def _savings(setting: Setting, assignment: Mapping[str, str], account: Mapping[str, Any]) -> dict[str, Any]:
    """Return the % saved among multiplications, per convention, and of the accelerator with its band."""
    changed = {layer: name for layer, name in assignment.items() if name != setting.exact}
    out: dict[str, Any] = {}
    for convention, count in setting.energy.items():
        ledgers = count.ledgers(changed) if changed else {}
        out[convention] = {
            "multiplier_percent": ledgers.get("saving_all_percent", 0.0),
            "approximated_layers_percent": ledgers.get("saving_approximated_percent", 0.0),
        }
    system = account["chosen"]["savings"]
    return {
        **out,
        "system_percent": system["system_percent"],
        "system_percent_band": system["system_percent_band"],
    }


def _point(evaluation: Evaluation, reference_pj: float, metric: str) -> dict[str, Any]:
    candidate, metrics = evaluation.trial.candidate, evaluation.metrics
    return {
        "id": candidate.id,
        "origin": candidate.origin,
        "accuracy": metrics["accuracy"],
        "energy_pj": metrics[metric],
        "energy_relative": metrics[metric] / reference_pj,
        "assignment": candidate.genome["layers"],
    }


def _accuracy_of(evaluations: Sequence[Evaluation], assignment: Mapping[str, str]) -> float | None:
    for evaluation in evaluations:
        if evaluation.trial.candidate.genome["layers"] == assignment:
            return evaluation.metrics["accuracy"]
    return None


def _circuit(setting: Setting, name: str, evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    multiplier = setting.multipliers[name]
    figures = multiplier.synthesis
    return {
        "name": name,
        "a_bits": multiplier.lut.a_bits,
        "b_bits": multiplier.lut.b_bits,
        "signed": multiplier.lut.signed,
        "mre_percent": multiplier.errors.mre_percent,
        "accuracy": _accuracy_of(evaluations, dict.fromkeys(setting.layers, name)),
        "energy_pj": {convention: count.energy_pj[name] for convention, count in setting.energy.items()},
        "area_um2": None if figures is None else figures.area_um2,
        "delay_ns": None if figures is None else figures.delay_ns,
        "power_mw": None if figures is None else figures.power_mw,
        "cells": None if figures is None else sum(figures.cells.values()),
        "liberty": None if figures is None else figures.liberty,
    }
