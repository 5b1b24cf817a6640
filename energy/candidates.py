"""Which tiles and which unrollings the mapper considers: useful extents, and the largest tiles that fit."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from mulsmith.energy.accelerator import Accelerator, Array, Storage
from mulsmith.energy.workload import DIMS, Footprint, Layer, Tensor

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Extents = tuple[int, ...]


Cuts = Literal["all", "useful", "even"]
"""Which tile extents count: every one, the smallest for each number of pieces, divisors only."""


@lru_cache(maxsize=4096)
def useful_extents(extent: int, limit: int, cuts: Cuts) -> tuple[int, ...]:
    """Return the tile extents worth trying, ascending.

    Of all tiles that cut an extent into equally many pieces the smallest one needs the least room. A larger
    one gains only where its first pieces keep more instances busy than the last.
    """
    tiles = np.arange(1, min(extent, limit) + 1)
    if cuts == "all":
        return tuple(tiles.tolist())
    if cuts == "even":
        return tuple(int(tile) for tile in tiles[extent % tiles == 0])
    pieces = -(-extent // tiles)
    return tuple(int(tile) for tile in tiles[tiles == -(-extent // pieces)])


@dataclass(frozen=True, slots=True)
class Unrollings:
    """Ways to spread the dimensions over the axes between two groups.

    Attributes:
        total: int64 [n, 8], instances per dimension, all axes together.
        axes: per axis (outermost first) int64 [n, 8].
    """

    total: Ints
    axes: tuple[Ints, ...]


@lru_cache(maxsize=1024)
def unrollings(extents: Extents, arrays: tuple[Array, ...], cuts: Cuts, prune: bool) -> Unrollings:
    """Return the unrollings of a layer over some axes; with ``prune`` only those that no other contains."""
    total = np.ones((1, len(DIMS)), np.int64)
    axes: list[Ints] = []
    for array in arrays:
        rows = np.array(_axis_rows(extents, array, cuts, prune), np.int64)
        old, new = np.divmod(np.arange(len(total) * len(rows)), len(rows))
        total = total[old] * rows[new]
        axes = [axis[old] for axis in axes] + [rows[new]]
        total = np.minimum(total, np.array(extents))
        first = _first_of_each(total)
        total, axes = total[first], [axis[first] for axis in axes]
    if prune and len(total) > 1:
        kept = maximal_rows(total)
        total, axes = total[kept], [axis[kept] for axis in axes]
    return Unrollings(total, tuple(axes))


def _axis_rows(extents: Extents, array: Array, cuts: Cuts, prune: bool) -> list[Extents]:
    """Return the unrollings along one axis, at most ``max_dims`` dimensions at once."""
    options: dict[int, list[int]] = {}
    for number, dim in enumerate(DIMS):
        if extents[number] > 1 and (array.dims is None or dim in array.dims):
            whole = dim in array.whole
            kept = "useful" if whole and cuts == "all" else cuts
            values = list(useful_extents(extents[number], array.size, kept))
            options[number] = values[-1:] if whole else values
    forced = {number for number, values in options.items() if values[0] > 1}
    rows: set[Extents] = set()
    for chosen in itertools.combinations(options, min(array.max_dims, len(options))):
        if forced <= set(chosen):
            _fill([1] * len(DIMS), chosen, array.size, options, prune, rows)
    return sorted(rows) or [(1,) * len(DIMS)]


def _fill(
    row: list[int],
    chosen: Sequence[int],
    size: int,
    options: dict[int, list[int]],
    prune: bool,
    rows: set[Extents],
) -> None:
    """Add every way to share ``size`` instances among the chosen dimensions to ``rows``."""
    if not chosen:
        rows.add(tuple(row))
        return
    number, rest = chosen[0], chosen[1:]
    values = options[number]
    fitting = values[: bisect.bisect_right(values, size)]
    for value in fitting[-1:] if prune and not rest else fitting:
        row[number] = value
        _fill(row, rest, size // value, options, prune, rows)
    row[number] = 1


def _first_of_each(rows: Ints) -> Ints:
    """Return the indices of the first occurrence of every different row."""
    weights = np.cumprod(np.concatenate([[1], rows.max(axis=0)[:-1] + 1]).astype(np.float64))
    keys = rows @ weights
    return np.sort(np.unique(keys, return_index=True)[1])


def maximal_rows(rows: Ints) -> Ints:
    """Return the indices of the rows that no other row reaches or exceeds in every column.

    The rows are all different. Per column and value, a bit set says which rows reach it; a row is reached by
    the intersection over its columns.
    """
    reached: npt.NDArray[np.uint8] | None = None
    for column in range(rows.shape[1]):
        here = rows[:, column]
        values = np.flatnonzero(np.bincount(here))
        if len(values) > 1:
            sets = np.packbits(here[None, :] >= values[:, None], axis=1)[np.searchsorted(values, here)]
            reached = sets if reached is None else reached & sets
    if reached is None:
        return np.arange(len(rows))
    own = np.arange(len(rows))
    reached[own, own // 8] &= ~(np.uint8(128) >> (own % 8).astype(np.uint8))
    return np.flatnonzero(~reached.any(axis=1))


def tile_rows(
    accelerator: Accelerator,
    storage: Storage,
    kept: Sequence[Tensor],
    layer: Layer,
    tile: Sequence[Ints],
    footprint: Footprint,
) -> Ints:
    """Return how many rows of a storage tiles need; ``tile`` has one broadcastable array per dimension."""
    needed = np.zeros((1,) * len(DIMS), np.int64)
    for tensor in kept:
        words = tensor_words(layer, tensor, tile, footprint)
        needed = needed + _pieces(words, accelerator.block(storage, tensor))
    return needed


def tensor_words(layer: Layer, tensor: Tensor, tile: Sequence[Ints], footprint: Footprint) -> Ints:
    """Return how many words of a tensor tiles hold; ``tile`` has one broadcastable array per dimension."""
    n, g, m, c, p, q, r, s = tile
    if tensor == "weights":
        return g * m * c * r * s
    if tensor == "outputs":
        return n * g * m * p * q
    rows = input_extents(p, r, layer.stride[0], layer.dilation[0], footprint)
    return n * g * c * rows * input_extents(q, s, layer.stride[1], layer.dilation[1], footprint)


def _pieces(words: Ints, block: int) -> Ints:
    """Return the quotients rounded up; a shift is much faster than a division."""
    shift = block.bit_length() - 1
    if block == 1 << shift:
        return (words + (block - 1)) >> shift
    return -(-words // block)


def input_extents(outputs: Ints, taps: Ints, stride: int, dilation: int, footprint: Footprint) -> Ints:
    """Return the input rows of arrays of tiles, like ``workload.input_extent``."""
    if footprint == "bounding_box" or stride == dilation == 1:
        return (outputs - 1) * stride + (taps - 1) * dilation + 1
    common = math.gcd(stride, dilation)
    a, b = stride // common, dilation // common
    shared: Ints = np.maximum(0, outputs - b) * np.maximum(0, taps - a)
    return outputs * taps - shared


def fitting_tiles(
    accelerator: Accelerator,
    storages: Sequence[tuple[Storage, tuple[Tensor, ...]]],
    layer: Layer,
    options: Sequence[Sequence[int]],
    footprint: Footprint,
    *,
    prune: bool,
) -> Ints:
    """Return the tiles [n, 8] that fit into all storages; with ``prune`` only the ones that cannot grow."""
    shape = [len(values) for values in options]
    grid = [
        np.array(values, np.int64).reshape([-1 if number == own else 1 for number in range(len(DIMS))])
        for own, values in enumerate(options)
    ]
    fits = np.ones(shape, np.bool_)
    for storage, kept in storages:
        if storage.bytes is None:
            continue
        available = storage.bytes * 8 // storage.width_bits // storage.buffers
        fits &= tile_rows(accelerator, storage, kept, layer, grid, footprint) <= available
    chosen = fits
    if prune:
        chosen = fits.copy()
        for axis in range(len(DIMS)):
            if shape[axis] > 1:
                lower = tuple(slice(None, -1) if a == axis else slice(None) for a in range(len(DIMS)))
                upper = tuple(slice(1, None) if a == axis else slice(None) for a in range(len(DIMS)))
                chosen[lower] &= ~fits[upper]
    places = np.nonzero(chosen)
    return np.stack(
        [np.array(values, np.int64)[place] for values, place in zip(options, places, strict=True)], 1
    )
