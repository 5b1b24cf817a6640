"""``energy.estimate``: what a network costs on an accelerator, from names to figures in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from mulsmith.characterize.record import Multiplier
from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.conventions import DEFAULT, Conventions
from mulsmith.energy.estimator import Estimator, Mapper
from mulsmith.energy.mapper import Objective
from mulsmith.energy.multipliers import (
    CONVENTIONS,
    Convention,
    Figures,
    MultiplierCost,
    exact_reference,
    multiplier_cost,
)
from mulsmith.energy.networks import load_network
from mulsmith.energy.operand_energy import operand_energies
from mulsmith.energy.operands import OperandHistograms
from mulsmith.energy.prices import Prices
from mulsmith.energy.processing_element import CELLS, Element, beside_elements, with_elements
from mulsmith.energy.results import NetworkEnergy, compare, network_energy
from mulsmith.energy.tables import EnergyTable, make_prices
from mulsmith.energy.workload import Workload
from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    from torch import nn

    from mulsmith.characterize.liberty import Liberty
    from mulsmith.characterize.library import Library

BAND_TABLES = ("cacti45", "horowitz45", "eyeriss-relative")
LIBRARY_NM = 45.0


def estimate(
    network: nn.Module | Workload | str | Path,
    input_shape: Sequence[int] | None = None,
    *,
    accelerator: Accelerator | str | Path = "eyeriss-like",
    assignment: Mapping[str, str] | str,
    library: Mapping[str, Multiplier],
    table: EnergyTable | str | Path = "cacti45",
    band: Sequence[EnergyTable | str | Path] = BAND_TABLES,
    convention: Convention = "pdp",
    figures: Figures = "synthesis",
    baseline: str | None = None,
    objective: Objective = "energy",
    conventions: Conventions = DEFAULT,
    time_limit_s: float | None = None,
    operands: OperandHistograms | None = None,
    liberty: Liberty | None = None,
    element: Element | None = None,
) -> NetworkEnergy:
    """Return what one pass of a network costs under an assignment of multipliers.

    Args:
        network: a torch module, a workload, the name of a shipped network, or a YAML file.
        input_shape: shape of the input batch, for a torch module.
        accelerator: a specification, the name of a shipped one, or a YAML file.
        assignment: multiplier per layer, or one name for all layers.
        library: where the multipliers are.
        table: the main energy table.
        band: further tables; savings are given over all of them.
        convention: what a multiplication's energy means.
        figures: measured (``synthesis``) or the source files' own (``reported``).
        baseline: the exact multiplier that savings refer to; the cheapest exact one of the assignment when
            left out.
        objective: what mappings minimise.
        conventions: counting conventions.
        time_limit_s: limit of one layer's search.
        operands: histograms of what the layers multiply; energies then are those of the circuits with these
            operands. ``library`` must be a ``Library`` that holds their netlists.
        liberty: with ``operands``, the cells that the library was characterized with; the embedded ones
            without it.
        element: charge for whole processing elements as synthesised, wired as said, in place of the table's
            adder and of registers inside the array; needs ``shared_clock`` and synthesis figures.

    Raises:
        ConfigError: anything named is unknown or does not fit together.
    """
    if element is not None and (convention, figures) != ("shared_clock", "synthesis"):
        raise ConfigError(
            "processing elements are priced per clock period and from synthesis",
            remedy="use the convention shared_clock and synthesis figures",
        )
    if operands is not None and figures != "synthesis":
        raise ConfigError("energies with the layers' operands come from synthesis, not from reported figures")
    workload = as_workload(network, input_shape)
    spec = accelerator if isinstance(accelerator, Accelerator) else Accelerator.load(accelerator)
    if isinstance(assignment, str):
        assignment = {layer.name: assignment for layer in workload}
    names = sorted(set(assignment.values()) | ({baseline} if baseline else set()))
    clock_ghz = spec.clock_mhz / 1e3
    costs = {
        name: multiplier_cost(library[name], convention, clock_ghz=clock_ghz, figures=figures)
        for name in names
    }
    reference = costs[baseline] if baseline else exact_reference(costs)
    if element is not None:
        costs = _with_elements(costs, library, workload, element, assignment, reference.name)
    estimators: dict[str, Estimator] = {}
    for loaded in _distinct(table, band):
        mapper = _mapper(
            spec.model_dump_json(),
            loaded.model_dump_json(),
            reference.energy_pj,
            objective,
            conventions.model_dump_json(),
            time_limit_s,
            element is not None,
        )
        estimator = Estimator(workload, mapper, list(costs.values()))
        if operands is not None:
            operand_pj = operand_energies(
                _with_netlists(library), names, estimator.stationary(), operands, convention, liberty
            )
            estimator = Estimator(workload, mapper, list(costs.values()), operand_pj)
        estimators[loaded.name] = estimator
    main = next(iter(estimators))
    savings = compare(estimators, main, assignment, reference.name)
    if operands is None:
        notes = [f"multiplication energy by {convention} from {figures} figures"]
        notes += _both(library, names, figures)
    else:
        notes = [f"multiplication energy by {convention} from power tables and the layers' operands"]
        notes += _ranges(estimators[main])
    if element is not None:
        notes.append(
            f"processing elements ({element}) as fitted to {CELLS}; they stand for the table's adder "
            "and for registers inside the array"
        )
    return network_energy(estimators[main], assignment, convention, savings=savings, notes=tuple(notes))


def _with_elements(
    costs: Mapping[str, MultiplierCost],
    library: Mapping[str, Multiplier],
    workload: Workload,
    element: Element,
    assignment: Mapping[str, str],
    reference: str,
) -> dict[str, MultiplierCost]:
    """Return the costs with processing elements; the reference's hold the sums of every layer."""
    return {
        **with_elements(costs, library, workload, element, assignment),
        **with_elements({reference: costs[reference]}, library, workload, element),
    }


