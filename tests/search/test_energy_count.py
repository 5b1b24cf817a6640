"""Energy in the three ledgers: by hand, and as ``mulsmith energy`` gives it for the whole accelerator."""

import pickle
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pytest
import torch
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.library import Library
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier
from mulsmith.emulate.counting import multiplications
from mulsmith.emulate.zoo import build
from mulsmith.energy import estimate, operand_energies
from mulsmith.errors import ConfigError
from mulsmith.search.energy_count import EnergyCount, SystemEnergy
from mulsmith.search.objective import Ledger
from mulsmith.search.operands import operand_histograms, sample_network

COUNTS = {"0": 4608, "3": 13824, "6": 480}
ENERGY_PJ = {"exact": 0.5, "coarse": 0.1, "medium": 0.3}
EXACT, CHEAP, OTHER = "mul8x8u_dadda", "mul8x8u_trunc8", "mul8x8u_loa8"


@lru_cache
def _multipliers() -> dict[str, Multiplier]:
    with Library.embedded() as library:
        return {name: library[name] for name in (EXACT, CHEAP, OTHER)}


def _system(network: nn.Module | None = None, **options: str) -> SystemEnergy:
    where = {"accelerator": "eyeriss-like", **options}
    network = build("digits-cnn", 10, 1) if network is None else network
    return SystemEnergy.of(network, (1, 8, 8), _multipliers(), EXACT, **where)  # type: ignore[arg-type]


def _estimated(assignment: Mapping[str, str] | str, **options: str) -> float:
    account = estimate(
        build("digits-cnn", 10, 1),
        (1, 1, 8, 8),
        assignment=assignment,
        library=_multipliers(),
        band=(),
        baseline=EXACT,
        **options,  # type: ignore[arg-type]
    )
    return account.total_pj


