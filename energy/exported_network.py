"""Layer shapes of a torch program saved by ``torch.export.save``: its graph is read as JSON, nothing else.

``torch.export.load`` unpickles parts of the archive, which runs whatever code they hold. Here neither torch
nor pickle is involved.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mulsmith.energy.workload import Layer, Workload, convolution_layer, unique_name
from mulsmith.errors import ConfigError

Shape = tuple[int, ...]
Node = Mapping[str, Any]
MAX_BYTES = 256 << 20
_FIXED = "export the model with fixed shapes"
_PLAIN = "export the model with plain convolutions, linear layers and matrix products"
_CONVOLUTIONS = ("conv1d", "conv2d", "conv3d", "convolution")
_PRODUCTS = {"addmm": 1, "baddbmm": 1, "bmm": 0, "matmul": 0, "mm": 0}
"""Operator -> index of its left factor among the inputs; the right one follows."""
_UNSUPPORTED = (
    *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "einsum", "bilinear"),
    *("gru", "lstm", "rnn_relu", "rnn_tanh", "mv", "addmv", "dot", "vdot", "_convolution"),
)


def workload_from_exported(
    path: Path, *, batch: int | None = None, input_shape: Sequence[int] | None = None
) -> Workload:
    """Return the layers of an exported torch program that multiply, in the order of its graph.

    Layers carry their module's qualified name.

    Args:
        path: the ``.pt2`` archive.
        batch: first extent of the program's input, where it was exported as dynamic; 1 when left out.
        input_shape: shape of the program's only input; it must agree with the fixed extents.

    Raises:
        ConfigError: the file is no such archive, a shape is unknown, or a node multiplies in a way that the
            accelerator model does not know.
    """
    try:
        graph_module = _read(path)["graph_module"]
        graph = graph_module["graph"]
        symbols = _bind(graph_module, path, 1 if batch is None else batch, input_shape)
        return _Program(graph["tensor_values"], symbols, path).workload(graph["nodes"])
    except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
        raise ConfigError(f"not a graph that torch.export wrote: {error!r}", path=path) from error


def _read(path: Path) -> Any:
    """Return the program's document."""
    try:
        with zipfile.ZipFile(path) as archive:
            models = [
                entry
                for entry in archive.infolist()
                if "/models/" in f"/{entry.filename}" and entry.filename.endswith(".json")
            ]
            if len(models) != 1:
                raise ConfigError(
                    f"the archive holds {len(models)} exported programs, not one",
                    path=path,
                    remedy="save it with torch.export.save of torch 2.8 or newer",
                )
            if models[0].file_size > MAX_BYTES:
                raise ConfigError(f"the graph has more than {MAX_BYTES} bytes", path=path)
            return json.loads(archive.read(models[0]))
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, RecursionError) as error:
        raise ConfigError(f"cannot read as an exported program: {error}", path=path) from error


def _bind(graph_module: Any, path: Path, batch: int, input_shape: Sequence[int] | None) -> Mapping[str, int]:
    """Return the number for every symbol among the extents of the program's inputs."""
    names = [
        spec["user_input"]["arg"]["as_tensor"]["name"]
        for spec in graph_module["signature"]["input_specs"]
        if "as_tensor" in spec.get("user_input", {}).get("arg", {})
    ]
    if input_shape is not None and len(names) != 1:
        raise ConfigError(
            f"the program has {len(names)} inputs, but one input shape was given", path=path, remedy=_FIXED
        )
    symbols: dict[str, int] = {}
    for name in names:
        sizes = graph_module["graph"]["tensor_values"][name]["sizes"]
        if input_shape is not None and len(sizes) != len(input_shape):
            raise ConfigError(
                f"input {name} has {len(sizes)} dimensions, but the shape given has {len(input_shape)}",
                path=path,
            )
        for place, size in enumerate(sizes):
            if "as_int" not in size and input_shape is not None:
                symbols[size["as_expr"]["expr_str"]] = input_shape[place]
            elif "as_int" not in size and place == 0:
                symbols[size["as_expr"]["expr_str"]] = batch
            elif input_shape is not None and size["as_int"] != input_shape[place]:
                raise ConfigError(
                    f"dimension {place} of input {name} was exported as {size['as_int']}, "
                    f"not {input_shape[place]}",
                    path=path,
                    remedy="export the model with the shape that is wanted",
                )
    return symbols


