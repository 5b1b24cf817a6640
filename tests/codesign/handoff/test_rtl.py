"""The RTL hand-off in simulation: every output as emulated, and everything that was changed by name."""

import dataclasses
import json
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import Library, emulate
from mulsmith.cli import run
from mulsmith.codesign.handoff import RtlOptions, record, rtl_project, verify
from mulsmith.codesign.handoff.integer_network import IntegerNetwork
from mulsmith.codesign.handoff.manifest import read_folder, write_folder
from mulsmith.codesign.handoff.widths import widths
from mulsmith.errors import StoreError, ToolError
from tests.codesign.handoff.networks import MIXED, frozen, mixed_network, recomputed

SIGN_MAGNITUDE = emulate.Quantisation(sign_magnitude=True)


def _write(network: IntegerNetwork, library: Library, folder: Path, **options: int) -> Path:
    project = rtl_project(network, library, RtlOptions(**options))
    write_folder(folder, "rtl", project.files, project.about)
    return folder


def _agrees(folder: Path, simulator: str = "icarus") -> int:
    checks = verify(folder, simulator)
    assert [check.first for check in checks if check.differing] == []
    return sum(check.outputs for check in checks)


@pytest.mark.usefixtures("icarus")
@pytest.mark.parametrize("how", [SIGN_MAGNITUDE, emulate.Quantisation()], ids=["signs", "zero points"])
def test_the_digits_network_runs_from_image_to_logits(
    how: emulate.Quantisation, library: Library, tmp_path: Path
) -> None:
    network = mixed_network("digits-cnn", library, how)
    folder = _write(network, library, tmp_path / "hand-off with a space")
    assert _agrees(folder) == 12 * 64 + 16 * 64 + 24 * 16 + 10 + 10


@pytest.mark.usefixtures("icarus")
def test_lenet_runs_from_image_to_logits(library: Library, tmp_path: Path) -> None:
    network = mixed_network("lenet", library, SIGN_MAGNITUDE)
    folder = _write(network, library, tmp_path / "lenet", rows=8, cols=4, lanes=16)
    assert _agrees(folder) == 6 * 28 * 28 + 16 * 10 * 10 + 120 + 84 + 10 + 10


@pytest.mark.nightly
@pytest.mark.usefixtures("icarus")
@pytest.mark.parametrize("how", [SIGN_MAGNITUDE, emulate.Quantisation()], ids=["signs", "zero points"])
def test_resnet8_is_simulated_in_samples(how: emulate.Quantisation, library: Library, tmp_path: Path) -> None:
    network = mixed_network("cifar-resnet8", library, how)
    folder = _write(network, library, tmp_path / "resnet", tiles=12)
    checks = verify(folder)
    assert len(checks) == len(network.layers) >= 9
    assert [check for check in checks if check.differing] == []


@pytest.mark.usefixtures("icarus")
def test_groups_strides_uneven_tiles_and_pooling_at_the_end(library: Library, tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(3, 5, (3, 2), stride=(2, 1), padding=(1, 2)),
        nn.ReLU(),
        nn.Conv2d(5, 5, 3, padding=2, dilation=2, groups=5),
        nn.MaxPool2d((2, 3), (1, 2)),
        nn.ReLU(),
    )
    image = torch.randn(1, 3, 7, 5)
    net = frozen(model, {"0": MIXED[0], "2": MIXED[3]}, library, image, emulate.Quantisation())
    network = record("uneven", [net], image)
    folder = _write(network, library, tmp_path / "uneven", rows=3, cols=2, lanes=4)
    assert _agrees(folder) == sum(layer.recordings[0].sums.size for layer in network.layers) + 5 * 3 * 3


@pytest.mark.usefixtures("icarus")
def test_layers_may_be_called_like_parts_of_the_benches(library: Library, tmp_path: Path) -> None:
    torch.manual_seed(9)
    names = ("image", "network", "logits", "logits_codes", "0")
    model = nn.Sequential(OrderedDict((name, nn.Conv2d(2, 2, 1)) for name in names))
    image = torch.randn(1, 2, 2, 2)
    net = frozen(model, dict.fromkeys(names, MIXED[0]), library, image, emulate.Quantisation())
    assert _agrees(_write(record("names", [net], image), library, tmp_path / "names")) == 6 * 8


