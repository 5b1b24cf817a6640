"""The torch module of a phenotype, its drawing and its readable source."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from mulsmith.search.nas.cgp import blocks
from mulsmith.search.nas.graph_picture import Box, graph_svg, size_note
from mulsmith.search.trial import Genome

Shape = tuple[int, int, int]


class EvolvedNetwork(nn.Module):
    """A phenotype as a module; layer names begin with the node: ``n0_conv``, ``n1_sum``."""

    def __init__(self, nodes: Sequence[tuple[str, nn.Module, tuple[int, ...]]]) -> None:
        super().__init__()
        self._wiring = [(name, inputs) for name, _, inputs in nodes]
        for name, module, _ in nodes:
            self.add_module(name, module)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the logits of images [N, C, H, W]."""
        values = {-1: x}
        for index, (name, inputs) in enumerate(self._wiring):
            values[index] = self.get_submodule(name)(*(values[i] for i in inputs))
        return values[len(self._wiring) - 1]


def build_network(genome: Genome, shape: Shape, width: float = 1.0) -> EvolvedNetwork:
    """Return the untrained module of a phenotype for images of a shape; ``width`` scales hidden channels."""
    nodes = _plan(genome, shape, width)
    return EvolvedNetwork([(name, _module(what, sizes), inputs) for name, what, sizes, inputs in nodes])


def output_shapes(genome: Genome, shape: Shape, width: float = 1.0) -> list[Shape]:
    """Return the output (C, H, W) of every node; fc gives (units, 1, 1)."""
    shapes = {-1: shape}
    last = len(genome["nodes"]) - 1
    for index, node in enumerate(genome["nodes"]):
        sizes = [shapes[i] for i in node["inputs"]]
        channels = node["channels"] if index == last else _scaled(node["channels"], width)
        shapes[index] = _output(node, sizes, channels)
    return [shapes[i] for i in range(last + 1)]


def parameter_count(module: nn.Module) -> int:
    """Return how many trainable numbers a module has."""
    return sum(parameter.numel() for parameter in module.parameters())


def source(genome: Genome, shape: Shape) -> str:
    """Return a Python module that defines the network as ``Network``, with the same layer names."""
    kinds = (blocks.Conv, blocks.Inception, blocks.Residual, blocks.Bottleneck, blocks.Sum)
    lines = ["import torch", "from torch import nn", ""]
    lines += [f"\n{inspect.getsource(kind)}" for kind in kinds]
    lines += ["", "class Network(nn.Module):", f'    """For images of {shape}."""', ""]
    lines += ["    def __init__(self) -> None:", "        super().__init__()"]
    forward = ["", "    def forward(self, image: torch.Tensor) -> torch.Tensor:"]
    result = "image"
    for name, what, sizes, inputs in _plan(genome, shape, 1.0):
        arguments = ", ".join("image" if i < 0 else f"v{i}" for i in inputs)
        result = f"v{name[1:].split('_')[0]}"
        lines.append(f"        self.{name} = {_constructor(what, sizes)}")
        forward.append(f"        {result} = self.{name}({arguments})")
    return "\n".join([*lines, *forward, f"        return {result}", ""])


def picture(genome: Genome, shape: Shape) -> str:
    """Return a drawing of the network as SVG: one box per node with its output shape, arrows for inputs."""
    boxes = [Box("image", size_note(shape))]
    for node, size in zip(genome["nodes"], output_shapes(genome, shape), strict=True):
        boxes.append(Box(_label(node), size_note(size), tuple(i + 1 for i in node["inputs"])))
    return graph_svg(boxes)


Planned = tuple[str, Mapping[str, Any], tuple[int, ...], tuple[int, ...]]


def _plan(genome: Genome, shape: Shape, width: float) -> list[Planned]:
    """Return (name, function, (inputs, outputs), wiring) of every node."""
    shapes = [*output_shapes(genome, shape, width), shape]
    last = len(genome["nodes"]) - 1
    plan: list[Planned] = []
    for index, node in enumerate(genome["nodes"]):
        channels, height, columns = shapes[node["inputs"][0]]
        entering = channels * height * columns if node["kind"] == "fc" else channels
        what = {**node, "last": index == last}
        plan.append((f"n{index}_{node['kind']}", what, (entering, shapes[index][0]), tuple(node["inputs"])))
    return plan


def _output(node: Mapping[str, Any], sizes: Sequence[Shape], channels: int) -> Shape:
    _, height, columns = sizes[0]
    kind = node["kind"]
    if kind == "fc":
        return channels, 1, 1
    if kind == "sum":
        return max(s[0] for s in sizes), min(s[1] for s in sizes), min(s[2] for s in sizes)
    if kind in ("max", "avg"):
        return sizes[0][0], -(-height // 2), -(-columns // 2)
    return channels, -(-height // node["stride"]), -(-columns // node["stride"])


def _scaled(channels: int, width: float) -> int:
    return channels if width == 1.0 else max(4, 4 * round(channels * width / 4))


def _constructor(node: Mapping[str, Any], sizes: tuple[int, ...]) -> str:
    """Return the Python expression of a node's module."""
    kind, (inputs, outputs) = node["kind"], sizes
    if kind == "fc":
        end = "" if node["last"] else ", nn.ReLU()"
        return f"nn.Sequential(nn.Flatten(), nn.Linear({inputs}, {outputs}){end})"
    made: dict[str, str] = {
        "conv": f"Conv({inputs}, {outputs}, {node['kernel']}, {node['stride']})",
        "inc": f"Inception({inputs}, {outputs})",
        "res": f"Residual({inputs}, {outputs}, {node['kernel']}, {node['second']}, {node['stride']})",
        "resb": f"Bottleneck({inputs}, {outputs}, {node['kernel']}, {node['stride']})",
        "sum": "Sum()",
        "max": "nn.MaxPool2d(2, ceil_mode=True)",
        "avg": "nn.AvgPool2d(2, ceil_mode=True)",
    }
    return made[kind]


def _module(node: Mapping[str, Any], sizes: tuple[int, ...]) -> nn.Module:
    inputs, outputs = sizes
    kind = node["kind"]
    if kind == "fc":
        end = [] if node["last"] else [nn.ReLU()]
        return nn.Sequential(nn.Flatten(), nn.Linear(inputs, outputs), *end)
    if kind == "conv":
        return blocks.Conv(inputs, outputs, node["kernel"], node["stride"])
    if kind == "inc":
        return blocks.Inception(inputs, outputs)
    if kind == "res":
        return blocks.Residual(inputs, outputs, node["kernel"], node["second"], node["stride"])
    if kind == "resb":
        return blocks.Bottleneck(inputs, outputs, node["kernel"], node["stride"])
    if kind == "sum":
        return blocks.Sum()
    return (nn.MaxPool2d if kind == "max" else nn.AvgPool2d)(2, ceil_mode=True)


def _label(node: Mapping[str, Any]) -> str:
    kind = str(node["kind"]).upper()
    if node["kind"] in ("sum", "max", "avg"):
        return kind
    stride = f" /{node['stride']}" if node["stride"] > 1 else ""
    kernel = "" if node["kind"] in ("fc", "inc") else f" {node['kernel']}x{node['kernel']}"
    return f"{kind} {node['channels']}{kernel}{stride}"
