"""EvoApproxNAS (Pinos, Mrazek, Sekanina, EuroGP 2021): CGP networks and one multiplier, by NSGA-II.

Open in the source, decided here: all weights of a candidate are fresh and follow from the seed, so that a
phenotype has one result and is looked up when it comes again; convolutions run on the evolved multiplier,
fully connected layers on the exact one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from torch import nn

from mulsmith.emulate.training import accuracy, load_state, save_state
from mulsmith.errors import ConfigError
from mulsmith.search.nas.cgp.genome import CgpSpace
from mulsmith.search.nas.cgp.network import build_network, parameter_count, picture, source
from mulsmith.search.nas.cgp.template import load_template
from mulsmith.search.nas.fidelity import Fidelity, FidelityOptions
from mulsmith.search.nas.halving import HalvingOptions
from mulsmith.search.nas.methods import NAS_METHODS, NasMethod, NasPlan
from mulsmith.search.nas.phenotypes import AskPhenotypes
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.nas.training import (
    TrainingOptions,
    candidate_run,
    float_state,
    on_tables,
    train_candidate,
)
from mulsmith.search.nsga2 import Nsga2
from mulsmith.search.objective import Ledger, Objective
from mulsmith.search.trial import Candidate, Evaluation, Genome, Trial, canonical_json

_ACCURACY = Objective("accuracy", "max")
_PARAMETERS = Objective("parameters", "min")


class EvoApproxNasOptions(HalvingOptions):
    """The search of EvoApproxNAS."""

    template: str = Field(default="digits", description="a shipped template or a TOML file")
    scenario: Literal["S1", "S2", "S3", "S4"] = Field(
        default="S1",
        description="S1 accuracy and energy; S2 parameters too; S3 one given multiplier; S4 the exact one",
    )
    multiplier: str = Field(default="", description="of scenario S3")
    energy: Ledger = Field(default=Ledger.APPROXIMATED, description="the ledger that is minimised")
    population: int = Field(default=8, ge=2)
    offspring: int = Field(default=8, ge=1)
    generations: int = Field(default=10, ge=0, description="after the initial population")
    p_multiplier: float = Field(default=0.5, ge=0, le=1, description="that a mutation redraws the multiplier")
    finals: int = Field(default=4, ge=1, description="of the front, the most accurate ones trained at length")
    training: TrainingOptions = TrainingOptions()
    search: FidelityOptions = FidelityOptions(epochs=6, table_epochs=2)
    final: FidelityOptions = FidelityOptions(epochs=20, table_epochs=5)


@dataclass(frozen=True, eq=False)
class EvolvedEvaluator:
    """Trains and evaluates phenotypes; picklable.

    Attributes:
        setting: data, multipliers and prices.
        training: how to train.
        folder: the run folder, for float weights that candidates share and for final networks.
    """

    setting: NasSetting
    training: TrainingOptions
    folder: Path
    _identity: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Setting and training options."""
        if not self._identity:
            self._identity.update(self.setting.identity, training=self.training.model_dump(mode="json"))
        return self._identity

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return validation accuracy, parameters, the ledgers, epochs run and whether it was stopped."""
        genome, fidelity = trial.candidate.genome, Fidelity.of(trial)
        full = self._network(genome, 1.0, trial.seed)
        with candidate_run(self.setting.options.threads):
            trained = train_candidate(
                self._network(genome, fidelity.width, trial.seed),
                self.setting,
                fidelity,
                self.training,
                self.assignment(full, genome),
                trial.seed,
                float_state(self.folder, genome["nodes"], trial, self.identity),
            )
            found = accuracy(trained.network, self.setting.data.validation)
        if trial.fidelity.get("final") and not trained.stopped:
            save_state(self._kept(trial), trained.network.cpu().state_dict())
        layers = dict.fromkeys(_convolutions(full), genome["multiplier"])
        return {
            "accuracy": found,
            "parameters": parameter_count(full),
            "epochs": trained.epochs,
            "stopped": float(trained.stopped),
            **self.setting.energy_count(full).ledgers(layers),
        }

    def assignment(self, network: nn.Module, genome: Genome) -> dict[str, str]:
        """Return layer -> multiplier: the evolved one for convolutions, the exact one for other layers."""
        evolved = _convolutions(network)
        layers = [name for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        return {name: genome["multiplier"] if name in evolved else self.setting.exact for name in layers}

    def trained(self, trial: Trial) -> nn.Module:
        """Return the network that a final trial has trained, on its tables.

        Raises:
            StoreError: its weights are no longer in the run folder.
        """
        genome = trial.candidate.genome
        network = self._network(genome, Fidelity.of(trial).width, trial.seed)
        assignment = self.assignment(network, genome)
        tables = on_tables(network, self.setting, self.training, assignment)
        tables.load_state_dict(load_state(self._kept(trial)))
        return tables.eval()

    def _network(self, genome: Genome, width: float, seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return build_network(genome, self.setting.data.shape, width)

    def _kept(self, trial: Trial) -> Path:
        return self.folder / "networks" / f"{trial.candidate.id}.pt"


def _convolutions(network: nn.Module) -> list[str]:
    return [name for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d)]


def _plan(setting: NasSetting, options: EvoApproxNasOptions, folder: Path) -> NasPlan:
    template = load_template(options.template)
    template.check(setting.data.shape, setting.data.classes)
    multipliers = _multipliers(setting, options)
    space = CgpSpace(template, multipliers, options.p_multiplier)
    energy = setting.energy_objective(options.energy)
    objectives = (_ACCURACY, _PARAMETERS, energy) if options.scenario == "S2" else (_ACCURACY, energy)
    fidelity = options.search.fidelity().to_json()
    setting.training_images(options.search.images)
    genotypes = Nsga2(
        space,
        objectives,
        population=options.population,
        offspring=options.offspring,
        generations=options.generations,
        seed=setting.options.seed,
        crossover_rate=0.0,
        mutation_rate=1.0,
        fidelity=fidelity,
    )
    searcher = options.halved(AskPhenotypes(genotypes, space.express), objectives)
    evaluator = EvolvedEvaluator(setting, options.training, folder)
    thorough = {**options.final.fidelity().to_json(), "final": True}

    def final(front: Sequence[Evaluation]) -> list[Trial]:
        """Return the front's most accurate ones, each also on the exact multiplier, for a longer training."""
        seed = setting.options.seed
        genomes = [e.trial.candidate.genome for e in front[: options.finals]]
        genomes += [{**genome, "multiplier": setting.exact} for genome in genomes]
        distinct = {canonical_json(genome): genome for genome in genomes}
        return [Trial(Candidate(genome, "final"), thorough, seed) for genome in distinct.values()]

    shape = setting.data.shape
    return NasPlan(
        searcher,
        evaluator,
        objectives,
        fidelity,
        final,
        lambda genome: str(genome["multiplier"]),
        evaluator.trained,
        lambda genome: picture(genome, shape),
        lambda genome: source(genome, shape),
    )


def _multipliers(setting: NasSetting, options: EvoApproxNasOptions) -> tuple[str, ...]:
    if options.scenario == "S4":
        return (setting.exact,)
    if options.scenario != "S3":
        return tuple(setting.multipliers)
    if options.multiplier not in setting.multipliers:
        raise ConfigError(
            f"scenario S3 needs one of the circuits as its multiplier, not '{options.multiplier}'",
            remedy="set evoapproxnas.multiplier to a name that circuits.names matches",
        )
    return (options.multiplier,)


NAS_METHODS.register(
    "evoapproxnas",
    NasMethod(
        EvoApproxNasOptions, _plan, lambda genome, options, shape, classes: build_network(genome, shape)
    ),
)
