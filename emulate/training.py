"""Training and evaluation of networks, float or on tables, resumable from checkpoints."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mulsmith.emulate.data import Split
from mulsmith.emulate.lesson import CLASSIFICATION, Lesson
from mulsmith.errors import ConfigError, EmulationError, StoreError
from mulsmith.storage import atomic_write

EXPONENTIAL_END = 0.01
"""Share of the learning rate that an exponential decay ends at."""


class DivergedError(EmulationError):
    """Training whose loss became NaN or infinite."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    Attributes:
        epochs: passes over the training split.
        learning_rate: the highest; it falls from there.
        optimiser: ``adam`` or ``sgd`` (momentum 0.9).
        batch: images per step.
        weight_decay: L2 penalty.
        augment: random crops and flips.
        seed: of order and augmentation.
        warm_up: share of all steps, 0..1, over which the learning rate first rises from 0 along a line.
        decay: ``cosine``, half a period down to 0, or ``exponential``, down to ``EXPONENTIAL_END``.
    """

    epochs: int = 10
    learning_rate: float = 1e-3
    optimiser: str = "adam"
    batch: int = 64
    weight_decay: float = 0.0
    augment: bool = False
    seed: int = 0
    warm_up: float = 0.0
    decay: str = "cosine"

    def __post_init__(self) -> None:
        if self.optimiser not in ("adam", "sgd"):
            raise ConfigError(f"no optimiser is named '{self.optimiser}'", remedy="use adam or sgd")
        if self.epochs < 0 or self.batch < 1 or not self.learning_rate > 0:
            raise ConfigError(
                f"epochs = {self.epochs}, batch = {self.batch} and learning_rate = {self.learning_rate} "
                "are no recipe"
            )
        if self.decay not in ("cosine", "exponential"):
            raise ConfigError(f"no decay is named '{self.decay}'", remedy="use cosine or exponential")
        if not 0 <= self.warm_up < 1:
            raise ConfigError(
                f"warm_up = {self.warm_up} is outside 0..1", remedy="it is a share of all steps"
            )

    def rate(self, step: int, steps: int) -> float:
        """Return the share of ``learning_rate`` in a step, counted from 0, of all ``steps``."""
        rising = round(self.warm_up * steps)
        if step < rising:
            return (step + 1) / rising
        fallen = min(1.0, (step - rising) / max(1, steps - rising))
        if self.decay == "exponential":
            return math.pow(EXPONENTIAL_END, fallen)
        return 0.5 * (1 + math.cos(math.pi * fallen))


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch brought: its number (from 1), the mean training loss and accuracy in 0..1."""

    number: int
    loss: float
    accuracy: float


def train(
    model: nn.Module,
    data: Split,
    recipe: Recipe,
    checkpoint: Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
    switches: Sequence[Callable[[], None]] = (),
    lesson: Lesson = CLASSIFICATION,
) -> list[Epoch]:
    """Train a network in place; every epoch's random numbers depend on seed and epoch alone.

    Weights and images take the channels-last layout, in which PyTorch's convolutions are fastest on a CPU.

    Args:
        model: the network; it stays on its device.
        data: the training split.
        recipe: how to train.
        checkpoint: written after every epoch; where it exists already, training goes on from it, with the
            same result as without interruption.
        on_epoch: told of every finished epoch.
        switches: each puts the network into another state (an operating point); every step averages the
            gradients over all of them. Between epochs and at the end the network is in the first state.
        lesson: the loss, and what changes from epoch to epoch.

    Returns:
        All epochs, those before the interruption included.

    Raises:
        DivergedError: the loss became NaN or infinite.
        StoreError: the checkpoint belongs to another recipe or network, is damaged, or cannot be written.
    """
    device = _device(model)
    steps = math.ceil(len(data) / recipe.batch)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    optimiser = _optimiser(model, recipe)
    total = steps * recipe.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: recipe.rate(step, total))
    done: list[Epoch] = []
    if checkpoint is not None and checkpoint.exists():
        done = _restore(checkpoint, recipe, model, optimiser, schedule)
    for number in range(len(done) + 1, recipe.epochs + 1):
        lesson.start(model, number, recipe.epochs, recipe.seed)
        done.append(_epoch(model, data, recipe, optimiser, schedule, number, device, switches, lesson))
        if checkpoint is not None:
            state = {
                "recipe": asdict(recipe), "model": model.state_dict(), "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(), "epochs": [asdict(epoch) for epoch in done],
            }  # fmt: skip
            save_state(checkpoint, state)
        if on_epoch is not None:
            on_epoch(done[-1])
    model.eval()
    return done


