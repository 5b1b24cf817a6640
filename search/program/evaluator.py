"""Evaluates topologies of one region: samples, training, accuracy within each bound, cost on the array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mulsmith.errors import ConfigError, DataError
from mulsmith.provenance import sha256_hex
from mulsmith.search.program.kernel import Floats, Kernel, Sampler
from mulsmith.search.program.mlp import Mlp, Topology
from mulsmith.search.program.multipliers import NetworkMultiplier
from mulsmith.search.program.npu import SIXTEEN, Arithmetic, npu_cost, npu_identity
from mulsmith.search.program.quality import call_errors, share_within
from mulsmith.search.program.quantised import QuantisedMlp, quantise
from mulsmith.search.program.space import Choice
from mulsmith.search.program.training import TrainingPlan, train, trainer_name
from mulsmith.search.trial import Trial, canonical_json

Network = Mlp | QuantisedMlp


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Inputs and exact outputs of one split, float64 [calls, ...]."""

    inputs: Floats
    outputs: Floats


def call_region(kernel: Kernel, inputs: Floats) -> Floats:
    """Return the region's outputs, checked.

    Raises:
        DataError: it raised, changed its shape, or returned values that are not finite.
    """
    try:
        outputs = np.asarray(kernel.function(inputs.copy()), dtype=np.float64)
    except Exception as error:
        raise DataError(f"{kernel.name} raised {type(error).__name__}: {error}") from error
    expected = (len(inputs), kernel.outputs)
    if outputs.shape != expected:
        raise DataError(f"{kernel.name} returned shape {outputs.shape}, but {expected} is expected")
    if wrong := int((~np.isfinite(outputs)).any(axis=1).sum()):
        raise DataError(
            f"{kernel.name} returned values that are not finite for {wrong} of {len(inputs)} samples",
            remedy="sample only inputs for which it is defined",
        )
    return outputs


def draw_inputs(name: str, sampler: Sampler, rng: np.random.Generator, count: int) -> Floats:
    """Return inputs of that many calls, float64 [count, inputs].

    Raises:
        DataError: the sampler of the named region raised, or returned another shape or values that are not
            finite.
    """
    try:
        inputs = np.asarray(sampler(rng, count), dtype=np.float64)
    except Exception as error:
        raise DataError(f"the sampler of {name} raised {type(error).__name__}: {error}") from error
    if inputs.ndim != 2 or len(inputs) != count or not np.isfinite(inputs).all():
        raise DataError(
            f"the sampler of {name} gave shape {inputs.shape} or values that are not finite, but finite "
            f"[{count}, inputs] is expected"
        )
    return inputs


def draw_samples(kernel: Kernel, counts: tuple[int, ...], seed: int) -> tuple[Samples, ...]:
    """Return one split for each count, all different.

    Raises:
        DataError: the sampler or the region returns something wrong, or all outputs are constant.
    """
    rng = np.random.default_rng(seed)
    splits = []
    for count in counts:
        inputs = draw_inputs(kernel.name, kernel.sampler, rng, count)
        if inputs.shape[1] != kernel.inputs:
            raise DataError(
                f"the sampler of {kernel.name} gave {inputs.shape[1]} inputs, not {kernel.inputs}"
            )
        splits.append(Samples(inputs, call_region(kernel, inputs)))
    if not splits[0].outputs.std(axis=0).any():
        raise DataError(f"all outputs of {kernel.name} are constant", remedy="no network is needed for it")
    return tuple(splits)


