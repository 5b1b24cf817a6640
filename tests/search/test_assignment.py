"""Evaluation of assignments on a small digits network: accuracy as the network gives it, energy by hand."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from mulsmith import emulate
from mulsmith.characterize.record import Multiplier
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.generators import generate
from mulsmith.search.assignment import EmulatedAssignment
from mulsmith.search.energy_count import EnergyCount
from mulsmith.search.runner import ProcessRunner, SerialRunner
from mulsmith.search.trial import Candidate, Trial

MULTIPLICATIONS = {"0": 8 * 9 * 64, "3": 12 * 8 * 9 * 16, "6": 48 * 10}
ENERGY_PJ = {"exact": 0.5, "coarse": 0.1, "medium": 0.3}


def _multiplier(name: str, family: str, **parameters: object) -> Multiplier:
    netlist = generate(family, a_bits=8, b_bits=8, signed=False, **parameters)
    lut = simulate_lut(netlist)
    return Multiplier(name, netlist.sha256(), lut, error_stats(lut), None, {}, "test", {})


@pytest.fixture(scope="module")
def evaluator() -> EmulatedAssignment:
    digits = load_digits()
    images = torch.tensor(digits.images / 16.0, dtype=torch.float32)[:, None]
    labels = torch.tensor(digits.target)
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(), nn.Sequential(nn.MaxPool2d(2), nn.Flatten()),
        nn.Linear(48, 10),
    )  # fmt: skip
    optimiser = torch.optim.Adam(network.parameters(), 5e-3)
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(images[:1000]), labels[:1000]).backward()
        optimiser.step()
    library = {
        "exact": _multiplier("exact", "dadda"),
        "medium": _multiplier("medium", "truncated", cut=6),
        "coarse": _multiplier("coarse", "truncated", cut=9),
    }
    base = emulate.convert(network.eval(), library["exact"], calibration=[images[:200]])
    energy = EnergyCount(MULTIPLICATIONS, ENERGY_PJ, exact="exact")
    return EmulatedAssignment(base, library, images[1000:1150], labels[1000:1150], energy)


def _trial(**layers: str) -> Trial:
    return Trial(Candidate({"layers": {{"a": "0", "b": "3", "c": "6"}[key]: n for key, n in layers.items()}}))


def test_accuracy_is_the_networks_and_energy_adds_up(evaluator: EmulatedAssignment) -> None:
    trial = _trial(a="coarse", b="medium")
    metrics = evaluator.evaluate(trial)
    with torch.no_grad():
        right = evaluator.reassigned(trial.candidate.genome)(evaluator.images).argmax(1) == evaluator.labels
    assert metrics["accuracy"] == pytest.approx(right.double().mean().item())
    approximated = MULTIPLICATIONS["0"] * 0.1 + MULTIPLICATIONS["3"] * 0.3
    everything = approximated + MULTIPLICATIONS["6"] * 0.5
    assert metrics["energy_approximated_pj"] == pytest.approx(approximated)
    assert metrics["energy_all_pj"] == pytest.approx(everything)
    exact = sum(MULTIPLICATIONS.values()) * 0.5
    assert metrics["saving_all_percent"] == pytest.approx(100 * (1 - everything / exact))


def test_coarser_multipliers_cost_accuracy(evaluator: EmulatedAssignment) -> None:
    exact = evaluator.evaluate(_trial(a="exact", b="exact", c="exact"))
    coarse = evaluator.evaluate(_trial(a="coarse", b="coarse", c="coarse"))
    assert exact["accuracy"] > 0.8
    assert coarse["accuracy"] < exact["accuracy"]
    assert exact["saving_all_percent"] == 0


def test_fidelity_limits_the_images(evaluator: EmulatedAssignment) -> None:
    trial = _trial(a="medium")
    few = Trial(trial.candidate, {"images": 50})
    accuracy = evaluator.evaluate(few)["accuracy"]
    assert accuracy * 50 == pytest.approx(round(accuracy * 50))
    assert few.key(evaluator.identity) != trial.key(evaluator.identity)


def test_workers_give_the_same_metrics(evaluator: EmulatedAssignment) -> None:
    trials = [_trial(a="medium"), _trial(b="coarse"), _trial(c="nothing")]
    serial = dict(SerialRunner().run(evaluator, trials))
    workers = dict(ProcessRunner(2).run(evaluator, trials))
    assert [serial[i].metrics for i in range(3)] == [workers[i].metrics for i in range(3)]
    assert "no multiplier is named 'nothing'" in str(workers[2].error)


def test_identity_follows_weights_and_tables(evaluator: EmulatedAssignment) -> None:
    other = EmulatedAssignment(
        evaluator.network, {"exact": evaluator.library["exact"]}, evaluator.images, evaluator.labels,
        evaluator.energy,
    )  # fmt: skip
    assert other.identity["network"] == evaluator.identity["network"]
    assert other.identity != evaluator.identity
    assert np.isfinite(list(evaluator.evaluate(_trial(a="exact")).values())).all()
