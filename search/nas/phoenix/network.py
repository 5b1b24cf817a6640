"""The torch module of a list of blocks or of an ensemble, its drawing and its readable source."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache

import torch
from torch import nn

from mulsmith.search.nas.graph_picture import Box, graph_svg, size_note
from mulsmith.search.nas.phoenix import blocks as modules
from mulsmith.search.nas.phoenix.kinds import KINDS, Shape
from mulsmith.search.nas.phoenix.space import CLASSIFIER, Blocks, block_name, output_shapes
from mulsmith.search.trial import Genome


def build_network(blocks: Blocks, shape: Shape, classes: int, width: float = 1.0) -> nn.Sequential:
    """Return the untrained module for images of a shape; ``width`` scales hidden channels."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, (kind, arguments) in _constructions(blocks, shape, width).items():
        layers[name] = getattr(modules, kind)(*arguments)
    layers[CLASSIFIER] = nn.Linear(output_shapes(blocks, shape, width)[-1][0], classes)
    return nn.Sequential(layers)


def build(genome: Genome, shape: Shape, classes: int) -> nn.Module:
    """Return the untrained module of a network or an ensemble."""
    if "members" not in genome:
        return build_network(genome["blocks"], shape, classes)
    return modules.Ensemble([build_network(m["blocks"], shape, classes) for m in genome["members"]])


def multiplier_of_layers(genome: Genome) -> dict[str, str]:
    """Return layer -> multiplier of every layer that has a multiplier gene; the classifiers have none."""
    found: dict[str, str] = {}
    for prefix, blocks in _members(genome).items():
        for place, block in enumerate(blocks):
            for layer, gene in zip(_layers(block["kind"]), block["multipliers"], strict=True):
                found[f"{prefix}{block_name(place)}.{layer}"] = gene
    return found


def multiplications_of(blocks: Blocks, shape: Shape, classes: int) -> int:
    """Return the multiplications per image; no memory is taken for the weights."""
    from mulsmith.emulate.counting import multiplications

    with torch.device("meta"):
        return sum(multiplications(build_network(blocks, shape, classes), shape).values())


def picture(genome: Genome, shape: Shape, classes: int) -> str:
    """Return a drawing as SVG: a column of blocks per network, with shapes and multipliers."""
    boxes = [Box("image", size_note(shape))]
    ends = []
    for blocks in _members(genome).values():
        end = 0
        for block, size in zip(blocks, output_shapes(blocks, shape), strict=True):
            used = ", ".join(dict.fromkeys(block["multipliers"]))
            boxes.append(Box(f"{block['kind']} {size_note(size)}", used, (end,)))
            end = len(boxes) - 1
        boxes.append(Box(CLASSIFIER, str(classes), (end,)))
        ends.append(len(boxes) - 1)
    if len(ends) > 1:
        boxes.append(Box("mean of the logits", str(classes), tuple(ends)))
    return graph_svg(boxes)


def source(genome: Genome, shape: Shape, classes: int) -> str:
    """Return a Python module that defines the network as ``Network``, with the same layer names."""
    members = list(_members(genome).values())
    kinds = [
        kind
        for _, kind in inspect.getmembers(modules, inspect.isclass)
        if kind.__module__ == modules.__name__
    ]
    kinds.sort(key=lambda kind: inspect.getsourcelines(kind)[1])
    lines = ["from __future__ import annotations", "", "from collections import OrderedDict", ""]
    lines += ["import torch", "from torch import nn", ""]
    lines += [f"\n{inspect.getsource(kind)}" for kind in kinds]
    names = ["Network"] if len(members) == 1 else [f"Member{number}" for number in range(len(members))]
    for name, blocks in zip(names, members, strict=True):
        lines += ["", *_network_source(name, blocks, shape, classes)]
    if len(members) > 1:
        called = ", ".join(f"{name}()" for name in names)
        lines += ["", "class Network(Ensemble):", f'    """For images of {shape}."""', ""]
        lines += ["    def __init__(self) -> None:", f"        super().__init__([{called}])", ""]
    return "\n".join(lines)


def _network_source(name: str, blocks: Blocks, shape: Shape, classes: int) -> list[str]:
    lines = [f"class {name}(nn.Sequential):", f'    """For images of {shape}."""', ""]
    lines += ["    def __init__(self) -> None:", "        super().__init__(OrderedDict("]
    for block, (kind, arguments) in _constructions(blocks, shape, 1.0).items():
        lines.append(f"            {block}={kind}({', '.join(map(str, arguments))}),")
    features = output_shapes(blocks, shape)[-1][0]
    return [*lines, f"            {CLASSIFIER}=nn.Linear({features}, {classes}),", "        ))", ""]


def _constructions(blocks: Blocks, shape: Shape, width: float) -> Mapping[str, tuple[str, tuple[int, ...]]]:
    """Return module name -> class in ``blocks`` and its arguments."""
    found = {}
    before = shape
    for place, (block, after) in enumerate(zip(blocks, output_shapes(blocks, shape, width), strict=True)):
        found[block_name(place)] = KINDS[block["kind"]].construction(before[0], after[0])
        before = after
    return found


def _members(genome: Genome) -> dict[str, Blocks]:
    """Return prefix of the layer names -> blocks, of every member; a network is its only one."""
    if "members" not in genome:
        return {"": genome["blocks"]}
    return {f"members.{number}.": member["blocks"] for number, member in enumerate(genome["members"])}


@cache
def _layers(kind: str) -> tuple[str, ...]:
    """Return the names of a block's multiplying layers, in the order in which they multiply."""
    module, arguments = KINDS[kind].construction(1, 1)
    with torch.device("meta"):
        block = getattr(modules, module)(*arguments)
    return tuple(name for name, layer in block.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear))
