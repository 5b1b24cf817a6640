"""Data sets: layouts written here byte by byte, and the files that must be refused."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from mulsmith.emulate.data import load_data
from mulsmith.errors import ConfigError, DataError


def _cifar_arrays(seed: int, count: int, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3072), dtype=np.uint8), np.arange(count) % classes


def _write_cifar10(folder: Path, layout: str) -> None:
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    for seed, name in enumerate(names):
        pixels, labels = _cifar_arrays(seed, 20)
        if layout == "binary":
            records = np.concatenate([labels[:, None].astype(np.uint8), pixels], axis=1)
            (folder / f"{name}.bin").write_bytes(records.tobytes())
        else:
            content = {
                b"batch_label": b"x",
                b"labels": labels.tolist(),
                b"data": pixels,
                b"filenames": [b"a"],
            }
            (folder / name).write_bytes(pickle.dumps(content, protocol=2))


@pytest.mark.parametrize("layout", ["binary", "python"])
def test_both_cifar_layouts_give_the_written_images(layout: str, tmp_path: Path) -> None:
    _write_cifar10(tmp_path, layout)
    data = load_data("cifar10", tmp_path)
    assert (len(data.train), len(data.validation), len(data.test)) == (90, 10, 20)
    images, labels = next(iter(data.test.batches(20)))
    pixels, expected = _cifar_arrays(5, 20)
    assert labels.tolist() == expected.tolist()
    red = pixels[3].reshape(3, 32, 32)[0, 4, 5] / 255
    assert images[3, 0, 4, 5].item() == pytest.approx((red - 0.4914) / 0.2470, abs=1e-5)


def test_cifar100_reads_the_fine_label(tmp_path: Path) -> None:
    for seed, name in enumerate(("train", "test")):
        pixels, labels = _cifar_arrays(seed, 200, 100)
        coarse = (labels[:, None] // 5).astype(np.uint8)
        records = np.concatenate([coarse, labels[:, None].astype(np.uint8), pixels], axis=1)
        (tmp_path / f"{name}.bin").write_bytes(records.tobytes())
    data = load_data("cifar100", tmp_path)
    assert data.classes == 100
    assert torch.cat([y for _, y in data.test.batches(64)]).tolist() == [i % 100 for i in range(200)]


class _Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_a_hostile_pickle_is_refused_and_not_executed(tmp_path: Path) -> None:
    _write_cifar10(tmp_path, "python")
    (tmp_path / "data_batch_2").write_bytes(pickle.dumps({b"data": _Hostile(tmp_path / "owned")}))
    with pytest.raises(DataError, match=r"data_batch_2: no CIFAR batch: it refers to (posix|nt)\.mkdir"):
        load_data("cifar10", tmp_path)
    assert not (tmp_path / "owned").exists()


def test_truncated_and_missing_files_are_named(tmp_path: Path) -> None:
    _write_cifar10(tmp_path, "binary")
    batch = tmp_path / "data_batch_3.bin"
    batch.write_bytes(batch.read_bytes()[:-7])
    with pytest.raises(DataError, match=r"data_batch_3\.bin: 61453 bytes are no whole number of 3073-byte"):
        load_data("cifar10", tmp_path)
    batch.unlink()
    with pytest.raises(DataError, match=r"neither data_batch_3\.bin nor data_batch_3 is there"):
        load_data("cifar10", tmp_path)
    wrong = _cifar_arrays(0, 4)[0]
    records = np.concatenate([np.full((4, 1), 77, dtype=np.uint8), wrong], axis=1)
    batch.write_bytes(records.tobytes())
    with pytest.raises(DataError, match=r"labels 77\.\.77, but there are 10 classes"):
        load_data("cifar10", tmp_path)
    python = tmp_path / "python"
    python.mkdir()
    _write_cifar10(python, "python")
    (python / "test_batch").write_bytes((python / "test_batch").read_bytes()[:100])
    with pytest.raises(DataError, match="test_batch: no CIFAR batch"):
        load_data("cifar10", python)


def test_image_folder(tmp_path: Path) -> None:
    from PIL import Image

    for split, count in (("train", 10), ("val", 2)):
        for label, colour in (("cat", (255, 0, 0)), ("dog", (0, 0, 255))):
            folder = tmp_path / split / label
            folder.mkdir(parents=True)
            for i in range(count):
                Image.new("RGB", (40, 60), colour).save(folder / f"{i}.png")
    data = load_data("imagefolder", tmp_path)
    assert (len(data.train), len(data.validation), len(data.test), data.classes) == (18, 2, 4, 2)
    images, labels = next(iter(data.test.batches(4)))
    assert images.shape == (4, 3, 224, 224)
    assert ((images[:, 0] > images[:, 2]).flatten(1).all(1) == (labels == 0)).all()
    (tmp_path / "val" / "dog" / "0.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"0\.png: no readable image"):
        list(data.test.batches(4))
    (tmp_path / "val" / "bird").mkdir()
    with pytest.raises(DataError, match="its classes differ from those of the training split"):
        load_data("imagefolder", tmp_path)


def test_digits_splits_are_disjoint_and_the_test_split_is_fixed() -> None:
    first, second = load_data("digits", seed=0), load_data("digits", seed=1)
    assert len(first.train) + len(first.validation) + len(first.test) == 1797
    assert torch.equal(first.test.images, second.test.images)
    assert not torch.equal(first.validation.images, second.validation.images)


def test_order_and_augmentation_follow_the_generator() -> None:
    train = load_data("digits").train
    batches = [
        next(iter(train.batches(8, torch.Generator().manual_seed(seed), augment=True)))[0]
        for seed in (1, 1, 2)
    ]
    assert torch.equal(batches[0], batches[1])
    assert not torch.equal(batches[0], batches[2])


def test_wrong_names() -> None:
    with pytest.raises(ConfigError, match="no data set is named 'mnist'"):
        load_data("mnist")
    with pytest.raises(ConfigError, match="data set 'cifar10' needs a folder"):
        load_data("cifar10")
    with pytest.raises(DataError, match="the data folder does not exist"):
        load_data("cifar10", Path("/nowhere"))