@dataclass(frozen=True, slots=True)
class ProgramEvaluator:
    """Trains a topology and measures it on the validation split.

    Attributes:
        kernel: the region.
        plan: how networks are trained.
        samples: training, validation and test calls; the last are used by ``test`` only.
        data_seed: seed of the inputs.
        multipliers: for genomes that name one; those networks are quantised and run on it.

    Raises:
        ConfigError: a split of fewer than two calls.
    """

    kernel: Kernel
    plan: TrainingPlan = field(default_factory=TrainingPlan)
    samples: tuple[int, int, int] = (10_000, 4_000, 4_000)
    data_seed: int = 0
    multipliers: Mapping[str, NetworkMultiplier] = field(default_factory=dict)

    _splits: list[Samples] = field(default_factory=list, init=False, repr=False, compare=False)
    _trained: dict[str, Mlp] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if min(self.samples) < 2:
            raise ConfigError(f"samples = {list(self.samples)}, but each split needs two calls at least")

    @property
    def splits(self) -> list[Samples]:
        """Training, validation and test split; drawn at the first use."""
        if not self._splits:
            self._splits.extend(draw_samples(self.kernel, self.samples, self.data_seed))
        return self._splits

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The multipliers as a searcher sees them."""
        return tuple(Choice(m.name, m.energy_pj, m.mae) for m in self.multipliers.values())

    @property
    def identity(self) -> Mapping[str, Any]:
        """What results depend on: the region's own samples, bounds and the training plan."""
        data = self.splits[0]
        circuits = {
            name: [m.energy_pj, sha256_hex(m.lut.table.tobytes())] for name, m in self.multipliers.items()
        }
        return {
            "kernel": self.kernel.name,
            "error": self.kernel.error,
            "bounds": list(self.kernel.bounds),
            "samples": list(self.samples),
            "data": sha256_hex(data.inputs.tobytes() + data.outputs.tobytes()),
            "plan": [self.plan.epochs, self.plan.batch, self.plan.rate],
            "trainer": trainer_name(),
            "cost": npu_identity(),
            **({"multipliers": circuits} if circuits else {}),
        }

    def network(self, trial: Trial) -> Network:
        """Return the network of a trial; the same trial gives the same network again.

        Raises:
            ConfigError: its genome names an unknown multiplier.
        """
        genome = trial.candidate.genome
        trained = self._train(genome, trial.seed)
        name = genome.get("multiplier")
        if name is None:
            return trained
        data = self.splits[0]
        return quantise(trained, self.multiplier(name).lut, data.inputs, data.outputs)

    def multiplier(self, name: str) -> NetworkMultiplier:
        """Return a multiplier.

        Raises:
            ConfigError: unknown name.
        """
        if name not in self.multipliers:
            raise ConfigError(f"no multiplier is named '{name}' in this search")
        return self.multipliers[name]

    def _train(self, genome: Any, seed: int) -> Mlp:
        # Networks that differ in their multiplier only share the training.
        key = canonical_json([genome["hidden"], genome["activations"], seed])
        if key not in self._trained:
            data = self.splits[0]
            shares = np.ones(len(data.inputs))
            self._trained[key] = train(
                self.topology(genome), data.inputs, data.outputs, shares, self.plan, seed
            )
        return self._trained[key]

    def arithmetic(self, genome: Any) -> Arithmetic:
        """Return words and multiplier of a genome's network.

        Raises:
            ConfigError: it names an unknown multiplier.
        """
        name = genome.get("multiplier")
        return SIXTEEN if name is None else Arithmetic(8, self.multiplier(name).energy_pj)

    def topology(self, genome: Any) -> Topology:
        """Return the topology of a genome."""
        return Topology.of(self.kernel.inputs, self.kernel.outputs, genome)

    def accuracies(self, network: Network, split: int) -> dict[str, float]:
        """Return P_acc for every bound and the mean error, on one of the splits."""
        data = self.splits[split]
        errors = call_errors(self.kernel.error, data.outputs, network(data.inputs))
        found = {accuracy_metric(i): share_within(errors, b) for i, b in enumerate(self.kernel.bounds)}
        return {**found, "mean_error": float(errors.mean())}

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return accuracies on validation and the cost of one call."""
        network = self.network(trial)
        arithmetic = self.arithmetic(trial.candidate.genome)
        cost = npu_cost(network.topology, arithmetic=arithmetic)
        return {
            **self.accuracies(network, 1),
            "npu_pj": cost.energy_pj,
            "npu_ns": cost.array_ns,
            "queue_pj": cost.queue_pj,
            "queue_ns": cost.queue_ns,
            "multiplications": float(network.topology.multiplications),
            "multiplication_pj": network.topology.multiplications * arithmetic.multiply_pj,
        }


def accuracy_metric(group: int) -> str:
    """Return the name of the accuracy within the bound of a group, counted from 0."""
    return f"accuracy_{group + 1}"
