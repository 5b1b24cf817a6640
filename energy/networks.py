"""Networks as YAML layer lists: the shipped ones by name, or a file of the same form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from mulsmith.energy.documents import Strict, builtin_names, builtin_or_file
from mulsmith.energy.workload import Layer, Workload

Size = Annotated[int, Field(ge=1, le=1 << 24)]
Pair = tuple[Size, Size]
Padding = tuple[Annotated[int, Field(ge=0, le=1 << 16)], Annotated[int, Field(ge=0, le=1 << 16)]]


class ConvDocument(Strict):
    """A convolution by its input, as frameworks state it; pairs are (rows, columns)."""

    name: str
    kind: Literal["conv"] = "conv"
    input: Pair
    channels: Pair = Field(description="input and output channels")
    kernel: Pair
    stride: Pair = (1, 1)
    padding: Padding = (0, 0)
    dilation: Pair = (1, 1)
    groups: Size = 1

    @model_validator(mode="after")
    def _consistent(self) -> ConvDocument:
        if self.channels[0] % self.groups or self.channels[1] % self.groups:
            raise ValueError(f"{self.groups} groups do not divide {self.channels} channels")
        if min(self._output()) < 1:
            raise ValueError("the kernel is larger than the padded input")
        return self

    def _output(self) -> tuple[int, int]:
        rows, columns = (
            (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
            for size, pad, dilation, kernel, stride in zip(
                self.input, self.padding, self.dilation, self.kernel, self.stride, strict=True
            )
        )
        return rows, columns

    def layer(self, batch: int) -> Layer:
        """Return the loop nest."""
        rows, columns = self._output()
        return Layer(
            self.name,
            N=batch,
            G=self.groups,
            M=self.channels[1] // self.groups,
            C=self.channels[0] // self.groups,
            P=rows,
            Q=columns,
            R=self.kernel[0],
            S=self.kernel[1],
            stride=self.stride,
            dilation=self.dilation,
        )


class LinearDocument(Strict):
    """A fully connected layer on ``rows`` vectors per image."""

    name: str
    kind: Literal["linear"]
    features: Pair = Field(description="input and output features")
    rows: Size = 1

    def layer(self, batch: int) -> Layer:
        """Return the loop nest."""
        return Layer(self.name, N=batch * self.rows, M=self.features[1], C=self.features[0], kind="linear")


class MatmulDocument(Strict):
    """Products of two activations, [rows, inner] x [inner, columns] for each of ``heads``."""

    name: str
    kind: Literal["matmul"]
    heads: Size = 1
    rows: Size
    inner: Size
    columns: Size

    def layer(self, batch: int) -> Layer:
        """Return the loop nest."""
        return Layer(
            self.name, G=batch * self.heads, M=self.columns, C=self.inner, P=self.rows, kind="matmul"
        )


LayerDocument = Annotated[ConvDocument | LinearDocument | MatmulDocument, Field(discriminator="kind")]


class NetworkDocument(Strict):
    """A network: its layers in order, each with its ``kind``."""

    name: str
    source: str
    layers: Annotated[tuple[LayerDocument, ...], Field(min_length=1)]


def load_network(name: str | Path, *, batch: int = 1) -> Workload:
    """Return a shipped network by name, or the one in a YAML file.

    Args:
        name: one of ``network_names()``, or a ``.yaml`` file.
        batch: how many images are processed together.

    Raises:
        ConfigError: no such network, or the document is wrong.
    """
    document = builtin_or_file(NetworkDocument, "networks", "network", name)
    return Workload(document.name, tuple(layer.layer(batch) for layer in document.layers), document.source)


def network_names() -> list[str]:
    """Return the names of the shipped networks."""
    return builtin_names("networks")