@dataclass(frozen=True, slots=True)
class _Program:
    """What the layers of a program are read from.

    Attributes:
        values: name of a tensor -> its description.
        symbols: symbolic extent -> number.
        path: the file.
    """

    values: Mapping[str, Any]
    symbols: Mapping[str, int]
    path: Path

    def workload(self, nodes: Sequence[Node]) -> Workload:
        """Return the layers of the nodes that multiply."""
        seen: dict[str, int] = {}
        layers = [layer for node in nodes for layer in self.layers(node, seen)]
        return Workload(self.path.stem, tuple(layers), source=f"exported torch program {self.path.name}")

    def layers(self, node: Node, seen: dict[str, int]) -> list[Layer]:
        """Return the loop nests of a node: none if it does not multiply, two for an attention."""
        target = str(node["target"])
        operator = target.removeprefix("torch.ops.aten.").split(".")[0]
        module = _module(node)
        if operator in _UNSUPPORTED or target.startswith("torch.ops.higher_order."):
            raise ConfigError(
                f"{module or node['name']}: the operator {target} is not supported by the accelerator model",
                path=self.path,
                remedy=_PLAIN,
            )
        if operator in _CONVOLUTIONS:
            return [self._convolution(node, unique_name(module, seen))]
        if operator == "linear":
            return [self._linear(node, unique_name(module, seen))]
        if operator in _PRODUCTS:
            left, right = node["inputs"][_PRODUCTS[operator] :][:2]
            return [
                self._product(self.shape(left["arg"]), self.shape(right["arg"]), unique_name(module, seen))
            ]
        if operator.startswith(("scaled_dot_product", "_scaled_dot_product")):
            query, key, value = (self.shape(entry["arg"]) for entry in node["inputs"][:3])
            turned = (*key[:-2], key[-1], key[-2])
            scores = (*query[:-1], key[-2])
            return [
                self._product(query, turned, unique_name(module, seen)),
                self._product(scores, value, unique_name(module, seen)),
            ]
        return []

    def shape(self, value: Any) -> Shape:
        """Return the shape of a tensor.

        Raises:
            ConfigError: an extent is a symbol that the input's shape does not fix.
        """
        name = value["as_tensor"]["name"]
        extents: list[int] = []
        for size in self.values[name]["sizes"]:
            if "as_int" in size:
                extents.append(int(size["as_int"]))
                continue
            symbol = size["as_expr"]["expr_str"]
            if symbol not in self.symbols:
                raise ConfigError(
                    f"the shape of {name} has the extent {symbol}, not a number",
                    path=self.path,
                    remedy=_FIXED,
                )
            extents.append(self.symbols[symbol])
        return tuple(extents)

    def _convolution(self, node: Node, name: str) -> Layer:
        stated = {entry["name"]: entry["arg"] for entry in node["inputs"]}
        if stated.get("transposed", {}).get("as_bool", False):
            raise ConfigError(
                f"{name}: a transposed convolution is not supported", path=self.path, remedy=_PLAIN
            )
        return convolution_layer(
            name,
            self.shape(node["outputs"][0]),
            self.shape(stated["weight"]),
            stride=stated.get("stride", {}).get("as_ints", (1,)),
            dilation=stated.get("dilation", {}).get("as_ints", (1,)),
            groups=stated.get("groups", {}).get("as_int", 1),
        )

    def _linear(self, node: Node, name: str) -> Layer:
        rows, weights = (self.shape(entry["arg"]) for entry in node["inputs"][:2])
        return Layer(name, N=math.prod(rows[:-1]), C=weights[1], M=weights[0], kind="linear")

    def _product(self, left: Shape, right: Shape, name: str) -> Layer:
        if min(len(left), len(right)) < 2:
            raise ConfigError(
                f"{name}: a product with a vector is not supported", path=self.path, remedy=_PLAIN
            )
        if len(right) == 2:
            return Layer(name, N=math.prod(left[:-1]), C=left[-1], M=right[1], kind="linear")
        heads = math.prod(np.broadcast_shapes(left[:-2], right[:-2]))
        return Layer(name, G=heads, P=left[-2], C=left[-1], M=right[-1], kind="matmul")


def _module(node: Node) -> str:
    """Return the qualified name of the module that a node is from; empty for the outermost one."""
    innermost = str(node["metadata"].get("nn_module_stack", "")).split(";")[-1].split(",")
    return innermost[1] if len(innermost) > 1 else ""
