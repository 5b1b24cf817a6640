"""Lists of blocks: suggestions, growth and replacement, and what a child takes over from its parent."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from mulsmith.errors import ConfigError
from mulsmith.search.nas.phoenix.kinds import KINDS, Shape

Blocks = list[dict[str, Any]]
"""Blocks ``{"kind", "multipliers"}`` in order, one of them flattens; one multiplier per multiplying layer."""

CLASSIFIER = "logits"


def block_name(place: int) -> str:
    """Return the name of a block's module."""
    return f"b{place}"


def output_shapes(blocks: Blocks, shape: Shape, width: float = 1.0) -> list[Shape]:
    """Return the output shape of every block for images of a shape."""
    shapes = []
    for block in blocks:
        shape = KINDS[block["kind"]].output(shape, width)
        shapes.append(shape)
    return shapes


def depth(blocks: Blocks) -> int:
    """Return the number of blocks without the flattening one."""
    return len(blocks) - 1


@dataclass(frozen=True, slots=True)
class Child:
    """A list of blocks made out of another one.

    Attributes:
        blocks: the new list.
        origins: of each block its place in the parent, None of a new one.
    """

    blocks: Blocks
    origins: list[int | None]

    def carried(self, parent: Blocks, shape: Shape) -> dict[str, str]:
        """Return module -> module of the parent whose weights it starts from.

        A block takes its weights along where it is unchanged and its input has the shape that it had; so
        does the classifier.

        Args:
            parent: blocks of the parent.
            shape: of the images.
        """
        here, there = (_inputs(blocks, shape) for blocks in (self.blocks, parent))
        found = {
            block_name(place): block_name(origin)
            for place, origin in enumerate(self.origins)
            if origin is not None and KINDS[parent[origin]["kind"]].layers and here[place] == there[origin]
        }
        if here[-1] == there[-1]:
            found[CLASSIFIER] = CLASSIFIER
        return found