def _with_netlists(library: Mapping[str, Multiplier]) -> Library:
    from mulsmith.characterize.library import Library

    if not isinstance(library, Library):
        raise ConfigError(
            "energies with the layers' operands need netlists",
            remedy="give a Library, from Library.open(folder) or Library.embedded()",
        )
    return library


def _both(library: Mapping[str, Multiplier], names: Sequence[str], figures: Figures) -> list[str]:
    """Return every multiplier's energy by both conventions, which rank multipliers differently."""
    notes: list[str] = []
    for name in names:
        pdp, shared = (
            multiplier_cost(library[name], convention, figures=figures).energy_pj
            for convention in CONVENTIONS
        )
        notes.append(f"{name}: {pdp:.4g} pJ by pdp, {shared:.4g} pJ by shared_clock")
    return notes


def _ranges(estimator: Estimator) -> list[str]:
    """Return every multiplier's energy over the layers beside its own figure."""
    notes: list[str] = []
    for multiplier in estimator.multipliers:
        over = [estimator.multiply_pj(layer, multiplier) for layer in estimator.workload]
        notes.append(
            f"{multiplier.name}: {min(over):.4g} .. {max(over):.4g} pJ over the layers, "
            f"{multiplier.energy_pj:.4g} pJ by its synthesis figures"
        )
    return notes


def as_workload(network: nn.Module | Workload | str | Path, input_shape: Sequence[int] | None) -> Workload:
    """Return the layers of whatever stands for a network.

    Raises:
        ConfigError: it is unknown, or a torch module comes without an input shape.
    """
    if isinstance(network, Workload):
        return network
    if isinstance(network, str | Path):
        return load_network(network)
    if input_shape is None:
        raise ConfigError("a torch module needs the shape of its input", remedy="e.g. (1, 3, 32, 32)")
    from mulsmith.energy.torch_network import workload_from_torch

    return workload_from_torch(network, input_shape)


def layer_prices(accelerator: Accelerator, table: EnergyTable, reference_pj: float) -> Prices:
    """Return the prices of a table beside a library of 45 nm multipliers.

    A relative table counts in exact multiply-accumulates: its unit is the exact multiplication plus the
    addition of the 45 nm table.
    """
    if table.unit != "mac":
        return make_prices(accelerator, table, multiplier_nm=LIBRARY_NM)
    adder = make_prices(accelerator, EnergyTable.load("cacti45"), multiplier_nm=LIBRARY_NM).add_pj
    prices = make_prices(accelerator, table, mac_pj=reference_pj + adder)
    unit = ("unit", f"exact multiplication {reference_pj:.4g} pJ + addition")
    return replace(prices, add_pj=adder, provenance=(*prices.provenance, unit))


def _distinct(main: EnergyTable | str | Path, band: Sequence[EnergyTable | str | Path]) -> list[EnergyTable]:
    tables: dict[str, EnergyTable] = {}
    for entry in (main, *band):
        loaded = entry if isinstance(entry, EnergyTable) else EnergyTable.load(entry)
        tables.setdefault(loaded.name, loaded)
    return list(tables.values())


@lru_cache(maxsize=64)
def _mapper(
    accelerator: str,
    table: str,
    reference_pj: float,
    objective: Objective,
    conventions: str,
    time_limit_s: float | None,
    elements: bool,
) -> Mapper:
    """Return the mapper of equal settings again, with everything that it has mapped so far."""
    spec = Accelerator.model_validate_json(accelerator)
    prices = layer_prices(spec, EnergyTable.model_validate_json(table), reference_pj)
    if elements:
        prices = beside_elements(spec, prices)
    return Mapper(
        spec,
        prices,
        objective=objective,
        conventions=Conventions.model_validate_json(conventions),
        time_limit_s=time_limit_s,
    )


def estimator_for(
    workload: Workload,
    accelerator: Accelerator,
    table: EnergyTable,
    multipliers: Sequence[MultiplierCost],
    *,
    reference: MultiplierCost | None = None,
    objective: Objective = "energy",
    operand_pj: Mapping[tuple[str, str], float] | None = None,
) -> Estimator:
    """Return an estimator for searchers: batches of assignments in, arrays out.

    Args:
        workload: the network.
        accelerator: where.
        table: its prices.
        multipliers: the choices, in the order of their indices; where they come ``with_elements``, the
            table's adder and registers inside the array are free.
        reference: the exact multiplier, which relative tables count in; the cheapest exact one of
            ``multipliers`` when left out.
        objective: what mappings minimise.
        operand_pj: (layer, multiplier) -> energy of a multiplication with the layer's operands, from
            ``operand_energies``; the multipliers' own figures hold elsewhere.
    """
    exact = reference or exact_reference({multiplier.name: multiplier for multiplier in multipliers})
    mapper = _mapper(
        accelerator.model_dump_json(),
        table.model_dump_json(),
        exact.energy_pj,
        objective,
        DEFAULT.model_dump_json(),
        None,
        any(multiplier.element_pj for multiplier in multipliers),
    )
    return Estimator(workload, mapper, multipliers, operand_pj)
