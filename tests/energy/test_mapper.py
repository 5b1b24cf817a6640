"""The mapper against brute force over every tile, unrolling and loop order, and against the evaluator."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.branch_and_bound import Search
from mulsmith.energy.conventions import Conventions
from mulsmith.energy.counting import evaluate
from mulsmith.energy.estimator import Mapper
from mulsmith.energy.hierarchy import hierarchies
from mulsmith.energy.mapper import best_of, find_mapping, mapping_front
from mulsmith.energy.mapping import Loop, Mapping, parse_mapping, parse_mapping_yaml
from mulsmith.energy.placement import candidate_mapping
from mulsmith.energy.prices import movement_pj
from mulsmith.energy.space import Space
from mulsmith.energy.workload import DIMS, Dim, Layer
from mulsmith.errors import ConfigError

from .small import SMALL_LAYERS, flat_prices, tiny


def every_mapping(layer: Layer) -> Iterator[Mapping]:
    """Yield every mapping of a layer on the tiny accelerator, whether it fits or not."""
    used: list[Dim] = [dim for dim in DIMS if layer.extents[dim] > 1]
    tiles = [range(1, layer.extents[dim] + 1) for dim in used]
    for outer in itertools.product(*tiles):
        for inner in itertools.product(*(range(1, extent + 1) for extent in outer)):
            for unrolled, instances in [
                (None, 1),
                *itertools.product([d for d in used if d in "MPC"], (2, 3)),
            ]:
                above = {
                    dim: tile * (instances if dim == unrolled else 1)
                    for dim, tile in zip(used, inner, strict=True)
                }
                spatial = (Loop(unrolled, inner[used.index(unrolled)], "X"),) if unrolled else ()
                for first, second in itertools.product(itertools.permutations(used), repeat=2):
                    yield Mapping(
                        (
                            ("dram", tuple(Loop(d, outer[used.index(d)]) for d in first)),
                            ("buffer", tuple(Loop(d, above[d]) for d in second)),
                            ("pes", spatial),
                            ("input_spad", ()),
                            ("weight_spad", ()),
                            ("psum_spad", tuple(Loop(d, 1) for d in used)),
                        )
                    )


def brute_front(accelerator: Accelerator, layer: Layer) -> list[tuple[int, float]]:
    prices = flat_prices(accelerator)
    points: dict[int, float] = {}
    for mapping in every_mapping(layer):
        try:
            counts = evaluate(accelerator, layer, mapping)
        except ConfigError:
            continue
        energy = movement_pj(counts, prices)
        points[counts.cycles] = min(energy, points.get(counts.cycles, np.inf))
    front: list[tuple[int, float]] = []
    for cycles, energy in sorted(points.items()):
        if not front or energy < front[-1][1] * (1 - 1e-12):
            front.append((cycles, energy))
    return front


@pytest.mark.parametrize(
    "layer", [Layer("a", M=4, P=3), Layer("b", M=3, C=2), Layer("c", P=3, R=2, stride=(2, 1))], ids=str
)
def test_front_is_complete(layer: Layer) -> None:
    accelerator = tiny()
    front = mapping_front(accelerator, layer, flat_prices(accelerator), tiling="shared")
    found = [(item.cycles, item.movement_pj) for item in reversed(front)]
    expected = brute_front(accelerator, layer)
    assert [cycles for cycles, _ in found] == [cycles for cycles, _ in expected]
    assert np.allclose([e for _, e in found], [e for _, e in expected], rtol=1e-12)
    least = find_mapping(accelerator, layer, flat_prices(accelerator), tiling="shared")
    assert least.movement_pj == pytest.approx(min(e for _, e in expected), rel=1e-12)


@pytest.mark.nightly
@pytest.mark.parametrize("layer", [*SMALL_LAYERS, Layer("b", M=3, C=2, P=2)], ids=lambda layer: layer.name)
def test_front_is_complete_on_more_layers(layer: Layer) -> None:
    test_front_is_complete(layer)


SIZES = st.integers(1, 9)


@settings(max_examples=25, deadline=None)
@given(
    held=st.booleans(),
    overlapping=st.booleans(),
    m=SIZES,
    c=SIZES,
    p=SIZES,
    q=SIZES,
    g=st.integers(1, 3),
    n=st.integers(1, 3),
    r=st.integers(1, 3),
    stride=st.integers(1, 3),
    name=st.sampled_from(
        ["eyeriss-like", "timeloop-eyeriss-like", "simple-output-stationary", "simple-weight-stationary"]
    ),
)
def test_the_mappers_figures_are_the_evaluators_and_counts_conserve(
    held: bool,
    overlapping: bool,
    m: int,
    c: int,
    p: int,
    q: int,
    g: int,
    n: int,
    r: int,
    stride: int,
    name: str,
) -> None:
    accelerator = Accelerator.load(name)
    layer = Layer("any", N=n, G=g, M=m, C=c, P=p, Q=q, R=r, S=r, stride=(stride, stride))
    prices = flat_prices(accelerator)
    conventions = Conventions(
        operand_reads="held" if held else "every_mac",
        multicast="overlapping" if overlapping else "aligned",
    )
    found = find_mapping(accelerator, layer, prices, conventions=conventions)
    counts = evaluate(accelerator, layer, found.mapping, conventions)
    assert movement_pj(counts, prices) == pytest.approx(found.movement_pj, rel=1e-12)
    assert counts.cycles == found.cycles
    dram = accelerator.storages[0].name
    assert counts.access(dram, "weights").reads >= layer.words("weights")
    assert counts.access(dram, "inputs").reads >= layer.words("inputs", "touched")
    outputs = counts.access(dram, "outputs")
    assert outputs.updates - outputs.reads == layer.words("outputs")


@pytest.mark.parametrize("halo", ["refetch", "innermost"])
@pytest.mark.parametrize("held", ["held", "every_mac"])
@pytest.mark.parametrize("multicast", ["aligned", "overlapping"])
@pytest.mark.parametrize(
    "name",
    [
        "eyeriss-like",
        "eyeriss",
        "eyeriss-isca2016",
        "simple-output-stationary",
        "simba-like",
        "tpu-like",
        "edge-npu",
    ],
)
def test_the_search_costs_candidates_as_the_evaluator_does(
    halo: str, held: str, multicast: str, name: str
) -> None:
    accelerator = Accelerator.load(name)
    layer = Layer("conv", N=2, M=20, C=10, P=9, Q=11, R=3, S=2, stride=(2, 1))
    prices = flat_prices(accelerator)
    conventions = Conventions.model_validate({"operand_reads": held, "multicast": multicast, "halo": halo})
    for hierarchy in hierarchies(accelerator)[:2]:
        space = Space(hierarchy, layer, conventions, even=False)
        for own_tiles in (False, True):
            candidate = Search(space, prices, None, own_tiles=own_tiles).least_energy()
            counts = evaluate(accelerator, layer, candidate_mapping(space, candidate), conventions)
            assert counts.cycles == candidate.cycles
            energy = movement_pj(counts, prices)
            if halo == "refetch" and all("inputs" not in order[1:] for order in candidate.orders):
                assert energy == pytest.approx(candidate.energy, rel=1e-12)
            else:  # input tiles may overlap less, or slide further, than the search counts
                assert energy <= candidate.energy * (1 + 1e-12)


@pytest.mark.parametrize("own_tiles", [False, True])
@pytest.mark.parametrize("halo", ["refetch", "innermost"])
@pytest.mark.parametrize("multicast", ["aligned", "overlapping"])
@pytest.mark.parametrize("name", ["eyeriss-like", "eyeriss", "simba-like"])
def test_no_candidate_costs_less_than_its_bound(
    name: str, multicast: str, halo: str, own_tiles: bool
) -> None:
    accelerator = Accelerator.load(name)
    layer = Layer("conv", M=20, C=10, P=9, Q=11, R=3, S=2, stride=(2, 1))
    prices = flat_prices(accelerator)
    conventions = Conventions.model_validate({"halo": halo, "multicast": multicast})
    space = Space(hierarchies(accelerator)[0], layer, conventions, even=False)
    search = Search(space, prices, None, own_tiles=own_tiles)
    cores, outers = np.arange(space.cores)[::3], np.arange(space.fitting)
    bound = (search.own_bound if own_tiles else search.core_bound)[cores, None] + search.outer_bound
    energies = search.traffic.energies(cores, outers, own_tiles=own_tiles)
    for energy in energies.values():
        assert (bound <= energy * (1 + 1e-12)).all()
    assert min(energy.min() for energy in energies.values()) >= search.least_energy().energy * (1 - 1e-12)


def test_same_mapping_every_time() -> None:
    accelerator = Accelerator.load("eyeriss-like")
    layer = Layer("conv", M=24, C=16, P=14, Q=14, R=3, S=3)
    prices = flat_prices(accelerator)
    assert find_mapping(accelerator, layer, prices) == find_mapping(accelerator, layer, prices)


def test_objectives_choose_from_the_front() -> None:
    accelerator = tiny()
    layer = SMALL_LAYERS[0]
    prices = flat_prices(accelerator)
    front = mapping_front(accelerator, layer, prices)
    fast = find_mapping(accelerator, layer, prices, objective="latency")
    assert fast.cycles == min(item.cycles for item in front)
    assert find_mapping(accelerator, layer, prices).movement_pj == min(item.movement_pj for item in front)
    for multiply_pj in (0.0, 1.0, 1000.0):
        chosen = find_mapping(accelerator, layer, prices, objective="edp", multiply_pj=multiply_pj)
        product = (chosen.movement_pj + layer.macs * multiply_pj) * chosen.cycles
        assert product == min((f.movement_pj + layer.macs * multiply_pj) * f.cycles for f in front)
        assert best_of(front, layer, "edp", multiply_pj) == chosen


@pytest.mark.parametrize("reads", ["every_mac", "held"])
def test_own_tiles_never_cost_more(reads: str) -> None:
    accelerator = Accelerator.load("eyeriss-like")
    prices = flat_prices(accelerator)
    conventions = Conventions.model_validate({"operand_reads": reads})
    orders: set[tuple[str, ...]] = set()
    for layer in (Layer("wide", M=24, C=144, P=14, Q=14), Layer("deep", M=16, C=16, P=8, Q=8, R=3, S=3)):
        own, shared = (
            find_mapping(accelerator, layer, prices, conventions=conventions, tiling=tiling)
            for tiling in ("own", "shared")
        )
        assert own.movement_pj <= shared.movement_pj * (1 + 1e-12)
        counts = evaluate(accelerator, layer, own.mapping, conventions)
        assert movement_pj(counts, prices) == pytest.approx(own.movement_pj, rel=1e-12)
        for storage in accelerator.storages[2:]:
            (tensor,) = storage.keep
            tile_words = counts.access(storage.name, tensor).tile_words
            assert tile_words <= accelerator.capacity_words(storage, tensor)
        assert parse_mapping(own.mapping.to_text(accelerator, layer), accelerator) == own.mapping
        document = yaml.safe_dump(own.mapping.to_document())
        assert parse_mapping_yaml(document, accelerator) == own.mapping
        orders.add(tuple(name for name, _ in own.mapping.loops))
    assert orders != {tuple(level.name for level in accelerator.hierarchy)}


def test_even_tilings_divide() -> None:
    accelerator = tiny()
    layer = Layer("uneven", M=6, C=4, P=5)
    found = find_mapping(accelerator, layer, flat_prices(accelerator), tiling="even")
    for _, loop in found.mapping.nest():
        assert layer.extents[loop.dim] % loop.tile == 0


def test_mapper_remembers_shapes() -> None:
    accelerator = tiny()
    mapper = Mapper(accelerator, flat_prices(accelerator))
    first, second = Layer("one", M=4, C=2, P=3), Layer("two", M=4, C=2, P=3)
    assert mapper.front(first) is mapper.front(second)


def test_time_limit_says_so() -> None:
    accelerator = Accelerator.load("eyeriss-like")
    layer = Layer("huge", M=2048, C=2048, P=112, Q=112, R=3, S=3)
    found = find_mapping(accelerator, layer, flat_prices(accelerator), time_limit_s=0.0)
    assert not found.complete


def test_what_does_not_fit_is_named() -> None:
    accelerator = tiny()
    levels = list(accelerator.hierarchy)
    levels[1] = levels[1].model_copy(update={"bytes": 1})
    small = accelerator.model_copy(update={"hierarchy": tuple(levels)})
    with pytest.raises(
        ConfigError, match="buffer has 1 rows of 8 bits, but one word each of inputs, outputs"
    ):
        find_mapping(small, SMALL_LAYERS[0], flat_prices(accelerator))
