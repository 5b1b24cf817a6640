"""What a network is asked in training: the loss of a batch, and what changes from epoch to epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from mulsmith.errors import ConfigError


class Lesson(Protocol):
    """A training objective."""

    def start(self, model: nn.Module, number: int, epochs: int, seed: int) -> None:
        """Prepare an epoch; everything random in it must follow from these arguments.

        Args:
            model: the network.
            number: of the epoch, from 1.
            epochs: how many there will be.
            seed: of the training.
        """
        ...

    def loss(
        self, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the mean loss of a batch and the logits [N, classes]."""
        ...


class Classification:
    """Cross-entropy of the logits."""

    def start(self, model: nn.Module, number: int, epochs: int, seed: int) -> None:
        """Do nothing: every epoch is the same."""

    def loss(
        self, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the mean cross-entropy and the logits."""
        logits = model(images)
        return nn.functional.cross_entropy(logits, labels), logits


CLASSIFICATION = Classification()


@dataclass(frozen=True, slots=True, eq=False)
class Distillation:
    """Answers of another network, in place of labels or beside them (Hinton, Vinyals and Dean 2015).

    The loss is T^2 times the divergence of the answers, both softened by the temperature T: the sum over
    classes of p (log p - log q) with p of the teacher. Cross-entropy of the labels has a share of it.

    Attributes:
        teacher: the other network; it is not trained.
        temperature: what logits are divided by.
        label_share: weight of the labels' cross-entropy, 0..1; the divergence has the rest.
    """

    teacher: nn.Module
    temperature: float = 4.0
    label_share: float = 0.0

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ConfigError(f"temperature = {self.temperature} is not positive")
        if not 0 <= self.label_share <= 1:
            raise ConfigError(f"label_share = {self.label_share} is outside 0..1")

    def start(self, model: nn.Module, number: int, epochs: int, seed: int) -> None:
        """Put the teacher into eval mode."""
        self.teacher.eval()

    def loss(
        self, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the mean loss and the logits."""
        with torch.no_grad():
            wanted = torch.softmax(self.teacher(images) / self.temperature, dim=1)
        logits = model(images)
        answers = torch.log_softmax(logits / self.temperature, dim=1)
        divergence = nn.functional.kl_div(answers, wanted, reduction="batchmean")
        labelled = nn.functional.cross_entropy(logits, labels)
        softened = self.temperature**2 * divergence
        return (1 - self.label_share) * softened + self.label_share * labelled, logits
