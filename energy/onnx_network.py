"""Layer shapes of an ONNX model: its graph is read, its shapes are inferred, its weights are not touched."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulsmith.energy.workload import Layer, Workload, convolution_layer
from mulsmith.errors import ConfigError, ToolError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

Shape = tuple[int, ...]
_CONVOLUTIONS = {"Conv": 1, "ConvInteger": 1, "QLinearConv": 3}
"""Operator -> index of its weights among the inputs; the same below for matrix products."""
_PRODUCTS = {"MatMul": 1, "MatMulInteger": 1, "QLinearMatMul": 3}
_UNSUPPORTED = frozenset(
    [
        *("Attention", "GroupQueryAttention", "MultiHeadAttention", "QAttention"),
        *("ConvTranspose", "DeformConv", "Einsum"),
        *("GRU", "LSTM", "RNN"),
        *("If", "Loop", "Scan"),
    ]
)
_PASSED_ON = frozenset(("Cast", "DequantizeLinear", "Identity", "QuantizeLinear", "Transpose"))


def workload_from_onnx(
    path: Path, *, batch: int | None = None, input_shape: Sequence[int] | None = None
) -> Workload:
    """Return the layers of an ONNX model that multiply, in the order of its graph.

    Conv, Gemm and MatMul and their integer forms count; a matrix product with constant weights is a linear
    layer, one of two activations an attention product. Layers carry their node's name.

    Args:
        path: the model; weights in external files are not needed.
        batch: first extent of every input whose first extent is symbolic; 1 when left out.
        input_shape: shape of the model's only input, in place of the stated one.

    Raises:
        ToolError: the package onnx is not installed.
        ConfigError: the file is no valid model, a shape is unknown, or a node multiplies in a way that the
            accelerator model does not know.
    """
    model = _load(path)
    _fix_inputs(model.graph, path, 1 if batch is None else batch, input_shape)
    graph = _Graph.of(_infer(model, path).graph, path)
    layers = tuple(layer for node in graph.nodes if (layer := graph.layer(node)) is not None)
    return Workload(model.graph.name or path.stem, layers, source=f"ONNX model {path.name}")


def _load(path: Path) -> ModelProto:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise ToolError(
            "reading ONNX needs the package onnx", remedy="pip install 'mulsmith[onnx]'"
        ) from error
    try:
        return onnx.load(path, load_external_data=False)
    except (OSError, DecodeError) as error:
        raise ConfigError(f"cannot read as an ONNX model: {error}", path=path) from error


def _infer(model: ModelProto, path: Path) -> ModelProto:
    from onnx import shape_inference

    if model.functions:
        from onnx import inliner

        model = inliner.inline_local_functions(model)
    try:
        return shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except (shape_inference.InferenceError, ValueError, RuntimeError) as error:
        cause = " ".join(str(error).split())
        raise ConfigError(f"its shapes cannot be inferred: {cause}", path=path) from error


def _fix_inputs(graph: GraphProto, path: Path, batch: int, input_shape: Sequence[int] | None) -> None:
    """Write numbers where the model's inputs have symbolic extents."""
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    if input_shape is not None:
        if len(inputs) != 1:
            raise ConfigError(
                f"the model has {len(inputs)} inputs, but one input shape was given",
                path=path,
                remedy="export the model with fixed shapes",
            )
        dims = inputs[0].type.tensor_type.shape.dim
        if len(dims) != len(input_shape):
            raise ConfigError(
                f"input {inputs[0].name} has {len(dims)} dimensions, "
                f"but the shape given has {len(input_shape)}",
                path=path,
            )
        for dim, size in zip(dims, input_shape, strict=True):
            dim.dim_value = size
    for value in inputs:
        for place, dim in enumerate(value.type.tensor_type.shape.dim):
            if dim.HasField("dim_value") and dim.dim_value > 0:
                continue
            if place > 0:
                what = dim.dim_param or "no size"
                raise ConfigError(
                    f"dimension {place} of input {value.name} is {what}, not a number",
                    path=path,
                    remedy="give the shape of the input (--input-shape)",
                )
            dim.dim_value = batch


