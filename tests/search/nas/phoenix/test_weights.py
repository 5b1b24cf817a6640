"""What a child takes over: exactly the weights it names; missing or damaged ones are errors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mulsmith.characterize.library import Library
from mulsmith.emulate.data import load_data
from mulsmith.errors import StoreError
from mulsmith.search.nas.fidelity import Fidelity
from mulsmith.search.nas.phoenix.evaluator import PhoenixEvaluator
from mulsmith.search.nas.phoenix.network import build_network
from mulsmith.search.nas.phoenix.searcher import continued, ensemble, network
from mulsmith.search.nas.phoenix.space import BlockSpace
from mulsmith.search.nas.phoenix.weights import WeightStore, carry_over, lineage
from mulsmith.search.nas.setting import NasSetting, RunOptions
from mulsmith.search.nas.training import TrainingOptions
from mulsmith.search.trial import Candidate, Trial

SHAPE = (1, 8, 8)
EXACT, ROUGH = "mul8x8u_dadda", "mul8x8u_trunc8_cc"
SPACE = BlockSpace(SHAPE, (EXACT, ROUGH))
ENTRIES = ["fixed_conv_16:" + ROUGH, "max_pool", "flatten", "dense_32:" + EXACT]


def _evaluator(folder: Path) -> PhoenixEvaluator:
    library = Library.embedded()
    multipliers = {name: library[name] for name in (EXACT, ROUGH)}
    setting = NasSetting.of(load_data("digits"), multipliers, RunOptions(accelerator=""))
    return PhoenixEvaluator(setting, TrainingOptions(batch=64, learning_rate=3e-3), 2, folder)


def _blocks(entries: list[str]) -> Any:
    return SPACE.suggestion(entries, np.random.default_rng(0))


def _trial(genome: Any, epochs: int = 1, tables: int = 1, **fidelity: Any) -> Trial:
    return Trial(Candidate(genome), {**Fidelity(epochs, tables, images=256).to_json(), **fidelity})


def test_carry_over_copies_the_named_modules_and_leaves_the_others() -> None:
    parent = build_network(_blocks(ENTRIES), SHAPE, 10)
    child = build_network(
        _blocks(["fixed_conv_16", "conv_3x3", "max_pool", "flatten", "dense_32"]), SHAPE, 10
    )
    before = {name: tensor.clone() for name, tensor in child.state_dict().items()}
    for tensor in parent.state_dict().values():
        tensor.add_(1)
    carry_over(child, parent.state_dict(), {"b0": "b0", "b4": "b3", "logits": "logits"})
    theirs = parent.state_dict()
    for name, tensor in child.state_dict().items():
        if name.startswith("b1."):
            assert torch.equal(tensor, before[name])
        else:
            assert torch.equal(tensor, theirs[name.replace("b4.", "b3.")])
    with pytest.raises(StoreError, match=r"the parent has no weights for 'b1\.0\.weight'"):
        carry_over(child, theirs, {"b1": "b0"})


def test_an_untrained_child_is_its_parent(tmp_path: Path) -> None:
    evaluator = _evaluator(tmp_path)
    parent = _trial(network(_blocks(ENTRIES)))
    found = evaluator.evaluate(parent)
    genome = continued(parent, parent.candidate.genome["blocks"], SPACE)
    assert genome["carried"] == {"b0": "b0", "b3": "b3", "logits": "logits"}
    child = _trial(genome, 0, 0)
    evaluator.evaluate(child)
    own, theirs = (evaluator.weights.get(lineage(trial)) for trial in (child, parent))
    for name in build_network(_blocks(ENTRIES), SHAPE, 10).state_dict():
        assert torch.equal(own[name], theirs[name]), name
    assert found["epochs"] == 2


def test_an_ensemble_is_not_trained_and_sums_the_ledgers(tmp_path: Path) -> None:
    evaluator = _evaluator(tmp_path)
    trials = [_trial(network(_blocks(entries))) for entries in (ENTRIES, ["conv_3x3:" + ROUGH, "flatten"])]
    alone = [evaluator.evaluate(trial) for trial in trials]
    both = _trial(ensemble(trials), final=True)
    found = evaluator.evaluate(both)
    assert found["epochs"] == 0
    for metric in ("energy_all_pj", "energy_approximated_pj", "parameters"):
        assert found[metric] == pytest.approx(sum(metrics[metric] for metrics in alone))
    images = next(iter(evaluator.setting.data.validation.batches(64)))[0]
    with torch.no_grad():
        logits = [evaluator.trained(trial)(images) for trial in trials]
        assert torch.allclose(evaluator.trained(both)(images), (logits[0] + logits[1]) / 2, atol=1e-6)


def test_trials_of_other_parents_or_fidelities_are_other_trials() -> None:
    genome = network(_blocks(ENTRIES))
    keys = {
        lineage(_trial(genome)),
        lineage(_trial(genome, epochs=2)),
        lineage(_trial({**genome, "parent": "a", "carried": {"b0": "b0"}})),
        lineage(_trial({**genome, "parent": "b", "carried": {"b0": "b0"}})),
    }
    assert len(keys) == 4


def test_missing_and_damaged_weights_are_named(tmp_path: Path) -> None:
    store = WeightStore(tmp_path, {})
    with pytest.raises(StoreError, match="the weights of an earlier trial are gone"):
        store.get("nothing")
    trial = _trial(network(_blocks(ENTRIES)))
    store.put(trial, torch.nn.Linear(2, 3))
    assert store.get(lineage(trial))["weight"].shape == (3, 2)
    (blob,) = (path for path in (tmp_path / "blobs").rglob("*") if path.is_file())
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match="blob is damaged"):
        store.get(lineage(trial))
