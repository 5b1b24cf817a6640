"""The beam: growth of the depth, moves, ensembles, order, bad suggestions; and halving below it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mulsmith.errors import ConfigError
from mulsmith.search.nas.halving import SuccessiveHalving
from mulsmith.search.nas.phoenix.kinds import KINDS
from mulsmith.search.nas.phoenix.searcher import BeamRules, PhoenixSearcher
from mulsmith.search.nas.phoenix.space import BlockSpace, depth
from mulsmith.search.nas.phoenix.weights import lineage
from mulsmith.search.objective import Objective
from mulsmith.search.trial import Evaluation, Trial

SHAPE = (1, 8, 8)
SPACE = BlockSpace(SHAPE, ("exact", "rough"))
OBJECTIVES = (Objective("accuracy", "max"), Objective("energy_all_pj", "min"))
FIDELITY = {"epochs": 4, "table_epochs": 2, "images": 0, "width": 1.0}
START = (("conv_3x3", "flatten"), ("fixed_conv_16", "max_pool", "flatten", "dense_32"))
Metrics = Callable[[Trial], dict[str, float]]


def _searcher(rules: BeamRules, space: BlockSpace = SPACE, seed: int = 0) -> PhoenixSearcher:
    return PhoenixSearcher(space, OBJECTIVES, rules, START, seed, FIDELITY)


def _metrics(trial: Trial) -> dict[str, float]:
    """Return made-up metrics that follow from the genome: deeper is better and dearer."""
    genome = trial.candidate.genome
    parts = [genome] if "blocks" in genome else genome["members"]
    deep = [len(part["blocks"]) for part in parts]
    noise = int(trial.candidate.id[:4], 16) / 1e6
    return {"accuracy": max(deep) / 30 + noise, "energy_all_pj": sum(deep) + noise, "stopped": 0.0}


def _run(searcher: Any, metrics: Metrics = _metrics) -> list[list[Evaluation]]:
    batches = []
    while batch := searcher.ask():
        batches.append([Evaluation(trial, metrics(trial)) for trial in batch])
        searcher.tell(batches[-1])
    return batches


def _networks(batches: Sequence[Sequence[Evaluation]]) -> list[Trial]:
    return [e.trial for batch in batches for e in batch if "blocks" in e.trial.candidate.genome]


def test_allowed_depth_follows_the_finished_trials() -> None:
    rules = BeamRules()
    assert [rules.allowed_depth(n) for n in (0, 4, 5, 9, 10, 14, 15, 94, 95, 500)] == [
        2, 2, 2, 2, 3, 3, 4, 19, 20, 20,
    ]  # fmt: skip


def test_networks_grow_within_the_allowed_depth() -> None:
    rules = BeamRules(trials=60, batch=4, rewire=0.0, ensemble_every=0)
    batches = _run(_searcher(rules))
    finished, deepest = 0, []
    for batch in batches:
        deepest.append(max(depth(e.trial.candidate.genome["blocks"]) for e in batch))
        if finished:
            # A suggestion may be deeper than what is allowed so far: it is not cut.
            assert deepest[-1] <= max(3, rules.allowed_depth(finished))
        finished += len(batch)
    assert finished == 60
    assert max(deepest) > 6


def test_every_fifth_trial_is_an_ensemble_of_three_and_names_its_members() -> None:
    batches = _run(_searcher(BeamRules(trials=30, batch=5)))
    trials = [e.trial for batch in batches for e in batch]
    kinds = ["members" in trial.candidate.genome for trial in trials]
    assert [n for n, ensemble in enumerate(kinds) if ensemble] == [9, 14, 19, 24, 29]
    known = {lineage(trial): trial.candidate.genome["blocks"] for trial in _networks(batches)}
    for trial in trials:
        for member in trial.candidate.genome.get("members", ()):
            assert known[member["weights"]] == member["blocks"]


def test_children_name_the_trial_and_the_modules_that_they_start_from() -> None:
    batches = _run(_searcher(BeamRules(trials=60, batch=4)))
    known = {lineage(trial): trial.candidate.genome["blocks"] for trial in _networks(batches)}
    carrying = 0
    for trial in _networks(batches):
        genome = trial.candidate.genome
        assert bool(genome["parent"]) == bool(genome["carried"])
        for module, origin in genome["carried"].items():
            carrying += 1
            if module != "logits":
                mine = genome["blocks"][int(module[1:])]
                theirs = known[genome["parent"]][int(origin[1:])]
                assert mine["kind"] == theirs["kind"]
                assert KINDS[mine["kind"]].layers
    assert carrying > 50


def test_no_network_is_asked_for_twice_and_equal_searches_ask_equally() -> None:
    first, again = (_run(_searcher(BeamRules(trials=40))) for _ in range(2))
    assert first == again
    blocks = [str(trial.candidate.genome["blocks"]) for trial in _networks(first)]
    assert len(set(blocks)) == len(blocks)


def test_the_scalar_order_ignores_energy() -> None:
    def dear(trial: Trial) -> dict[str, float]:
        found = _metrics(trial)
        return {**found, "energy_all_pj": 1e3 * found["accuracy"]}

    rules = BeamRules(trials=30, beam=1, rewire=0.0, ensemble_every=0, order="accuracy")
    batches = _run(_searcher(rules), dear)
    best: Evaluation | None = None
    for batch in batches:
        if best is not None:
            parents = {e.trial.candidate.genome["parent"] for e in batch}
            assert parents <= {lineage(best.trial), ""}
        best = max([*([best] if best else []), *batch], key=lambda e: e.metrics["accuracy"])


def test_rewiring_changes_multipliers_alone_and_carries_all_weights() -> None:
    rng = np.random.default_rng(0)
    blocks = SPACE.suggestion(START[1], rng)
    child = SPACE.rewired(blocks, rng)
    assert child is not None
    assert [b["kind"] for b in child.blocks] == [b["kind"] for b in blocks]
    assert child.carried(blocks, SHAPE) == {"b0": "b0", "b3": "b3", "logits": "logits"}


def test_a_block_behind_another_shape_starts_afresh() -> None:
    rng = np.random.default_rng(0)
    blocks = SPACE.suggestion(["fixed_conv_16", "conv_3x3", "plate_flatten", "dense_32"], rng)
    wider = replace(SPACE, kinds=("fixed_conv_32",)).replaced(blocks[:1] + blocks[2:], rng)
    assert wider is not None
    assert wider.carried(blocks[:1] + blocks[2:], SHAPE) == {"logits": "logits"}
    appended = replace(SPACE, kinds=("conv_1x3",)).grown(blocks, rng)
    assert appended is not None
    assert appended.carried(blocks, SHAPE) == {"b0": "b0", "b1": "b1", "b4": "b3", "logits": "logits"}


def test_networks_blocks_or_layers_have_a_multiplier_of_their_own() -> None:
    many = tuple(str(n) for n in range(50))
    for space, expected in (
        (BlockSpace(SHAPE, many, gene="network"), [1, 1]),
        (BlockSpace(SHAPE, many, gene="block"), [1, 2]),
        (BlockSpace(SHAPE, many, gene="layer"), [4, 7]),
    ):
        rng = np.random.default_rng(1)
        blocks = space.suggestion(["dual_resnet_3x3", "flatten", "pyramid_32"], rng)
        rewired = space.rewired(blocks, rng)
        assert rewired is not None
        for found in (blocks, rewired.blocks):
            assert [len(block["multipliers"]) for block in found] == [4, 0, 3]
            used = [gene for block in found for gene in block["multipliers"]]
            assert [len(set(used[:4])), len(set(used))] == expected
        assert rewired.blocks != blocks


def test_stopped_failed_and_low_fidelity_networks_are_no_parents() -> None:
    searcher = _searcher(BeamRules(trials=12, ensemble_every=0))
    first = searcher.ask()
    searcher.tell([Evaluation(first[0], {}, "diverged"), Evaluation(first[1], _metrics(first[1]))])
    assert {t.candidate.genome["parent"] for t in searcher.ask()} <= {lineage(first[1]), ""}
    searcher = _searcher(BeamRules(trials=12))
    stopped = [Evaluation(t, {**_metrics(t), "stopped": 1.0}) for t in searcher.ask()]
    with pytest.raises(ConfigError, match="every suggested network failed or was no better than guessing"):
        searcher.tell(stopped)


def test_parents_of_a_halved_search_reached_the_highest_rung() -> None:
    inner = _searcher(BeamRules(trials=20, batch=4))
    batches = _run(SuccessiveHalving(inner, rungs=2, share=0.5, objectives=OBJECTIVES))
    full = {lineage(e.trial) for batch in batches for e in batch if e.trial.fidelity == FIDELITY}
    parents = {trial.candidate.genome["parent"] for trial in _networks(batches)} - {""}
    assert parents
    assert parents <= full


def test_a_limit_keeps_networks_small() -> None:
    space = replace(SPACE, admits=lambda blocks: len(blocks) <= 4)
    batches = _run(_searcher(BeamRules(trials=40, ensemble_every=0), space))
    assert max(len(trial.candidate.genome["blocks"]) for trial in _networks(batches)) == 4


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (["conv_3x4", "flatten"], "no block is named 'conv_3x4'"),
        (["conv_3x3"], "is no network"),
        (["flatten", "conv_3x3"], "is no network"),
        (["dense_32", "flatten"], "is no network"),
        (["conv_3x3", "flatten", "flatten"], "is no network"),
        (["conv_3x3:rougher", "flatten"], "'rougher' is not among the circuits"),
        (["max_pool"] * 4 + ["flatten"], "images of 8 x 8 become too small or channels too many for block 4"),
        (["channels_x2"] * 7 + ["flatten"], "channels too many for block 7"),
    ],
)
def test_bad_suggestions_are_named(entries: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SPACE.suggestion(entries, np.random.default_rng(0))


def test_bad_settings_are_named() -> None:
    with pytest.raises(ConfigError, match="makes more multiplications than the limit"):
        replace(SPACE, admits=lambda blocks: False).suggestion(START[0], np.random.default_rng(0))
    with pytest.raises(ConfigError, match="'flatten' cannot be appended"):
        BlockSpace(SHAPE, ("exact",), ("flatten",))
    with pytest.raises(ConfigError, match="no kind of block may be appended"):
        BlockSpace(SHAPE, ("exact",), ())
    with pytest.raises(ConfigError, match="min_depth = 5 is above max_depth = 4"):
        BeamRules(min_depth=5, max_depth=4)
    with pytest.raises(ConfigError, match="needs at least one suggestion"):
        PhoenixSearcher(SPACE, OBJECTIVES, BeamRules(), (), 0, FIDELITY)
