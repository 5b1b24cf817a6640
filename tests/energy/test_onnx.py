"""ONNX models built node by node, against shapes worked out by hand and against the torch importer."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mulsmith.energy.onnx_network import workload_from_onnx
from mulsmith.energy.workload import Layer
from mulsmith.errors import ConfigError, ToolError

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper  # noqa: E402  # after the skip

Value = tuple[str, Sequence[int | str]]


def write(
    folder: Path, nodes: list[Any], inputs: Sequence[Value], weights: Sequence[Value], output: str = "y"
) -> Path:
    """Write a model whose weights are zeros; return its path."""
    import numpy as np
    from onnx import numpy_helper

    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in weights],
    )
    path = folder / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


def conv(folder: Path, image: Sequence[int | str], kernel: Sequence[int], **attributes: Any) -> Path:
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="conv", **attributes)
    return write(folder, [node], [("x", image)], [("w", kernel)])


@pytest.mark.parametrize(
    ("image", "kernel", "attributes", "expected"),
    [
        ([1, 3, 9, 9], [4, 3, 3, 3], {"pads": [1] * 4}, {"M": 4, "C": 3, "P": 9, "Q": 9, "R": 3, "S": 3}),
        (
            [2, 8, 15, 9],
            [8, 1, 3, 1],
            {"group": 8, "dilations": [2, 1], "strides": [1, 2]},
            {"N": 2, "G": 8, "P": 11, "Q": 5, "R": 3, "dilation": (2, 1), "stride": (1, 2)},
        ),
        (
            [1, 4, 7, 7],
            [6, 2, 3, 3],
            {"group": 2, "auto_pad": "SAME_UPPER", "strides": [2, 2]},
            {"G": 2, "M": 3, "C": 2, "P": 4, "Q": 4, "R": 3, "S": 3, "stride": (2, 2)},
        ),
        (
            [1, 4, 7, 7],
            [6, 4, 3, 3],
            {"auto_pad": "VALID"},
            {"M": 6, "C": 4, "P": 5, "Q": 5, "R": 3, "S": 3},
        ),
        ([1, 4, 20], [6, 4, 5], {"strides": [3]}, {"M": 6, "C": 4, "Q": 6, "S": 5, "stride": (1, 3)}),
    ],
)  # fmt: skip
def test_convolutions(
    tmp_path: Path,
    image: Sequence[int],
    kernel: Sequence[int],
    attributes: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    assert workload_from_onnx(conv(tmp_path, image, kernel, **attributes)).layers == (
        Layer("conv", **expected),
    )


def test_matrix_products(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], name="project"),
        helper.make_node("Transpose", ["h"], ["t"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["h", "t"], ["s"], name="scores"),
        helper.make_node("Flatten", ["s"], ["f"]),
        helper.make_node("Gemm", ["f", "v"], ["g"], name="head", transB=1),
        helper.make_node("Gemm", ["g", "u"], ["y"], name="turned", transA=1),
    ]
    path = write(tmp_path, nodes, [("x", [2, 5, 8])], [("w", [8, 4]), ("v", [7, 25]), ("u", [2, 3])])
    assert workload_from_onnx(path).layers == (
        Layer("project", N=10, C=8, M=4, kind="linear"),
        Layer("scores", G=2, P=5, C=4, M=5, kind="matmul"),
        Layer("head", N=2, C=25, M=7, kind="linear"),
        Layer("turned", N=7, C=2, M=3, kind="linear"),
    )


def test_integer_forms(tmp_path: Path) -> None:
    """The operators of quantised models, whose weights stand at other inputs than those of the float ones."""
    import numpy as np
    from onnx import numpy_helper

    nodes = [
        helper.make_node("ConvInteger", ["x", "k"], ["c"], name="conv", strides=[2, 2]),
        helper.make_node("Cast", ["c"], ["d"], to=TensorProto.UINT8),
        helper.make_node(
            "QLinearConv", ["d", "s", "z", "k2", "s", "z", "s", "z"], ["q"], name="qconv", group=2
        ),
        helper.make_node("Flatten", ["q"], ["f"]),
        helper.make_node("QLinearMatMul", ["f", "s", "z", "w", "s", "z", "s", "z"], ["g"], name="qlinear"),
        helper.make_node("MatMulInteger", ["g", "v"], ["y"], name="linear"),
    ]
    stored = {
        "k": np.zeros((4, 3, 3, 3), np.uint8),
        "k2": np.zeros((6, 2, 1, 1), np.uint8),
        "w": np.zeros((96, 7), np.uint8),
        "v": np.zeros((7, 5), np.uint8),
        "s": np.float32(0.5),
        "z": np.uint8(0),
    }
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [2, 3, 9, 9])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in stored.items()],
    )
    path = tmp_path / "integer.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    assert workload_from_onnx(path).layers == (
        Layer("conv", N=2, M=4, C=3, P=4, Q=4, R=3, S=3, stride=(2, 2)),
        Layer("qconv", N=2, G=2, M=3, C=2, P=4, Q=4),
        Layer("qlinear", N=2, C=96, M=7, kind="linear"),
        Layer("linear", N=2, C=7, M=5, kind="linear"),
    )


def test_symbolic_extents(tmp_path: Path) -> None:
    path = conv(tmp_path, ["batch", 3, 8, 8], [4, 3, 1, 1])
    assert workload_from_onnx(path).layers[0].N == 1
    assert workload_from_onnx(path, batch=5).layers[0].N == 5
    path = conv(tmp_path, ["batch", 3, "rows", 8], [4, 3, 1, 1])
    with pytest.raises(ConfigError, match="dimension 2 of input x is rows, not a number"):
        workload_from_onnx(path)
    layer = workload_from_onnx(path, input_shape=(2, 3, 6, 8)).layers[0]
    assert (layer.N, layer.P, layer.Q) == (2, 6, 8)
    with pytest.raises(ConfigError, match="has 4 dimensions, but the shape given has 2"):
        workload_from_onnx(path, input_shape=(2, 3))


def test_quantised_weights_are_constants(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Constant", [], ["zero"], value_float=1.0),
        helper.make_node("Identity", ["w"], ["v"]),
        helper.make_node("MatMul", ["x", "v"], ["y"]),
    ]
    path = write(tmp_path, nodes, [("x", [6, 3])], [("w", [3, 4])])
    assert workload_from_onnx(path).layers == (Layer("y", N=6, C=3, M=4, kind="linear"),)


def test_the_torch_importer_finds_the_same_layers(tmp_path: Path) -> None:
    from torch import nn

    from mulsmith.energy.torch_network import workload_from_torch

    model = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.Flatten(), nn.Linear(128, 10))
    nodes = [
        helper.make_node("Conv", ["x", "a"], ["h"], name="0", strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Flatten", ["h"], ["f"]),
        helper.make_node("Gemm", ["f", "b"], ["y"], name="2", transB=1),
    ]
    path = write(tmp_path, nodes, [("x", [1, 3, 8, 8])], [("a", [8, 3, 3, 3]), ("b", [10, 128])])
    assert workload_from_onnx(path).layers == workload_from_torch(model, (1, 3, 8, 8)).layers


def test_models_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "noise.onnx"
    with pytest.raises(ConfigError, match="cannot read as an ONNX model"):
        workload_from_onnx(path)
    path.write_bytes(b"\xff\xffno model")
    with pytest.raises(ConfigError, match="cannot read as an ONNX model"):
        workload_from_onnx(path)
    with pytest.raises(ConfigError, match="do not fit 3 input channels"):
        workload_from_onnx(conv(tmp_path, [1, 3, 8, 8], [4, 5, 1, 1]))
    product = helper.make_node("MatMul", ["x", "w"], ["y"])
    with pytest.raises(ConfigError, match="shapes cannot be inferred"):
        workload_from_onnx(write(tmp_path, [product], [("x", [2, 3])], [("w", [4, 5])]))
    with pytest.raises(ConfigError, match="3-dimensional convolution is not supported"):
        workload_from_onnx(conv(tmp_path, [1, 3, 8, 8, 8], [4, 3, 1, 1, 1]))
    up = helper.make_node("ConvTranspose", ["x", "w"], ["y"], name="up")
    with pytest.raises(ConfigError, match="node up: the operator ConvTranspose is not supported"):
        workload_from_onnx(write(tmp_path, [up], [("x", [1, 3, 4, 4])], [("w", [3, 2, 2, 2])]))
    relu = helper.make_node("Relu", ["x"], ["y"])
    with pytest.raises(ConfigError, match="no layer that multiplies"):
        workload_from_onnx(write(tmp_path, [relu], [("x", [1, 3])], []))
    real = builtins.__import__

    def without_onnx(name: str, *rest: Any, **named: Any) -> Any:
        if name == "onnx":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_onnx)
    with pytest.raises(ToolError, match=r"mulsmith\[onnx\]"):
        workload_from_onnx(path)
