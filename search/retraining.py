"""Evaluation of an assignment after the network was retrained on it; the trained networks are kept."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from mulsmith.emulate.data import Split
from mulsmith.emulate.lesson import CLASSIFICATION, Lesson
from mulsmith.emulate.training import Recipe, load_state, save_state, train
from mulsmith.errors import StoreError
from mulsmith.search.assignment import EmulatedAssignment, torch_threads
from mulsmith.search.trial import Genome, Trial
from mulsmith.storage import BlobStore


@dataclass(frozen=True, eq=False)
class RetrainedAssignment:
    """The evaluator: as ``EmulatedAssignment``, with a fidelity ``{"epochs": n}`` of training before.

    A genome may name ``weights``, the hash of a blob of the run, from which the network starts instead.

    Attributes:
        base: evaluates without training.
        data: the training split.
        recipe: how networks are trained; epochs and seed are those of the trial.
        lesson: what they are asked in training.
        lesson_name: what that is, part of the identity.
        folder: the run; trained states go to ``trained/ID.pt``, one per candidate, so that a run has one
            number of epochs.
    """

    base: EmulatedAssignment
    data: Split
    recipe: Recipe
    folder: Path
    lesson: Lesson = CLASSIFICATION
    lesson_name: str = "labels"

    @property
    def identity(self) -> Mapping[str, Any]:
        """That of the base, the recipe and the lesson."""
        return {**self.base.identity, "recipe": asdict(self.recipe), "lesson": self.lesson_name}

    def recipe_of(self, trial: Trial) -> Recipe:
        """Return the recipe of a trial."""
        return replace(self.recipe, epochs=int(trial.fidelity["epochs"]), seed=trial.seed)

    def start(self, genome: Genome) -> EmulatedAssignment:
        """Return the evaluator over the weights that a genome starts from.

        Raises:
            StoreError: the run has no such weights.
        """
        if "weights" not in genome:
            return self.base
        network = copy.deepcopy(self.base.network)
        network.load_state_dict(load_state(BlobStore(self.folder / "blobs").path(genome["weights"])))
        return replace(self.base, network=network)

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Train the assignment if the trial asks for epochs; return the metrics of the base."""
        genome = trial.candidate.genome
        with torch_threads(self.base.threads):
            network = self.start(genome).reassigned(genome)
            if "epochs" in trial.fidelity:
                path = self._path(trial)
                checkpoint = path.with_suffix(".training")
                train(network, self.data, self.recipe_of(trial), checkpoint, lesson=self.lesson)
                save_state(path, network.state_dict())
                checkpoint.unlink(missing_ok=True)
            return self.base.judge(network, genome["layers"], trial.fidelity)

    def network_of(self, trial: Trial) -> nn.Module:
        """Return the network that a trial was judged by, with its trained weights.

        Raises:
            StoreError: its file is gone or damaged.
        """
        network = self.start(trial.candidate.genome).reassigned(trial.candidate.genome)
        if "epochs" in trial.fidelity:
            try:
                network.load_state_dict(load_state(self._path(trial)))
            except RuntimeError as error:
                raise StoreError(
                    "the trained state is of another network",
                    path=self._path(trial),
                    remedy="start over with --fresh",
                ) from error
        return network.eval()

    def _path(self, trial: Trial) -> Path:
        return self.folder / "trained" / f"{trial.candidate.id}.pt"
