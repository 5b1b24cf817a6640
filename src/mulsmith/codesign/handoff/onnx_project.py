"""The ONNX hand-off: a QONNX graph per operating point, with the multiplier of every layer in its metadata.

A layer on a multiplier is a ``Conv`` or ``Gemm`` between QONNX ``Quant`` nodes. Tools that do not know the
metadata see exact multipliers; those that do find ``mulsmith.multiplier`` and the hash of its table.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import fx, nn

from mulsmith.codesign.handoff.chain import TableTracer
from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork
from mulsmith.emulate import ApproxLayer
from mulsmith.errors import EmulationError, ToolError

OPSET = 15
IR_VERSION = 10
QONNX = "qonnx.custom_op.general"


def onnx_project(
    network: IntegerNetwork, points: Sequence[nn.Module], image: torch.Tensor
) -> dict[str, bytes]:
    """Return file name -> model: ``network.onnx``, or ``point_N.onnx`` for every operating point.

    Args:
        network: the integer network.
        points: the frozen network at every operating point.
        image: an input, float32 [1, C, H, W], for the shapes.

    Raises:
        ToolError: onnx is missing or has no metadata of nodes.
        EmulationError: an operation between layers that cannot be said in ONNX here.
    """
    models = [_Graph(network, model, point).model(image) for point, model in enumerate(points)]
    if len(models) == 1:
        return {"network.onnx": models[0]}
    return {f"point_{point}.onnx": model for point, model in enumerate(models)}


class _Graph:
    """One graph while it is built."""

    def __init__(self, network: IntegerNetwork, model: nn.Module, point: int) -> None:
        try:
            import onnx
        except ImportError:
            raise ToolError(
                "ONNX needs the package onnx, which is not installed", remedy="pip install 'mulsmith[onnx]'"
            ) from None
        if "metadata_props" not in onnx.NodeProto.DESCRIPTOR.fields_by_name:
            raise ToolError("this onnx is too old", remedy="pip install 'onnx>=1.16'")
        self.onnx = onnx
        self.name, self.point = network.name, point
        self.layers = {layer.name: layer for layer in network.layers}
        self.network = model
        self.modules = dict(model.named_modules())
        self.graph = TableTracer().trace(model)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def model(self, image: torch.Tensor) -> bytes:
        """Return the serialised model for inputs of an image's shape."""
        helper = self.onnx.helper
        with torch.no_grad():
            result = self.network(image)
        end = ""
        for node in self.graph.nodes:
            if node.op == "placeholder":
                start = node.name
            elif node.op == "output":
                end = str(node.args[0])
            else:
                self._translate(node)
        kind = self.onnx.TensorProto.FLOAT
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [helper.make_tensor_value_info(start, kind, list(image.shape))],
            [helper.make_tensor_value_info(end, kind, list(result.shape))],
            self.constants,
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(QONNX, 1)]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="mulsmith"
        )
        self.onnx.checker.check_model(model)
        data: bytes = model.SerializeToString(deterministic=True)
        return data

    def _translate(self, node: fx.Node) -> None:
        inputs = [source.name for source in node.all_input_nodes]
        module = self.modules.get(str(node.target)) if node.op == "call_module" else None
        if isinstance(module, ApproxLayer):
            self._layer(self.layers[str(node.target)], inputs[0], node.name)
            return
        found = _module(module) if module is not None else _function(node)
        if isinstance(module, nn.BatchNorm2d):
            inputs += [self._constant(f"{node.name}_{key}", value) for key, value in _norm(module).items()]
        elif isinstance(module, nn.ReLU6):
            inputs += [self._constant(f"{node.name}_{end}", end) for end in (0.0, 6.0)]
        if found is None:
            raise EmulationError(
                f"'{node.target}' between the layers cannot be exported to ONNX", remedy="use another exit"
            )
        operation, attributes = found
        self._add(operation, inputs, node.name, **attributes)

    def _layer(self, layer: IntegerLayer, source: str, target: str) -> None:
        """Add quantisers and product of one layer."""
        x = self._quantise(
            source, f"{target}_x", layer.input_scale, layer.input_zero, layer.a_bits, layer.signed
        )
        channels = (-1, 1, 1, 1)
        zero, scale = layer.weight_zero.reshape(channels), layer.weight_scale.reshape(channels)
        linear = layer.kind == "linear"
        shape = layer.weights.shape[:2] if linear else layer.weights.shape
        per_channel = (-1, 1) if linear else channels
        weights = ((layer.weights - zero).astype(np.float32) * scale).reshape(shape)
        w = self._quantise(
            self._constant(f"{target}_weight", weights),
            f"{target}_w",
            scale.reshape(per_channel),
            zero.reshape(per_channel),
            layer.b_bits,
            layer.signed,
        )
        unit = np.float32(layer.input_scale) * layer.weight_scale
        bias = self._constant(f"{target}_bias", layer.bias.astype(np.float32) * unit)
        attributes: dict[str, Any] = {"transB": 1}
        if not linear:
            geometry = layer.geometry
            attributes = {
                "strides": geometry.stride,
                "pads": [*geometry.padding, *geometry.padding],
                "dilations": geometry.dilation,
                "group": geometry.groups,
                "kernel_shape": layer.weights.shape[2:],
            }
        if not np.array_equal(layer.looked_up, layer.weights):
            codes = layer.looked_up.reshape(shape)
            self._constant(f"{target}_looked_up", codes.astype(np.float32))
        product = self._add("Gemm" if linear else "Conv", [x, w, bias], target, **attributes)
        facts = {
            "layer": layer.name,
            "multiplier": layer.multipliers[self.point],
            "table_sha256": layer.tables[self.point].sha256(),
            "sign_magnitude": str(layer.sign_magnitude).lower(),
        }
        for key, value in facts.items():
            entry = product.metadata_props.add()
            entry.key, entry.value = f"mulsmith.{key}", value

    def _quantise(self, source: str, target: str, scale: Any, zero: Any, bits: int, signed: bool) -> str:
        """Add a QONNX quantiser and return its output."""
        constants = [
            self._constant(f"{target}_{key}", value)
            for key, value in (("scale", scale), ("zero_point", zero), ("bits", bits))
        ]
        self._add(
            "Quant",
            [source, *constants],
            target,
            domain=QONNX,
            signed=int(signed),
            narrow=0,
            rounding_mode="ROUND",
        )
        return target

    def _constant(self, name: str, value: Any) -> str:
        array = np.ascontiguousarray(np.asarray(value, np.float32))
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def _add(self, operation: str, inputs: Sequence[str], output: str, **attributes: Any) -> Any:
        node = self.onnx.helper.make_node(operation, inputs, [output], name=output, **attributes)
        self.nodes.append(node)
        return node


