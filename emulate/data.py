"""Data sets in three splits: training, validation (which picks) and test (which only reports)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch

from mulsmith.errors import ConfigError, DataError

Batch = tuple[torch.Tensor, torch.Tensor]


class Split(Protocol):
    """Labelled images that come in batches."""

    def __len__(self) -> int:
        """Return the number of images."""
        ...

    def batches(
        self, size: int, generator: torch.Generator | None = None, augment: bool = False
    ) -> Iterator[Batch]:
        """Yield (images float32 [n, C, H, W], labels int64 [n]).

        Args:
            size: images per batch; the last one may be smaller.
            generator: shuffles and augments with it; in order without it.
            augment: random crop after padding by an eighth of the size, and random horizontal flip.
        """
        ...

    def take(self, index: torch.Tensor) -> Split:
        """Return the images of an index, int64 [n]."""
        ...


@dataclass(frozen=True, slots=True)
class TensorSplit:
    """Images in memory.

    Attributes:
        images: uint8 [n, C, H, W].
        labels: int64 [n].
        mean, std: of the channels after division by ``scale``.
        scale: the value that stands for white.
    """

    images: torch.Tensor
    labels: torch.Tensor
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 255.0

    def __len__(self) -> int:
        return len(self.images)

    def batches(
        self, size: int, generator: torch.Generator | None = None, augment: bool = False
    ) -> Iterator[Batch]:
        """Yield normalised batches."""
        for index in order(len(self), generator).split(size):
            images = self.images[index]
            if augment and generator is not None:
                images = _augment(images, generator)
            yield normalise(images, self.mean, self.std, self.scale), self.labels[index]

    def subset(self, count: int) -> TensorSplit:
        """Return the first ``count`` images."""
        return self.take(torch.arange(min(count, len(self))))

    def take(self, index: torch.Tensor) -> TensorSplit:
        """Return the images of an index."""
        return TensorSplit(self.images[index], self.labels[index], self.mean, self.std, self.scale)


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set.

    Attributes:
        name: what it is called.
        train: what networks learn from.
        validation: what choices are made on.
        test: what results are reported on, never chosen on.
        classes: number of classes.
        shape: (C, H, W) of an image.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    classes: int
    shape: tuple[int, int, int]


def first_images(split: Split, count: int) -> Split:
    """Return the first images of a split that lies in memory; 0 is all of them.

    Raises:
        ConfigError: there are fewer, or the split cannot be cut.
    """
    if count == 0:
        return split
    if count > len(split) or not isinstance(split, TensorSplit):
        raise ConfigError(
            f"cannot take {count} of the {len(split)} images of a split",
            remedy="use images = 0 for all of them",
        )
    return split.subset(count)


def order(count: int, generator: torch.Generator | None) -> torch.Tensor:
    """Return 0 .. count - 1, shuffled with a generator, in order without one."""
    return torch.arange(count) if generator is None else torch.randperm(count, generator=generator)


def normalise(
    images: torch.Tensor, mean: tuple[float, ...], std: tuple[float, ...], scale: float
) -> torch.Tensor:
    """Return uint8 images [n, C, H, W] as float32 with the channels' mean 0 and deviation 1."""
    middle = torch.tensor(mean).reshape(1, -1, 1, 1)
    width = torch.tensor(std).reshape(1, -1, 1, 1)
    return (images.float() / scale - middle) / width


def load_data(name: str, folder: Path | None = None, seed: int = 0) -> DataSet:
    """Return a data set by name.

    Args:
        name: ``digits`` (with scikit-learn), ``cifar10``, ``cifar100`` or ``imagefolder``.
        folder: where the files lie; digits need none.
        seed: of the split into training and validation images.

    Raises:
        ConfigError: unknown name, or no folder.
        DataError: files missing, truncated or of another format.
    """
    from mulsmith.emulate.cifar import load_cifar
    from mulsmith.emulate.image_folder import load_image_folder

    if name == "digits":
        return _digits(seed)
    if name not in ("cifar10", "cifar100", "imagefolder"):
        raise ConfigError(
            f"no data set is named '{name}'", remedy="use digits, cifar10, cifar100 or imagefolder"
        )
    if folder is None:
        raise ConfigError(f"data set '{name}' needs a folder")
    if not folder.is_dir():
        raise DataError("the data folder does not exist", path=folder)
    if name == "imagefolder":
        return load_image_folder(folder, seed)
    return load_cifar(folder, 10 if name == "cifar10" else 100, seed)


def split_off(labels: npt.NDArray[np.int64], share: float, seed: int) -> tuple[Indices, Indices]:
    """Return (rest, part) as sorted indices; the part holds ``share`` of every class."""
    rng = np.random.default_rng(seed)
    part = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        part.append(rng.permutation(members)[: round(share * len(members))])
    chosen = np.sort(np.concatenate(part))
    return np.setdiff1d(np.arange(len(labels)), chosen), chosen


Indices = npt.NDArray[np.int64]


def _digits(seed: int) -> DataSet:
    """Scikit-learn's 1,797 digits of 8 x 8: 60 % training, 20 % validation, 20 % test (always the same)."""
    from sklearn.datasets import load_digits

    raw = load_digits()
    images = torch.from_numpy(raw.images.astype(np.uint8))[:, None]
    labels = raw.target.astype(np.int64)
    rest, test = split_off(labels, 0.2, 0)
    inner, validation = split_off(labels[rest], 0.25, seed)
    parts = [rest[inner], rest[validation], test]
    first = images[parts[0]].float() / 16
    mean, std = (float(first.mean()),), (float(first.std()),)
    train, valid, final = (
        TensorSplit(images[part], torch.from_numpy(labels[part]), mean, std, 16.0) for part in parts
    )
    return DataSet("digits", train, valid, final, 10, (1, 8, 8))


def _augment(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    n, _, height, width = images.shape
    margin = max(1, height // 8)
    padded = torch.nn.functional.pad(images, (margin,) * 4)
    top, left = torch.randint(0, 2 * margin + 1, (2, n), generator=generator)
    rows = (top[:, None] + torch.arange(height))[:, None, :, None]
    cols = (left[:, None] + torch.arange(width))[:, None, None, :]
    flip = torch.rand(n, generator=generator) < 0.5
    cols = torch.where(flip[:, None, None, None], cols.flip(3), cols)
    channels = torch.arange(images.shape[1])[None, :, None, None]
    return padded[torch.arange(n)[:, None, None, None], channels, rows, cols]
