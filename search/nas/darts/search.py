"""The search phase of DARTS: weights and architecture trained in turns, resumable after every epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from mulsmith.emulate.data import Batch, Split
from mulsmith.emulate.training import DivergedError, load_state, save_state
from mulsmith.errors import ConfigError, DataError, StoreError
from mulsmith.search.nas.darts.bilevel import STEP, first_order, second_order
from mulsmith.search.nas.darts.energy import ExpectedEnergy
from mulsmith.search.nas.darts.genotype import Genotype, derive
from mulsmith.search.nas.darts.supernet import SearchNetwork

CLIP = 5.0
MOMENTUM = 0.9


@dataclass(frozen=True, slots=True)
class CellRecipe:
    """How the search network is trained; the defaults are the published values.

    Attributes:
        epochs: passes over the training half.
        batch: images per step, of either half.
        learning_rate: of the weights at the start; it falls to ``last_rate`` along a half cosine.
        last_rate: at the end.
        weight_decay: of the weights.
        architecture_rate: learning rate of the architecture (Adam).
        architecture_decay: weight decay of the architecture.
        order: 1 or 2.
        step: of the second order's finite difference, in units of 1 / |v|.
        seed: of the order of the images and of the noise.
    """

    epochs: int = 50
    batch: int = 64
    learning_rate: float = 0.025
    last_rate: float = 0.001
    weight_decay: float = 3e-4
    architecture_rate: float = 3e-4
    architecture_decay: float = 1e-3
    order: int = 1
    step: float = STEP
    seed: int = 0

    def __post_init__(self) -> None:
        if self.order not in (1, 2) or self.epochs < 1 or self.batch < 2:
            raise ConfigError(f"{self} is no recipe", remedy="order 1 or 2, at least 1 epoch, batches from 2")


class _Training:
    """Optimisers of a search network and one epoch of both."""

    def __init__(self, network: SearchNetwork, recipe: CellRecipe, energy: ExpectedEnergy | None) -> None:
        self.network, self.recipe, self.energy = network, recipe, energy
        self.device = network.operation_logits.device
        self.weights = torch.optim.SGD(
            network.weights(), recipe.learning_rate, MOMENTUM, weight_decay=recipe.weight_decay
        )
        self.architecture = torch.optim.Adam(
            network.architecture(), recipe.architecture_rate, (0.5, 0.999),
            weight_decay=recipe.architecture_decay,
        )  # fmt: skip

    def epoch(self, number: int, training: Split, validation: Split) -> float:
        """Run epoch ``number`` (from 0); return the mean training loss."""
        recipe = self.recipe
        share = 0.5 * (1 + math.cos(math.pi * number / recipe.epochs))
        rate = recipe.last_rate + share * (recipe.learning_rate - recipe.last_rate)
        self.weights.param_groups[0]["lr"] = rate
        seeds = [recipe.seed * 1_000_003 + 3 * number + part for part in range(3)]
        first, second = (torch.Generator().manual_seed(seed) for seed in seeds[:2])
        pairs = zip(
            training.batches(recipe.batch, first), validation.batches(recipe.batch, second), strict=False
        )
        losses = []
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(seeds[2])
            self.network.train()
            for batch, other in pairs:
                self._architecture_step(batch, other)
                losses.append(self._weight_step(batch))
        return sum(losses) / len(losses)

    def state(self) -> dict[str, object]:
        """Return everything that the next epoch depends on."""
        return {
            "network": self.network.state_dict(),
            "weights": self.weights.state_dict(),
            "architecture": self.architecture.state_dict(),
        }

    def restore(self, state: dict[str, dict[str, object]]) -> None:
        """Go back to a state."""
        self.network.load_state_dict(state["network"])
        self.weights.load_state_dict(state["weights"])
        self.architecture.load_state_dict(state["architecture"])

    def _loss(self, batch: Batch) -> torch.Tensor:
        images, labels = (part.to(self.device) for part in batch)
        loss = functional.cross_entropy(self.network(images), labels)
        if not bool(torch.isfinite(loss)):
            raise DivergedError(f"the loss became {float(loss.detach())}", remedy="lower the learning rate")
        return loss

    def _architecture_loss(self, batch: Batch) -> torch.Tensor:
        loss = self._loss(batch)
        return loss if self.energy is None else loss + self.energy(*self.network.probabilities())

    def _architecture_step(self, batch: Batch, other: Batch) -> None:
        parameters = self.network.architecture()
        if self.recipe.order == 1:
            found = first_order(parameters, lambda: self._architecture_loss(other))
        else:
            found = second_order(
                parameters, self.network.weights(), lambda: self._loss(batch),
                lambda: self._architecture_loss(other), self.weights, self.recipe.step,
            )  # fmt: skip
        for parameter, gradient in zip(parameters, found, strict=True):
            parameter.grad = gradient
        self.architecture.step()

    def _weight_step(self, batch: Batch) -> float:
        loss = self._loss(batch)
        self.weights.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.weights(), CLIP)
        self.weights.step()
        return float(loss.detach())


def search_cells(
    network: SearchNetwork,
    training: Split,
    validation: Split,
    recipe: CellRecipe,
    multipliers: list[str],
    checkpoint: Path | None = None,
    on_epoch: Callable[[int, float], None] = lambda number, loss: None,
    energy: ExpectedEnergy | None = None,
) -> Genotype:
    """Train a search network on its device and return the genotype derived from it.

    Args:
        network: freshly initialised; it is trained in place.
        training: the half that the weights learn from.
        validation: the half that the architecture learns from.
        recipe: how to train.
        multipliers: names of the network's choices.
        checkpoint: written after every epoch; where it exists, the search goes on from it with the same
            result as without interruption.
        on_epoch: told the number of every finished epoch (from 1) and its mean loss.
        energy: joins the validation loss that the architecture learns from.

    Raises:
        DivergedError: the loss became NaN or infinite.
        DataError: a half holds fewer than two images.
        StoreError: the checkpoint belongs to another search, is damaged, or cannot be written.
    """
    if min(len(training), len(validation)) < 2:
        raise DataError(f"{len(training)} and {len(validation)} images are too few to search on")
    run, done = _Training(network, recipe, energy), 0
    if checkpoint is not None and checkpoint.exists():
        done = _restore(run, checkpoint)
    for number in range(done, recipe.epochs):
        loss = run.epoch(number, training, validation)
        if checkpoint is not None:
            save_state(checkpoint, {"recipe": asdict(recipe), "done": number + 1, **run.state()})
        on_epoch(number + 1, loss)
    with torch.no_grad():
        operations, choices = (part.double().cpu().numpy() for part in network.probabilities())
    return derive(list(operations), list(choices), multipliers)


def _restore(run: _Training, path: Path) -> int:
    state = load_state(path)
    remedy = "name another file or remove it"
    if not isinstance(state, dict) or state.get("recipe") != asdict(run.recipe):
        raise StoreError("the checkpoint belongs to another recipe", path=path, remedy=remedy)
    try:
        run.restore(state)
        return int(state["done"])
    except (KeyError, RuntimeError, ValueError, TypeError) as error:
        raise StoreError("the checkpoint belongs to another network", path=path, remedy=remedy) from error
