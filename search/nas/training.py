"""Training of a candidate network: in float, then on multiplier tables; hopeless ones stop early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from torch import nn

from mulsmith.emulate import Quantisation, convert
from mulsmith.emulate.activation import NotFiniteError
from mulsmith.emulate.data import Split
from mulsmith.emulate.lesson import CLASSIFICATION, Lesson
from mulsmith.emulate.training import DivergedError, Epoch, Recipe, load_state, save_state, train
from mulsmith.provenance import sha256_hex
from mulsmith.search.evaluator import UnfitError
from mulsmith.search.nas.fidelity import Fidelity
from mulsmith.search.nas.setting import NasSetting, torch_threads
from mulsmith.search.trial import Genome, Trial, canonical_json
from mulsmith.toml_file import Section

DIVERGED, HOPELESS = "diverged", "hopeless"
"""How the reasons of candidates begin that were given up."""
CALIBRATION_IMAGES = 256
QUANTISATION = Quantisation(observer="moving-average", sign_magnitude=True)
"""Ranges follow the data while weights are trained; min-max weight ranges cost one pass over the weights."""


class TrainingOptions(Section):
    """How candidates are trained."""

    optimiser: Literal["adam", "sgd"] = Field(default="adam", description="sgd has momentum 0.9")
    learning_rate: float = Field(default=1e-3, gt=0)
    table_learning_rate: float = Field(default=5e-4, gt=0, description="on the multipliers' tables")
    batch: int = Field(default=32, ge=1)
    weight_decay: float = Field(default=1e-4, ge=0, description="L2 penalty")
    augment: bool = Field(default=False, description="random crops and flips")
    gradient: Literal["straight-through", "1-d", "2-d"] = Field(
        default="straight-through", description="backward pass of the table layers"
    )
    decay: Literal["cosine", "exponential"] = Field(default="cosine", description="of the learning rate")
    patience: int = Field(default=3, ge=0, description="epochs after which a hopeless one stops; 0 is never")
    hopeless: float = Field(
        default=1.5, ge=0, description="training accuracy in units of guessing below which it is hopeless"
    )


@contextmanager
def candidate_run(threads: int) -> Iterator[None]:
    """Train and evaluate a candidate with a number of torch threads; one that diverges is marked as unfit.

    Raises:
        UnfitError: its loss, or what a layer gets, became NaN or infinite.
    """
    with torch_threads(threads):
        try:
            yield
        except (DivergedError, NotFiniteError) as error:
            raise UnfitError(f"{DIVERGED}: {error.cause}") from error


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained candidate.

    Attributes:
        network: in eval mode, on its tables unless it was stopped before or has no assignment.
        epochs: that were run, float and table ones together.
        stopped: whether it was given up as hopeless.
    """

    network: nn.Module
    epochs: int
    stopped: bool


class _HopelessError(Exception):
    """Ends a training from inside its callback."""


class _Watch:
    """Counts epochs, ``before`` this training and in it; gives up on a network no better than guessing."""

    def __init__(self, patience: int, floor: float) -> None:
        self.before = 0
        self.epochs = 0
        self._patience = patience
        self._floor = floor

    def __call__(self, epoch: Epoch) -> None:
        self.epochs = self.before + epoch.number
        if self._patience and self.epochs >= self._patience and epoch.accuracy < self._floor:
            raise _HopelessError


