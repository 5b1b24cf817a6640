"""Timeloop v0.4 files of an accelerator, a layer and a mapping, for users who want to check with Timeloop."""

from __future__ import annotations

from typing import Any

import yaml

from mulsmith.energy.accelerator import Accelerator, Array, Storage
from mulsmith.energy.mapping import Mapping
from mulsmith.energy.workload import DIMS, TENSORS, Layer
from mulsmith.errors import ConfigError

_SPACES = {"weights": "Weights", "inputs": "Inputs", "outputs": "Outputs"}
_CLASSES = {"dram": "DRAM", "sram": "smartbuffer_SRAM", "regfile": "smartbuffer_RF", "register": "storage"}


class _Tagged(dict[str, Any]):
    """A mapping with a YAML tag."""

    tag = ""


class _Container(_Tagged):
    tag = "!Container"


class _Component(_Tagged):
    tag = "!Component"


class _Dumper(yaml.SafeDumper):
    """Writes tagged mappings; nothing else differs from safe YAML."""


def _represent(dumper: yaml.SafeDumper, data: _Tagged) -> yaml.Node:
    return dumper.represent_mapping(data.tag, data.items())


for _kind in (_Container, _Component):
    _Dumper.add_representer(_kind, _represent)


def architecture(accelerator: Accelerator) -> str:
    """Return the architecture file.

    Different word widths of the tensors in one storage cannot be written: the widest is stated.
    """
    nodes: list[_Tagged] = [_Container(name="system")]
    for level in accelerator.hierarchy:
        nodes.append(_array(level) if isinstance(level, Array) else _storage(accelerator, level))
    width = max(accelerator.bits["weights"], accelerator.bits["inputs"])
    attributes = {"multiplier_width": width, "adder_width": accelerator.compute.adder_bits}
    nodes.append(_Component({"name": accelerator.compute.name, "class": "intmac", "attributes": attributes}))
    return _dump({"architecture": {"version": 0.4, "nodes": nodes}})


def _array(array: Array) -> _Tagged:
    container = _Container(name=array.name, spatial={f"mesh{array.axis}": array.size})
    if array.dims is not None:
        fixed = [f"{dim}=1" for dim in DIMS if dim not in array.dims]
        container["constraints"] = {"spatial": {"factors": fixed, "permutation": [*DIMS]}}
    return container


def _storage(accelerator: Accelerator, storage: Storage) -> _Tagged:
    bits = max(accelerator.word_bits(storage, tensor) for tensor in storage.keep)
    attributes: dict[str, object] = {"width": storage.width_bits, "datawidth": bits}
    if storage.bytes is not None:
        attributes["depth"] = storage.bytes * 8 // storage.width_bits
    if storage.kind == "dram":
        attributes["type"] = "LPDDR4"
    for name in ("read_bandwidth", "write_bandwidth"):
        if getattr(storage, name) is not None:
            attributes[name] = getattr(storage, name)
    component = _Component({"name": storage.name, "class": _CLASSES[storage.kind], "attributes": attributes})
    must = [tensor for tensor in storage.keep if tensor not in storage.may_bypass]
    never = [tensor for tensor in TENSORS if tensor not in storage.keep]
    dataspace: dict[str, list[str]] = {}
    if must:
        dataspace["keep"] = [_SPACES[tensor] for tensor in must]
    if never:
        dataspace["bypass"] = [_SPACES[tensor] for tensor in never]
    if dataspace:
        component["constraints"] = {"dataspace": dataspace}
    return component


def problem(layer: Layer) -> str:
    """Return the problem file of a layer."""
    rows = [["P", "Hstride"]], [["R", "Hdilation"]]
    columns = [["Q", "Wstride"]], [["S", "Wdilation"]]
    spaces = [
        {"name": "Weights", "projection": [[[dim]] for dim in "GMCRS"]},
        {
            "name": "Inputs",
            "projection": [[["N"]], [["G"]], [["C"]], [*rows[0], *rows[1]], [*columns[0], *columns[1]]],
        },
        {"name": "Outputs", "projection": [[[dim]] for dim in "NGMPQ"], "read_write": True},
    ]
    coefficients = [
        {"name": "Hstride", "default": layer.stride[0]},
        {"name": "Wstride", "default": layer.stride[1]},
        {"name": "Hdilation", "default": layer.dilation[0]},
        {"name": "Wdilation", "default": layer.dilation[1]},
    ]
    shape = {"name": layer.name, "dimensions": [*DIMS], "coefficients": coefficients, "data_spaces": spaces}
    return _dump({"problem": {"version": 0.4, "shape": shape, "instance": dict(layer.extents)}})


def mapping_file(accelerator: Accelerator, layer: Layer, mapping: Mapping) -> str:
    """Return the mapping file.

    Raises:
        ConfigError: a tile does not divide its dimension, which the file's factors cannot say.
    """
    mapping.check(accelerator, layer)
    extents = layer.extents
    directives: list[dict[str, object]] = []
    for (name, loops), level in zip(mapping.loops, mapping.levels(accelerator), strict=True):
        factors = dict.fromkeys(DIMS, 1)
        for loop in loops:
            if extents[loop.dim] % min(loop.tile, extents[loop.dim]):
                raise ConfigError(
                    f"{name} cuts {extents[loop.dim]} iterations of {loop.dim} by {loop.tile}, which "
                    "Timeloop's factors cannot say",
                    remedy="map with even tiles only",
                )
            factors[loop.dim] *= extents[loop.dim] // min(loop.tile, extents[loop.dim])
            extents[loop.dim] = min(loop.tile, extents[loop.dim])
        inner_first = [loop.dim for loop in reversed(loops)]
        permutation = list(dict.fromkeys([*inner_first, *DIMS]))
        directives.append(
            {
                "target": name,
                "type": "spatial" if isinstance(level, Array) else "temporal",
                "factors": [f"{dim}={count}" for dim, count in factors.items()],
                "permutation": permutation,
            }
        )
        if not isinstance(level, Array):
            kept = mapping.keeps(level)
            directives.append(
                {
                    "target": name,
                    "type": "dataspace",
                    "keep": [_SPACES[tensor] for tensor in kept],
                    "bypass": [_SPACES[tensor] for tensor in TENSORS if tensor not in kept],
                }
            )
    return _dump({"mapping": directives})


def _dump(document: object) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, default_flow_style=None, width=110)
