"""ApproxDARTS (Pinos, Sekanina, Mrazek 2024): DARTS cells whose convolutions run on approximate multipliers.

Cells are searched, derived and trained at length. Beyond the paper, the multiplier can be a relaxed choice of
every edge, and the expected energy can enter the loss. Open in the source, decided here: stem, input
alignments, strided skips and the classifier run on the exact multiplier; the final training starts in float.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from torch import nn

from mulsmith.emulate.training import accuracy, load_state, save_state
from mulsmith.errors import ConfigError, DataError
from mulsmith.search.nas.darts.cell_search import CellSearch, CellSearchOptions, search_genome
from mulsmith.search.nas.darts.derived import DerivedNetwork, assignment, source
from mulsmith.search.nas.darts.drawing import genotype_svg
from mulsmith.search.nas.darts.genotype import Genotype
from mulsmith.search.nas.darts.lesson import RegularisedLesson
from mulsmith.search.nas.darts.shape import Shape
from mulsmith.search.nas.fidelity import Fidelity, FidelityOptions
from mulsmith.search.nas.fixed import FixedTrials
from mulsmith.search.nas.halving import HalvingOptions
from mulsmith.search.nas.methods import NAS_METHODS, NasMethod, NasPlan
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.nas.training import (
    TrainingOptions,
    candidate_run,
    float_state,
    on_tables,
    train_candidate,
)
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial
from mulsmith.toml_file import Section

LEAST_IMAGES = 4
"""Of a cell search: batch norms need two in either half."""


class NetworkOptions(Section):
    """The network that a genotype becomes, and its regularisation; the defaults are the published values."""

    channels: int = Field(default=36, ge=2, description="of the first cells")
    cells: int = Field(default=20, ge=1)
    cutout: int = Field(default=16, ge=0, description="side of the blanked square, pixels; 0 is none")
    drop_path: float = Field(default=0.2, ge=0, lt=1, description="share of the paths dropped at the end")
    auxiliary: float = Field(default=0.4, ge=0, description="weight of the auxiliary head; 0 is none")


class ApproxDartsOptions(HalvingOptions):
    """The search of ApproxDARTS."""

    choices: Literal["fixed", "relaxed", "both"] = Field(
        default="fixed", description="fixed: one search per multiplier; relaxed: one, every edge chooses"
    )
    energy_weights: tuple[float, ...] = Field(
        default=(0.0,), min_length=1, description="of the expected energy in the loss; searches for each"
    )
    energy: Ledger = Field(default=Ledger.ALL, description="the ledger whose front is trained at length")
    trained: Literal["front", "all"] = Field(
        default="front", description="the searches whose cells are trained at length"
    )
    finals: int = Field(default=4, ge=1, description="of the front, trained at length")
    cells: CellSearchOptions = CellSearchOptions()
    network: NetworkOptions = NetworkOptions()
    training: TrainingOptions = TrainingOptions(optimiser="sgd", learning_rate=0.025, weight_decay=3e-4)
    final: FidelityOptions = FidelityOptions(epochs=0, table_epochs=600)


@dataclass(frozen=True, eq=False)
class ApproxDartsEvaluator:
    """Searches cells, and trains the networks of genotypes; picklable.

    Attributes:
        setting: data, multipliers and prices.
        options: of the method.
        folder: the run folder.
    """

    setting: NasSetting
    options: ApproxDartsOptions
    folder: Path
    _identity: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Setting and all options that are no fidelity."""
        if not self._identity:
            options = self.options.model_dump(mode="json", include={"cells", "network", "training"})
            for name in self.options.cells.fidelity():
                del options["cells"][name]
            self._identity.update(self.setting.identity, **options)
        return self._identity

    @property
    def search(self) -> CellSearch:
        """What searches cells."""
        return CellSearch(self.setting, self.options.cells, self.shape(1.0), self.folder)

    def shape(self, width: float) -> Shape:
        """Return the size of derived networks, the channels times a factor."""
        network, data = self.options.network, self.setting.data
        return Shape(max(2, round(width * network.channels)), network.cells, data.shape, data.classes)

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return validation accuracy, parameters, the ledgers, epochs run and whether it was stopped."""
        with candidate_run(self.setting.options.threads):
            if "choices" in trial.candidate.genome:
                return self.search.evaluate(trial)
            return self._train(trial)

    def trained(self, trial: Trial) -> nn.Module:
        """Return the network that a final trial has trained, on its tables.

        Raises:
            StoreError: its weights are no longer in the run folder.
        """
        genotype, shape = Genotype.from_json(trial.candidate.genome), self.shape(Fidelity.of(trial).width)
        tables = on_tables(
            DerivedNetwork(genotype, shape),
            self.setting,
            self.options.training,
            self._layers(genotype, shape),
        )
        tables.load_state_dict(load_state(self._kept(trial)))
        return tables.eval()

    def _train(self, trial: Trial) -> dict[str, float]:
        genotype, fidelity = Genotype.from_json(trial.candidate.genome), Fidelity.of(trial)
        full, shape, network = self.shape(1.0), self.shape(fidelity.width), self.options.network
        checkpoints = self.folder / "checkpoints" / trial.candidate.id
        # What is trained at the end is worth its time, whatever its first epochs look like.
        patient = self.options.training.model_copy(update={"patience": 0})
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(trial.seed)
            fresh = DerivedNetwork(genotype, shape, auxiliary=network.auxiliary > 0)
        trained = train_candidate(
            fresh, self.setting, fidelity, patient, self._layers(genotype, shape), trial.seed,
            float_state(self.folder, genotype.on("").to_json(), trial, self.identity),
            RegularisedLesson(network.cutout, network.drop_path, network.auxiliary),
            checkpoints,
        )  # fmt: skip
        if isinstance(trained.network, DerivedNetwork):
            trained.network.finish()
        found = accuracy(trained.network, self.setting.data.validation)
        save_state(self._kept(trial), trained.network.cpu().state_dict())
        shutil.rmtree(checkpoints, ignore_errors=True)
        plain = DerivedNetwork(genotype, full)
        return {
            "accuracy": found,
            "parameters": sum(parameter.numel() for parameter in plain.parameters()),
            "epochs": trained.epochs,
            "stopped": float(trained.stopped),
            **self.setting.energy_count(plain).ledgers(assignment(genotype, full)),
        }

    def _layers(self, genotype: Genotype, shape: Shape) -> dict[str, str]:
        return {**assignment(genotype, shape), "*": self.setting.exact}

    def _kept(self, trial: Trial) -> Path:
        return self.folder / "networks" / f"{trial.candidate.id}.pt"


def _plan(setting: NasSetting, options: ApproxDartsOptions, folder: Path) -> NasPlan:
    objectives = (Objective("accuracy", "max"), setting.energy_objective(options.energy))
    evaluator = ApproxDartsEvaluator(setting, options, folder)
    shape = evaluator.shape(1.0)
    images = setting.training_images(options.cells.images)
    if len(images) < LEAST_IMAGES:
        raise DataError(
            f"{len(images)} training images are too few for two halves",
            remedy="raise approxdarts.cells.images",
        )
    wants_energy = options.cells.ledger == "accelerator" and any(options.energy_weights)
    if wants_energy and not setting.options.accelerator:
        raise ConfigError(
            "the expected energy of an accelerator needs one", remedy="set run.accelerator, e.g. eyeriss-like"
        )
    fidelity = options.cells.fidelity()
    searches = [
        Trial(Candidate(search_genome(choices, weight), "search"), fidelity, setting.options.seed)
        for weight in options.energy_weights
        for choices in _choices(setting, options)
    ]
    return NasPlan(
        options.halved(FixedTrials(searches), objectives),
        evaluator,
        objectives,
        fidelity,
        lambda front: _final_trials(evaluator, searches, front),
        lambda genome: _multiplier(genome, setting.exact),
        evaluator.trained,
        lambda genome: genotype_svg(Genotype.from_json(genome)),
        lambda genome: source(Genotype.from_json(genome), shape),
    )


def _final_trials(
    evaluator: ApproxDartsEvaluator, searches: Sequence[Trial], front: Sequence[Evaluation]
) -> list[Trial]:
    """Return the derived networks of the front (or of all searches) and of the exact searches.

    Each is trained on its own multipliers and on all that serve another alone; float weights are shared.
    """
    setting, options, search = evaluator.setting, evaluator.options, evaluator.search
    exact = [trial for trial in searches if trial.candidate.genome["choices"] == [setting.exact]]
    chosen = [evaluation.trial for evaluation in front[: options.finals]]
    chosen += searches if options.trained == "all" else exact
    genotypes = [search.genotype(trial) for trial in chosen if search.found(trial)]
    alone = {genotype.multiplier(setting.exact): None for genotype in genotypes} | {setting.exact: None}
    genotypes += [genotype.on(name) for genotype in genotypes for name in alone if name]
    thorough = {**options.final.fidelity().to_json(), "final": True}
    return [
        Trial(Candidate(genotype.to_json(), "final"), thorough, setting.options.seed)
        for genotype in dict.fromkeys(genotypes)
    ]


def _choices(setting: NasSetting, options: ApproxDartsOptions) -> list[tuple[str, ...]]:
    names = tuple(setting.multipliers)
    fixed: list[tuple[str, ...]] = [] if options.choices == "relaxed" else [(name,) for name in names]
    if options.choices == "fixed":
        return fixed
    if len(names) < 2:
        raise ConfigError("a relaxed choice needs several circuits", remedy="widen circuits.names")
    return [*fixed, names]


def _multiplier(genome: Genome, exact: str) -> str:
    """Return the multiplier of a genome; "" where its edges have several."""
    if "choices" not in genome:
        return Genotype.from_json(genome).multiplier(exact)
    return str(genome["choices"][0]) if len(genome["choices"]) == 1 else ""


def _network(
    genome: Genome, options: ApproxDartsOptions, shape: tuple[int, int, int], classes: int
) -> nn.Module:
    """Return the untrained network of a genotype."""
    size = Shape(options.network.channels, options.network.cells, shape, classes)
    return DerivedNetwork(Genotype.from_json(genome), size)


NAS_METHODS.register("approxdarts", NasMethod(ApproxDartsOptions, _plan, _network))
