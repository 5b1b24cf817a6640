"""The result document of a co-design run: what ``codesign --json`` prints and the report shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from mulsmith import __version__, emulate
from mulsmith.codesign.config import Config
from mulsmith.codesign.setting import Setting
from mulsmith.emulate.training import accuracy
from mulsmith.errors import StoreError
from mulsmith.provenance import tool_version
from mulsmith.search.greedy import GreedyAssignment
from mulsmith.search.trial import Evaluation

RESULT = "result.json"


def load_result(folder: Path) -> dict[str, Any]:
    """Return the result of a finished run.

    Raises:
        StoreError: there is none, or it is damaged.
    """
    path = folder / RESULT
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StoreError(
            "there is no finished co-design run here",
            path=folder,
            remedy="run 'mulsmith codesign --run' first",
        ) from error
    except (OSError, ValueError) as error:
        raise StoreError(f"the result is damaged: {error}", path=path) from error
    if not isinstance(result, dict):
        raise StoreError("the result is damaged: no JSON object", path=path)
    return result


def summarise(
    config: Config,
    folder: Path,
    setting: Setting,
    searcher: GreedyAssignment,
    chosen: nn.Module,
    front: Sequence[Evaluation],
    evaluations: Sequence[Evaluation],
) -> dict[str, Any]:
    """Return the result document of a finished search; nothing in it was chosen on test data."""
    good = [evaluation for evaluation in evaluations if not evaluation.failed]
    exact = dict.fromkeys(setting.layers, setting.exact)
    count = setting.energy[config.search.energy]
    reference_pj = count.ledgers(exact)["energy_all_pj"]
    data = setting.data
    return {
        "run": str(folder),
        "convention": config.search.energy,
        "max_loss_pp": config.search.max_loss_pp,
        "data": {
            "name": data.name,
            "train": len(data.train),
            "validation": len(data.validation),
            "test": len(data.test),
        },
        "network": config.network.name,
        "baseline": {
            "multiplier": setting.exact,
            "accuracy": _accuracy_of(good, exact),
            "test_accuracy": accuracy(setting.evaluator.reassigned({"layers": exact}), data.test),
            "float_accuracy": accuracy(setting.network, data.validation),
            "float_test_accuracy": accuracy(setting.network, data.test),
            "energy_pj": reference_pj,
        },
        "chosen": {
            "accuracy": searcher.chosen_accuracy,
            "test_accuracy": accuracy(chosen, data.test),
            "assignment": dict(searcher.chosen),
            "energy_pj": count.ledgers(searcher.chosen)["energy_all_pj"],
            "savings": _savings(setting, searcher.chosen),
        },
        "layers": [
            {
                "name": layer,
                "multiplications": number,
                "multiplier": searcher.chosen[layer],
                "energy_pj": number * count.energy_pj[searcher.chosen[layer]],
                "exact_energy_pj": number * count.energy_pj[setting.exact],
            }
            for layer, number in count.multiplications.items()
        ],
        "circuits": [_circuit(setting, name, good) for name in setting.multipliers],
        "left_out": dict(setting.left_out),
        "failed": {
            e.trial.candidate.id: (e.error or "unknown").strip().splitlines()[-1]
            for e in evaluations
            if e.failed
        },
        "front": [_point(evaluation, reference_pj) for evaluation in front],
        "points": [_point(evaluation, reference_pj) for evaluation in good],
        "provenance": {
            "mulsmith": __version__,
            "torch": tool_version("torch"),
            "configuration": config.model_dump(mode="json"),
            "quantisation": asdict(emulate.Quantisation(**config.quantisation.model_dump())),
            "evaluator": {
                key: value for key, value in setting.evaluator.identity.items() if isinstance(value, str)
            },
        },
        "report": "report.html",
    }


def _savings(setting: Setting, assignment: Mapping[str, str]) -> dict[str, Any]:
    """Return the % saved among multiplications, per convention; the whole system's is not known here."""
    changed = {layer: name for layer, name in assignment.items() if name != setting.exact}
    out: dict[str, Any] = {}
    for convention, count in setting.energy.items():
        ledgers = count.ledgers(changed) if changed else {}
        out[convention] = {
            "multiplier_percent": ledgers.get("saving_all_percent", 0.0),
            "approximated_layers_percent": ledgers.get("saving_approximated_percent", 0.0),
        }
    return {**out, "system_percent": None}


def _point(evaluation: Evaluation, reference_pj: float) -> dict[str, Any]:
    candidate, metrics = evaluation.trial.candidate, evaluation.metrics
    return {
        "id": candidate.id,
        "origin": candidate.origin,
        "accuracy": metrics["accuracy"],
        "energy_pj": metrics["energy_all_pj"],
        "energy_relative": metrics["energy_all_pj"] / reference_pj,
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
        "liberty": None if figures is None else figures.liberty,
    }
