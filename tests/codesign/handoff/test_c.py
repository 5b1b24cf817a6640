"""The C hand-off, compiled and run: every sum and, for a plain chain, every logit as emulated."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn

from mulsmith import Library, emulate
from mulsmith.codesign.handoff import record, verify
from mulsmith.codesign.handoff.c_project import c_project
from mulsmith.codesign.handoff.chain import Step, chain
from mulsmith.codesign.handoff.manifest import write_folder
from mulsmith.emulate.zoo import build
from mulsmith.errors import StoreError, ToolError
from tests.codesign.handoff.networks import MIXED, frozen

needs_compiler = pytest.mark.skipif(
    shutil.which("cc") is None, reason="cc is not installed (apt install gcc)"
)


def _write(name: str, points: list[nn.Module], image: torch.Tensor, folder: Path) -> Path:
    files, about = c_project(record(name, points, image))
    write_folder(folder, "c", files, about)
    return folder


def _zoo(
    name: str, channels: int, library: Library, how: emulate.Quantisation
) -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(5)
    network = build(name, 10, channels)
    image = torch.randn(1, channels, *((8, 8) if name == "digits-cnn" else (32, 32)))
    layers = [n for n, m in network.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assignment = {layer: MIXED[k % len(MIXED)] for k, layer in enumerate(layers)}
    return frozen(network, assignment, library, image, how), image


@needs_compiler
@pytest.mark.parametrize("how", [emulate.Quantisation(sign_magnitude=True), emulate.Quantisation()])
@pytest.mark.parametrize(("name", "channels"), [("digits-cnn", 1), ("lenet", 1)])
def test_a_chain_runs_whole(
    name: str, channels: int, how: emulate.Quantisation, library: Library, tmp_path: Path
) -> None:
    network, image = _zoo(name, channels, library, how)
    checks = verify(_write(name, [network], image, tmp_path / "c"))
    assert [check for check in checks if check.differing] == []
    assert (checks[-1].layer, checks[-1].outputs) == ("network", 10)


@needs_compiler
def test_a_chain_may_end_with_pooling_and_a_rectifier(library: Library, tmp_path: Path) -> None:
    torch.manual_seed(7)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.Conv2d(4, 3, 2), nn.MaxPool2d((2, 3), (1, 2)), nn.ReLU())
    image = torch.randn(1, 2, 8, 8)
    net = frozen(model, {"0": MIXED[0], "1": MIXED[1]}, library, image, emulate.Quantisation())
    checks = verify(_write("end", [net], image, tmp_path / "c"))
    assert [check for check in checks if check.differing] == []
    assert (checks[-1].layer, checks[-1].outputs) == ("network", 3 * 4 * 2)


@needs_compiler
def test_residual_networks_are_checked_layer_by_layer(library: Library, tmp_path: Path) -> None:
    network, image = _zoo("cifar-resnet8", 3, library, emulate.Quantisation())
    assert chain(network) is None
    checks = verify(_write("resnet", [network], image, tmp_path / "c"))
    assert [check for check in checks if check.differing] == []
    assert "network" not in {check.layer for check in checks}
    assert sum(check.outputs for check in checks) > 80_000


@needs_compiler
def test_every_operating_point_is_checked(library: Library, tmp_path: Path) -> None:
    torch.manual_seed(6)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(36, 3))
    image = torch.randn(1, 2, 5, 5)
    how = emulate.Quantisation(sign_magnitude=True)
    base = emulate.convert(model, library["mul8x8u_dadda"], [image], how)
    other = emulate.reassign(base, {"0": "mul8x8u_drum4", "3": "mul8x8u_half_a5b6"}, library)
    points = [emulate.freeze(base), emulate.freeze(other)]
    checks = verify(_write("points", points, image, tmp_path / "c"))
    assert [(c.outputs, c.differing) for c in checks] == [(2 * 36, 0), (2 * 3, 0), (2 * 3, 0)]


@needs_compiler
def test_a_wrong_number_is_found(library: Library, tmp_path: Path) -> None:
    network, image = _zoo("digits-cnn", 1, library, emulate.Quantisation())
    files, about = c_project(record("wrong", [network], image))
    files["network.h"] = files["network.h"].replace(
        b"layer_fc_offset[] = {\n  ", b"layer_fc_offset[] = {\n  1+"
    )
    write_folder(tmp_path / "c", "c", files, about)
    wrong = {check.layer: check.differing for check in verify(tmp_path / "c")}
    assert wrong == {"conv1": 0, "conv2": 0, "conv3": 0, "fc": 1, "network": 1}
    files["check.c"] += b"int main"
    write_folder(tmp_path / "broken", "c", files, about)
    with pytest.raises(ToolError, match="error"):
        verify(tmp_path / "broken")


def test_a_changed_file_and_a_missing_compiler_are_named(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, image = _zoo("digits-cnn", 1, library, emulate.Quantisation())
    folder = _write("digits", [network], image, tmp_path / "c")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="apt install gcc"):
        verify(folder)
    (folder / "vectors.h").write_text("")
    with pytest.raises(StoreError, match=r"vectors\.h: the file was changed"):
        verify(folder)


def test_what_a_chain_is(library: Library) -> None:
    image = torch.randn(1, 2, 8, 8)
    how = emulate.Quantisation()

    def steps(*modules: nn.Module) -> tuple[Step, ...] | None:
        model = nn.Sequential(*modules)
        names = [n for n, m in model.named_modules() if isinstance(m, nn.Conv2d | nn.Linear)]
        return chain(frozen(model, dict.fromkeys(names, MIXED[0]), library, image, how))

    conv, relu, pool = nn.Conv2d(2, 2, 3), nn.ReLU(), nn.MaxPool2d((2, 3), 2)
    assert steps(conv, relu, pool) == (Step("0", True, ((2, 3), (2, 2))),)
    assert steps(conv, pool, relu) == (Step("0", True, ((2, 3), (2, 2))),)
    assert steps(conv, nn.Flatten(), nn.Linear(72, 2)) == (Step("0"), Step("2"))
    assert steps(relu, conv) is None
    assert steps(conv, nn.BatchNorm2d(2)) is None
    assert steps(conv, nn.AvgPool2d(2)) is None
    assert steps(conv, nn.MaxPool2d(2, padding=1)) is None
    assert steps(conv, nn.MaxPool2d(2), nn.MaxPool2d(2)) is None
