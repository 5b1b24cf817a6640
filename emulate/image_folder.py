"""ImageFolder: one folder per split, in it one folder per class, in it image files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mulsmith.emulate.data import Batch, DataSet, normalise, order, split_off
from mulsmith.errors import DataError

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".ppm"}
SIZE = 224
VALIDATION_SHARE = 0.1
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class FolderSplit:
    """Image files that are read batch by batch.

    Attributes:
        files: paths.
        labels: class numbers.
        size: height and width after resizing the shorter side and cutting out the middle.
    """

    files: tuple[Path, ...]
    labels: tuple[int, ...]
    size: int

    def __len__(self) -> int:
        return len(self.files)

    def batches(
        self, size: int, generator: torch.Generator | None = None, augment: bool = False
    ) -> Iterator[Batch]:
        """Yield batches; ``augment`` flips at random and cuts out at a random place."""
        for index in order(len(self), generator).split(size):
            noise = (
                torch.rand(len(index), 3, generator=generator)
                if augment
                else torch.full((len(index), 3), 0.5)
            )
            images = [
                _read(self.files[i], self.size, place) for i, place in zip(index.tolist(), noise, strict=True)
            ]
            labels = torch.tensor([self.labels[i] for i in index.tolist()])
            yield normalise(torch.stack(images), _MEAN, _STD, 255.0), labels

    def take(self, index: torch.Tensor) -> FolderSplit:
        """Return the images of an index."""
        chosen = index.tolist()
        return FolderSplit(
            tuple(self.files[i] for i in chosen), tuple(self.labels[i] for i in chosen), self.size
        )


def load_image_folder(folder: Path, seed: int = 0, size: int = SIZE) -> DataSet:
    """Read an ImageFolder with ``train`` and ``val`` (and optionally ``test``) inside.

    With ``test``, ``val`` is the validation split; without it ``val`` is the test split and a tenth of every
    training class the validation split.

    Raises:
        DataError: a folder is missing or empty, or the splits have different classes.
    """
    names = _classes(folder / "train")
    train_files, train_labels = _list(folder / "train", names)
    validation_files, validation_labels = _list(folder / "val", names)
    if (folder / "test").is_dir():
        test = FolderSplit(*_list(folder / "test", names), size)
        train = FolderSplit(train_files, train_labels, size)
        validation = FolderSplit(validation_files, validation_labels, size)
    else:
        test = FolderSplit(validation_files, validation_labels, size)
        parts = split_off(np.array(train_labels), VALIDATION_SHARE, seed)
        train, validation = (
            FolderSplit(tuple(train_files[i] for i in part), tuple(train_labels[i] for i in part), size)
            for part in parts
        )
    return DataSet(folder.name, train, validation, test, len(names), (3, size, size))


def _classes(folder: Path) -> list[str]:
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    if not names:
        raise DataError("there is no folder of a class here", path=folder)
    return names


def _list(folder: Path, names: list[str]) -> tuple[tuple[Path, ...], tuple[int, ...]]:
    if _classes(folder) != names:
        raise DataError("its classes differ from those of the training split", path=folder)
    files, labels = [], []
    for label, name in enumerate(names):
        found = sorted(p for p in (folder / name).iterdir() if p.suffix.lower() in SUFFIXES)
        if not found:
            raise DataError("the class has no images", path=folder / name)
        files += found
        labels += [label] * len(found)
    return tuple(files), tuple(labels)


def _read(path: Path, size: int, place: torch.Tensor) -> torch.Tensor:
    """Return an image as uint8 [3, size, size]; ``place`` in 0..1 says where to cut and whether to flip."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as file:
            image = file.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise DataError(f"no readable image: {error}", path=path) from error
    shorter = round(size * 256 / 224)
    scale = shorter / min(image.size)
    width, height = (max(size, round(side * scale)) for side in image.size)
    pixels = torch.from_numpy(np.array(image.resize((width, height), Image.Resampling.BILINEAR)))
    top, left = int((height - size) * place[0]), int((width - size) * place[1])
    cut = pixels[top : top + size, left : left + size].permute(2, 0, 1)
    return cut.flip(2) if place[2] > 0.5 else cut
