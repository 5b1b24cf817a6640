"""One cell search as an evaluation: multipliers and a weight of the energy in, a genotype in a file out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field

from mulsmith.emulate.data import Split
from mulsmith.emulate.training import accuracy
from mulsmith.errors import StoreError
from mulsmith.search.evaluator import UnfitError
from mulsmith.search.nas.darts.derived import DerivedNetwork, assignment
from mulsmith.search.nas.darts.deviation import relative_deviations
from mulsmith.search.nas.darts.energy import ExpectedEnergy, edge_costs
from mulsmith.search.nas.darts.genotype import Genotype
from mulsmith.search.nas.darts.parallel import Arithmetic
from mulsmith.search.nas.darts.search import CellRecipe, search_cells
from mulsmith.search.nas.darts.shape import Shape
from mulsmith.search.nas.darts.supernet import SearchNetwork
from mulsmith.search.nas.setting import NasSetting
from mulsmith.search.nas.training import HOPELESS, QUANTISATION
from mulsmith.search.trial import Genome, Trial
from mulsmith.storage import atomic_write
from mulsmith.toml_file import Section


class CellSearchOptions(Section):
    """The search phase; the defaults are the published values."""

    channels: int = Field(default=16, ge=2, description="of the first cells of the search network")
    cells: int = Field(default=8, ge=1)
    epochs: int = Field(default=50, ge=1)
    images: int = Field(default=0, ge=0, description="training images, half for the weights; 0 is all")
    batch: int = Field(default=64, ge=2)
    learning_rate: float = Field(default=0.025, gt=0)
    last_rate: float = Field(default=0.001, ge=0)
    weight_decay: float = Field(default=3e-4, ge=0)
    architecture_rate: float = Field(default=3e-4, gt=0)
    architecture_decay: float = Field(default=1e-3, ge=0)
    order: Literal[1, 2] = Field(default=1, description="of the architecture gradient")
    patience: int = Field(
        default=3, ge=0, description="epochs after which a loss of guessing ends a search; 0 is never"
    )
    step: float = Field(default=0.1, gt=0, description="of the second order's difference, in 1 / |v|")
    ledger: Literal["multiplications", "accelerator"] = Field(
        default="multiplications", description="whose expected energy joins the loss"
    )

    def fidelity(self) -> dict[str, Any]:
        """Return what trades the quality of a search for its cost."""
        return self.model_dump(include={"channels", "cells", "epochs", "images"})


@dataclass(frozen=True, slots=True)
class CellSearch:
    """Searches cells for genomes ``{"choices": [multiplier, ..], "energy_weight": w}``.

    One choice: all convolutions run on its table. Several: convolutions run on the exact multiplier, and
    every edge adds noise as large as the error model predicts for its mixture of multipliers.

    Attributes:
        setting: data, multipliers and prices.
        options: how to search.
        shape: of the networks that will be derived.
        folder: of the run; genotype, checkpoint and losses go into ``searches/``.
    """

    setting: NasSetting
    options: CellSearchOptions
    shape: Shape
    folder: Path

    def evaluate(self, trial: Trial) -> dict[str, float]:
        """Return the search network's validation accuracy and the derived network's size and ledgers.

        Raises:
            UnfitError: the loss stays that of guessing.
            DivergedError: it became NaN or infinite.
            NotFiniteError: the input of a layer on a table did.
        """
        genome = trial.candidate.genome
        network = self._network(trial)

        def keep(number: int, loss: float) -> None:
            with self._path(trial, "losses.txt").open("a", encoding="utf-8") as file:
                file.write(f"epoch {number} of {trial.fidelity['epochs']}: training loss {loss:.4f}\n")
            if 0 < self.options.patience <= number and loss >= math.log(self.setting.data.classes):
                raise UnfitError(
                    f"{HOPELESS}: after {number} epochs the loss is {loss:.4f}, that of guessing"
                )

        genotype = search_cells(
            network,
            *self._halves(trial),
            self._recipe(trial),
            genome["choices"],
            self._path(trial, "pt"),
            keep,
            self._energy(genome),
        )
        text = json.dumps(genotype.to_json(), indent=1)
        atomic_write(self._path(trial, "json"), text.encode())
        derived = DerivedNetwork(genotype, self.shape)
        return {
            "accuracy": accuracy(network, self.setting.data.validation),
            "parameters": sum(parameter.numel() for parameter in derived.parameters()),
            "epochs": trial.fidelity["epochs"],
            "stopped": 0.0,
            **self.setting.energy_count(derived).ledgers(assignment(genotype, self.shape)),
        }

    def found(self, trial: Trial) -> bool:
        """Whether a search has derived a genotype: one that diverged has not."""
        return self._path(trial, "json").exists()

    def genotype(self, trial: Trial) -> Genotype:
        """Return what a finished search derived.

        Raises:
            StoreError: its file is no longer in the run folder, or is damaged.
        """
        path = self._path(trial, "json")
        try:
            return Genotype.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise StoreError("the genotype of a finished search is gone", path=path) from error

    def _network(self, trial: Trial) -> SearchNetwork:
        data, choices = self.setting.data, trial.candidate.genome["choices"]
        shape = Shape(trial.fidelity["channels"], trial.fidelity["cells"], data.shape, data.classes)
        errors, table = [0.0], choices[0]
        if len(choices) > 1:
            errors = relative_deviations(self.setting, choices, shape.channels, trial.seed)
            table = self.setting.exact
        arithmetic = Arithmetic(self.setting.multipliers[table].lut, QUANTISATION)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(trial.seed)
            network = SearchNetwork(shape, arithmetic, errors, trial.seed)
        return network.to(self.setting.options.device)

    def _halves(self, trial: Trial) -> tuple[Split, Split]:
        images = self.setting.training_images(trial.fidelity["images"])
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(trial.seed))
        half = len(images) // 2
        return images.take(order[:half]), images.take(order[half:])

    def _recipe(self, trial: Trial) -> CellRecipe:
        names = {name for name in CellRecipe.__slots__ if name in CellSearchOptions.model_fields}
        return CellRecipe(
            **{**self.options.model_dump(include=names), "epochs": trial.fidelity["epochs"]}, seed=trial.seed
        )

    def _energy(self, genome: Genome) -> ExpectedEnergy | None:
        weight, of_system = genome["energy_weight"], self.options.ledger == "accelerator"
        if not weight:
            return None
        costs, exact = (
            edge_costs(self.setting, self.shape, names, of_system)
            for names in (genome["choices"], [self.setting.exact])
        )
        # The unit is what the exact multiplier costs while every operation is as likely as any other.
        energy = ExpectedEnergy(costs, weight, float(exact.mean(2).sum()))
        return energy.to(self.setting.options.device)

    def _path(self, trial: Trial, suffix: str) -> Path:
        folder = self.folder / "searches"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{trial.key({})[:16]}.{suffix}"


def search_genome(choices: tuple[str, ...], energy_weight: float) -> Mapping[str, Any]:
    """Return the genome of a search."""
    return {"choices": list(choices), "energy_weight": energy_weight}
