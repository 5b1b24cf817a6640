"""What a network costs under one assignment: per layer, per component, and the savings with their band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.counting import Counts
from mulsmith.energy.estimator import Estimator, MappedLayer, Mapper
from mulsmith.energy.multipliers import MultiplierCost


@dataclass(frozen=True, slots=True)
class LayerEnergy:
    """Cost of one layer.

    Attributes:
        name: the layer.
        macs: its multiplications.
        multiplier: name of its multiplier.
        multiply_pj: energy of one multiplication.
        energy_pj: everything, idle power and leakage included.
        cycles: latency in cycles.
        utilisation: busy share of the PEs.
        by_component: storage, array, ``adder``, ``multiplier``, ``element`` (the rest of the processing
            elements), ``leakage`` (of storages) or ``idle`` -> pJ.
        by_tensor: (component, tensor) -> pJ, for the components that hold tensors.
        counts: the action counts.
        mapping: the loop nest as text.
        complete: whether the search for the mapping was not cut short.
    """

    name: str
    macs: int
    multiplier: str
    multiply_pj: float
    energy_pj: float
    cycles: int
    utilisation: float
    by_component: Mapping[str, float]
    by_tensor: Mapping[tuple[str, str], float]
    counts: Counts
    mapping: str
    complete: bool

    def to_json(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "name": self.name,
            "macs": self.macs,
            "energy_pj": self.energy_pj,
            "cycles": self.cycles,
            "utilisation": self.utilisation,
            "multiplier": self.multiplier,
            "multiply_pj": self.multiply_pj,
            "by_component": dict(self.by_component),
            "counts": {
                f"{access.storage}.{access.tensor}": {
                    "reads": access.reads,
                    "fills": access.fills,
                    "updates": access.updates,
                }
                for access in self.counts.accesses
            },
            "mapping": self.mapping,
            "mapping_complete": self.complete,
        }


@dataclass(frozen=True, slots=True)
class Savings:
    """What an assignment saves against the same network on one exact multiplier, in percent.

    Attributes:
        baseline: name of the exact multiplier.
        multiplier_percent: of the multiplications' energy alone; never a network's saving.
        system_percent: of the whole network's energy under the chosen table.
        by_table: the same under every table of the band.
    """

    baseline: str
    multiplier_percent: float
    system_percent: float
    by_table: Mapping[str, float]

    @property
    def band(self) -> tuple[float, float]:
        """Least and greatest system saving over the tables."""
        values = [self.system_percent, *self.by_table.values()]
        return min(values), max(values)

    def to_json(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "baseline": self.baseline,
            "multiplier_percent": self.multiplier_percent,
            "system_percent": self.system_percent,
            "system_percent_band": list(self.band),
            "system_percent_by_table": dict(self.by_table),
        }


@dataclass(frozen=True, slots=True)
class NetworkEnergy:
    """Cost of one pass of a network under one assignment.

    Attributes:
        network, accelerator, table: names of what was priced.
        convention: ``pdp`` or ``shared_clock``: what a multiplication's energy means.
        clock_mhz: clock of the accelerator.
        layers: per layer.
        savings: against the exact multiplier; None when no reference was given.
        multiplier_area_um2: area of all multipliers of the accelerator, every kind in use.
        element_area_um2: area of the rest of all processing elements, where it is charged.
        storage_area_um2: storage -> area of all its instances, where the table has it.
        provenance: (action, source) of every number of the table that was used.
        notes: what a reader of the figures must know.
    """

    network: str
    accelerator: str
    table: str
    convention: str
    clock_mhz: float
    layers: tuple[LayerEnergy, ...]
    savings: Savings | None
    multiplier_area_um2: float
    element_area_um2: float
    storage_area_um2: Mapping[str, float]
    provenance: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def total_pj(self) -> float:
        """Energy of one pass."""
        return sum(layer.energy_pj for layer in self.layers)

    @property
    def latency_cycles(self) -> int:
        """Cycles of one pass, layer after layer."""
        return sum(layer.cycles for layer in self.layers)

    @property
    def by_component(self) -> dict[str, float]:
        """Component -> pJ over all layers."""
        total: dict[str, float] = {}
        for layer in self.layers:
            for name, energy in layer.by_component.items():
                total[name] = total.get(name, 0.0) + energy
        return total

    @property
    def multiplier_share(self) -> float:
        """Share of the multiplications in the energy."""
        return self.by_component["multiplier"] / self.total_pj

    def to_json(self) -> dict[str, object]:
        """Return the JSON form that ``mulsmith energy --json`` prints."""
        return {
            "network": self.network,
            "accelerator": self.accelerator,
            "table": self.table,
            "convention": self.convention,
            "total_pj": self.total_pj,
            "latency_cycles": self.latency_cycles,
            "latency_ms": self.latency_cycles / self.clock_mhz / 1e3,
            "multiplier_share": self.multiplier_share,
            "multiplier_area_um2": self.multiplier_area_um2,
            "element_area_um2": self.element_area_um2,
            "storage_area_um2": dict(self.storage_area_um2),
            "by_component": self.by_component,
            "savings": None if self.savings is None else self.savings.to_json(),
            "notes": list(self.notes),
            "provenance": [{"action": action, "source": source} for action, source in self.provenance],
            "layers": [layer.to_json() for layer in self.layers],
        }


def network_energy(
    estimator: Estimator,
    assignment: Mapping[str, str],
    convention: str,
    *,
    savings: Savings | None = None,
    notes: tuple[str, ...] = (),
) -> NetworkEnergy:
    """Return the full account of one assignment.

    Args:
        estimator: the network on its accelerator.
        assignment: multiplier of every layer, by names.
        convention: what a multiplication's energy means.
        savings: from ``compare``.
        notes: anything to say beside what is found here.
    """
    chosen = estimator.indices(assignment)
    mapper = estimator.mapper
    accelerator = mapper.accelerator
    kinds = sorted(set(chosen))
    leak = {kind: estimator.multipliers[kind].leakage_mw * accelerator.pes for kind in kinds}
    layers: list[LayerEnergy] = []
    for row, kind in zip(estimator.mapped, chosen, strict=True):
        waiting = 0.0 if accelerator.pe_kinds.power_gated else sum(leak.values()) - leak[kind]
        layers.append(_layer_energy(estimator, row[kind], estimator.multipliers[kind], waiting))
    used = [estimator.multipliers[kind] for kind in kinds]
    return NetworkEnergy(
        network=estimator.workload.name,
        accelerator=accelerator.name,
        table=mapper.prices.table,
        convention=convention,
        clock_mhz=accelerator.clock_mhz,
        layers=tuple(layers),
        savings=savings,
        multiplier_area_um2=sum(multiplier.area_um2 for multiplier in used) * accelerator.pes,
        element_area_um2=_element_area(accelerator, used),
        storage_area_um2=_storage_area(mapper),
        provenance=mapper.prices.provenance,
        notes=(*notes, *_notes(estimator, kinds, layers)),
    )


def _element_area(accelerator: Accelerator, used: Sequence[MultiplierCost]) -> float:
    areas = [multiplier.element_um2 for multiplier in used]
    each = sum(areas) if accelerator.pe_kinds.arrangement == "tiles" else max(areas)
    return each * accelerator.pes


def _storage_area(mapper: Mapper) -> dict[str, float]:
    areas: dict[str, float] = {}
    for storage in mapper.accelerator.storages:
        standing = mapper.prices.standing.get(storage.name)
        if standing is not None and standing.area_um2 is not None:
            areas[storage.name] = mapper.accelerator.instances(storage) * standing.area_um2
    return areas


def _layer_energy(
    estimator: Estimator, item: MappedLayer, multiplier: MultiplierCost, waiting_mw: float
) -> LayerEnergy:
    accelerator = estimator.mapper.accelerator
    microseconds = item.counts.latency_cycles / accelerator.clock_mhz
    by_component: dict[str, float] = {}
    for (component, _), energy in item.components.items():
        by_component[component] = by_component.get(component, 0.0) + energy
    multiply_pj = estimator.multiply_pj(item.layer, multiplier)
    by_component["multiplier"] = item.layer.macs * multiply_pj
    by_component["element"] = item.layer.macs * multiplier.element_pj
    by_component["leakage"] = estimator.mapper.leakage_mw * microseconds * 1e3
    by_component["idle"] = (accelerator.idle_mw + waiting_mw) * microseconds * 1e3
    return LayerEnergy(
        name=item.layer.name,
        macs=item.layer.macs,
        multiplier=multiplier.name,
        multiply_pj=multiply_pj,
        energy_pj=sum(by_component.values()),
        cycles=item.counts.latency_cycles,
        utilisation=item.counts.utilisation,
        by_component=by_component,
        by_tensor=item.components,
        counts=item.counts,
        mapping=item.found.mapping.to_text(accelerator, item.layer),
        complete=item.found.complete,
    )


def _notes(estimator: Estimator, kinds: list[int], layers: list[LayerEnergy]) -> list[str]:
    accelerator = estimator.mapper.accelerator
    notes: list[str] = []
    if len(kinds) > 1:
        way = (
            "an array of its own for each"
            if accelerator.pe_kinds.arrangement == "tiles"
            else "all in every PE"
        )
        gated = "gated off" if accelerator.pe_kinds.power_gated else "leaking"
        notes.append(f"{len(kinds)} kinds of multiplier: {way}, idle ones {gated}")
    standing = estimator.mapper.prices.standing
    bare = [s.name for s in accelerator.storages if s.kind != "dram" and s.name not in standing]
    if standing and bare:
        notes.append(f"the table has no area and leakage of {', '.join(bare)}")
    period_ns = 1e3 / accelerator.clock_mhz
    slow = [m for m in (estimator.multipliers[kind] for kind in kinds) if m.delay_ns > period_ns]
    for multiplier in slow:
        notes.append(
            f"{multiplier.name} takes {multiplier.delay_ns:.2f} ns and cannot run at "
            f"{accelerator.clock_mhz:g} MHz without pipelining"
        )
    cut = [layer.name for layer in layers if not layer.complete]
    if cut:
        notes.append(f"the mapping is the best found so far, not proven best, for {', '.join(cut)}")
    bound = sorted({layer.counts.bound_by for layer in layers if layer.counts.bound_by is not None})
    if bound:
        notes.append(f"some layers wait for the ports or network of {', '.join(bound)}")
    return notes


def compare(
    estimators: Mapping[str, Estimator], table: str, assignment: Mapping[str, str], baseline: str
) -> Savings:
    """Return the savings of an assignment over one exact multiplier in all layers.

    Args:
        estimators: table name -> the network priced by it, the baseline among its multipliers.
        table: the main table; the others make the band.
        assignment: multiplier of every layer.
        baseline: the exact multiplier.
    """
    percent: dict[str, float] = {}
    for name, estimator in estimators.items():
        exact = {layer.name: baseline for layer in estimator.workload}
        rows = [estimator.indices(assignment), estimator.indices(exact)]
        ours, reference = estimator.energy_pj(rows)
        percent[name] = 100.0 * (1.0 - float(ours) / float(reference))
    main = estimators[table]
    choices = dict(zip(main.names, main.multipliers, strict=True))

    def multiplications(chosen: Mapping[str, str]) -> float:
        return sum(
            layer.macs * main.multiply_pj(layer, choices[chosen[layer.name]]) for layer in main.workload
        )

    exactly = {layer.name: baseline for layer in main.workload}
    ours, reference = multiplications(assignment), multiplications(exactly)
    others = {name: value for name, value in percent.items() if name != table}
    multiplier_percent = 100.0 * (1.0 - ours / reference) if reference else 0.0
    return Savings(baseline, multiplier_percent, percent[table], others)
