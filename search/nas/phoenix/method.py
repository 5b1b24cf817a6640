"""Phoenix as an architecture search (Google Model Search with approximate layers; JETCAS 2023).

Open in the source, decided here: the depth is that of the blocks without the flattening one; image blocks are
appended in front of that block, fully connected ones at the end; the classifier runs on the exact multiplier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from mulsmith.search.nas.fidelity import FidelityOptions
from mulsmith.search.nas.halving import HalvingOptions
from mulsmith.search.nas.methods import NAS_METHODS, NasMethod, NasPlan
from mulsmith.search.nas.phoenix.evaluator import PhoenixEvaluator
from mulsmith.search.nas.phoenix.kinds import KINDS
from mulsmith.search.nas.phoenix.network import (
    build,
    multiplications_of,
    multiplier_of_layers,
    picture,
    source,
)
from mulsmith.search.nas.phoenix.searcher import BeamRules, PhoenixSearcher, continued, ensemble, network
from mulsmith.search.nas.phoenix.space import Blocks, BlockSpace
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.nas.training import TrainingOptions
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial, canonical_json


class PhoenixTraining(TrainingOptions):
    """How candidates are trained."""

    decay: Literal["cosine", "exponential"] = "exponential"


class PhoenixOptions(HalvingOptions):
    """The search of Phoenix."""

    suggestions: tuple[tuple[str, ...], ...] = Field(
        default=(("fixed_conv_16", "flatten"), ("fixed_conv_32", "max_pool", "flatten")),
        description="the first networks; a block is KIND, or KIND:MULTIPLIER to give its multiplier",
    )
    blocks: tuple[str, ...] = Field(
        default=tuple(name for name, kind in KINDS.items() if kind.place != "flatten"),
        description="kinds that may be appended or put in the place of others",
    )
    gene: Literal["network", "block", "layer"] = Field(
        default="block", description="what draws a multiplier of its own"
    )
    trials: int = Field(default=100, ge=1, description="suggestions and ensembles included")
    batch: int = Field(default=5, ge=1, description="trials that are decided on at once")
    beam: int = Field(default=5, ge=1, description="best networks that may be parents")
    order: Literal["pareto", "accuracy"] = Field(default="pareto", description="of the beam")
    energy: Ledger = Field(default=Ledger.ALL, description="the ledger that is minimised")
    append: float = Field(default=0.9, ge=0, le=1, description="probability that a network may grow")
    rewire: float = Field(default=0.3, ge=0, le=1, description="that only multipliers change instead")
    trials_per_depth: int = Field(default=5, ge=1, description="after which networks may be deeper by one")
    min_depth: int = Field(default=2, ge=1)
    max_depth: int = Field(default=20, ge=1)
    full_depth: int = Field(default=6, ge=1, description="that gets all epochs; below it a share of them")
    max_multiplications: int = Field(default=0, ge=0, description="of a network per image; 0 is no limit")
    ensemble_every: int = Field(default=5, ge=0, description="trials; 0 is never")
    ensemble_width: int = Field(default=3, ge=2)
    finals: int = Field(default=4, ge=1, description="of the front, the most accurate ones trained at length")
    final_ensemble: bool = Field(default=True, description="add the ensemble of the best trained at length")
    training: PhoenixTraining = PhoenixTraining()
    search: FidelityOptions = FidelityOptions(epochs=6, table_epochs=2)
    final: FidelityOptions = FidelityOptions(epochs=20, table_epochs=5)

    def rules(self) -> BeamRules:
        """Return the rules of the beam."""
        return BeamRules(**{name: getattr(self, name) for name in BeamRules.__slots__})


def _plan(setting: NasSetting, options: PhoenixOptions, folder: Path) -> NasPlan:
    shape, classes = setting.data.shape, setting.data.classes

    def admits(blocks: Blocks) -> bool:
        limit = options.max_multiplications
        return not limit or multiplications_of(blocks, shape, classes) <= limit

    space = BlockSpace(shape, tuple(setting.multipliers), options.blocks, options.gene, admits)
    objectives = (Objective("accuracy", "max"), setting.energy_objective(options.energy))
    fidelity = options.search.fidelity().to_json()
    setting.training_images(options.search.images)
    searcher = PhoenixSearcher(
        space, objectives, options.rules(), options.suggestions, setting.options.seed, fidelity
    )
    evaluator = PhoenixEvaluator(setting, options.training, options.full_depth, folder)
    finals = _Finals(setting, options, space)
    return NasPlan(
        options.halved(searcher, objectives),
        evaluator,
        objectives,
        fidelity,
        finals.trials,
        lambda genome: _multiplier(genome, setting.exact),
        evaluator.trained,
        lambda genome: picture(genome, shape, classes),
        lambda genome: source(genome, shape, classes),
        combined=finals.ensembles,
    )


class _Finals:
    """The final training: the front's most accurate networks, their exact twins, an ensemble."""

    def __init__(self, setting: NasSetting, options: PhoenixOptions, space: BlockSpace) -> None:
        self._setting = setting
        self._options = options
        self._space = space
        self._fidelity = {**options.final.fidelity().to_json(), "final": True}

    def trials(self, front: Sequence[Evaluation]) -> list[Trial]:
        """Return the networks and their twins; all start from the weights that the search gave them.

        Networks that are exact already do not count against the number of finals.
        """
        networks: list[Trial] = []
        approximate = 0
        for trial in (e.trial for e in front if "blocks" in e.trial.candidate.genome):
            if approximate < self._options.finals:
                networks.append(trial)
                approximate += _multiplier(trial.candidate.genome, self._setting.exact) != self._setting.exact
        found: list[Blocks] = [trial.candidate.genome["blocks"] for trial in networks]
        genomes = [self._continued(trial, blocks) for trial, blocks in zip(networks, found, strict=True)]
        twins = [
            self._continued(trial, [self._exact(block) for block in blocks])
            for trial, blocks in zip(networks, found, strict=True)
        ]
        distinct = {canonical_json(genome): genome for genome in (*genomes, *twins)}
        return [self._trial(genome, "final") for genome in distinct.values()]

    def ensembles(self, finals: Sequence[Evaluation]) -> list[Trial]:
        """Return the ensemble of the most accurate of the approximate networks, if there are several."""
        exact = self._setting.exact
        fit = [
            e for e in finals
            if not e.failed and _multiplier(e.trial.candidate.genome, exact) != exact
        ]  # fmt: skip
        fit.sort(key=lambda e: (-e.metrics["accuracy"], e.metrics["energy_all_pj"], e.trial.candidate.id))
        members = [evaluation.trial for evaluation in fit[: self._options.ensemble_width]]
        if not self._options.final_ensemble or len(members) < 2:
            return []
        return [self._trial(ensemble(members), "final ensemble")]

    def _continued(self, trial: Trial, blocks: Blocks) -> Genome:
        if self._options.search.width == self._options.final.width:
            return continued(trial, blocks, self._space)
        return network(blocks)

    def _exact(self, block: Mapping[str, Any]) -> dict[str, Any]:
        return {"kind": block["kind"], "multipliers": [self._setting.exact] * len(block["multipliers"])}

    def _trial(self, genome: Genome, origin: str) -> Trial:
        return Trial(Candidate(genome, origin), self._fidelity, self._setting.options.seed)


def _multiplier(genome: Genome, exact: str) -> str:
    """Return the one multiplier of a network, "" where there are several; without genes it is exact."""
    used = set(multiplier_of_layers(genome).values()) or {exact}
    return used.pop() if len(used) == 1 else ""


NAS_METHODS.register(
    "phoenix",
    NasMethod(PhoenixOptions, _plan, lambda genome, options, shape, classes: build(genome, shape, classes)),
)
