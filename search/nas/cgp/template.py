"""The template of a CGP grid: which function stands at each place; only the wiring is evolved."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from mulsmith.errors import ConfigError
from mulsmith.toml_file import Section, read_toml

TEMPLATES = Path(__file__).parent / "templates"
Kind = Literal["conv", "inc", "res", "resb", "sum", "max", "avg", "fc"]
SPATIAL_STRIDE = 2
"""Factor by which ``max`` and ``avg`` shrink height and width."""


class Node(Section):
    """The function of a grid place."""

    kind: Kind
    channels: int = Field(
        default=0, ge=0, le=4096, description="outputs; units of fc; none for pools and sum"
    )
    kernel: int = Field(default=3, ge=1, le=11, description="first convolution, odd")
    second: int = Field(default=3, ge=1, le=11, description="second convolution of res, odd")
    stride: int = Field(default=1, ge=1, le=4, description="of conv, res and resb")

    @model_validator(mode="after")
    def _fits(self) -> Node:
        weighted = self.kind not in ("sum", "max", "avg")
        if weighted != (self.channels > 0):
            raise ValueError(f"{self.kind} {'needs channels' if weighted else 'has no channels'}")
        if self.kind == "inc" and (self.channels % 4 or self.stride != 1):
            raise ValueError("inc needs channels in multiples of 4 and stride 1")
        if self.kernel % 2 == 0 or self.second % 2 == 0:
            raise ValueError("kernels must be odd")
        return self

    @property
    def inputs(self) -> int:
        """How many inputs the function takes."""
        return 2 if self.kind == "sum" else 1

    @property
    def shrinks(self) -> int:
        """Factor by which height and width shrink."""
        return SPATIAL_STRIDE if self.kind in ("max", "avg") else self.stride


class Template(Section):
    """A grid: every column lists its nodes by name; the input image stands before the first column."""

    levels_back: int = Field(ge=1, le=64, description="columns that an input may lie back")
    nodes: dict[str, Node]
    columns: tuple[tuple[str, ...], ...] = Field(min_length=1, max_length=256)

    @model_validator(mode="after")
    def _is_whole(self) -> Template:
        for number, column in enumerate(self.columns, start=1):
            unknown = [name for name in column if name not in self.nodes]
            if unknown or not column:
                raise ValueError(f"column {number} is empty or names unknown nodes {unknown}")
        return self

    @property
    def grid(self) -> tuple[Node, ...]:
        """All nodes, column by column."""
        return tuple(self.nodes[name] for column in self.columns for name in column)

    def starts(self) -> list[int]:
        """Return the number of the first node of every column, and of the end."""
        starts = [0]
        for column in self.columns:
            starts.append(starts[-1] + len(column))
        return starts

    def sources(self, column: int) -> range:
        """Return the places that a node of a column may take inputs from; -1 is the image."""
        starts = self.starts()
        first = column - self.levels_back
        return range(-1 if first < 0 else starts[first], starts[column])

    def check(self, shape: tuple[int, int, int], classes: int) -> None:
        """Check that every genome of the grid is a network for these images.

        Raises:
            ConfigError: a spatial node can get the output of an fc node, the last column is not fc, its
                units are not the classes, or the images are too small for the pools and strides.
        """
        grid, starts = self.grid, self.starts()
        for column in range(len(self.columns)):
            sources = [grid[i].kind for i in self.sources(column) if i >= 0]
            for node in grid[starts[column] : starts[column + 1]]:
                if node.kind != "fc" and "fc" in sources:
                    raise ConfigError(
                        f"the template gives no valid network: {node.kind} in column {column + 1} can take "
                        "the output of an fc node",
                        remedy="put all fc columns last",
                    )
        last = grid[starts[-2] :]
        if any(node.kind != "fc" for node in last):
            raise ConfigError("the template gives no valid network: its last column is not all fc")
        if wrong := [node.channels for node in last if node.channels != classes]:
            raise ConfigError(
                f"the template ends in fc nodes of {wrong[0]} units, but the data have {classes} classes",
                remedy=f"write channels = {classes} for the nodes of the last column",
            )
        self._check_size(shape)

    def _check_size(self, shape: tuple[int, int, int]) -> None:
        smallest = {-1: min(shape[1:])}
        for column in range(len(self.columns)):
            least = min(smallest[i] for i in self.sources(column))
            for place in range(self.starts()[column], self.starts()[column + 1]):
                node = self.grid[place]
                if node.kind != "fc" and node.shrinks > 1 and least < node.shrinks:
                    raise ConfigError(
                        f"images of {shape[1]} x {shape[2]} are too small for the template: {node.kind} in "
                        f"column {column + 1} can get an input of size {least}",
                        remedy="use fewer pools and strides",
                    )
                smallest[place] = least if node.kind == "fc" else -(-least // node.shrinks)


def load_template(name: str) -> Template:
    """Return a shipped template by name, or read a TOML file.

    Raises:
        ConfigError: neither a shipped name nor a readable, valid file.
    """
    shipped = TEMPLATES / f"{name}.toml"
    return read_toml(Template, shipped if shipped.is_file() else Path(name))
