"""CIFAR-10 and CIFAR-100 in their two standard layouts: binary records, and Python batches read safely."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from mulsmith.emulate.data import DataSet, TensorSplit, split_off
from mulsmith.errors import DataError

SIDE = 32
PIXELS = 3 * SIDE * SIDE
VALIDATION_SHARE = 0.1
_STATISTICS = {
    10: ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    100: ((0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)),
}
_FILES = {
    10: ([f"data_batch_{i}" for i in range(1, 6)], ["test_batch"]),
    100: (["train"], ["test"]),
}
_FOLDERS = ("", "cifar-10-batches-bin", "cifar-10-batches-py", "cifar-100-binary", "cifar-100-python")
_RECONSTRUCT = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}

Bytes = npt.NDArray[np.uint8]


def load_cifar(folder: Path, classes: int, seed: int = 0) -> DataSet:
    """Read CIFAR; a tenth of the training images of every class becomes the validation split.

    Args:
        folder: that of the files, or its parent.
        classes: 10 or 100 (fine labels).
        seed: of the split.

    Raises:
        DataError: files missing, truncated, or a pickle that does more than hold arrays.
    """
    train_names, test_names = _FILES[classes]
    train_images, train_labels = _read_all(folder, train_names, classes)
    test_images, test_labels = _read_all(folder, test_names, classes)
    mean, std = _STATISTICS[classes]
    rest, validation = split_off(train_labels, VALIDATION_SHARE, seed)

    def split(images: Bytes, labels: npt.NDArray[np.int64]) -> TensorSplit:
        return TensorSplit(torch.from_numpy(images), torch.from_numpy(labels), mean, std)

    return DataSet(
        f"cifar{classes}",
        split(train_images[rest], train_labels[rest]),
        split(train_images[validation], train_labels[validation]),
        split(test_images, test_labels),
        classes,
        (3, SIDE, SIDE),
    )


def _read_all(folder: Path, names: list[str], classes: int) -> tuple[Bytes, npt.NDArray[np.int64]]:
    parts = [_read(_find(folder, name), classes) for name in names]
    images = np.concatenate([part[0] for part in parts])
    return images, np.concatenate([part[1] for part in parts])


def _find(folder: Path, name: str) -> Path:
    for inner in _FOLDERS:
        for suffix in (".bin", ""):
            path = folder / inner / f"{name}{suffix}"
            if path.is_file():
                return path
    raise DataError(
        f"neither {name}.bin nor {name} is there",
        path=folder,
        remedy="unpack CIFAR's archive here",
    )


def _read(path: Path, classes: int) -> tuple[Bytes, npt.NDArray[np.int64]]:
    images, labels = _read_binary(path, classes) if path.suffix == ".bin" else _read_python(path, classes)
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise DataError(f"labels {labels.min()}..{labels.max()}, but there are {classes} classes", path=path)
    return images.reshape(-1, 3, SIDE, SIDE), labels


def _read_binary(path: Path, classes: int) -> tuple[Bytes, npt.NDArray[np.int64]]:
    label_bytes = 1 if classes == 10 else 2
    data = np.fromfile(path, dtype=np.uint8)
    record = label_bytes + PIXELS
    if data.size == 0 or data.size % record:
        raise DataError(f"{data.size} bytes are no whole number of {record}-byte records", path=path)
    records = data.reshape(-1, record)
    return records[:, label_bytes:], records[:, label_bytes - 1].astype(np.int64)


class _ArraysOnly(pickle.Unpickler):
    """Unpickles containers, strings and numpy arrays; every other global is refused, not imported."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few globals that a numpy array needs."""
        if (module, name) in _RECONSTRUCT:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it refers to {module}.{name}")


def _read_python(path: Path, classes: int) -> tuple[Bytes, npt.NDArray[np.int64]]:
    try:
        with path.open("rb") as file:
            content = _ArraysOnly(file, encoding="bytes").load()
    except Exception as error:
        raise DataError(
            f"no CIFAR batch: {error}", path=path, remedy="only pickles of plain arrays are read"
        ) from error
    key = b"labels" if classes == 10 else b"fine_labels"
    data = content.get(b"data") if isinstance(content, dict) else None
    if not isinstance(data, np.ndarray) or key not in content:
        raise DataError(f"the batch lacks 'data' or '{key.decode()}'", path=path)
    labels = content[key]
    whole = data.ndim == 2 and data.shape[1] == PIXELS and data.dtype == np.uint8
    if not whole or not isinstance(labels, list) or len(labels) != len(data):
        raise DataError(f"data of shape {data.shape} and {len(labels)} labels do not fit together", path=path)
    if not all(isinstance(label, int) for label in labels):
        raise DataError("labels are no integers", path=path)
    return data, np.array(labels, dtype=np.int64)
