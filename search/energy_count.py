"""What an assignment costs: energy of its multiplications, and of the accelerator where one is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.record import Multiplier
from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.estimator import Estimator
from mulsmith.energy.mapper import Objective
from mulsmith.energy.multipliers import Convention, multiplier_cost
from mulsmith.energy.network_cost import estimator_for
from mulsmith.energy.tables import EnergyTable
from mulsmith.energy.torch_network import workload_from_torch
from mulsmith.energy.workload import module_of
from mulsmith.errors import ConfigError
from mulsmith.provenance import sha256_hex
from mulsmith.search.objective import Ledger, energy_metric, saving_metric

if TYPE_CHECKING:
    from torch import nn

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SystemEnergy:
    """Energy of one pass of a network on an accelerator, for any assignment; picklable.

    Attributes:
        estimator: the network, mapped once for every multiplier.
        exact: the multiplier of layers outside an assignment.
        identity: what the figures follow from, as JSON.
    """

    estimator: Estimator
    exact: str
    identity: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        network: nn.Module,
        image_shape: Sequence[int],
        multipliers: Mapping[str, Multiplier],
        exact: str,
        *,
        accelerator: str,
        table: str = "cacti45",
        convention: Convention = "pdp",
        objective: Objective = "energy",
    ) -> SystemEnergy:
        """Return the energy of a float network for single images.

        Args:
            network: its layers are observed without data.
            image_shape: (C, H, W).
            multipliers: the choices, with synthesis figures.
            exact: the exact one among them, which relative energy tables count in.
            accelerator: a shipped one or a YAML file.
            table: likewise, of energies.
            convention: what a multiplication's energy means.
            objective: what mappings minimise.

        Raises:
            ConfigError: an unknown name, or a network that the accelerator cannot run.
        """
        workload = workload_from_torch(network, (1, *image_shape))
        spec, prices = Accelerator.load(accelerator), EnergyTable.load(table)
        costs = {name: multiplier_cost(m, convention) for name, m in multipliers.items()}
        estimator = estimator_for(
            workload, spec, prices, list(costs.values()), reference=costs[exact], objective=objective
        )
        identity = {
            "accelerator": sha256_hex(spec.model_dump_json().encode()),
            "table": sha256_hex(prices.model_dump_json().encode()),
            "objective": objective,
            "leakage_mw": {name: cost.leakage_mw for name, cost in sorted(costs.items())},
        }
        return cls(estimator, exact, identity)

    def stationary(self) -> dict[str, Literal["a", "b"] | None]:
        """Return layer -> the operand that stays in a PE while the other changes."""
        found: dict[str, Literal["a", "b"] | None] = {}
        for name, operand in self.estimator.stationary().items():
            found.setdefault(module_of(name), operand)
        return found

    def with_operands(self, operand_pj: Mapping[tuple[str, str], float]) -> SystemEnergy:
        """Return the same with multiplications that cost (layer, multiplier) -> pJ."""
        own = self.estimator
        prices = {
            (layer.name, name): operand_pj[module_of(layer.name), name]
            for layer in own.workload
            for name in own.names
            if (module_of(layer.name), name) in operand_pj
        }
        return replace(self, estimator=Estimator(own.workload, own.mapper, own.multipliers, prices))

    def total_pj(self, layers: Mapping[str, str]) -> float:
        """Return the energy of an assignment; layers outside it run on the exact multiplier."""
        workload = self.estimator.workload
        chosen = {layer.name: layers.get(module_of(layer.name), self.exact) for layer in workload}
        return float(self.estimator.energy_pj([self.estimator.indices(chosen)])[0])

    def layer_pj(self, layers: Sequence[str], multipliers: Sequence[str]) -> Floats:
        """Return the energy of every layer on every multiplier, float64 [layers, multipliers].

        What multipliers leak while other layers run is left out, and so are layers that are not asked for.
        """
        table = self.estimator.layer_energy_pj
        columns = [self.estimator.names.index(name) for name in multipliers]
        found = {name: np.zeros(len(columns)) for name in layers}
        for layer, row in zip(self.estimator.workload, table[:, columns], strict=True):
            if module_of(layer.name) in found:
                found[module_of(layer.name)] += row
        return np.stack([found[name] for name in layers])


@dataclass(frozen=True, slots=True)
class EnergyCount:
    """Energy of a network in the three ledgers.

    Attributes:
        multiplications: layer name -> multiplications per inference, of every layer that multiplies.
        energy_pj: multiplier name -> energy of one multiplication.
        exact: the multiplier that layers outside an assignment run on.
        system: energy of the whole accelerator, where one is named.
        operand_pj: (layer, multiplier) -> energy of one multiplication with the layer's own operands;
            ``energy_pj`` holds elsewhere.
    """

    multiplications: Mapping[str, int]
    energy_pj: Mapping[str, float]
    exact: str
    system: SystemEnergy | None = None
    operand_pj: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.exact not in self.energy_pj:
            raise ConfigError(f"the exact multiplier '{self.exact}' has no energy figure")

    @property
    def identity(self) -> dict[str, Any]:
        """What the figures follow from, as JSON."""
        found: dict[str, Any] = {"energy_pj": dict(sorted(self.energy_pj.items())), "exact": self.exact}
        if self.operand_pj:
            found["operand_pj"] = sorted([*pair, pj] for pair, pj in self.operand_pj.items())
        if self.system is not None:
            found["system"] = dict(self.system.identity)
        return found

    def price_pj(self, layer: str, multiplier: str) -> float:
        """Return the energy of one multiplication in a layer."""
        return self.operand_pj.get((layer, multiplier), self.energy_pj[multiplier])

    def with_operands(self, operand_pj: Mapping[tuple[str, str], float]) -> EnergyCount:
        """Return the same with multiplications that cost (layer, multiplier) -> pJ."""
        system = None if self.system is None else self.system.with_operands(operand_pj)
        return replace(self, operand_pj=dict(operand_pj), system=system)

    def ledgers(self, layers: Mapping[str, str]) -> dict[str, float]:
        """Return ``energy_<ledger>_pj`` of an assignment, and its savings against the exact multiplier.

        Raises:
            ConfigError: an unknown layer, or a multiplier without an energy figure.
        """
        for layer, name in layers.items():
            if layer not in self.multiplications:
                raise ConfigError(f"the assignment names the unknown layer '{layer}'")
            if name not in self.energy_pj:
                raise ConfigError(
                    f"multiplier '{name}' has no energy figure", remedy="characterize it with synthesis"
                )
        exact = {layer: n * self.price_pj(layer, self.exact) for layer, n in self.multiplications.items()}
        approximated = sum(
            self.multiplications[layer] * self.price_pj(layer, name) for layer, name in layers.items()
        )
        as_exact, everything = sum(exact[layer] for layer in layers), sum(exact.values())
        result = {
            energy_metric(Ledger.APPROXIMATED): approximated,
            energy_metric(Ledger.ALL): everything - as_exact + approximated,
            saving_metric(Ledger.APPROXIMATED): 100 * (1 - approximated / as_exact) if as_exact else 0.0,
            saving_metric(Ledger.ALL): 100 * (as_exact - approximated) / everything,
        }
        if self.system is not None:
            found, reference = self.system.total_pj(layers), self.system.total_pj({})
            result[energy_metric(Ledger.SYSTEM)] = found
            result[saving_metric(Ledger.SYSTEM)] = 100 * (1 - found / reference)
        return result

    def layer_pj(self, ledger: Ledger, layers: Sequence[str], multipliers: Sequence[str]) -> Floats:
        """Return the energy of every layer on every multiplier in a ledger, float64 [layers, multipliers].

        Raises:
            ConfigError: the system ledger without an accelerator.
        """
        if ledger is Ledger.SYSTEM:
            if self.system is None:
                raise ConfigError("the ledger 'system' needs an accelerator")
            return self.system.layer_pj(layers, multipliers)
        rows = [
            [self.multiplications[layer] * self.price_pj(layer, name) for name in multipliers]
            for layer in layers
        ]
        return np.array(rows, dtype=np.float64)