Operation = tuple[str, dict[str, Any]] | None


def _module(module: nn.Module) -> Operation:
    """Return the ONNX operation of a float module."""
    if isinstance(module, nn.MaxPool2d):
        return "MaxPool", _pooling(module)
    if isinstance(module, nn.AdaptiveAvgPool2d) and module.output_size in (1, (1, 1)):
        return "GlobalAveragePool", {}
    if isinstance(module, nn.BatchNorm2d):
        return "BatchNormalization", {"epsilon": module.eps}
    for kind, operation in _MODULES.items():
        if isinstance(module, kind):
            return operation, {}
    return None


_MODULES: Mapping[type[nn.Module], str] = {
    nn.ReLU: "Relu", nn.ReLU6: "Clip", nn.Identity: "Identity", nn.Dropout: "Identity", nn.Flatten: "Flatten",
}  # fmt: skip
_FUNCTIONS: Mapping[Callable[..., Any], str] = {operator.add: "Add", operator.iadd: "Add", torch.add: "Add"}


def _function(node: fx.Node) -> Operation:
    """Return the ONNX operation of a function or method between modules."""
    if node.target == "flatten" or node.target is torch.flatten:
        return ("Flatten", {"axis": 1}) if node.args[1:] == (1,) else None
    if node.target == "mean" and node.args[1:] == ((2, 3),):
        return "ReduceMean", {"axes": [2, 3], "keepdims": 0}
    known = _FUNCTIONS.get(node.target) if callable(node.target) else None
    return (known, {}) if known is not None and len(node.all_input_nodes) == 2 else None


def _pooling(module: nn.MaxPool2d) -> dict[str, Any]:
    def pair(value: Any) -> list[int]:
        return [value, value] if isinstance(value, int) else list(value)

    return {
        "kernel_shape": pair(module.kernel_size),
        "strides": pair(module.stride),
        "pads": pair(module.padding) * 2,
        "dilations": pair(module.dilation),
        "ceil_mode": int(module.ceil_mode),
    }


def _norm(module: nn.BatchNorm2d) -> dict[str, Any]:
    parts = {
        "gamma": module.weight,
        "beta": module.bias,
        "mean": module.running_mean,
        "variance": module.running_var,
    }
    return {key: value.detach().numpy() for key, value in parts.items() if isinstance(value, torch.Tensor)}
