"""From a setting to what a search works on: the evaluator, and the problem with its predictions."""

from __future__ import annotations

import copy
import fnmatch
import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import torch

from mulsmith import emulate
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.library import Library
from mulsmith.characterize.record import Multiplier
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.setting import CALIBRATION_IMAGES, Setting
from mulsmith.emulate.corrections import Corrections
from mulsmith.emulate.data import Split, first_images
from mulsmith.emulate.lesson import Distillation
from mulsmith.energy import accelerator_names, operand_energies
from mulsmith.errors import ConfigError, StoreError
from mulsmith.provenance import sha256_hex
from mulsmith.search.assignment import EmulatedAssignment
from mulsmith.search.energy_count import EnergyCount, SystemEnergy
from mulsmith.search.methods import METHODS, predicted_errors
from mulsmith.search.noise import NoiseRecipe, learn_noise
from mulsmith.search.objective import Ledger, Objective, energy_metric
from mulsmith.search.operands import NetworkOperands, operand_histograms, sample_network
from mulsmith.search.operating_points import OperatingPoints
from mulsmith.search.problem import AssignmentProblem, Floats, Tolerance
from mulsmith.search.retraining import RetrainedAssignment
from mulsmith.search.trial import canonical_json
from mulsmith.storage import BlobStore, atomic_write

OPERAND_IMAGES = 64


