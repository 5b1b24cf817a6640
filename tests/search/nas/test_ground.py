"""What the architecture searches share: halving, phenotype look-up, candidate training, the comparison."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mulsmith.characterize.library import Library
from mulsmith.codesign.nas_config import NAS_METHODS
from mulsmith.emulate.data import DataSet, TensorSplit, load_data
from mulsmith.emulate.zoo.small import DigitsCnn
from mulsmith.errors import ConfigError, DataError
from mulsmith.search.evaluator import UnfitError
from mulsmith.search.nas.comparison import compare_with_exact
from mulsmith.search.nas.fidelity import Fidelity
from mulsmith.search.nas.fixed import FixedTrials
from mulsmith.search.nas.halving import SuccessiveHalving
from mulsmith.search.nas.phenotypes import AskPhenotypes
from mulsmith.search.nas.setting import NasSetting, RunOptions
from mulsmith.search.nas.training import TrainingOptions, candidate_run, train_candidate
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.trial import Candidate, Evaluation, Trial

FULL = Fidelity(8, 4)
EXACT = "mul8x8u_dadda"
NAMES = (EXACT, "mul8x8u_trunc8_cc")


@pytest.fixture(scope="module")
def setting() -> NasSetting:
    library = Library.embedded()
    options = RunOptions(accelerator="")
    return NasSetting.of(load_data("digits"), {name: library[name] for name in NAMES}, options)


def _trials(count: int) -> list[Trial]:
    return [Trial(Candidate([number]), FULL.to_json()) for number in range(count)]


def _outcome(trial: Trial, accuracy: float, error: str | None = None) -> Evaluation:
    return Evaluation(trial, {} if error else {"accuracy": accuracy, "energy_all_pj": 1.0}, error)


class _Heard(FixedTrials):
    """Keeps what it is told."""

    outcomes: Sequence[Evaluation] = ()

    def tell(self, evaluations: Sequence[Evaluation]) -> None:
        super().tell(evaluations)
        self.outcomes = evaluations


def test_halving_promotes_the_best_and_tells_the_highest_rung() -> None:
    inner = _Heard(_trials(4))
    searcher = SuccessiveHalving(inner, rungs=3, share=0.5, objectives=[Objective("accuracy", "max")])
    asked = []
    while batch := searcher.ask():
        asked.append(
            [(t.candidate.genome[0], t.fidelity["epochs"], t.fidelity["table_epochs"]) for t in batch]
        )
        searcher.tell([_outcome(t, t.candidate.genome[0] / 10) for t in batch])
    assert asked == [
        [(0, 2, 1), (1, 2, 1), (2, 2, 1), (3, 2, 1)],
        [(2, 4, 2), (3, 4, 2)],
        [(3, 8, 4)],
    ]
    assert [e.trial.candidate.genome[0] for e in inner.outcomes] == [0, 1, 2, 3]


def test_halving_cuts_epochs_of_every_kind_and_nothing_else() -> None:
    cells = {"channels": 4, "cells": 2, "epochs": 5, "images": 640}
    inner = _Heard([Trial(Candidate([number]), cells, seed=3) for number in range(2)])
    searcher = SuccessiveHalving(inner, rungs=2, share=0.5, objectives=[Objective("accuracy", "max")])
    asked = searcher.ask()
    assert [(t.fidelity, t.seed) for t in asked] == [({**cells, "epochs": 3}, 3)] * 2
    searcher.tell([_outcome(t, t.candidate.genome[0]) for t in asked])
    assert [(t.candidate.genome, t.fidelity) for t in searcher.ask()] == [([1], cells)]


def test_halving_stops_where_everything_failed() -> None:
    inner = _Heard(_trials(2))
    searcher = SuccessiveHalving(inner, rungs=2, share=0.5, objectives=[Objective("accuracy", "max")])
    searcher.tell([_outcome(t, 0.0, "diverged") for t in searcher.ask()])
    assert searcher.ask() == []
    assert all(e.failed for e in inner.outcomes)
    with pytest.raises(ConfigError, match="rungs = 0"):
        SuccessiveHalving(inner, rungs=0, share=0.5, objectives=[])


def test_equal_phenotypes_are_asked_for_once() -> None:
    inner = _Heard(_trials(6))
    searcher = AskPhenotypes(inner, lambda genome: [genome[0] % 2])
    batch = searcher.ask()
    assert [t.candidate.genome for t in batch] == [[0], [1]]
    searcher.tell([_outcome(t, float(t.candidate.genome[0])) for t in batch])
    assert [e.trial.candidate.genome for e in inner.outcomes] == [[n] for n in range(6)]
    assert [e.metrics["accuracy"] for e in inner.outcomes] == [0, 1, 0, 1, 0, 1]


def _train(setting: NasSetting, fidelity: Fidelity, kept: Path | None = None, **options: Any) -> Any:
    torch.manual_seed(0)
    network = DigitsCnn()
    training = TrainingOptions(batch=64, **options)
    assignment = {"conv*": NAMES[1], "fc": EXACT}
    return train_candidate(network, setting, fidelity, training, assignment, 0, kept)


def test_candidates_on_tables_share_float_weights(setting: NasSetting, tmp_path: Path) -> None:
    kept = tmp_path / "float.pt"
    first = _train(setting, Fidelity(1, 1, images=256), kept)
    again = _train(setting, Fidelity(1, 1, images=256), kept)
    fresh = _train(setting, Fidelity(1, 1, images=256))
    assert (first.epochs, first.stopped) == (again.epochs, again.stopped) == (2, False)
    image = next(iter(setting.data.validation.batches(32)))[0]
    outputs = [trained.network(image) for trained in (first, again, fresh)]
    assert torch.equal(outputs[0], outputs[1])
    assert torch.equal(outputs[0], outputs[2])


def test_hopeless_training_stops_and_diverging_training_is_unfit(setting: NasSetting) -> None:
    hopeless = _train(setting, Fidelity(6, 1, images=128), learning_rate=1e-9, patience=2)
    assert (hopeless.epochs, hopeless.stopped) == (2, True)
    with pytest.raises(UnfitError, match="diverged: the loss became"), candidate_run(1):
        _train(setting, Fidelity(3, 1, images=256), learning_rate=1e30)
    tables = "diverged: the input of a layer on a table holds NaN or infinity"
    with pytest.raises(UnfitError, match=tables), candidate_run(1):
        _train(setting, Fidelity(1, 2, images=256), table_learning_rate=1e30)


def test_energy_is_counted_in_three_ledgers(setting: NasSetting) -> None:
    whole = replace(setting, options=RunOptions(accelerator="eyeriss-like"))
    layers = {"conv1": NAMES[1], "conv2": NAMES[1], "conv3": NAMES[1]}
    count = whole.energy_count(DigitsCnn())
    found, exact = count.ledgers(layers), count.ledgers(dict.fromkeys(layers, EXACT))
    convolutions = sum(n for name, n in count.multiplications.items() if name != "fc")
    assert found["energy_approximated_pj"] == pytest.approx(convolutions * setting.energy_pj[NAMES[1]])
    rest = count.multiplications["fc"] * setting.energy_pj[EXACT]
    assert found["energy_all_pj"] == pytest.approx(found["energy_approximated_pj"] + rest)
    assert 0 < found["energy_system_pj"] < exact["energy_system_pj"]


def _tiny(count: int) -> TensorSplit:
    return TensorSplit(torch.zeros(count, 1, 8, 8, dtype=torch.uint8), torch.zeros(count).long(), (0,), (1,))


def test_bad_settings_are_named(setting: NasSetting) -> None:
    small = DataSet("tiny", _tiny(50), _tiny(3), _tiny(20), 10, (1, 8, 8))
    with pytest.raises(DataError, match="'tiny' is too small to split: 3 validation images of 10 classes"):
        NasSetting.of(small, setting.multipliers, RunOptions())
    inexact = {NAMES[1]: setting.multipliers[NAMES[1]]}
    with pytest.raises(ConfigError, match="no exact 8x8 multiplier"):
        NasSetting.of(setting.data, inexact, RunOptions())
    with pytest.raises(ConfigError, match="cannot take 999999 of the"):
        setting.training_images(999999)
    with pytest.raises(ConfigError, match="is no fidelity"):
        Fidelity(1, 1, width=0.0)
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="device 'cuda' is not there"):
            NasSetting.of(setting.data, setting.multipliers, RunOptions(device="cuda"))


@pytest.mark.parametrize("name", ["approxdarts", "evoapproxnas", "phoenix"])
def test_energy_of_any_ledger_can_be_minimised(name: str, setting: NasSetting, tmp_path: Path) -> None:
    method = NAS_METHODS[name]
    whole = replace(setting, options=RunOptions())
    for ledger in Ledger:
        plan = method.plan(whole, method.options.model_validate({"energy": ledger}), tmp_path)
        assert plan.objectives[-1] == Objective.energy(ledger)
    with pytest.raises(ConfigError, match="the whole system needs an accelerator"):
        method.plan(setting, method.options.model_validate({"energy": "system"}), tmp_path)


def test_comparison_picks_on_validation_accuracy_among_those_that_save_enough() -> None:
    rows = [
        ("exact", 0.90, 100.0), ("exact", 0.95, 200.0), ("cheap", 0.94, 150.0), ("cheap", 0.93, 139.0),
        ("cheap", 0.80, 10.0),
    ]  # fmt: skip
    evaluations = [
        Evaluation(Trial(Candidate([name, i])), {"accuracy": accuracy, "energy_all_pj": energy})
        for i, (name, accuracy, energy) in enumerate(rows)
    ]
    found = compare_with_exact(evaluations, lambda genome: str(genome[0]), "exact", 30.0)
    assert found is not None
    assert found.exact is evaluations[1]
    assert found.approximate is evaluations[3]
    assert found.saving_percent == pytest.approx(30.5)
    assert compare_with_exact(evaluations[2:], lambda genome: str(genome[0]), "exact", 30.0) is None
    alone = compare_with_exact(evaluations[:3], lambda genome: str(genome[0]), "exact", 30.0)
    assert alone is not None
    assert alone.approximate is None