class Twice(nn.Module):
    """Calls one layer twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)
        self.fc = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.fc(self.conv(self.conv(x)).flatten(1))
        return scores


@pytest.mark.parametrize(
    "options", [{}, {"table": "horowitz45"}, {"convention": "shared_clock"}, {"accelerator": "simba-like"}]
)
def test_the_system_costs_what_the_estimator_says(options: dict[str, str]) -> None:
    system = _system(**options)
    mixed = {"conv1": CHEAP, "conv2": OTHER, "conv3": CHEAP, "fc": EXACT}
    assert system.total_pj(mixed) == pytest.approx(_estimated(mixed, **options), rel=1e-12)
    assert system.total_pj({}) == pytest.approx(_estimated(EXACT, **options), rel=1e-12)
    assert pickle.loads(pickle.dumps(system)).total_pj(mixed) == system.total_pj(mixed)


def test_layers_add_up_where_nothing_waits() -> None:
    system, layers = _system(), ("conv1", "conv2", "conv3", "fc")
    table = system.layer_pj(layers, (CHEAP, EXACT))
    totals = [system.total_pj(dict.fromkeys(layers, name)) for name in (CHEAP, EXACT)]
    assert table.sum(axis=0) == pytest.approx(totals)
    assert (system.layer_pj(("fc",), (EXACT,)) == table[3:, 1:]).all()


def test_a_layer_that_is_called_twice_pays_twice() -> None:
    network = Twice()
    system = _system(network)
    saved = system.total_pj({}) - system.total_pj({"conv": CHEAP, "fc": CHEAP})
    row = system.layer_pj(("conv", "fc"), (EXACT, CHEAP))
    assert saved == pytest.approx(float((row[:, 0] - row[:, 1]).sum()))
    assert row[0, 0] > 1.9 * system.estimator.layer_energy_pj[0, 0]
    assert multiplications(network, (1, 8, 8)) == {"conv": 2 * 9 * 64, "fc": 640}


def test_identity_holds_what_determines_the_figures() -> None:
    systems = [
        None,
        _system(),
        _system(accelerator="simba-like"),
        _system(table="horowitz45"),
        _system(objective="latency"),
    ]
    found = [EnergyCount(COUNTS, ENERGY_PJ, "exact", system).identity for system in systems]
    assert all(found[i] != found[j] for i in range(len(found)) for j in range(i))
    assert EnergyCount(COUNTS, ENERGY_PJ, "exact", _system()).identity == found[1]


def test_ledgers_cover_what_they_name() -> None:
    names = {"conv1": CHEAP, "conv2": CHEAP}
    counts = multiplications(build("digits-cnn", 10, 1), (1, 8, 8))
    prices = {EXACT: 0.5, CHEAP: 0.2, OTHER: 0.3}
    count = EnergyCount(counts, prices, EXACT, _system())
    found = count.ledgers(names)
    few, every = counts["conv1"] + counts["conv2"], sum(counts.values())
    assert found["energy_approximated_pj"] == pytest.approx(0.2 * few)
    assert found["energy_all_pj"] == pytest.approx(0.5 * (every - few) + 0.2 * few)
    assert found["saving_approximated_percent"] == pytest.approx(60)
    exact, system = _estimated(EXACT), _estimated({"conv3": EXACT, "fc": EXACT, **names})
    assert found["saving_system_percent"] == pytest.approx(100 * (1 - system / exact))
    table = count.layer_pj(Ledger.ALL, ("conv1", "fc"), (OTHER, EXACT))
    expected = [[counts[layer] * prices[name] for name in (OTHER, EXACT)] for layer in ("conv1", "fc")]
    assert np.array_equal(table, np.array(expected))


def test_power_follows_the_operands_of_every_layer() -> None:
    torch.manual_seed(0)
    network, images = build("digits-cnn", 10, 1).eval(), torch.rand(32, 1, 8, 8)
    converted = emulate.convert(network, Lut.exact(8, 8, False), calibration=[images])
    sampled = sample_network(converted, images, _multipliers(), torch.Generator().manual_seed(0))
    histograms, counts = operand_histograms(sampled), multiplications(network, (1, 8, 8))
    mixed = {"conv1": CHEAP, "conv2": OTHER, "conv3": CHEAP, "fc": EXACT}
    system = _system(network)
    plain = EnergyCount(counts, dict.fromkeys(_multipliers(), 0.5), EXACT, system)
    with Library.embedded() as library:
        pj = operand_energies(library, _multipliers(), system.stationary(), histograms)
        account = estimate(
            network, (1, 1, 8, 8), assignment=mixed, library=library, band=(), baseline=EXACT,
            operands=histograms,
        )  # fmt: skip
    count = plain.with_operands(pj)
    found = count.ledgers(mixed)
    assert found["energy_system_pj"] == pytest.approx(account.total_pj)
    assert found["energy_all_pj"] == pytest.approx(account.by_component["multiplier"])
    table = count.layer_pj(Ledger.ALL, tuple(mixed), (CHEAP, OTHER, EXACT))
    columns = [(CHEAP, OTHER, EXACT).index(name) for name in mixed.values()]
    assert table[np.arange(4), columns].sum() == pytest.approx(found["energy_all_pj"])
    assert count.identity != plain.identity
    assert plain.with_operands({}).ledgers(mixed) == plain.ledgers(mixed)


def test_missing_figures_are_named() -> None:
    count = EnergyCount(COUNTS, ENERGY_PJ, exact="exact")
    with pytest.raises(ConfigError, match="multiplier 'free' has no energy figure"):
        count.ledgers({"0": "free"})
    with pytest.raises(ConfigError, match="unknown layer 'conv9'"):
        count.ledgers({"conv9": "exact"})
    with pytest.raises(ConfigError, match="exact multiplier 'best' has no energy figure"):
        EnergyCount(COUNTS, ENERGY_PJ, exact="best")
    with pytest.raises(ConfigError, match="'system' needs an accelerator"):
        count.layer_pj(Ledger.SYSTEM, ("0",), ("exact",))
    with pytest.raises(ConfigError, match="eyeris"):
        _system(accelerator="eyeris")