@dataclass(frozen=True)
class SearchSetting:
    """A setting seen by one method.

    Attributes:
        method: its name.
        config: the configuration.
        setting: network, splits and multipliers.
        folder: the run.
        on_step: told in words which multipliers are left out, and of every epoch of noise learning.
    """

    method: str
    config: SearchConfig
    setting: Setting
    folder: Path
    on_step: Callable[[str], None]

    @cached_property
    def multipliers(self) -> dict[str, Multiplier]:
        """The multipliers to choose from, of one operand form where the method needs that."""
        every, how = dict(self.setting.multipliers), self.quantisation
        if not METHODS.named(self.method).one_form:
            return every
        forms = {}
        for name, multiplier in every.items():
            lut = how.table(multiplier.lut)
            forms[name] = (lut.a_bits, lut.b_bits, lut.signed)
        kept = {name: every[name] for name, form in forms.items() if form == forms[self.setting.exact]}
        left_out = [name for name in every if name not in kept]
        if left_out:
            self.on_step(
                f"{self.method} takes operands of one form, that of '{self.setting.exact}': left out are "
                f"{', '.join(left_out)}"
            )
        return kept

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The layers to choose multipliers for, in network order.

        Raises:
            ConfigError: a pattern that matches no layer, or a choice that does not go with the method.
        """
        every, patterns = self.setting.layers, self.config.evaluation.layers
        chosen: set[str] = set()
        for pattern in patterns:
            matching = fnmatch.filter(every, pattern)
            if not matching:
                raise ConfigError(
                    f"evaluation.layers: no layer matches '{pattern}'",
                    remedy=f"the network has {', '.join(every)}",
                )
            chosen.update(matching)
        if self.method == "qos" and len(chosen) < len(every):
            raise ConfigError(
                "evaluation.layers: qos chooses for all layers", remedy='leave it at ["*"] or use agn'
            )
        return tuple(name for name in every if name in chosen)

    @cached_property
    def energy(self) -> EnergyCount:
        """How energy is counted; the whole system's as well where an accelerator is named.

        Raises:
            ConfigError: the ledger 'system' without an accelerator, one that cannot run the network, or
                multipliers without netlists where power depends on the operands.
        """
        count = self._with_accelerator(self.setting.evaluator.energy)
        if self.config.evaluation.power == "synthesis":
            return count
        if not isinstance(self.setting.library, Library):
            raise ConfigError("evaluation.power = 'data' needs the netlists of a library")
        self.on_step("power of every multiplier with the operands of every layer")
        liberty = self.config.evaluation.liberty
        stationary = dict.fromkeys(self.setting.layers) if count.system is None else count.system.stationary()
        return count.with_operands(
            operand_energies(
                self.setting.library,
                self.setting.multipliers,
                {layer: stationary[layer] for layer in self.setting.layers},
                operand_histograms(self.operands),
                self.config.evaluation.energy,
                None if liberty is None else Liberty.read(liberty),
            )
        )

    def _with_accelerator(self, count: EnergyCount) -> EnergyCount:
        chosen = self.config.accelerator
        if not chosen.name:
            if self.config.evaluation.ledger is Ledger.SYSTEM:
                raise ConfigError(
                    "evaluation.ledger = 'system' needs an accelerator",
                    remedy=f"[accelerator] name = one of {', '.join(accelerator_names())}, or a YAML file",
                )
            return count
        system = SystemEnergy.of(
            self.setting.network,
            self.setting.data.shape,
            self.setting.multipliers,
            self.setting.exact,
            accelerator=chosen.name,
            table=chosen.table,
            convention=self.config.evaluation.energy,
            objective=chosen.objective,
        )
        return replace(count, system=system)

    @cached_property
    def operands(self) -> NetworkOperands:
        """The operands that the layers of the exact network meet."""
        return self._sampled(self.setting.evaluator)

    @property
    def objectives(self) -> tuple[Objective, Objective]:
        """Accuracy, and energy in the configured ledger."""
        return Objective("accuracy", "max"), Objective.energy(self.config.evaluation.ledger)

    def evaluator(self) -> OperatingPoints:
        """Return the evaluator of the method's candidates."""
        mapping_bias = self.config.corrections(self.method)
        images, labels = self._validation
        base = replace(
            self.setting.evaluator,
            images=images,
            labels=labels,
            energy=self.energy,
            threads=self.config.runner.threads,
        )
        if mapping_bias != ("none", False):
            corrections = Corrections(self.operands.samples, *mapping_bias)
            base = replace(base, correct=corrections, correction=corrections.name)
        own = self.config.retraining
        retrained = RetrainedAssignment(base, self._training, own.recipe, self.folder)
        if own.teacher == "float":
            lesson = Distillation(self.setting.network, own.temperature, own.label_share)
            name = f"float network at temperature {own.temperature:g}, labels {own.label_share:g}"
            retrained = replace(retrained, lesson=lesson, lesson_name=name)
        return OperatingPoints(retrained)

    def problem(self) -> AssignmentProblem:
        """Return the problem that the method's searcher is built from."""
        ledger, names = self.config.evaluation.ledger, tuple(self.multipliers)
        energy_pj = self.energy.layer_pj(ledger, self.layers, names)
        return AssignmentProblem(
            self.layers,
            names,
            self.setting.exact,
            energy_pj,
            lambda: self._predicted(self.operands),
            tolerance=self._tolerance,
            objectives=self.objectives,
            retraining=self.config.retraining_epochs(self.method),
            images=self.images,
            depth=self.config.evaluation.reference_loss_pp / 100,
            saved_pj=self._saved_pj(energy_pj),
        )

    def _saved_pj(self, energy_pj: Floats) -> float:
        """Return the saving where the hypervolume begins.

        Raises:
            ConfigError: the cheapest multipliers do not reach it.
        """
        wanted = self.config.evaluation.reference_saving_percent
        exact = dict.fromkeys(self.layers, self.setting.exact)
        whole = self.energy.ledgers(exact)[energy_metric(self.config.evaluation.ledger)]
        column = list(self.multipliers).index(self.setting.exact)
        most = 100 * float((energy_pj[:, column] - energy_pj.min(axis=1)).sum()) / whole
        if wanted > most:
            raise ConfigError(
                f"evaluation.reference_saving_percent: no assignment saves {wanted:g} %, the cheapest "
                f"multiplier in every layer saves {most:.1f} %",
                remedy="lower it or add cheaper multipliers",
            )
        return wanted / 100 * whole

    @property
    def images(self) -> int:
        """How many validation images a candidate is judged on."""
        available = len(self.setting.evaluator.images)
        return min(self.config.evaluation.images or available, available)

    @property
    def _training(self) -> Split:
        """The images that noise is learned on and networks are retrained on."""
        return first_images(self.setting.data.train, self.config.retraining.images)

    @property
    def _validation(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The images and labels that candidates are judged on, drawn where they are not all."""
        every = self.setting.evaluator
        if self.images == len(every.images):
            return every.images, every.labels
        generator = torch.Generator().manual_seed(self.config.evaluation.seed)
        drawn = torch.randperm(len(every.images), generator=generator)[: self.images]
        return every.images[drawn], every.labels[drawn]

    @property
    def quantisation(self) -> emulate.Quantisation:
        """How operands become codes."""
        return emulate.Quantisation(**self.config.quantisation.model_dump())

    def _sampled(self, evaluator: EmulatedAssignment) -> NetworkOperands:
        images, _ = next(iter(self.setting.data.train.batches(OPERAND_IMAGES)))
        generator = torch.Generator().manual_seed(self.config.training.seed)
        return sample_network(evaluator.network, images, self.setting.multipliers, generator)

    def _predicted(self, operands: NetworkOperands) -> Floats:
        mapping, bias = self.config.corrections(self.method)
        return predicted_errors(operands, self.multipliers, self.layers, mapping=mapping, bias=bias)

    def _tolerance(self, recipe: NoiseRecipe) -> Tolerance:
        """Learn noise, or read it where an interrupted run learned it already."""
        key = sha256_hex(canonical_json(asdict(recipe)).encode())[:16]
        path = self.folder / "noise" / f"{key}.json"
        if not path.exists():
            atomic_write(path, json.dumps(self._learn(recipe)).encode())
        try:
            learned = json.loads(path.read_text(encoding="utf-8"))
            sigma, weights = dict(learned["sigma"]), learned["weights"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"the learned noise is damaged: {error!r}", path=path) from error
        if weights is None:
            return Tolerance(sigma, self._predicted(self.operands))
        trained = self.evaluator().single.start({"weights": weights})
        return Tolerance(sigma, self._predicted(self._sampled(trained)), weights)

    def _learn(self, recipe: NoiseRecipe) -> dict[str, object]:
        joint = recipe.mode == "joint"
        network, data = copy.deepcopy(self.setting.network), self.setting.data
        sigma = learn_noise(
            network,
            self._training,
            {layer: self.energy.multiplications[layer] for layer in self.layers},
            recipe,
            lambda n: self.on_step(f"noise, lambda {recipe.weight:g}: epoch {n} of {recipe.epochs}"),
        )
        if not joint:
            return {"sigma": sigma, "weights": None}
        converted = emulate.convert(
            network,
            self.setting.multipliers[self.setting.exact],
            [next(iter(data.train.batches(CALIBRATION_IMAGES)))],
            self.quantisation,
        )
        buffer = io.BytesIO()
        torch.save(converted.state_dict(), buffer)
        return {"sigma": sigma, "weights": BlobStore(self.folder / "blobs").put(buffer.getvalue())}
