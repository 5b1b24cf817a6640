"""Blocks of Phoenix: shapes, parameters and multiplications against torch modules and counts by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.emulate.counting import multiplications
from mulsmith.energy import workload_from_torch
from mulsmith.search.nas.phoenix.kinds import KINDS, LEAST_CHANNELS, Shape
from mulsmith.search.nas.phoenix.network import (
    build,
    build_network,
    multiplications_of,
    multiplier_of_layers,
    picture,
    source,
)
from mulsmith.search.nas.phoenix.space import Blocks, BlockSpace, output_shapes

IMAGE = (3, 11, 9)
FAMILIES = {
    "fixed-channel convolution", "convolution", "downsampling convolution", "average pooling", "max pooling",
    "resnet", "dual resnet", "channel increase", "dilated convolution", "fully connected",
    "fully connected pyramid", "flatten",
}  # fmt: skip


def _space() -> BlockSpace:
    return BlockSpace(IMAGE, ("exact", "rough", "rougher"), gene="layer")


def _blocks(seed: int, moves: int = 6) -> Blocks:
    """Return a random list that the space's own moves lead to."""
    space, rng = _space(), np.random.default_rng(seed)
    blocks = space.suggestion(["conv_3x3", "max_pool", "flatten"], rng)
    for _ in range(moves):
        child = space.grown(blocks, rng) or space.replaced(blocks, rng)
        blocks = child.blocks if child else blocks
    return blocks


def _parameters(name: str, inputs: int, outputs: int) -> int:
    """Count by hand: convolutions without biases, two numbers per channel of a batch norm."""
    family = KINDS[name].family
    if family == "fully connected":
        return (inputs + 1) * outputs
    if family == "fully connected pyramid":
        wide, middle = 4 * outputs, 2 * outputs
        return (inputs + 1) * wide + (wide + 1) * middle + (middle + 1) * outputs
    if "resnet" in family:
        area = int(name[-1]) ** 2
        path = inputs * outputs * area + outputs * outputs * area + 4 * outputs
        return path * (2 if family == "dual resnet" else 1)
    if "pooling" in family or family == "flatten":
        return 0
    area = {"channel increase": 1, "dilated convolution": 9, "fixed-channel convolution": 9}.get(family)
    if area is None:
        rows, _, columns = name.rsplit("_", 1)[1].partition("x")
        area = int(rows) * int(columns)
    return inputs * outputs * area + 2 * outputs


def test_the_catalogue_has_every_family() -> None:
    assert {kind.family for kind in KINDS.values()} == FAMILIES


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize("inputs", [1, 24])
def test_a_block_has_the_shape_and_the_parameters_it_says(name: str, inputs: int) -> None:
    kind = KINDS[name]
    before: Shape = (inputs, 1, 1) if kind.place == "vector" else (inputs, 7, 5)
    first = [] if kind.place != "vector" else [{"kind": "plate_flatten", "multipliers": []}]
    blocks = [*first, {"kind": name, "multipliers": ["m"] * kind.layers}]
    module = build_network(blocks, before, 10)[len(first)].eval()
    after = kind.output(before)
    images = torch.rand(2, *before) if kind.place != "vector" else torch.rand(2, inputs)
    shape = after if kind.place == "image" else after[:1]
    assert tuple(module(images).shape[1:]) == shape
    assert sum(p.numel() for p in module.parameters()) == _parameters(name, inputs, after[0])


def test_images_of_one_channel_become_wide_enough() -> None:
    assert KINDS["conv_3x3"].output((1, 8, 8)) == (LEAST_CHANNELS, 8, 8)
    assert KINDS["downsample_conv_3x3"].output((24, 9, 8)) == (48, 5, 4)
    assert KINDS["fixed_conv_32"].output((64, 8, 8), width=0.25) == (8, 8, 8)


@given(st.integers(0, 10**6), st.sampled_from([1.0, 0.5]))
@settings(deadline=None, max_examples=25)
def test_shapes_of_a_network_are_those_of_its_modules(seed: int, width: float) -> None:
    blocks = _blocks(seed)
    network = build_network(blocks, IMAGE, 7, width).eval()
    seen: list[tuple[int, ...]] = []
    for module in network.children():
        module.register_forward_hook(lambda _m, _i, out: seen.append((*out.shape[1:], 1, 1)[:3]))
    assert network(torch.rand(2, *IMAGE)).shape == (2, 7)
    assert seen[:-1] == output_shapes(blocks, IMAGE, width)


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=15)
def test_counted_multiplications_are_the_estimators(seed: int) -> None:
    blocks = _blocks(seed)
    network = build_network(blocks, IMAGE, 7)
    layers = {layer.name: layer.macs for layer in workload_from_torch(network, (1, *IMAGE))}
    assert multiplications(network, IMAGE) == layers
    assert multiplications_of(blocks, IMAGE, 7) == sum(layers.values())
    genes = multiplier_of_layers({"blocks": blocks})
    assert set(genes) == set(layers) - {"logits"}
    assert list(genes.values()) == [gene for block in blocks for gene in block["multipliers"]]


def _members(*seeds: int) -> dict[str, Any]:
    return {"members": [{"blocks": _blocks(seed), "weights": str(seed)} for seed in seeds]}


@pytest.mark.parametrize("genome", [{"blocks": _blocks(3)}, _members(1, 2)], ids=["network", "ensemble"])
def test_exported_source_defines_the_same_network(genome: Any) -> None:
    network = build(genome, IMAGE, 7).eval()
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source(genome, IMAGE, 7), "exported.py", "exec"), names)
    exported = names["Network"]()
    exported.load_state_dict(network.state_dict())
    images = torch.rand(3, *IMAGE)
    assert torch.equal(exported.eval()(images), network(images))


def test_an_ensemble_is_the_mean_of_its_members_and_costs_their_sum() -> None:
    genome = _members(4, 5, 6)
    network = build(genome, IMAGE, 7).eval()
    images = torch.rand(3, *IMAGE)
    alone = [member(images) for member in network.members]
    assert torch.allclose(network(images), sum(alone) / 3)
    parts = [multiplications_of(member["blocks"], IMAGE, 7) for member in genome["members"]]
    assert sum(multiplications(network, IMAGE).values()) == sum(parts)
    boxes = sum(len(member["blocks"]) + 1 for member in genome["members"]) + 2
    assert picture(genome, IMAGE, 7).count("<rect") == boxes
