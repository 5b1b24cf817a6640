"""Programs that torch.export.save wrote, against the importer that observes the module itself."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mulsmith.energy.exported_network import workload_from_exported
from mulsmith.energy.torch_network import workload_from_torch
from mulsmith.errors import ConfigError

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402  # after the skip

PROGRAM = "net/models/model.json"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


class Mixed(nn.Module):
    """Convolutions, a linear layer on vectors, an attention and plain products."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.deep = nn.Conv2d(8, 8, (3, 1), groups=8, dilation=(2, 1))
        self.line = nn.Conv1d(8, 6, 3)
        self.project = nn.Linear(6, 4)

    def forward(self, x: Any) -> Any:
        x = self.deep(self.stem(x)).flatten(2)
        x = self.project(self.line(x).transpose(1, 2))[:, None]
        x = nn.functional.scaled_dot_product_attention(x, x, x)
        scores = x[:, 0] @ x[:, 0].transpose(1, 2)
        return scores.flatten(1)[:, :9] @ torch.ones(9, 2)


def saved(folder: Path, model: nn.Module, shape: tuple[int, ...], **options: Any) -> Path:
    path = folder / "net.pt2"
    torch.export.save(torch.export.export(model.eval(), (torch.zeros(shape),), **options), path)
    return path


def rewritten(path: Path, change: Any) -> Path:
    """Return a copy of an archive whose program a function changed."""
    changed = path.with_name("changed.pt2")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == PROGRAM else data)
    return changed


def test_the_module_itself_has_the_same_layers(tmp_path: Path) -> None:
    model, shape = Mixed(), (2, 3, 12, 12)
    found = workload_from_exported(saved(tmp_path, model, shape), input_shape=shape)
    assert found.layers == workload_from_torch(model, shape).layers
    assert [layer.name for layer in found][:4] == ["stem", "deep", "line", "project"]


def test_dynamic_batches(tmp_path: Path) -> None:
    model = nn.Conv2d(3, 4, 3)
    batch = torch.export.Dim("batch", max=64)
    path = saved(tmp_path, model, (2, 3, 8, 8), dynamic_shapes=({0: batch},))
    assert workload_from_exported(path).layers[0].N == 1
    assert workload_from_exported(path, batch=5).layers[0].N == 5
    layers = workload_from_exported(path, input_shape=(7, 3, 8, 8)).layers
    assert layers == workload_from_torch(model, (7, 3, 8, 8)).layers
    with pytest.raises(ConfigError, match="dimension 2 of input input was exported as 8, not 9"):
        workload_from_exported(path, input_shape=(7, 3, 9, 8))
    with pytest.raises(ConfigError, match="has 4 dimensions, but the shape given has 2"):
        workload_from_exported(path, input_shape=(7, 3))


def test_extents_that_stay_symbols_are_refused(tmp_path: Path) -> None:
    rows = torch.export.Dim("rows", min=4, max=64)
    path = saved(tmp_path, nn.Conv2d(3, 4, 3), (1, 3, 8, 8), dynamic_shapes=({2: rows},))
    with pytest.raises(ConfigError, match="not a number"):
        workload_from_exported(path)


def test_nothing_in_the_archive_is_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.mkdir, (str(tmp_path / "exploded"),)

    path = saved(tmp_path, nn.Linear(3, 4), (2, 3))
    armed = tmp_path / "armed.pt2"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(armed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) if name.endswith(".json") else pickle.dumps(Bomb()))
    assert workload_from_exported(armed).layers == workload_from_exported(path).layers
    assert not (tmp_path / "exploded").exists()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "noise.pt2"
    for content in (None, b"no archive"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigError, match="cannot read as an exported program"):
            workload_from_exported(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
    with pytest.raises(ConfigError, match="holds 0 exported programs"):
        workload_from_exported(path)
    good = saved(tmp_path, nn.Linear(3, 4), (2, 3))
    for content in (b"{}", b"[]", b"{", b'{"graph_module": {"graph": 3}}', b"[" * 100_000):
        with pytest.raises(ConfigError, match=r"not a graph|cannot read"):
            workload_from_exported(rewritten(good, lambda _, content=content: content))


@pytest.mark.parametrize(
    ("model", "shape", "message"),
    [
        (nn.ConvTranspose2d(3, 2, 3), (1, 3, 4, 4), "conv_transpose2d"),
        (nn.Conv3d(3, 2, 3), (1, 3, 4, 4, 4), "3-dimensional convolution is not supported"),
        (nn.ReLU(), (1, 3), "no layer that multiplies"),
    ],
)
def test_operators_that_are_refused(
    tmp_path: Path, model: nn.Module, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        workload_from_exported(saved(tmp_path, model, shape))


def test_a_loop_in_the_graph_is_refused(tmp_path: Path) -> None:
    def looped(data: bytes) -> bytes:
        document = json.loads(data)
        document["graph_module"]["graph"]["nodes"][0]["target"] = "torch.ops.higher_order.while_loop"
        return json.dumps(document).encode()

    with pytest.raises(ConfigError, match=r"higher_order\.while_loop is not supported"):
        workload_from_exported(rewritten(saved(tmp_path, nn.Linear(3, 4), (2, 3)), looped))