@dataclass(frozen=True, slots=True)
class _Course:
    """The trainings of one candidate, one after another."""

    images: Split
    watch: _Watch
    lesson: Lesson
    checkpoints: Path | None

    def in_float(self, network: nn.Module, recipe: Recipe, kept: Path | None) -> None:
        """Train the float weights, or take those that are kept."""
        if kept is not None and kept.exists():
            network.load_state_dict(load_state(kept))
            self.watch.before = self.watch.epochs = recipe.epochs
            return
        self.take("float", network, recipe)
        if kept is not None and recipe.epochs:
            save_state(kept, network.state_dict())

    def take(self, stage: str, network: nn.Module, recipe: Recipe) -> None:
        """Train by a recipe, from the stage's checkpoint where there is one."""
        checkpoint = None if self.checkpoints is None else self.checkpoints / f"{stage}.pt"
        train(network, self.images, recipe, checkpoint, self.watch, lesson=self.lesson)
        if not all(bool(torch.isfinite(parameter).all()) for parameter in network.parameters()):
            raise DivergedError("a weight became infinite or NaN in the last step")
        self.watch.before = self.watch.epochs = self.watch.before + recipe.epochs


def train_candidate(
    network: nn.Module,
    setting: NasSetting,
    fidelity: Fidelity,
    options: TrainingOptions,
    assignment: Mapping[str, str],
    seed: int,
    float_state: Path | None = None,
    lesson: Lesson = CLASSIFICATION,
    checkpoints: Path | None = None,
) -> Trained:
    """Train a network in float, convert it by an assignment, and train it on.

    Args:
        network: freshly initialised; it is trained in place.
        setting: data, multipliers and device.
        fidelity: epochs and images.
        options: how to train.
        assignment: layer or pattern -> multiplier name.
        seed: of order and augmentation.
        float_state: where the float weights are kept, and taken from if they are there: candidates that
            differ in the multiplier alone share them.
        lesson: the loss, and what changes from epoch to epoch.
        checkpoints: folder of this trial alone, from which an interrupted training goes on.

    Raises:
        DivergedError: the loss became NaN or infinite.
        NotFiniteError: the input of a layer on a table did.
    """
    images = setting.training_images(fidelity.images)
    network.to(setting.options.device)
    watch = _Watch(options.patience, options.hopeless / setting.data.classes)
    trained = network
    course = _Course(images, watch, lesson, checkpoints)
    try:
        course.in_float(network, _recipe(options, fidelity.epochs, seed), float_state)
        if assignment:
            trained = on_tables(network, setting, options, assignment, images)
            recipe = _recipe(options, fidelity.table_epochs, seed + 1, options.table_learning_rate)
            course.take("tables", trained, recipe)
    except _HopelessError:
        return Trained(trained.eval(), watch.epochs, True)
    return Trained(trained.eval(), watch.epochs, False)


def _recipe(options: TrainingOptions, epochs: int, seed: int, rate: float | None = None) -> Recipe:
    return Recipe(
        epochs,
        rate or options.learning_rate,
        options.optimiser,
        options.batch,
        options.weight_decay,
        options.augment,
        seed,
        decay=options.decay,
    )


def float_state(folder: Path, structure: Genome, trial: Trial, identity: Mapping[str, Any]) -> Path:
    """Return where a trial's float weights are kept, which do not depend on its multipliers.

    Args:
        folder: the run.
        structure: the genome without multipliers.
        trial: its fidelity without ``table_epochs`` and its seed count.
        identity: of the evaluator.
    """
    fidelity = {k: v for k, v in Fidelity.of(trial).to_json().items() if k != "table_epochs"}
    parts = [structure, fidelity, trial.seed, dict(identity)]
    return folder / "floats" / f"{sha256_hex(canonical_json(parts).encode())[:32]}.pt"


def on_tables(
    network: nn.Module,
    setting: NasSetting,
    options: TrainingOptions,
    assignment: Mapping[str, str],
    images: Split | None = None,
) -> nn.Module:
    """Return a copy on the multipliers' tables, its ranges from the first images or to be loaded."""
    calibration = None
    if images is not None:
        device = torch.device(setting.options.device)
        calibration = [next(iter(images.batches(CALIBRATION_IMAGES)))[0].to(device)]
    return convert(
        network,
        assignment,
        calibration,
        QUANTISATION,
        library=setting.multipliers,
        gradient=options.gradient,
    )
