"""Training on tables: resumed equals uninterrupted, alone and in parallel; hostile files are refused."""

import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Quantisation, convert, freeze
from mulsmith.emulate.data import TensorSplit, load_data
from mulsmith.emulate.lesson import Distillation
from mulsmith.emulate.training import Epoch, Recipe, accuracy, load_state, save_state, train
from mulsmith.emulate.zoo import build
from mulsmith.errors import ConfigError, EmulationError, StoreError

RECIPE = Recipe(epochs=3, learning_rate=3e-3)


@pytest.fixture(scope="module")
def split() -> TensorSplit:
    data = load_data("digits").train
    assert isinstance(data, TensorSplit)
    return data.subset(256)


def _network(split: TensorSplit) -> nn.Module:
    torch.manual_seed(0)
    network = build("digits-cnn", 10, 1)
    images = next(iter(split.batches(64)))[0]
    return convert(network, Lut.exact(8, 8, True), [images], Quantisation(observer="moving-average"))


def test_resumed_training_equals_uninterrupted_training(split: TensorSplit, tmp_path: Path) -> None:
    whole, parts = _network(split), _network(split)
    epochs = train(whole, split, RECIPE)

    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(parts, split, RECIPE, tmp_path / "c.pt", interrupt)
    fresh = _network(split)
    assert train(fresh, split, RECIPE, tmp_path / "c.pt") == epochs
    for ours, theirs in zip(fresh.parameters(), whole.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_training_on_an_approximate_multiplier_lowers_the_loss(split: TensorSplit) -> None:
    exact = Lut.exact(8, 8, True)
    coarse = Lut((exact.table // 256 * 256).astype("int32"), 8, 8, True)
    torch.manual_seed(0)
    images = next(iter(split.batches(64)))[0]
    network = convert(build("digits-cnn", 10, 1), coarse, [images])
    epochs = train(network, split, Recipe(epochs=12, learning_rate=5e-3))
    assert epochs[-1].loss < 0.7 * epochs[0].loss
    assert accuracy(network, split) > 0.4


def test_distillation_asks_for_the_teachers_softened_answers(split: TensorSplit) -> None:
    teacher, student = nn.Linear(64, 10), nn.Linear(64, 10)
    images, labels = next(iter(split.batches(32)))
    pixels = images.flatten(1)
    loss, logits = Distillation(teacher, temperature=3.0).loss(student, pixels, labels)
    p, q = (torch.softmax(network(pixels).double() / 3, dim=1) for network in (teacher, student))
    divergence = (p * (p / q).log()).sum(1).mean()
    assert torch.equal(logits, student(pixels))
    assert float(loss.detach()) == pytest.approx(9 * float(divergence.detach()), rel=1e-5)
    loss.backward()  # type: ignore[no-untyped-call]
    assert student.weight.grad is not None
    assert teacher.weight.grad is None
    loss, _ = Distillation(teacher).loss(teacher, pixels, labels)
    assert float(loss.detach()) == pytest.approx(0, abs=1e-6)
    mixed, _ = Distillation(teacher, 3.0, label_share=0.25).loss(student, pixels, labels)
    labelled = nn.functional.cross_entropy(student(pixels), labels)
    expected = 0.75 * 9 * float(divergence.detach()) + 0.25 * float(labelled.detach())
    assert float(mixed.detach()) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(ConfigError, match="temperature = 0 is not positive"):
        Distillation(teacher, 0)
    with pytest.raises(ConfigError, match="label_share = 2 is outside"):
        Distillation(teacher, label_share=2)


def test_distillation_brings_a_network_on_a_coarse_table_nearer_to_the_float_one(split: TensorSplit) -> None:
    torch.manual_seed(0)
    teacher = build("digits-cnn", 10, 1)
    train(teacher, split, Recipe(epochs=8, learning_rate=3e-3))
    images = next(iter(split.batches(256)))[0]
    answers = torch.softmax(teacher(images), dim=1).detach()

    def distance(network: nn.Module) -> float:
        return float((torch.softmax(network(images), dim=1) - answers).abs().sum(1).mean().detach())

    exact = Lut.exact(8, 8, False).table
    coarse = convert(teacher, Lut((exact >> 10 << 10).astype(exact.dtype), 8, 8, False), [images]).eval()
    before = distance(coarse)
    train(coarse, split, Recipe(epochs=4, learning_rate=1e-3), lesson=Distillation(teacher))
    assert distance(coarse) < 0.5 * before
    assert distance(teacher) == 0


def test_a_network_on_tables_compiles_and_exports(split: TensorSplit) -> None:
    network = freeze(_network(split))
    images = next(iter(split.batches(4)))[0]
    expected = network(images)
    compiled = torch.compile(network, backend="eager", fullgraph=True)
    assert torch.equal(compiled(images), expected)
    exported = torch.export.export(network, (images,))
    assert torch.equal(exported.module()(images), expected)


_PARALLEL = """
import os, sys, torch
from torch import nn
from mulsmith.characterize.lut import Lut
from mulsmith.emulate import convert

torch.set_num_threads(1)
torch.manual_seed(0)
images, labels = torch.randn(32, 1, 8, 8), torch.arange(32) % 10
base = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
plain, wrapped = (convert(base, Lut.exact(8, 8, True), [images]).train() for _ in range(2))
rank = int(sys.argv[2])
store = torch.distributed.FileStore(sys.argv[1], 2)
torch.distributed.init_process_group("gloo", store=store, rank=rank, world_size=2)
half = slice(16 * rank, 16 * rank + 16)
network = nn.parallel.DistributedDataParallel(wrapped)
nn.functional.cross_entropy(network(images[half]), labels[half]).backward()
nn.functional.cross_entropy(plain(images), labels).backward()
pairs = zip(wrapped.parameters(), plain.parameters(), strict=True)
same = all(torch.allclose(a.grad, b.grad, atol=1e-6) for a, b in pairs)
torch.distributed.barrier()
print("same" if same else "different", flush=True)
os._exit(0)
"""


def test_two_processes_get_the_gradients_of_the_whole_batch(tmp_path: Path) -> None:
    # Processes of their own that end at once: taking a process group down was seen to hang under load.
    command = [sys.executable, "-c", _PARALLEL, str(tmp_path / "store")]
    runs = [
        subprocess.Popen([*command, rank], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for rank in ("0", "1")
    ]
    for run in runs:
        output, errors = run.communicate(timeout=300)
        assert output.strip() == "same", errors


def test_data_parallel_computes_the_same(split: TensorSplit) -> None:
    network = freeze(_network(split))
    images = next(iter(split.batches(8)))[0]
    assert torch.equal(nn.DataParallel(network)(images), network(images))


def test_the_learning_rate_rises_then_falls_along_a_cosine() -> None:
    rates = [Recipe(warm_up=0.2).rate(step, 100) for step in range(101)]
    assert rates[:20] == pytest.approx([(step + 1) / 20 for step in range(20)])
    assert (rates[20], rates[60], rates[100]) == pytest.approx((1.0, 0.5, 0.0))
    assert Recipe().rate(0, 100) == 1.0
    with pytest.raises(ConfigError, match=r"warm_up = 1\.0 is outside 0\.\.1"):
        Recipe(warm_up=1.0)


def test_the_learning_rate_can_fall_exponentially() -> None:
    rates = [Recipe(warm_up=0.1, decay="exponential").rate(step, 100) for step in (5, 10, 55, 100)]
    assert rates == pytest.approx([0.6, 1.0, 0.1, 0.01])
    with pytest.raises(ConfigError, match="no decay is named 'linear'"):
        Recipe(decay="linear")


def test_a_checkpoint_of_another_recipe_is_refused(split: TensorSplit, tmp_path: Path) -> None:
    path = tmp_path / "c.pt"
    train(_network(split), split, Recipe(epochs=1), path)
    with pytest.raises(StoreError, match="the checkpoint belongs to another recipe"):
        train(_network(split), split, Recipe(epochs=2), path)


def test_divergence_is_an_error(split: TensorSplit) -> None:
    network = build("digits-cnn", 10, 1)
    with torch.no_grad():
        network.fc.bias.fill_(float("nan"))
    with pytest.raises(EmulationError, match="the loss became nan in epoch 1"):
        train(network, split, RECIPE)
    with pytest.raises(ConfigError, match="no optimiser is named 'lion'"):
        Recipe(optimiser="lion")


class _Hostile:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("owned",)


def test_hostile_and_truncated_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "w.pt"
    save_state(path, {"x": torch.ones(3)})
    assert torch.equal(load_state(path)["x"], torch.ones(3))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(StoreError, match=r"w\.pt: no readable weight file"):
        load_state(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w/data.pkl", pickle.dumps({"x": _Hostile()}))
        archive.writestr("w/version", "3")
    with pytest.raises(StoreError, match=r"w\.pt: no readable weight file"):
        load_state(path)
    assert not (tmp_path / "owned").exists()
    with pytest.raises(StoreError, match="the file does not exist"):
        load_state(tmp_path / "missing.pt")