@dataclass(frozen=True, slots=True)
class _Graph:
    """A graph whose shapes are inferred.

    Attributes:
        nodes: the nodes in order.
        shapes: value -> its shape, for those that are known.
        stored: names of the stored tensors.
        path: the file that it is from.
    """

    nodes: tuple[NodeProto, ...]
    shapes: Mapping[str, Shape]
    stored: frozenset[str]
    path: Path

    @classmethod
    def of(cls, graph: GraphProto, path: Path) -> _Graph:
        """Return what the layers are read from."""
        shapes: dict[str, Shape] = {}
        for value in (*graph.input, *graph.value_info, *graph.output):
            dims = value.type.tensor_type.shape.dim
            known = value.type.tensor_type.HasField("shape")
            if known and all(dim.HasField("dim_value") and dim.dim_value > 0 for dim in dims):
                shapes[value.name] = tuple(dim.dim_value for dim in dims)
        shapes |= {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
        return cls(tuple(graph.node), shapes, frozenset(tensor.name for tensor in graph.initializer), path)

    def layer(self, node: NodeProto) -> Layer | None:
        """Return the loop nest of a node, or None if it does not multiply.

        Raises:
            ConfigError: it does, in a way that is not supported.
        """
        name = node.name or node.output[0]
        if node.op_type in _UNSUPPORTED:
            raise ConfigError(
                f"node {name}: the operator {node.op_type} is not supported by the accelerator model",
                path=self.path,
                remedy="export the model with plain Conv, Gemm and MatMul nodes",
            )
        if node.op_type in _CONVOLUTIONS:
            return self._convolution(node, name)
        if node.op_type == "Gemm":
            return self._gemm(node, name)
        if node.op_type in _PRODUCTS:
            return self._product(node, name)
        return None

    def shape(self, name: str) -> Shape:
        """Return the inferred shape of a value.

        Raises:
            ConfigError: it is not known.
        """
        if name in self.shapes:
            return self.shapes[name]
        raise ConfigError(
            f"the shape of {name} is not known",
            path=self.path,
            remedy="give the shape of the input (--input-shape), or export the model with fixed shapes",
        )

    def _convolution(self, node: NodeProto, name: str) -> Layer:
        weights = self.shape(node.input[_CONVOLUTIONS[node.op_type]])
        output = self.shape(node.output[0])
        stated = _attributes(node)
        groups = int(stated.get("group", 1))
        channels = self.shape(node.input[0])[1]
        if channels != weights[1] * groups or weights[0] % groups:
            raise ConfigError(
                f"node {name}: {groups} groups of filters {weights} do not fit {channels} input channels",
                path=self.path,
            )
        return convolution_layer(
            name,
            output,
            weights,
            stride=stated.get("strides", (1,)),
            dilation=stated.get("dilations", (1,)),
            groups=groups,
        )

    def _gemm(self, node: NodeProto, name: str) -> Layer:
        stated = _attributes(node)
        left, right = self.shape(node.input[0]), self.shape(node.input[1])
        rows, inner = reversed(left) if stated.get("transA", 0) else left
        columns = right[0] if stated.get("transB", 0) else right[1]
        return Layer(name, N=rows, C=inner, M=columns, kind="linear")

    def _product(self, node: NodeProto, name: str) -> Layer:
        second = node.input[_PRODUCTS[node.op_type]]
        left, right = self.shape(node.input[0]), self.shape(second)
        output = self.shape(node.output[0])
        rows = left[-2] if len(left) > 1 else 1
        columns = right[-1] if len(right) > 1 else 1
        batch = math.prod(output) // (rows * columns)
        if len(right) <= 2 and self._constant(second):
            return Layer(name, N=batch * rows, C=left[-1], M=columns, kind="linear")
        return Layer(name, G=batch, P=rows, C=left[-1], M=columns, kind="matmul")

    def _constant(self, name: str) -> bool:
        """Return whether a value is a stored weight, seen through casts and (de)quantisation."""
        makers = {output: node for node in self.nodes for output in node.output}
        while name in makers and makers[name].op_type in _PASSED_ON:
            name = makers[name].input[0]
        return name in self.stored or (name in makers and makers[name].op_type == "Constant")


def _attributes(node: NodeProto) -> Mapping[str, Any]:
    from onnx import helper

    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
