"""What steers a cell search and the final training: expected energy, predicted noise, the lesson."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith.characterize.library import Library
from mulsmith.emulate import convert
from mulsmith.emulate.data import load_data
from mulsmith.emulate.training import Epoch, Recipe, train
from mulsmith.search.nas.darts.blocks import aligned, operation
from mulsmith.search.nas.darts.derived import DerivedNetwork, assignment
from mulsmith.search.nas.darts.deviation import relative_deviations
from mulsmith.search.nas.darts.energy import ExpectedEnergy, edge_costs
from mulsmith.search.nas.darts.genotype import EDGES, OPERATIONS, Edge, Genotype, derive
from mulsmith.search.nas.darts.lesson import RegularisedLesson, cut_out
from mulsmith.search.nas.darts.parallel import Arithmetic
from mulsmith.search.nas.darts.search import CellRecipe, search_cells
from mulsmith.search.nas.darts.shape import Shape
from mulsmith.search.nas.darts.supernet import SearchNetwork
from mulsmith.search.nas.setting import NasSetting, RunOptions
from mulsmith.search.nas.training import QUANTISATION

EXACT = "mul8x8u_dadda"
NAMES = [EXACT, "mul8x8u_trunc8_cc", "mul8x8u_or3_c9_cut6"]
SHAPE = Shape(channels=4, cells=3, image=(1, 8, 8), classes=10)


@pytest.fixture(scope="module")
def setting() -> NasSetting:
    with Library.embedded() as library:
        multipliers = {name: library[name] for name in NAMES}
    return NasSetting.of(load_data("digits"), multipliers, RunOptions())


def _genotype(seed: int) -> Genotype:
    rng = np.random.default_rng(seed)
    weights = [rng.random((len(EDGES), len(OPERATIONS))) for _ in range(2)]
    return derive(weights, [rng.random((len(EDGES), len(NAMES))) for _ in range(2)], NAMES)


def _cost(costs: torch.Tensor, genotype: Genotype) -> float:
    """Sum the table over the edges that a genotype keeps."""
    found = 0.0
    for kind, cell in enumerate((genotype.normal, genotype.reduction)):
        for node, edges in enumerate(cell):
            for edge in edges:
                place = EDGES.index((node, edge.source))
                multiplier = NAMES.index(edge.multiplier) if edge.multiplier else 0
                found += float(costs[kind, place, OPERATIONS.index(edge.operation), multiplier])
    return found


@pytest.mark.parametrize("seed", range(3))
def test_edge_costs_add_up_to_the_derived_networks_multiplications(seed: int, setting: NasSetting) -> None:
    genotype = _genotype(seed)
    chosen = assignment(genotype, SHAPE)
    count = setting.energy_count(DerivedNetwork(genotype, SHAPE), of_system=False).multiplications
    expected = sum(
        n * setting.energy_pj[chosen.get(name, EXACT)] for name, n in count.items() if ".nodes." in name
    )
    assert _cost(edge_costs(setting, SHAPE, NAMES, of_system=False), genotype) == pytest.approx(expected)


def test_the_accelerators_energy_of_an_edge_holds_more_than_its_multiplications(setting: NasSetting) -> None:
    small = Shape(channels=2, cells=2, image=(1, 8, 8), classes=10)
    system = edge_costs(setting, small, NAMES[:2], of_system=True)
    alone = edge_costs(setting, small, NAMES[:2], of_system=False)
    multiplies = alone > 0
    assert bool((system[multiplies] > alone[multiplies]).all())
    convolutions = system[:, :, 4:]
    assert bool((convolutions[..., 1] < convolutions[..., 0]).all())


def test_expected_energy_is_the_mean_over_independent_choices() -> None:
    generator = torch.Generator().manual_seed(0)
    costs = torch.rand(2, 14, 8, 3, generator=generator)
    operations, multipliers = (
        torch.rand(2, 14, n, generator=generator).softmax(-1) for n in (8, 3)
    )  # fmt: skip
    expected = sum(
        operations[k, e, o] * multipliers[k, e, m] * costs[k, e, o, m]
        for k in range(2) for e in range(14) for o in range(8) for m in range(3)
    )  # fmt: skip
    found = ExpectedEnergy(costs, 0.5, 4.0)(operations, multipliers)
    assert float(found) == pytest.approx(0.5 * float(expected) / 4.0, rel=1e-5)


def test_a_heavy_energy_weight_chooses_the_cheapest_multiplier(setting: NasSetting) -> None:
    shape = Shape(channels=2, cells=1, image=(1, 8, 8), classes=10)
    torch.manual_seed(0)
    exact = Arithmetic(setting.multipliers[EXACT].lut, QUANTISATION)
    network = SearchNetwork(shape, exact, [0.0, 0.1, 0.2])
    costs = edge_costs(setting, shape, NAMES, of_system=False)
    energy = ExpectedEnergy(costs, 100.0, float(costs.sum()))
    images = setting.data.train.take(torch.arange(48))
    halves = images.take(torch.arange(24)), images.take(torch.arange(24, 48))
    recipe = CellRecipe(epochs=2, batch=24, architecture_rate=0.1)
    found = search_cells(network, *halves, recipe, NAMES, energy=energy)
    cheapest = min(NAMES, key=lambda name: setting.energy_pj[name])
    _, chosen = network.probabilities()
    assert bool((chosen[0].argmax(-1) == NAMES.index(cheapest)).all())
    assert {edge.multiplier for node in found.normal for edge in node} <= {cheapest, ""}


def test_predicted_deviation_is_that_of_the_emulated_operation(setting: NasSetting) -> None:
    predicted = relative_deviations(setting, NAMES, 8, 0)
    assert predicted[0] == 0
    images = next(iter(setting.data.train.batches(256)))[0]
    torch.manual_seed(0)
    probe = nn.Sequential(aligned(1, 8), operation("sep_conv_3x3", 8, 1))
    probe.train()(images)
    outputs = []
    for name in NAMES:
        network = convert(probe.eval(), name, [images], QUANTISATION, library=setting.multipliers)
        outputs.append(network.train()(images).detach())
    for place in (1, 2):
        measured = float((outputs[place] - outputs[0]).std())
        assert 0.4 < predicted[place] / measured < 2.5


def test_cut_out_blanks_one_square_of_every_image() -> None:
    images = torch.ones(200, 3, 9, 7)
    blanked = cut_out(images, 3, torch.Generator().manual_seed(0))
    again = cut_out(images, 3, torch.Generator().manual_seed(0))
    assert torch.equal(blanked, again)
    holes = (blanked == 0).sum((2, 3))
    assert bool((holes == holes[:, :1]).all())
    assert set(holes[:, 0].tolist()) == {4, 6, 9}


def test_a_regularised_training_goes_on_as_if_uninterrupted(setting: NasSetting, tmp_path: Path) -> None:
    shape = Shape(channels=2, cells=2, image=(1, 8, 8), classes=10)
    node = (Edge(0, "skip_connect", ""), Edge(1, "max_pool_3x3", ""))
    genotype = Genotype((node,) * 4, (node,) * 4)
    images = setting.data.train.take(torch.arange(64))
    recipe, lesson = Recipe(3, batch=32), RegularisedLesson(cutout=3, drop_path=0.6, auxiliary=0.4)

    def network() -> DerivedNetwork:
        torch.manual_seed(0)
        return DerivedNetwork(genotype, shape, auxiliary=True)

    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 2:
            raise KeyboardInterrupt

    whole, part, resumed = network(), network(), network()
    expected = train(whole, images, recipe, lesson=lesson)
    checkpoint = tmp_path / "training.pt"
    with pytest.raises(KeyboardInterrupt):
        train(part, images, recipe, checkpoint, interrupt, lesson=lesson)
    assert train(resumed, images, recipe, checkpoint, lesson=lesson) == expected
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))
    plain = train(network(), images, Recipe(3, batch=32), lesson=RegularisedLesson(0, 0.0, 0.0))
    assert plain[0].loss < expected[0].loss
    whole.finish()
    assert whole.head is None
    assert {cell.drop for cell in whole.cells} == {0.0}
