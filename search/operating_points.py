"""Evaluation of a plan of operating points: one network, fine-tuned for all of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from mulsmith.emulate import deconvert
from mulsmith.search.assignment import torch_threads
from mulsmith.search.qos import QoSModel, QoSPlan, build_qos, fine_tune
from mulsmith.search.retraining import RetrainedAssignment
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial

PER_POINT = "@"


@dataclass(frozen=True, eq=False)
class OperatingPoints:
    """The evaluator of genomes ``{"subset": [...], "points": [{layer: multiplier}, ...]}``.

    Metrics are those of every point, ``accuracy@0`` and so on, and under the plain names their means over the
    points. Genomes with ``layers`` are evaluated by ``single``. The models go to ``qos/ID.pt``.

    Attributes:
        single: evaluates one assignment.
    """

    single: RetrainedAssignment

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the evaluator of single assignments."""
        return self.single.identity

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Fine-tune the plan if the trial asks for epochs, save the model, and judge every point."""
        genome, base = trial.candidate.genome, self.single.base
        if "points" not in genome:
            return self.single.evaluate(trial)
        plan = QoSPlan(tuple(genome["subset"]), tuple(genome["points"]))
        path = self.path(trial.candidate.id)
        with torch_threads(base.threads):
            model = build_qos(self.single.start(genome).network, plan, base.library)
            if "epochs" in trial.fidelity:
                checkpoint = path.with_suffix(".training")
                recipe = self.single.recipe_of(trial)
                fine_tune(model, self.single.data, recipe, checkpoint, self.single.lesson)
                model.save(path)
                checkpoint.unlink(missing_ok=True)
            else:
                model.eval().save(path)
            metrics: dict[str, float] = {}
            for index, point in enumerate(plan.points):
                model.set_point(index)
                for name, value in base.judge(model, point, trial.fidelity).items():
                    metrics[f"{name}{PER_POINT}{index}"] = value
                    metrics[name] = metrics.get(name, 0.0) + value / len(plan.points)
        return metrics

    def path(self, plan: str) -> Path:
        """Return where the model of a plan lies."""
        return self.single.folder / "qos" / f"{plan}.pt"

    def network_of(self, trial: Trial) -> nn.Module:
        """Return the network of an assignment, or that of a plan at the point that the genome names."""
        genome = trial.candidate.genome
        if "plan" not in genome:
            return self.single.network_of(trial)
        model = QoSModel.load(self.path(genome["plan"]), deconvert(self.single.base.network))
        model.set_point(genome["point"])
        return model


def each_point(evaluation: Evaluation) -> list[Evaluation]:
    """Return the operating points of a plan as evaluations of assignments; others come back as they are.

    The genome of a point is ``{"layers": {...}, "plan": id of the plan, "point": index}``.
    """
    genome: Genome = evaluation.trial.candidate.genome
    if "points" not in genome or evaluation.failed:
        return [evaluation]
    found = []
    for index, layers in enumerate(genome["points"]):
        suffix = f"{PER_POINT}{index}"
        metrics = {
            name.removesuffix(suffix): value
            for name, value in evaluation.metrics.items()
            if name.endswith(suffix)
        }
        point = {"layers": layers, "plan": evaluation.trial.candidate.id, "point": index}
        candidate = Candidate(point, f"{evaluation.trial.candidate.origin}, point {index}")
        found.append(
            replace(evaluation, trial=replace(evaluation.trial, candidate=candidate), metrics=metrics)
        )
    return found