@pytest.mark.usefixtures("verilator")
def test_verilator_runs_both_arrays_and_the_whole_network(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(10)
    model = nn.Sequential(nn.Conv2d(1, 2, 2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    image = torch.randn(1, 1, 3, 3)
    net = frozen(model, {"0": MIXED[2], "3": MIXED[2]}, library, image, emulate.Quantisation())
    folder = _write(record("tiny", [net], image), library, tmp_path / "tiny", rows=2, cols=2, lanes=2)
    assert run(["verify", str(folder), "--simulator", "verilator"]) == 0
    assert "12 of 12 outputs as emulated" in capsys.readouterr().out


@pytest.mark.nightly
@pytest.mark.usefixtures("verilator")
def test_verilator_agrees(library: Library, tmp_path: Path) -> None:
    network = mixed_network("digits-cnn", library, emulate.Quantisation())
    assert _agrees(_write(network, library, tmp_path / "v"), "verilator") == 2186 + 10


@pytest.mark.usefixtures("icarus")
def test_operating_points_switch_at_run_time(library: Library, tmp_path: Path) -> None:
    torch.manual_seed(4)
    model = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))
    image = torch.randn(1, 2, 4, 4)
    plans = (
        {"0": "mul8x8u_dadda", "3": "mul8x8u_dadda"},
        {"0": "mul8x8u_trunc7_cc", "3": "mul8x8u_dadda"},
        {"0": "mul8x8u_drum4", "3": "mul8x8u_half_a5b6"},
    )
    base = emulate.convert(model, plans[0], [image], SIGN_MAGNITUDE, library)
    points = [emulate.freeze(emulate.reassign(base, plan, library)) for plan in plans]
    network = record("points", points, image)
    first = network.layers[0]
    assert (first.recordings[0].sums != first.recordings[1].sums).any()
    folder = _write(network, library, tmp_path / "points")
    assert _agrees(folder) == 3 * (4 * 16 + 3 + 3)
    text = (folder / "rtl" / "product.v").read_text()
    assert "wire use_2 = point == 2;  // mul8x8u_drum4" in text
    assert "wire use_0 = point == 0 || point == 1;  // mul8x8u_dadda" in text


@pytest.mark.usefixtures("icarus")
def test_accumulators_have_no_bit_too_few_or_too_many(library: Library, tmp_path: Path) -> None:
    digits = mixed_network("digits-cnn", library, emulate.Quantisation(), ("mul8x8u_dadda",))
    first = digits.layers[1]
    full = np.full_like(first.weights, 255)
    layer = dataclasses.replace(first, weights=full, looked_up=full)
    codes = np.full_like(layer.recordings[0].codes, 255)
    recording = dataclasses.replace(layer.recordings[0], codes=codes)
    sums = recomputed(dataclasses.replace(layer, recordings=(recording,)), library)
    layer = dataclasses.replace(layer, recordings=(dataclasses.replace(recording, sums=sums),))
    network = dataclasses.replace(digits, layers=(layer,), steps=None)
    project = rtl_project(network, library, RtlOptions(tiles=6))
    write_folder(tmp_path / "fits", "rtl", project.files, project.about)
    assert _agrees(tmp_path / "fits") == 6 * 16
    width = widths(layer).acc
    bench = "bench/test_conv2.v"
    narrow = project.files[bench].replace(f".ACC_BITS({width})".encode(), f".ACC_BITS({width - 1})".encode())
    write_folder(tmp_path / "narrow", "rtl", {**project.files, bench: narrow}, project.about)
    assert verify(tmp_path / "narrow")[0].differing > 0


@pytest.fixture(scope="module")
def written(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = mixed_network("digits-cnn", library, SIGN_MAGNITUDE)
    return _write(network, library, tmp_path_factory.mktemp("written") / "hand-off", tiles=2)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (
            lambda d: _append(d / "rtl" / "mac.v"),
            r"rtl/mac\.v: the file was changed \(export the run again\)",
        ),
        (lambda d: (d / "layers/fc/w.hex").unlink(), r"layers/fc/w\.hex: the file is missing"),
        (lambda d: (d / "rtl/extra.v").write_text(""), r"rtl/extra\.v: the file does not belong"),
        (lambda d: [_append(p) for p in sorted(d.glob("rtl/*.v"))], r"files were changed: rtl/code_sum\.v, "),
        (lambda d: (d / "manifest.json").write_text("{"), "the manifest is damaged"),
        (lambda d: (d / "manifest.json").write_text("[]"), "the manifest is damaged: no JSON object"),
        (lambda d: (d / "manifest.json").write_text("{}"), "no manifest of a hand-off"),
        (lambda d: (d / "manifest.json").unlink(), "there is no hand-off here"),
        (lambda d: _edit(d, "format", 99), "of format 99, but this mulsmith reads format 2"),
        (lambda d: _edit(d, "network", "other"), "the manifest was changed"),
    ],
)
def test_what_was_tampered_with_is_named(
    harm: Callable[[Path], object], message: str, written: Path, tmp_path: Path
) -> None:
    copy = _copy(written, tmp_path / "copy")
    read_folder(copy)
    harm(copy)
    with pytest.raises(StoreError, match=message):
        verify(copy)


