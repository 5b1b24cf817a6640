"""Evolved networks: phenotypes, shapes, parameters and energy against networkx, torch and the estimator."""

from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.emulate.counting import multiplications
from mulsmith.energy import workload_from_torch
from mulsmith.errors import ConfigError
from mulsmith.search.nas.cgp.blocks import Sum
from mulsmith.search.nas.cgp.genome import CgpSpace
from mulsmith.search.nas.cgp.network import build_network, output_shapes, parameter_count, picture, source
from mulsmith.search.nas.cgp.template import Template, load_template

SHAPE = (1, 8, 8)


@cache
def _space() -> CgpSpace:
    return CgpSpace(load_template("digits"), ("exact", "rough"))


def _genome(seed: int) -> Any:
    return _space().sample(np.random.default_rng(seed))


def _expected_parameters(node: dict[str, Any], entering: int) -> int:
    """Count by hand from the published definitions: batch norm 2 per channel, biases where there is none."""
    out, k = node["channels"], node["kernel"]
    if node["kind"] == "conv":
        return entering * out * k * k + 2 * out
    if node["kind"] == "fc":
        return (entering + 1) * out
    if node["kind"] == "inc":
        part = out // 4
        return 4 * (entering + 1) * part + (part * 9 + 1) * part + (part * 25 + 1) * part
    if node["kind"] == "res":
        convolutions = entering * out * k * k + out * out * node["second"] ** 2
        return convolutions + 4 * out + (entering + 1) * out
    if node["kind"] == "resb":
        narrow = out // 4
        main = entering * narrow + narrow * narrow * k * k + narrow * out + 4 * narrow + 2 * out
        return main + entering * out + 2 * out
    return 0


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_phenotype_is_what_the_output_depends_on(seed: int) -> None:
    genome = _genome(seed)
    graph = nx.DiGraph([(gene, place) for place, genes in enumerate(genome["inputs"]) for gene in genes])
    active = sorted((nx.ancestors(graph, genome["output"]) | {genome["output"]}) - {-1})
    nodes = _space().express(genome)["nodes"]
    assert [n["kind"] for n in nodes] == [_space().template.grid[place].kind for place in active]
    number = {-1: -1} | {place: index for index, place in enumerate(active)}
    wired = [sorted(number[gene] for gene in genome["inputs"][place]) for place in active]
    assert [n["inputs"] for n in nodes] == wired


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_mutation_stays_valid_and_inactive_genes_do_not_matter(seed: int) -> None:
    space, rng = _space(), np.random.default_rng(seed)
    genome = space.sample(rng)
    child = space.mutate(genome, rng)
    assert space.validate(child) == child
    assert space.validate(space.crossover(genome, child, rng)) == genome


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_shapes_and_parameters_are_those_of_the_torch_modules(seed: int) -> None:
    genome = _space().express(_genome(seed))
    network = build_network(genome, SHAPE).eval()
    seen: list[tuple[int, ...]] = []
    for module in network.children():
        module.register_forward_hook(lambda _m, _i, out: seen.append(tuple(out.shape[1:])))
    logits = network(torch.zeros(2, *SHAPE))
    shapes = output_shapes(genome, SHAPE)
    assert logits.shape == (2, 10)
    assert [(*shape, 1, 1)[:3] for shape in seen] == shapes
    by_place = [*shapes, SHAPE]
    total = 0
    for node in genome["nodes"]:
        channels, height, width = by_place[node["inputs"][0]]
        total += _expected_parameters(node, channels * height * width if node["kind"] == "fc" else channels)
    assert parameter_count(network) == total


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=15)
def test_counted_multiplications_are_the_estimators(seed: int) -> None:
    network = build_network(_space().express(_genome(seed)), SHAPE)
    layers = {layer.name: layer.macs for layer in workload_from_torch(network, (1, *SHAPE))}
    assert multiplications(network, SHAPE) == layers


@given(st.tuples(*[st.integers(1, 5)] * 6))
@settings(deadline=None, max_examples=30)
def test_sum_repairs_any_two_shapes(sizes: tuple[int, ...]) -> None:
    c, h, w, d, i, j = sizes
    x, y = torch.rand(1, c, h, w), torch.rand(1, d, i, j)
    out = Sum()(x, y)
    assert out.shape == (1, max(c, d), min(h, i), min(w, j))
    assert torch.equal(out, Sum()(y, x))
    if c < d:
        smaller = torch.nn.functional.adaptive_max_pool2d(y, out.shape[2:])
        assert torch.equal(out[:, c:], smaller[:, c:])


def test_exported_source_defines_the_same_network() -> None:
    for seed in range(4):
        genome = _space().express(_genome(seed))
        network = build_network(genome, SHAPE).eval()
        names: dict[str, Any] = {}
        exec(compile(source(genome, SHAPE), "exported.py", "exec"), names)
        exported = names["Network"]()
        exported.load_state_dict(network.state_dict())
        images = torch.rand(3, *SHAPE)
        assert torch.equal(exported.eval()(images), network(images))
        assert picture(genome, SHAPE).count("<rect") == len(genome["nodes"]) + 1


def _template(columns: list[list[str]], **nodes: dict[str, Any]) -> Template:
    known = {"conv": {"kind": "conv", "channels": 4}, "max": {"kind": "max"}, **nodes}
    known["out"] = {"kind": "fc", "channels": 10}
    return Template.model_validate({"levels_back": 2, "nodes": known, "columns": columns})


@pytest.mark.parametrize(
    ("columns", "shape", "classes", "message"),
    [
        ([["conv"], ["out"], ["conv"], ["out"]], SHAPE, 10, "conv in column 3 can take the output of an fc"),
        ([["conv"], ["conv"]], SHAPE, 10, "its last column is not all fc"),
        ([["conv"], ["out"]], SHAPE, 100, "fc nodes of 10 units, but the data have 100 classes"),
        (
            [["max"], ["max"], ["max"], ["max"], ["out"]],
            SHAPE,
            10,
            "max in column 4 can get an input of size 1",
        ),
    ],
)
def test_bad_templates_are_named(
    columns: list[list[str]], shape: tuple[int, int, int], classes: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        _template(columns).check(shape, classes)


def test_bad_template_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load_template(str(tmp_path / "none.toml"))
    path = tmp_path / "t.toml"
    path.write_text('levels_back = 1\ncolumns = [["c"]]\n[nodes]\nd = { kind = "max" }\n')
    with pytest.raises(ConfigError, match=r"column 1 is empty or names unknown nodes \['c'\]"):
        load_template(str(path))
    path.write_text('levels_back = 1\ncolumns = [["c"]]\n[nodes]\nc = { kind = "conv" }\n')
    with pytest.raises(ConfigError, match="conv needs channels"):
        load_template(str(path))


def test_shipped_templates_are_whole_for_their_images() -> None:
    load_template("digits").check((1, 8, 8), 10)
    published = load_template("cifar10")
    published.check((3, 32, 32), 10)
    assert {len(column) for column in published.columns} == {6}
    assert len(published.columns) == 23
    with pytest.raises(ConfigError, match="images of 8 x 8 are too small for the template"):
        published.check((1, 8, 8), 10)
