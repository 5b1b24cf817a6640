"""Costs of a network for many assignments: map every layer once, then add table entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.conventions import DEFAULT, Conventions
from mulsmith.energy.counting import Counts, evaluate
from mulsmith.energy.mapper import Found, Objective, best_of, find_mapping, mapping_front
from mulsmith.energy.multipliers import MultiplierCost
from mulsmith.energy.prices import Prices, component_energy
from mulsmith.energy.workload import Layer, Workload
from mulsmith.errors import ConfigError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MappedLayer:
    """A layer with its mapping and everything that does not depend on the multiplier.

    Attributes:
        layer: the layer.
        found: the mapper's choice.
        counts: its action counts.
        components: (component, tensor) -> pJ, without the multiplier.
        movement_pj: their sum.
    """

    layer: Layer
    found: Found
    counts: Counts
    components: Mapping[tuple[str, str], float]
    movement_pj: float


class Mapper:
    """Maps layers on one accelerator under one table; equal shapes are mapped once.

    Args:
        accelerator: where.
        prices: energy per action.
        objective: what each layer's mapping minimises.
        conventions: counting conventions.
        time_limit_s: limit of one layer's search.
    """

    def __init__(
        self,
        accelerator: Accelerator,
        prices: Prices,
        *,
        objective: Objective = "energy",
        conventions: Conventions = DEFAULT,
        time_limit_s: float | None = None,
    ) -> None:
        self.accelerator = accelerator
        self.prices = prices
        self.objective: Objective = objective
        self.conventions = conventions
        self._search: dict[str, Any] = {"conventions": conventions, "time_limit_s": time_limit_s}
        self._fronts: dict[tuple[object, ...], tuple[Found, ...]] = {}
        self._mapped: dict[tuple[object, ...], MappedLayer] = {}

    @property
    def leakage_mw(self) -> float:
        """Leakage of all storages that the table covers, instances without work included."""
        standing = self.prices.standing
        return sum(
            self.accelerator.instances(storage) * (standing[storage.name].leakage_mw or 0.0)
            for storage in self.accelerator.storages
            if storage.name in standing
        )

    def front(self, layer: Layer) -> tuple[Found, ...]:
        """Return the mappings that no other beats in energy and cycles; one for the objective energy."""
        if layer.shape not in self._fronts:
            found: tuple[Found, ...]
            if self.objective == "energy":
                found = (find_mapping(self.accelerator, layer, self.prices, **self._search),)
            else:
                found = mapping_front(self.accelerator, layer, self.prices, **self._search)
            self._fronts[layer.shape] = found
        return self._fronts[layer.shape]

    def map(self, layer: Layer, multiply_pj: float = 0.0) -> MappedLayer:
        """Return the layer under the mapping that the objective prefers for a multiplier."""
        found = best_of(self.front(layer), layer, self.objective, multiply_pj)
        key = (layer.name, layer.shape, found)
        if key not in self._mapped:
            counts = evaluate(self.accelerator, layer, found.mapping, self.conventions)
            components = component_energy(counts, self.prices)
            total = sum(components.values())
            self._mapped[key] = MappedLayer(layer, found, counts, components, total)
        return self._mapped[key]


class Estimator:
    """Energy and latency of a network for batches of assignments.

    An assignment is one index into ``names`` per layer.

    Args:
        workload: the network.
        mapper: the accelerator, its prices and the objective.
        multipliers: the choices, in the order of their indices.
        operand_pj: (layer, multiplier) -> energy of a multiplication with the layer's operands, where it is
            known; the multiplier's own figure holds elsewhere.

    Raises:
        ConfigError: there is no multiplier, or a layer cannot be mapped.
    """

    def __init__(
        self,
        workload: Workload,
        mapper: Mapper,
        multipliers: Sequence[MultiplierCost],
        operand_pj: Mapping[tuple[str, str], float] | None = None,
    ) -> None:
        if not multipliers:
            raise ConfigError("an estimator needs at least one multiplier")
        self.workload = workload
        self.mapper = mapper
        self.multipliers = tuple(multipliers)
        self.names = tuple(multiplier.name for multiplier in multipliers)
        self._operand_pj = dict(operand_pj or {})
        self.mapped = [
            [mapper.map(layer, self._mac_pj(layer, multiplier)) for multiplier in multipliers]
            for layer in workload
        ]
        accelerator = mapper.accelerator
        period_us = 1.0 / accelerator.clock_mhz
        self._cycles = self._table(lambda item, _: float(item.counts.latency_cycles))
        self._energy = self._table(
            lambda item, multiplier: item.movement_pj + item.layer.macs * self._mac_pj(item.layer, multiplier)
        )
        standing_mw = accelerator.idle_mw + mapper.leakage_mw
        self._energy += self._cycles * period_us * standing_mw * 1e3
        leak_pj = np.array([multiplier.leakage_mw for multiplier in multipliers]) * accelerator.pes * 1e3
        self._leak_pj_per_cycle = leak_pj * period_us
        self._offsets = np.arange(len(workload)) * len(multipliers)

    @property
    def layer_energy_pj(self) -> Floats:
        """Energy of every layer on every multiplier, float64 [layers, multipliers].

        What multipliers leak while other layers run is left out: it depends on the whole assignment.
        """
        return self._energy.copy()

    def multiply_pj(self, layer: Layer, multiplier: MultiplierCost) -> float:
        """Return the energy of one multiplication in a layer."""
        return self._operand_pj.get((layer.name, multiplier.name), multiplier.energy_pj)

    def stationary(self) -> dict[str, Literal["a", "b"] | None]:
        """Return layer -> the operand that stays in a PE under the mapping of the first multiplier."""
        return {row[0].layer.name: row[0].found.mapping.stationary for row in self.mapped}

    def _mac_pj(self, layer: Layer, multiplier: MultiplierCost) -> float:
        """Return the energy of one multiplication with the rest of its processing element."""
        return self.multiply_pj(layer, multiplier) + multiplier.element_pj

    def _table(self, value: Callable[[MappedLayer, MultiplierCost], float]) -> Floats:
        return np.array(
            [
                [value(item, cost) for item, cost in zip(row, self.multipliers, strict=True)]
                for row in self.mapped
            ]
        )

    def _entries(self, assignments: npt.ArrayLike) -> npt.NDArray[np.intp]:
        chosen = np.asarray(assignments)
        if chosen.ndim != 2 or chosen.shape[1] != len(self.workload) or chosen.dtype.kind not in "iu":
            raise ConfigError(
                f"assignments have shape {chosen.shape} and type {chosen.dtype}, "
                f"but integers [n, {len(self.workload)}] are needed"
            )
        if chosen.size and not 0 <= int(chosen.min()) <= int(chosen.max()) < len(self.names):
            raise ConfigError(f"an assignment names a multiplier outside 0..{len(self.names) - 1}")
        return np.asarray(chosen, np.intp) + self._offsets

    def energy_pj(self, assignments: npt.ArrayLike) -> Floats:
        """Return the energy of one pass in pJ, float64 [n], for integer assignments [n, layers].

        Leakage of multipliers that a layer leaves idle is included as the accelerator's ``pe_kinds`` say.

        Raises:
            ConfigError: the shape, type or an index is wrong.
        """
        entries = self._entries(assignments)
        total = self._energy.take(entries).sum(axis=1)
        idle = self._idle_pj(entries)
        return np.asarray(total if idle is None else total + idle)

    def cycles(self, assignments: npt.ArrayLike) -> Floats:
        """Return the latency of one pass in cycles, float64 [n], for integer assignments [n, layers]."""
        return np.asarray(self._cycles.take(self._entries(assignments)).sum(axis=1))

    def _idle_pj(self, entries: npt.NDArray[np.intp]) -> Floats | None:
        """Return the leakage of the arrays that wait while layers run on another one."""
        if self.mapper.accelerator.pe_kinds.power_gated or not self._leak_pj_per_cycle.any():
            return None
        kinds = entries - self._offsets
        used = np.zeros((len(entries), len(self.names)), np.bool_)
        used[np.arange(len(entries))[:, None], kinds] = True
        leak = used @ self._leak_pj_per_cycle
        cycles = self._cycles.take(entries)
        own = self._leak_pj_per_cycle.take(kinds)
        return np.asarray((cycles * (leak[:, None] - own)).sum(axis=1))

    def indices(self, assignment: Mapping[str, str]) -> list[int]:
        """Return an assignment of multiplier names to layer names as indices.

        Raises:
            ConfigError: a layer is unknown or left out, or a multiplier is unknown.
        """
        known = {layer.name for layer in self.workload}
        for name in assignment:
            if name not in known:
                raise ConfigError(f"network {self.workload.name} has no layer named {name}")
        chosen: list[int] = []
        for layer in self.workload:
            if layer.name not in assignment:
                raise ConfigError(f"the assignment leaves out layer {layer.name} of {self.workload.name}")
            if assignment[layer.name] not in self.names:
                raise ConfigError(f"there is no multiplier named {assignment[layer.name]} to assign")
            chosen.append(self.names.index(assignment[layer.name]))
        return chosen
