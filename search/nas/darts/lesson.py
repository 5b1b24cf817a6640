"""The final training of DARTS: cutout, drop path that grows from epoch to epoch, auxiliary head."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from mulsmith.emulate.lesson import Lesson
from mulsmith.search.nas.darts.derived import DerivedNetwork


@dataclass(frozen=True, slots=True)
class RegularisedLesson(Lesson):
    """The objective of a derived network.

    Attributes:
        cutout: side of the square that is blanked in every image, in pixels; 0 blanks nothing.
        drop_path: share of the paths that is dropped at the end; it rises from 0 along a line.
        auxiliary: weight of the auxiliary head's loss.
    """

    cutout: int
    drop_path: float
    auxiliary: float

    def start(self, model: nn.Module, number: int, epochs: int, seed: int) -> None:
        """Set the epoch's share of dropped paths."""
        if isinstance(model, DerivedNetwork):
            model.drop_paths(self.drop_path * (number - 1) / epochs, seed * 10_007 + number)

    def loss(
        self, model: nn.Module, images: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return cross-entropy, with the auxiliary head's where there is one, and the logits."""
        if not isinstance(model, DerivedNetwork):
            raise TypeError(f"a derived network is trained by this lesson, not a {type(model).__name__}")
        if self.cutout:
            images = cut_out(images, self.cutout, model.places)
        logits, second = model.both(images)
        found = functional.cross_entropy(logits, labels)
        if second is not None and self.auxiliary:
            found = found + self.auxiliary * functional.cross_entropy(second, labels)
        return found, logits


def cut_out(images: torch.Tensor, side: int, generator: torch.Generator | None) -> torch.Tensor:
    """Return images with a square set to the mean, 0 (DeVries and Taylor 2017); it may hang over the border.

    Args:
        images: normalised, [N, C, H, W].
        side: of the square, in pixels.
        generator: on the CPU; chooses the squares' centres.
    """
    count, _, height, width = images.shape
    rows = torch.randint(height, (count, 1, 1), generator=generator)
    columns = torch.randint(width, (count, 1, 1), generator=generator)
    far_rows = _outside(torch.arange(height)[None, :, None] - rows, side)
    far_columns = _outside(torch.arange(width)[None, None, :] - columns, side)
    return images * (far_rows | far_columns)[:, None].to(images.device)


def _outside(offset: torch.Tensor, side: int) -> torch.Tensor:
    return (offset < -(side // 2)) | (offset >= side - side // 2)
