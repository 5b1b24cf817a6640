"""DARTS parts: fused table calls, architecture gradients, genotypes and derived networks."""

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import approx_layers, convert
from mulsmith.emulate.layers import ApproxConv2d
from mulsmith.emulate.quantise import Quantisation
from mulsmith.errors import ConfigError
from mulsmith.search.nas.darts.bilevel import first_order, second_order
from mulsmith.search.nas.darts.derived import DerivedNetwork, assignment
from mulsmith.search.nas.darts.genotype import EDGES, OPERATIONS, Edge, Genotype, derive
from mulsmith.search.nas.darts.mixed import MixedEdges, depthwise
from mulsmith.search.nas.darts.parallel import Arithmetic, ParallelLayers
from mulsmith.search.nas.darts.shape import Shape
from mulsmith.search.nas.darts.supernet import SearchNetwork

FLOAT = Arithmetic(None, Quantisation())
SMALL = Shape(channels=4, cells=3, image=(1, 8, 8), classes=10)


def _rough(signed: bool) -> Lut:
    exact = Lut.exact(8, 8, signed)
    return Lut((exact.table & ~0x3F).astype(np.int32), 8, 8, signed)


def _genotype() -> Genotype:
    rng = np.random.default_rng(0)
    cells = [rng.random((len(EDGES), len(OPERATIONS))) for _ in range(2)]
    return derive(cells, [rng.random((len(EDGES), 2)) for _ in range(2)], ["exact", "rough"])


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_fused_layers_equal_the_layers_one_by_one(signed: bool, shared: bool) -> None:
    torch.manual_seed(0)
    parts, channels, how = 3, 4, Quantisation(observer="moving-average")
    lut = _rough(signed)
    wide = depthwise(parts * channels, 3, 1, 2)
    inputs = channels if shared else parts * channels
    fused = ParallelLayers([wide], Arithmetic(lut, how), inputs, 1 if shared else parts, parts * shared)
    x = torch.rand(5, inputs, 6, 6) * torch.linspace(0.5, 2, inputs)[:, None, None]
    fused(x)
    fused.eval()
    x.requires_grad_()
    y = fused(x)
    y.square().sum().backward()
    weights = fused.layers[0].weight
    ranges = fused.input
    assert ranges is not None
    total = torch.zeros_like(x)
    for part in range(parts):
        own = slice(part * channels, (part + 1) * channels)
        alone = depthwise(channels, 3, 1, 2)
        alone.weight.data.copy_(weights.data[own])
        layer = ApproxConv2d.from_float(alone, lut, how).eval()
        index = () if shared else part
        layer.input.low.copy_(ranges.low[index])
        layer.input.high.copy_(ranges.high[index])
        layer.input.take_range(layer.input)
        mine = (x if shared else x[:, own]).detach().requires_grad_()
        z = layer(mine)
        assert torch.equal(z, y[:, own])
        z.square().sum().backward()
        assert layer.weight.grad is not None
        assert mine.grad is not None
        torch.testing.assert_close(weights.grad[own], layer.weight.grad)
        total[:, slice(None) if shared else own] += mine.grad
    torch.testing.assert_close(x.grad, total)


def test_mixed_edges_weigh_their_operations() -> None:
    torch.manual_seed(0)
    edges = MixedEdges(4, 2, 1, FLOAT).eval()
    x = torch.randn(3, 4, 8, 8)
    single = [edges(x, torch.eye(8)[[n, n]]) for n in range(8)]
    assert not single[0].any()
    torch.testing.assert_close(single[1], x[:, None].expand(-1, 2, -1, -1, -1))
    weights = torch.rand(2, 8)
    mixed = sum(weights[:, n][None, :, None, None, None] * single[n] for n in range(8))
    torch.testing.assert_close(edges(x, weights), mixed, atol=1e-5, rtol=1e-4)
    assert MixedEdges(4, 2, 2, FLOAT)(x, weights).shape == (3, 2, 4, 4, 4)


