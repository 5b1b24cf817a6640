"""Learned noise, matching, and operating points that share weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.lut import Lut
from mulsmith.emulate.data import TensorSplit
from mulsmith.emulate.training import Recipe
from mulsmith.emulate.zoo import build
from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.noise import NoiseRecipe, learn_noise, match
from mulsmith.search.qos import QoSModel, QoSPlan, fine_tune, plan_points

EXACT = Lut.exact(8, 8, False)
COARSE = Lut((EXACT.table >> 9 << 9).astype(np.int32), 8, 8, False)
TABLES = {"exact": EXACT, "coarse": COARSE}
PLAN = QoSPlan(("exact", "coarse"), ({"0": "exact", "4": "exact"}, {"0": "coarse", "4": "exact"}))
ENERGY = {
    layer: {"exact": 1.0 * count, "medium": 0.5 * count, "coarse": 0.2 * count}
    for layer, count in (("a", 10), ("b", 30))
}
ERRORS = {
    layer: {"exact": 0.0, "medium": 0.1 * k, "coarse": 0.4 * k} for layer, k in (("a", 1.0), ("b", 2.0))
}


def _network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(54, 4)
    ).eval()


def _split() -> TensorSplit:
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(96) % 4
    images = torch.randint(0, 60, (96, 1, 8, 8), generator=generator)
    for quarter in range(4):
        row, column = 4 * (quarter // 2), 4 * (quarter % 2)
        images[labels == quarter, :, row : row + 4, column : column + 4] += 120
    return TensorSplit(images.to(torch.uint8), labels, (0.3,), (0.2,))


def _model() -> QoSModel:
    images, _ = next(iter(_split().batches(96)))
    return QoSModel(emulate.convert(_network(), EXACT, calibration=[images]), PLAN, TABLES)


def test_points_switch_tables_and_norms() -> None:
    model = _model().eval()
    images, _ = next(iter(_split().batches(8)))
    with torch.no_grad():
        first = model(images)
        model.set_point(1)
        second = model(images)
        model.set_point(0)
        assert torch.equal(model(images), first)
    assert not torch.equal(first, second)
    calibrated = emulate.convert(_network(), EXACT, [next(iter(_split().batches(96)))[0]])
    alone = emulate.reassign(calibrated, {"0": COARSE, "4": EXACT})
    assert torch.equal(alone.eval()(images), second)
    with pytest.raises(ConfigError, match=r"outside 0\.\.1"):
        model.set_point(2)


def test_fine_tuning_trains_every_point_and_survives_a_file(tmp_path: Path) -> None:
    model, split = _model(), _split()
    norms = model.network[1].norms
    fine_tune(model, split, Recipe(epochs=6, learning_rate=1e-2))
    assert not torch.equal(norms[0].running_mean, norms[1].running_mean)
    assert not torch.equal(norms[0].weight, norms[1].weight)
    images, labels = next(iter(split.batches(96)))
    path = tmp_path / "model.pt"
    model.save(path)
    again = QoSModel.load(path, _network())
    for point in (0, 1):
        model.set_point(point)
        again.set_point(point)
        with torch.no_grad():
            assert torch.equal(model(images), again(images))
            assert (model(images).argmax(1) == labels).double().mean() > 0.9
    with pytest.raises(StoreError, match="no QoS model of this network"):
        QoSModel.load(path, nn.Sequential(nn.Linear(3, 3)))


def test_overhead_of_mobilenet_is_the_published_one() -> None:
    network = build("mobilenetv2", 200)
    parameters = sum(p.numel() for p in network.parameters())
    layers = emulate.approx_layers(emulate.convert(network, EXACT))
    everything = dict.fromkeys(layers, "exact")
    converted = emulate.convert(network, EXACT)
    model = QoSModel(converted, QoSPlan(("exact",), (everything,) * 3), {"exact": EXACT})
    assert (model.extra_parameters, parameters) == (68224, 2480072)


def test_misfitting_plans_are_refused() -> None:
    images, _ = next(iter(_split().batches(96)))
    for plan, tables, message in (
        (QoSPlan(("exact",), ({"0": "exact"},)), TABLES, "point 0 does not fit"),
        (QoSPlan(("best",), ()), TABLES, "no table is named 'best'"),
        (PLAN, {"exact": EXACT, "coarse": Lut.exact(8, 4, False)}, "another operand form"),
    ):
        with pytest.raises(ConfigError, match=message):
            QoSModel(emulate.convert(_network(), EXACT, calibration=[images]), plan, tables)


def test_matching_takes_the_cheapest_that_fits() -> None:
    assert match({"a": 0.4, "b": 0.3}, ERRORS, ENERGY) == {"a": "coarse", "b": "medium"}
    assert match({"a": 0.4, "b": 0.3}, ERRORS, ENERGY, scale=0.3) == {"a": "medium", "b": "exact"}
    inexact = {"a": {"coarse": 0.4}}
    with pytest.raises(ConfigError, match="exact enough for layer 'a'"):
        match({"a": 0.1}, inexact, ENERGY)


def test_plan_serves_every_point_within_its_tolerance() -> None:
    sigma, scales = {"a": 0.4, "b": 0.3}, (0.3, 1.0, 3.0)
    plan = plan_points(sigma, ERRORS, ENERGY, scales, 2)
    # By hand: with medium 5 + 30 + 5 + 15 + 5 + 15 = 75, with coarse 10 + 30 + 2 + 30 + 2 + 6 = 80.
    assert plan.subset == ("exact", "medium")
    for scale, point in zip(scales, plan.points, strict=True):
        assert all(ERRORS[layer][name] <= scale * sigma[layer] for layer, name in point.items())
    with pytest.raises(ConfigError, match="no subset of 1"):
        plan_points(
            {"a": 0.4, "b": 0.3},
            {"a": {"x": 0.0, "y": 9.0}, "b": {"x": 9.0, "y": 0.0}},
            {"a": {"x": 1.0, "y": 1.0}, "b": {"x": 1.0, "y": 1.0}},
            (1.0,),
            1,
        )


@pytest.mark.parametrize("mode", ["sigma", "joint"])
def test_noise_grows_where_the_reward_is_and_is_deterministic(mode: str) -> None:
    found = []
    for _ in range(2):
        network = _network()
        before = {name: value.clone() for name, value in network.state_dict().items()}
        recipe = NoiseRecipe(weight=0.3, mode=mode, epochs=3)  # type: ignore[arg-type]
        found.append(learn_noise(network, _split(), {"0": 900, "4": 100}, recipe))
        same = all(torch.equal(before[name], value) for name, value in network.state_dict().items())
        assert same == (mode == "sigma")
        assert not network.training
    assert found[0] == found[1]
    assert found[0]["0"] != NoiseRecipe().sigma_init
    with pytest.raises(ConfigError, match="no noise mode"):
        NoiseRecipe(mode="both")  # type: ignore[arg-type]