@torch.no_grad()
def accuracy(model: nn.Module, data: Split, batch: int = 256) -> float:
    """Return the share of images whose largest logit is their label's, 0..1; the model is in eval mode."""
    device = _device(model)
    model.eval()
    hits = 0
    for images, labels in data.batches(batch):
        hits += int((model(images.to(device)).argmax(1).cpu() == labels).sum())
    return hits / max(1, len(data))


def save_state(path: Path, state: Any) -> None:
    """Write tensors and plain values atomically.

    Raises:
        StoreError: the folder cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    atomic_write(path, buffer.getvalue())


def load_state(path: Path) -> Any:
    """Read what ``save_state`` wrote, or a PyTorch weight file; nothing in it is executed.

    Raises:
        StoreError: missing, truncated, or not a file of plain tensors.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise StoreError("the file does not exist", path=path) from error
    except Exception as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StoreError(
            f"no readable weight file: {first}", path=path, remedy="only plain tensors are loaded"
        ) from error


def _device(model: nn.Module) -> torch.device:
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _optimiser(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    parameters = [p for p in model.parameters() if p.requires_grad]
    if not parameters:
        raise EmulationError("the network has nothing to train", remedy="it is frozen; convert it afresh")
    if recipe.optimiser == "adam":
        return torch.optim.Adam(parameters, recipe.learning_rate, weight_decay=recipe.weight_decay)
    return torch.optim.SGD(
        parameters, recipe.learning_rate, momentum=0.9, nesterov=True, weight_decay=recipe.weight_decay
    )


def _epoch(
    model: nn.Module,
    data: Split,
    recipe: Recipe,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    number: int,
    device: torch.device,
    switches: Sequence[Callable[[], None]],
    lesson: Lesson,
) -> Epoch:
    model.train()
    generator = torch.Generator().manual_seed(recipe.seed * 1_000_003 + number)
    loss_sum, hits, states = 0.0, 0, switches or (_stay,)
    for images, labels in data.batches(recipe.batch, generator, recipe.augment):
        images = images.to(device, memory_format=torch.channels_last)
        labels = labels.to(device)
        optimiser.zero_grad(set_to_none=True)
        for switch in states:
            switch()
            loss, logits = lesson.loss(model, images, labels)
            if not torch.isfinite(loss):
                raise DivergedError(
                    f"the loss became {float(loss.detach())} in epoch {number}",
                    remedy="lower the learning rate",
                )
            (loss / len(states)).backward()
            loss_sum += float(loss.detach()) * len(labels) / len(states)
            hits += int((logits.detach().argmax(1) == labels).sum())
        optimiser.step()
        schedule.step()
    states[0]()
    return Epoch(number, loss_sum / len(data), hits / (len(data) * len(states)))


def _stay() -> None:
    """Leave the network in the one state that it has."""


def _restore(
    path: Path,
    recipe: Recipe,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> list[Epoch]:
    state = load_state(path)
    if not isinstance(state, dict) or state.get("recipe") != asdict(recipe):
        raise StoreError(
            "the checkpoint belongs to another recipe", path=path, remedy="name another file or remove it"
        )
    try:
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        return [Epoch(**epoch) for epoch in state["epochs"]]
    except (KeyError, RuntimeError, ValueError, TypeError) as error:
        raise StoreError(
            "the checkpoint belongs to another network", path=path, remedy="name another file or remove it"
        ) from error