class _Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.choice = nn.Parameter(torch.randn(3))
        self.first = nn.ModuleList(nn.Linear(6, 5) for _ in range(3))
        self.last = nn.Linear(5, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mixed = sum(p * torch.tanh(f(x)) for p, f in zip(self.choice.softmax(0), self.first, strict=True))
        found: torch.Tensor = self.last(mixed)
        return found


@pytest.mark.parametrize("seed", range(5))
def test_second_order_follows_exact_double_backward(seed: int) -> None:
    torch.manual_seed(seed)
    net = _Tiny()
    weights = [p for name, p in net.named_parameters() if name != "choice"]
    batches = [(torch.randn(32, 6), torch.randint(0, 4, (32,))) for _ in range(2)]

    def loss(which: int) -> torch.Tensor:
        return nn.functional.cross_entropy(net(batches[which][0]), batches[which][1])

    optimiser = torch.optim.SGD(weights, 0.5, momentum=0.9, weight_decay=3e-4)
    optimiser.zero_grad()
    loss(0).backward()
    optimiser.step()
    before = [w.detach().clone() for w in weights]
    found = second_order([net.choice], weights, lambda: loss(0), lambda: loss(1), optimiser)[0]
    assert all(torch.equal(a, b) for a, b in zip(before, weights, strict=True))

    names = [name for name, _ in net.named_parameters() if name != "choice"]
    gradients = torch.autograd.grad(loss(0), weights, create_graph=True)
    moved = {
        name: w - 0.5 * (0.9 * optimiser.state[w]["momentum_buffer"] + g + 3e-4 * w)
        for name, w, g in zip(names, weights, gradients, strict=True)
    }
    logits = torch.func.functional_call(net, {**moved, "choice": net.choice}, (batches[1][0],))
    exact = torch.autograd.grad(nn.functional.cross_entropy(logits, batches[1][1]), net.choice)[0]
    first = first_order([net.choice], lambda: loss(1))[0]
    cosine = nn.functional.cosine_similarity
    assert float(cosine(found, exact, 0)) >= 0.95
    assert float((found - exact).norm()) < float((first - exact).norm())


def test_every_parameter_of_the_search_network_learns() -> None:
    torch.manual_seed(0)
    how = Quantisation(observer="moving-average", sign_magnitude=True)
    net = SearchNetwork(SMALL, Arithmetic(Lut.exact(8, 8, False), how), [0.0, 0.4])
    nn.functional.cross_entropy(net(torch.randn(8, 1, 8, 8)), torch.arange(8)).backward()
    assert all(p.grad is not None and bool(torch.isfinite(p.grad).all()) for p in net.parameters())
    assert bool(net.multiplier_logits.grad.any())
    assert len(net.weights()) + len(net.architecture()) == len(list(net.parameters()))


def test_derivation_keeps_the_two_strongest_edges_and_never_none() -> None:
    operations = np.full((len(EDGES), len(OPERATIONS)), 0.01)
    operations[:, 0] = 0.9
    operations[[2, 4], 4] = [0.05, 0.06]
    found = derive([operations, operations], [np.ones((len(EDGES), 1))] * 2, ["exact"])
    assert found.normal[1] == (Edge(0, "sep_conv_3x3", "exact"), Edge(2, "sep_conv_3x3", "exact"))
    assert all(len(node) == 2 for cell in (found.normal, found.reduction) for node in cell)
    assert Genotype.from_json(_genotype().to_json()) == _genotype()


@pytest.mark.parametrize(
    "change", [{"normal": []}, {"normal": [[[5, "skip_connect", "m"]]], "reduction": []}]
)
def test_bad_genotypes_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="not a genotype"):
        Genotype.from_json(change)


def test_derived_network_runs_on_the_multipliers_of_its_edges() -> None:
    torch.manual_seed(0)
    genotype = _genotype()
    net = DerivedNetwork(genotype, SMALL, auxiliary=True)
    x = torch.randn(4, 1, 8, 8)
    logits, second = net.both(x)
    assert logits.shape == (4, 10)
    assert second is not None
    chosen = {**assignment(genotype, SMALL), "*": "exact"}
    library = {"exact": Lut.exact(8, 8, False), "rough": _rough(False)}
    plain = DerivedNetwork(genotype, SMALL)
    tables = {layer: library[name] for layer, name in chosen.items()}
    converted = convert(plain, tables, [x])
    layers = approx_layers(converted)
    rough = {name for name, layer in layers.items() if layer.table.lut == library["rough"]}
    assert rough == {name for name, multiplier in chosen.items() if multiplier == "rough"}
    assert all(".nodes." in name for name in rough)
    assert bool(torch.isfinite(converted(x)).all())


def test_dropped_paths_repeat_with_their_seed() -> None:
    torch.manual_seed(0)
    net = DerivedNetwork(_genotype(), SMALL)
    x = torch.randn(4, 1, 8, 8)
    outputs = []
    for seed in (1, 1, 2):
        net.drop_paths(0.5, seed)
        outputs.append(net(x))
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])


def test_too_small_images_are_refused() -> None:
    with pytest.raises(ConfigError, match="too small for 2 reduction cells"):
        Shape(channels=4, cells=6, image=(1, 6, 6), classes=10)
