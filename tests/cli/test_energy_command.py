"""``mulsmith energy``: where its network may come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mulsmith.cli import run
from mulsmith.energy.networks import load_network

OPTIONS = ("--accelerator", "eyeriss-like", "--assign", "mul8x8u_dadda", "--band", "cacti45", "--json")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run(["energy", *arguments, *OPTIONS]) == 0
    return json.loads(capsys.readouterr().out)


def fault(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["energy", *arguments, *OPTIONS]) == 2
    return capsys.readouterr().err


def macs(document: Any) -> list[int]:
    return [layer["macs"] for layer in document["layers"]]


def test_networks_of_the_zoo(capsys: pytest.CaptureFixture[str]) -> None:
    document = answer(capsys, "cifar-resnet20", "--input-shape", "1,3,32,32", "--classes", "10")
    shipped = [layer.macs for layer in load_network("resnet20")]
    assert document["network"] == "cifar-resnet20"
    shortcuts = [32 * 16 * 16 * 16, 64 * 8 * 8 * 32]  # 1x1 convolutions; the shipped one pads with zeros
    assert sorted(macs(document)) == sorted(shipped + shortcuts)
    assert "how many outputs" in fault(capsys, "lenet", "--input-shape", "1,1,28,28")
    assert "no network is named" in fault(capsys, "nothing", "--input-shape", "1,1,28,28", "--classes", "2")
    assert "takes images" in fault(capsys, "lenet", "--input-shape", "1,28", "--classes", "2")
    assert "does not run on an input" in fault(capsys, "lenet", "--input-shape", "1,1,2,2", "--classes", "2")


def test_exported_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "small.pt2"
    torch.export.save(torch.export.export(torch.nn.Conv2d(3, 4, 3), (torch.zeros(2, 3, 6, 6),)), path)
    assert macs(answer(capsys, str(path), "--input-shape", "2x3x6x6")) == [2 * 4 * 3 * 9 * 16]
    assert "exported as 2, not 1" in fault(capsys, str(path), "--input-shape", "1,3,6,6")
    assert "--classes does not change" in fault(capsys, str(path), "--classes", "3")


def test_onnx_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    onnx = pytest.importorskip("onnx")
    make, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = make.make_graph(
        [make.make_node("MatMul", ["x", "w"], ["y"], name="product")],
        "net",
        [make.make_tensor_value_info("x", kind, ["batch", 6])],
        [make.make_tensor_value_info("y", kind, None)],
        [make.make_tensor("w", kind, [6, 4], [0.0] * 24)],
    )
    path = tmp_path / "net.onnx"
    onnx.save(make.make_model(graph, opset_imports=[make.make_opsetid("", 17)]), path)
    assert macs(answer(capsys, str(path), "--batch", "3")) == [72]
    assert macs(answer(capsys, str(path), "--input-shape", "5,6")) == [120]
    assert "exclude each other" in fault(capsys, str(path), "--input-shape", "5,6", "--batch", "3")


def test_shapes_that_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    for shape in ("", "0,3", "3,-1", "a", "1,,2", "1,1,1,1,1,1,1,1,1"):
        assert "shape" in fault(capsys, "lenet", "--input-shape", shape)
    assert "has its shapes already" in fault(capsys, "layers.yaml", "--input-shape", "1,3")


def test_exports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = tmp_path / "layers.yaml"
    layers.write_text("name: n\nsource: s\nlayers:\n  - {name: a, kind: linear, features: [6, 4]}\n")
    folders = {form: tmp_path / form for form in ("timeloop", "accelergy", "accelforge")}
    wanted = [word for form, folder in folders.items() for word in ("--export", form, str(folder))]
    answer(capsys, str(layers), *wanted)
    assert sorted(path.name for path in folders["timeloop"].rglob("*.yaml")) == [
        "architecture.yaml",
        "mapping.yaml",
        "problem.yaml",
    ]
    assert (folders["accelergy"] / "ERT_mul8x8u_dadda.yaml").is_file()
    assert (folders["accelforge"] / "mul8x8u_dadda.yaml").is_file()
    assert "nothing" in fault(capsys, str(layers), "--export", "nothing", str(tmp_path))


def test_accelergy_tables(
    tmp_path: Path, timeloop_reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = tmp_path / "layers.yaml"
    layers.write_text("name: n\nsource: s\nlayers:\n  - {name: a, kind: linear, features: [6, 4]}\n")
    names = ("DRAM", "shared_glb", "ifmap_spad", "weights_spad", "psum_spad")
    areas = tmp_path / "ART.yaml"
    areas.write_text("ART:\n  tables:\n" + "".join(f"  - {{name: top.{name}, area: 10}}\n" for name in names))
    command = ["energy", str(layers), "--accelerator", "timeloop-eyeriss-like", "--assign", "mul8x8u_dadda"]
    command += ["--band", "timeloop32", "--json"]
    reference = str(timeloop_reference / "eyeriss_like" / "ERT_summary.yaml")
    assert run([*command, "--ert", reference, "--art", str(areas)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["table"] == "ERT_summary"
    assert document["storage_area_um2"]["psum_spad"] == 168 * 10
    assert document["by_component"]["leakage"] > 0
    assert run([*command, "--art", str(areas)]) == 2
    assert "changes nothing without --ert" in capsys.readouterr().err
    assert run([*command, "--ert", str(areas)]) == 2
    assert "neither ERT nor ERT_summary" in capsys.readouterr().err