def _copy(folder: Path, target: Path) -> Path:
    for path in folder.rglob("*"):
        if path.is_file():
            place = target / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    return target


def _edit(folder: Path, key: str, value: object) -> None:
    document = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**document, key: value}))


@pytest.mark.usefixtures("icarus")
def test_a_wrong_circuit_is_found(written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        p.relative_to(written).as_posix(): p.read_bytes()
        for p in written.rglob("*")
        if p.is_file() and p.name != "manifest.json"
    }
    name = "rtl/multipliers/mul8x8u_trunc7_cc.v"
    assert b"p6_5 = A[6] & B[5]" in files[name]
    files[name] = files[name].replace(b"p6_5 = A[6] & B[5]", b"p6_5 = A[6] | B[5]")
    manifest = json.loads((written / "manifest.json").read_text())
    about = {key: manifest[key] for key in ("network", "points", "layers")}
    write_folder(tmp_path / "wrong", "rtl", files, about)
    assert run(["verify", str(tmp_path / "wrong")]) == 3
    said = capsys.readouterr().out
    assert "conv1: 32 outputs, " in said
    assert "differ: output 0 is " in said
    assert "conv2: 32 outputs, as emulated" in said


@pytest.mark.usefixtures("icarus")
@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("bench/test_conv1.v", b"module test_conv1; initial $finish; endmodule", "left no outputs; it said"),
        ("rtl/zero_point.v", None, "left undefined outputs; it said: FAIL conv1: 32 of 32 outputs differ"),
    ],
)
def test_a_simulation_without_outputs_is_named(
    file: str, content: bytes | None, message: str, written: Path, tmp_path: Path
) -> None:
    copy = _copy(written, tmp_path / "copy")
    own = content or (copy / file).read_bytes().replace(b"y = sum + offset", b"y = 'bx + offset")
    (copy / file).write_bytes(own)
    manifest = json.loads((copy / "manifest.json").read_text())
    files = {name: (copy / name).read_bytes() for name in manifest["files"]}
    write_folder(tmp_path / "new", "rtl", files, {"layers": manifest["layers"]})
    with pytest.raises(StoreError, match=f"layer 'conv1' {message}"):
        verify(tmp_path / "new")


def test_a_missing_simulator_is_named_with_its_package(
    written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for simulator, package in (("icarus", "iverilog"), ("verilator", "verilator")):
        with pytest.raises(ToolError, match=f"apt install {package}"):
            verify(written, simulator)
        assert run(["verify", str(written), "--simulator", simulator]) == 4
        assert f"apt install {package}" in capsys.readouterr().err


def test_an_old_verilator_is_refused(written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = tmp_path / "verilator"
    script.write_text("#!/bin/sh\necho 'Verilator 4.038 2020-07-11 rev v4.036'\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ToolError, match=r"too old: Verilator 4\.038"):
        verify(written, "verilator")


def test_a_folder_in_use_is_refused(written: Path) -> None:
    with pytest.raises(StoreError, match="the folder is not empty"):
        write_folder(written, "rtl", {}, {})
