"""The evaluator of Phoenix: trains networks from what they carry over, averages ensembles."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mulsmith.emulate.training import accuracy, save_state
from mulsmith.search.nas.fidelity import Fidelity
from mulsmith.search.nas.phoenix.blocks import Ensemble
from mulsmith.search.nas.phoenix.network import build, build_network, multiplier_of_layers
from mulsmith.search.nas.phoenix.space import Blocks, depth
from mulsmith.search.nas.phoenix.weights import WeightStore, carry_over
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.nas.training import (
    Trained,
    TrainingOptions,
    candidate_run,
    float_state,
    on_tables,
    train_candidate,
)
from mulsmith.search.trial import Genome, Trial


@dataclass(frozen=True, eq=False)
class PhoenixEvaluator:
    """Trains and evaluates networks and ensembles; picklable.

    Attributes:
        setting: data, multipliers and prices.
        training: how to train.
        full_depth: of a network that gets all epochs of its fidelity; a shallower one gets its share.
        folder: the run folder, for the weights.
    """

    setting: NasSetting
    training: TrainingOptions
    full_depth: int
    folder: Path
    _identity: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Setting and training options."""
        if not self._identity:
            self._identity.update(
                self.setting.identity,
                training=self.training.model_dump(mode="json"),
                full_depth=self.full_depth,
            )
        return self._identity

    @property
    def weights(self) -> WeightStore:
        """The trained weights of the run."""
        return WeightStore(self.folder, self.identity)

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return validation accuracy, parameters, the ledgers, epochs run and whether it was stopped."""
        genome = trial.candidate.genome
        with candidate_run(self.setting.options.threads):
            trained = self._ensemble(trial) if "members" in genome else self._train(trial)
            found = accuracy(trained.network.to(self.setting.options.device), self.setting.data.validation)
        if not trained.stopped:
            self._keep(trial, trained.network.cpu())
        full = build(genome, self.setting.data.shape, self.setting.data.classes)
        return {
            "accuracy": found,
            "parameters": sum(parameter.numel() for parameter in full.parameters()),
            "epochs": trained.epochs,
            "stopped": float(trained.stopped),
            **self.setting.energy_count(full).ledgers(multiplier_of_layers(genome)),
        }

    def trained(self, trial: Trial) -> nn.Module:
        """Return the network of a finished trial, on its tables.

        Raises:
            StoreError: its weights are no longer in the run folder.
        """
        genome = trial.candidate.genome
        if "members" in genome:
            return self._ensemble(trial).network
        return self._restored(genome["blocks"], Fidelity.of(trial).width, self.weights.get(trial.key({})))

    def _train(self, trial: Trial) -> Trained:
        genome, fidelity = trial.candidate.genome, Fidelity.of(trial)
        blocks: Blocks = genome["blocks"]
        final = bool(trial.fidelity.get("final"))
        network = self._network(blocks, fidelity.width, trial.seed)
        if genome["carried"]:
            carry_over(network, self.weights.get(genome["parent"]), genome["carried"])
        # What is trained at the end is worth its time, and differs from its exact twin in multipliers alone.
        options = self.training.model_copy(update={"patience": 0}) if final else self.training
        structure = {**genome, "blocks": [block["kind"] for block in blocks]}
        kept = float_state(self.folder, structure, trial, self.identity) if final else None
        share = 1.0 if final else min(1.0, max(1, depth(blocks)) / self.full_depth)
        checkpoints = self.folder / "checkpoints" / trial.candidate.id if final else None
        trained = train_candidate(
            network, self.setting, fidelity.scaled(share), options,
            self._assignment(network, genome), trial.seed, kept, checkpoints=checkpoints,
        )  # fmt: skip
        if checkpoints is not None:
            shutil.rmtree(checkpoints, ignore_errors=True)
        return trained

    def _ensemble(self, trial: Trial) -> Trained:
        width = Fidelity.of(trial).width
        members: list[nn.Module] = [
            self._restored(member["blocks"], width, self.weights.get(member["weights"]))
            for member in trial.candidate.genome["members"]
        ]
        return Trained(Ensemble(members).eval(), 0, False)

    def _keep(self, trial: Trial, network: nn.Module) -> None:
        if "blocks" in trial.candidate.genome:
            self.weights.put(trial, network)
        if trial.fidelity.get("final"):
            save_state(self.folder / "networks" / f"{trial.candidate.id}.pt", network.state_dict())

    def _restored(self, blocks: Blocks, width: float, state: Mapping[str, Any]) -> nn.Module:
        network = self._network(blocks, width, 0)
        tables = on_tables(
            network, self.setting, self.training, self._assignment(network, {"blocks": blocks})
        )
        tables.load_state_dict(state)
        return tables.eval()

    def _assignment(self, network: nn.Module, genome: Genome) -> dict[str, str]:
        """Return layer -> multiplier; the classifier runs on the exact one."""
        layers = [name for name, layer in network.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        genes = multiplier_of_layers(genome)
        return {name: genes.get(name, self.setting.exact) for name in layers}

    def _network(self, blocks: Blocks, width: float, seed: int) -> nn.Module:
        data = self.setting.data
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return build_network(blocks, data.shape, data.classes, width)
