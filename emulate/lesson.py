"""What a network is asked in training: the loss of a batch, and what changes from epoch to epoch."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import nn


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
