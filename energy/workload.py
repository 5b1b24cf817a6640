"""Layer shapes as seven nested loops, their operands, and the networks that consist of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mulsmith.errors import ConfigError

Dim = Literal["N", "G", "M", "C", "P", "Q", "R", "S"]
Tensor = Literal["weights", "inputs", "outputs"]
Footprint = Literal["bounding_box", "touched"]

DIMS: tuple[Dim, ...] = ("N", "G", "M", "C", "P", "Q", "R", "S")
TENSORS: tuple[Tensor, ...] = ("weights", "inputs", "outputs")
RELEVANT: dict[Tensor, frozenset[Dim]] = {
    "weights": frozenset("GMCRS"),  # type: ignore[arg-type]  # the letters are dimensions
    "inputs": frozenset("NGCPQRS"),  # type: ignore[arg-type]  # the letters are dimensions
    "outputs": frozenset("NGMPQ"),  # type: ignore[arg-type]  # the letters are dimensions
}
MAX_EXTENT = 1 << 24
MAX_MACS = 1 << 50


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as a loop nest over N G M C P Q R S.

    A grouped convolution has G groups of M filters over C channels each; a depthwise one has M = C = 1. A
    linear layer has only N, M and C. A product of two activations (attention) has G = batch x heads.

    Attributes:
        name: the layer's name in its network.
        N, G: batch, groups.
        M, C: output and input channels per group.
        P, Q: output rows and columns.
        R, S: kernel rows and columns.
        stride, dilation: (rows, columns).
        kind: what the layer is, for people.
    """

    name: str
    N: int = 1
    G: int = 1
    M: int = 1
    C: int = 1
    P: int = 1
    Q: int = 1
    R: int = 1
    S: int = 1
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    kind: Literal["conv", "linear", "matmul"] = "conv"

    def __post_init__(self) -> None:
        named: list[tuple[str, int]] = [(dim, getattr(self, dim)) for dim in DIMS]
        named += [("stride", value) for value in self.stride] + [("dilation", v) for v in self.dilation]
        for name, value in named:
            if not 1 <= value <= MAX_EXTENT:
                raise ConfigError(f"layer {self.name}: {name} = {value} is outside 1..{MAX_EXTENT}")
        if self.macs > MAX_MACS:
            raise ConfigError(f"layer {self.name} has {self.macs} multiplications, more than {MAX_MACS}")

    @property
    def extents(self) -> dict[Dim, int]:
        """Extent of every dimension."""
        return {dim: getattr(self, dim) for dim in DIMS}

    @property
    def macs(self) -> int:
        """Multiplications of the layer."""
        return math.prod(self.extents.values())

    @property
    def shape(self) -> tuple[object, ...]:
        """Everything but the name: layers of equal shape have equal mappings."""
        return (*self.extents.values(), self.stride, self.dilation)

    def words(self, tensor: Tensor, footprint: Footprint = "bounding_box") -> int:
        """Return how many words a whole tensor has."""
        return tile_words(self, tensor, self.extents, footprint)


def convolution_layer(
    name: str,
    output: Sequence[int],
    weights: Sequence[int],
    *,
    stride: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> Layer:
    """Return the loop nest of a 1-D or 2-D convolution; one dimension runs along the columns.

    Args:
        name: of the layer.
        output: shape [N, M, (P,) Q].
        weights: shape [M, C / groups, (R,) S].
        stride: one number per spatial dimension, or one for all.
        dilation: the same.
        groups: number of groups.

    Raises:
        ConfigError: it has another number of dimensions.
    """
    spatial = len(weights) - 2
    if spatial not in (1, 2):
        raise ConfigError(f"layer {name}: a {spatial}-dimensional convolution is not supported")

    def pair(values: Sequence[int]) -> tuple[int, int]:
        rows, columns = (*(1,) * (2 - spatial), *(tuple(values) * spatial)[:spatial])
        return rows, columns

    rows, columns = pair(output[2:])
    taps = pair(weights[2:])
    return Layer(
        name,
        N=output[0],
        G=groups,
        M=weights[0] // groups,
        C=weights[1],
        P=rows,
        Q=columns,
        R=taps[0],
        S=taps[1],
        stride=pair(stride),
        dilation=pair(dilation),
    )


def unique_name(module: str, seen: dict[str, int]) -> str:
    """Return a layer's name from its module's: a second product in one module gets ``#2``, and so on.

    Args:
        module: qualified name; empty for the outermost module.
        seen: module -> products so far; this one is counted.
    """
    base = module or "product"
    seen[base] = seen.get(base, 0) + 1
    return base if seen[base] == 1 else f"{base}#{seen[base]}"


def module_of(layer: str) -> str:
    """Return the module that a layer named by ``unique_name`` is part of."""
    return layer.partition("#")[0]


def input_extent(outputs: int, taps: int, stride: int, dilation: int, footprint: Footprint) -> int:
    """Return how many input rows a tile of output rows and kernel taps needs.

    ``bounding_box`` counts from the first to the last row, ``touched`` only those that some output reads:
    the size of {p * stride + r * dilation}, in which p + b and r - a collide for a = stride / gcd and
    b = dilation / gcd.
    """
    if footprint == "bounding_box":
        return (outputs - 1) * stride + (taps - 1) * dilation + 1
    common = math.gcd(stride, dilation)
    a, b = stride // common, dilation // common
    return outputs * taps - max(0, outputs - b) * max(0, taps - a)


def tile_words(layer: Layer, tensor: Tensor, tile: dict[Dim, int], footprint: Footprint) -> int:
    """Return how many words of a tensor a tile of the loop nest uses."""
    if tensor == "weights":
        return tile["G"] * tile["M"] * tile["C"] * tile["R"] * tile["S"]
    if tensor == "outputs":
        return tile["N"] * tile["G"] * tile["M"] * tile["P"] * tile["Q"]
    rows = input_extent(tile["P"], tile["R"], layer.stride[0], layer.dilation[0], footprint)
    columns = input_extent(tile["Q"], tile["S"], layer.stride[1], layer.dilation[1], footprint)
    return tile["N"] * tile["G"] * tile["C"] * rows * columns


@dataclass(frozen=True, slots=True)
class Workload:
    """The layers of a network, in order.

    Attributes:
        name: the network's name.
        layers: its layers; names are unique.
        source: where the shapes come from.
    """

    name: str
    layers: tuple[Layer, ...]
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.layers:
            raise ConfigError(f"network {self.name} has no layer that multiplies")
        names = [layer.name for layer in self.layers]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"network {self.name} has two layers named {name}")

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    @property
    def macs(self) -> int:
        """Multiplications of one pass through the network."""
        return sum(layer.macs for layer in self.layers)
