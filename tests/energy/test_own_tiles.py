"""Fronts against brute force over every tile and order of the scratchpads, every unrolling and loop order."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Sizes

import numpy as np
import numpy.typing as npt
import pytest

from mulsmith.energy.counting import evaluate
from mulsmith.energy.mapper import find_mapping, mapping_front
from mulsmith.energy.mapping import Axis, Loop, Mapping
from mulsmith.energy.prices import movement_pj
from mulsmith.energy.workload import DIMS, Dim, Layer
from mulsmith.errors import ConfigError

from .small import flat_prices, sized

Numbers = npt.NDArray[np.float64]
SCRATCHPADS = ("input_spad", "weight_spad", "psum_spad")
ROOMY = 1000
LAYERS = (
    Layer("linear", M=3, C=2),
    Layer("pointwise", M=2, C=2, P=2),
    Layer("kernel", M=2, P=2, R=2),
    Layer("strided", P=3, R=2, stride=(2, 1)),
)
MORE_LAYERS = (
    Layer("square", M=4, P=3),
    Layer("deep", C=3, P=3),
    Layer("taps", P=3, R=3),
    Layer("dilated", P=3, R=2, dilation=(2, 1)),
    Layer("depthwise", G=2, P=3, R=2),
    Layer("planar", P=2, Q=2, R=2),
    Layer("uneven", M=5, P=4),
    Layer("batch", N=2, M=2, C=2),
)


def chains(extent: int, length: int) -> list[tuple[int, ...]]:
    """Return every sequence of tiles in which each fits into the one before."""
    rising = itertools.combinations_with_replacement(range(1, extent + 1), length)
    return [chain[::-1] for chain in rising]


def every_mapping(layer: Layer) -> Iterator[Mapping]:
    """Yield every mapping on the tiny accelerator whose scratchpads have tiles of their own.

    Whether it fits or not: tiles of the buffer and of the scratchpads in all six orders, one dimension over
    two or three PEs, and the loops of every level in all orders.
    """
    used: list[Dim] = [dim for dim in DIMS if layer.extents[dim] > 1]
    spread = [(None, 1), *itertools.product([dim for dim in used if dim in "MPC"], (2, 3))]
    for tiles in itertools.product(*(chains(layer.extents[dim], 4) for dim in used)):
        buffer, outer, middle, inner = (
            dict(zip(used, column, strict=True)) for column in zip(*tiles, strict=True)
        )
        for unrolled, instances in spread:
            left = dict(layer.extents)
            above = {dim: size * (instances if dim == unrolled else 1) for dim, size in outer.items()}
            dram = _loops(left, buffer)
            shared = _loops(left, above)
            array = _loops(left, outer, "X")
            if {loop.dim for loop in array} != ({unrolled} if unrolled else set()):
                continue
            inside = [_loops(left, tile) for tile in (middle, inner, dict.fromkeys(used, 1))]
            nests = itertools.product(*map(itertools.permutations, (dram, shared, *inside[:2])))
            for (first, second, third, fourth), order in itertools.product(
                list(nests), itertools.permutations(SCRATCHPADS)
            ):
                names = ("dram", "buffer", "pes", *order)
                loops = (first, second, tuple(array), third, fourth, tuple(inside[2]))
                yield Mapping(tuple(zip(names, loops, strict=True)))


def _loops(left: dict[Dim, int], tile: Sizes[Dim, int], axis: Axis | None = None) -> list[Loop]:
    """Return the loops that cut what is left to a tile, and note what is left then."""
    found = [Loop(dim, size, axis) for dim, size in tile.items() if left[dim] > size]
    left.update({loop.dim: loop.tile for loop in found})
    return found


def every_cost(layer: Layer) -> tuple[Numbers, Numbers]:
    """Return (cycles, energy) [n, 2] of every mapping, and the words that its storages need [n, 4]."""
    accelerator = sized(ROOMY, ROOMY, ROOMY, ROOMY)
    prices = flat_prices(accelerator)
    costs: list[tuple[float, float]] = []
    needs: list[list[int]] = []
    for mapping in every_mapping(layer):
        counts = evaluate(accelerator, layer, mapping)
        costs.append((counts.cycles, movement_pj(counts, prices)))
        words = dict.fromkeys(("buffer", *SCRATCHPADS), 0)
        for access in counts.accesses:
            if access.storage in words:
                words[access.storage] += access.tile_words
        needs.append(list(words.values()))
    return np.array(costs, float), np.array(needs, float)


def least(costs: Numbers) -> Numbers:
    """Return the members of the front among (cycles, energy), by rising cycles."""
    front: list[tuple[float, float]] = []
    for cycles, energy in sorted(map(tuple, costs)):
        if not front or energy < front[-1][1] * (1 - 1e-12):
            front.append((cycles, energy))
    return np.array(front)


def check_fronts(layer: Layer, rooms: Iterable[tuple[int, int, int, int]]) -> int:
    """Compare fronts with brute force over memory sizes; return how often own tiles matter."""
    costs, needs = every_cost(layer)
    differ = 0
    for sizes in rooms:
        accelerator = sized(*sizes)
        prices = flat_prices(accelerator)
        fitting = costs[(needs <= sizes).all(axis=1)]
        if not len(fitting):
            with pytest.raises(ConfigError, match="cannot be mapped"):
                mapping_front(accelerator, layer, prices)
            continue
        expected = least(fitting)
        own, shared = (
            np.array(
                [
                    (item.cycles, item.movement_pj)
                    for item in mapping_front(accelerator, layer, prices, tiling=tiling)
                ]
            )[::-1]
            for tiling in ("own", "shared")
        )
        assert np.array_equal(own[:, 0], expected[:, 0]), sizes
        assert np.allclose(own[:, 1], expected[:, 1], rtol=1e-12), sizes
        differ += own.shape != shared.shape or not np.allclose(own, shared)
        chosen = find_mapping(accelerator, layer, prices, objective="edp", multiply_pj=1.0)
        product = (chosen.movement_pj + layer.macs) * chosen.cycles
        assert product == pytest.approx(((fitting[:, 1] + layer.macs) * fitting[:, 0]).min(), rel=1e-12)
    return differ


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_front_with_own_tiles_is_complete(layer: Layer) -> None:
    assert check_fronts(layer, itertools.product((6, 14), (1, 4), (1, 3), (2, 3))) >= 2


@pytest.mark.nightly
@pytest.mark.parametrize("layer", (*LAYERS, *MORE_LAYERS), ids=lambda layer: layer.name)
def test_front_with_own_tiles_is_complete_on_more_layers(layer: Layer) -> None:
    assert check_fronts(layer, itertools.product((4, 6, 14), (1, 2, 4), (1, 2, 3), (1, 2, 3))) >= 9