@dataclass(frozen=True, slots=True)
class BlockSpace:
    """What lists of blocks may be made of.

    Attributes:
        shape: of the images.
        multipliers: names that a block may draw.
        kinds: that may be appended or put in the place of others.
        gene: what draws a multiplier of its own: the network, a block or a layer.
        admits: whether a list is small enough to be trained.
    """

    shape: Shape
    multipliers: tuple[str, ...]
    kinds: tuple[str, ...] = tuple(name for name, kind in KINDS.items() if kind.place != "flatten")
    gene: Literal["network", "block", "layer"] = "block"
    admits: Callable[[Blocks], bool] = field(default=lambda blocks: True, repr=False)

    def __post_init__(self) -> None:
        for name in self.kinds:
            _known(name)
            if KINDS[name].place == "flatten":
                raise ConfigError(
                    f"'{name}' cannot be appended", remedy="flattening blocks come with suggestions"
                )
        if not self.kinds:
            raise ConfigError("no kind of block may be appended")

    def suggestion(self, entries: Sequence[str], rng: np.random.Generator) -> Blocks:
        """Return the blocks of a suggestion; an entry is ``KIND`` or ``KIND:MULTIPLIER``.

        Raises:
            ConfigError: unknown names, not exactly one flattening block, blocks on the wrong side of it,
                images that are too small, or a network beyond the limit.
        """
        told = ", ".join(entries)
        blocks: Blocks = []
        for entry in entries:
            name, _, multiplier = entry.partition(":")
            _known(name)
            if multiplier and multiplier not in self.multipliers:
                raise ConfigError(f"suggestion '{told}': '{multiplier}' is not among the circuits")
            layers = KINDS[name].layers
            blocks.append(
                {"kind": name, "multipliers": [multiplier] * layers}
                if multiplier
                else self._draw([name], blocks, rng)
            )
        places = [KINDS[block["kind"]].place for block in blocks]
        ordered = sorted(places, key=["image", "flatten", "vector"].index)
        if places.count("flatten") != 1 or places != ordered:
            raise ConfigError(
                f"suggestion '{told}' is no network",
                remedy="give image blocks, one flattening block, then fully connected ones",
            )
        if (wrong := self._first_misfit(blocks)) is not None:
            height, columns = self.shape[1:]
            raise ConfigError(
                f"suggestion '{told}': images of {height} x {columns} become too small or channels too many "
                f"for block {wrong + 1}"
            )
        if not self.admits(blocks):
            raise ConfigError(f"suggestion '{told}' makes more multiplications than the limit")
        return blocks

    def grown(self, blocks: Blocks, rng: np.random.Generator) -> Child | None:
        """Return the blocks with a random one appended: image blocks in front of the flattening one.

        None where the drawn one does not fit.
        """
        new = self._draw(self.kinds, blocks, rng)
        image = KINDS[new["kind"]].place == "image"
        place = _flattening(blocks) if image else len(blocks)
        origins: list[int | None] = list(range(len(blocks)))
        return self._if_fit(
            [*blocks[:place], new, *blocks[place:]], [*origins[:place], None, *origins[place:]]
        )

    def replaced(self, blocks: Blocks, rng: np.random.Generator) -> Child | None:
        """Return the blocks with a random one, not the flattening, replaced by one for its side, or None."""
        flattening = _flattening(blocks)
        places = [place for place in range(len(blocks)) if place != flattening]
        if not places:
            return None
        place = places[int(rng.integers(len(places)))]
        side = KINDS[blocks[place]["kind"]].place
        fitting = [name for name in self.kinds if KINDS[name].place == side]
        if not fitting:
            return None
        origins: list[int | None] = list(range(len(blocks)))
        return self._if_fit(
            _with(blocks, place, self._draw(fitting, blocks, rng)), _with(origins, place, None)
        )

    def rewired(self, blocks: Blocks, rng: np.random.Generator) -> Child | None:
        """Return the blocks with fresh multipliers in a random multiplying one, or in all, or None."""
        places = [place for place, block in enumerate(blocks) if block["multipliers"]]
        if not places:
            return None
        if self.gene != "network":
            places = [places[int(rng.integers(len(places)))]]
        changed: Blocks = []
        for place, block in enumerate(blocks):
            redrawn = [changed[i] for i in places if i < place]
            changed.append(self._draw([block["kind"]], redrawn, rng) if place in places else block)
        return self._if_fit(changed, list(range(len(blocks))))

    def _draw(self, kinds: Sequence[str], beside: Blocks, rng: np.random.Generator) -> dict[str, Any]:
        """Return a random block; under one multiplier per network it takes that of the blocks beside it."""
        name = kinds[int(rng.integers(len(kinds)))]
        layers = KINDS[name].layers
        used = [gene for block in beside for gene in block["multipliers"]]
        if self.gene == "network" and used:
            return {"kind": name, "multipliers": used[:1] * layers}
        draws = layers if self.gene == "layer" else min(1, layers)
        drawn = [self.multipliers[i] for i in rng.integers(len(self.multipliers), size=draws)]
        return {"kind": name, "multipliers": drawn if self.gene == "layer" else drawn * layers}

    def _if_fit(self, blocks: Blocks, origins: list[int | None]) -> Child | None:
        fits = self._first_misfit(blocks) is None and self.admits(blocks)
        return Child(blocks, origins) if fits else None

    def _first_misfit(self, blocks: Blocks) -> int | None:
        for place, shape in enumerate(_inputs(blocks, self.shape)[:-1]):
            if not KINDS[blocks[place]["kind"]].fits(shape):
                return place
        return None


def _inputs(blocks: Blocks, shape: Shape) -> list[Shape]:
    """Return the input shape of every block and of the classifier."""
    return [shape, *output_shapes(blocks, shape)]


def _flattening(blocks: Blocks) -> int:
    return next(place for place, block in enumerate(blocks) if KINDS[block["kind"]].place == "flatten")


def _with(items: list[Any], place: int, new: Any) -> list[Any]:
    return [*items[:place], new, *items[place + 1 :]]


def _known(kind: str) -> None:
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, n=1)
        raise ConfigError(
            f"no block is named '{kind}'",
            remedy=f"did you mean '{near[0]}'?" if near else f"use {', '.join(KINDS)}",
        )
