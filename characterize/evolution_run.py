"""One evolution run in a folder: resumable, and its result verified by the independent simulator."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from mulsmith.characterize.evolution_errors import error_figures, exceeded
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import ErrorStats, error_stats
from mulsmith.circuits.cgp import Search, Settings
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.cgp_problem import EXACT, WEIGHT_TOLERANCE, Bounds, Costs
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.errors import ConfigError, NetlistError
from mulsmith.storage import atomic_write

STEP = 1000
SAVE_EVERY_S = 1.0
RECIPE_FILE = "recipe.json"
STATE_FILE = "state.npz"
HEADER_METRICS = ("mae", "wce", "ep_percent", "mre_percent", "mse")

Progress = Callable[[int, Search], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that determines the result of a run.

    Attributes:
        seed_circuit: the text that names the seed circuit, for the header.
        netlist_sha256: hash of the seed circuit.
        costs_of: name of the cell library of the costs.
        costs_sha256: its hash.
        bounds: largest errors.
        settings: how to search.
        operands: what the multiplier meets, for weighted errors and the power.
    """

    seed_circuit: str
    netlist_sha256: str
    costs_of: str
    costs_sha256: str
    bounds: Bounds
    settings: Settings
    operands: OperandMix | None = None

    def to_json(self) -> dict[str, object]:
        """Return the JSON form, with a hash for the operands."""
        names = ("seed_circuit", "netlist_sha256", "costs_of", "costs_sha256")
        return {
            **{name: getattr(self, name) for name in names},
            "bounds": self.bounds.to_json(),
            "settings": asdict(self.settings),
            "operands_sha256": None if self.operands is None else self.operands.sha256(),
        }


def evolve(
    recipe: Recipe, seed: Netlist, costs: Costs, folder: Path, generations: int, progress: Progress
) -> tuple[Path, ErrorStats]:
    """Run a recipe up to ``generations`` in all and return the file of the best circuit with its errors.

    The state is saved about once a second; a run that was interrupted at any moment, also by kill -9,
    continues as if it had not been. After Ctrl-C the file holds the best circuit so far.

    Args:
        recipe: what determines the result.
        seed: the seed circuit, its name the name of the result.
        costs: of the gates.
        folder: of the run.
        generations: in all, those of earlier calls included.
        progress: is told the generation and the search after every step.

    Raises:
        ConfigError: the seed exceeds a bound, or the folder holds the run of another recipe.
        NetlistError: the result differs from the engine's figures.
    """
    if generations < 1:
        raise ConfigError(f"generations = {generations}, but at least 1 is needed")
    search = Search(seed, recipe.bounds, costs, recipe.settings, operands=recipe.operands)
    _claim(recipe, folder)
    state = folder / STATE_FILE
    if state.exists():
        search.restore(state)
    saved = 0.0
    path = folder / f"{seed.name}.v"
    try:
        while (done := search.counters["generations"]) < generations:
            search.run(min(STEP, generations - done))
            if time.monotonic() - saved > SAVE_EVERY_S:
                search.save(state)
                saved = time.monotonic()
            progress(search.counters["generations"], search)
    finally:
        # An interrupted run leaves its best circuit too.
        search.save(state)
        errors = _verified(search, recipe)
        atomic_write(path, _source(recipe, search, errors).encode())
    return path, errors


def bounds_text(bounds: Bounds) -> str:
    """Return bounds in words, e.g. ``mae <= 6, exact_zero``."""
    limits = [f"{name} <= {value:.10g}" for name, value in bounds.limits().items()]
    return ", ".join([*limits, *(name for name in EXACT if getattr(bounds, name))])


def _claim(recipe: Recipe, folder: Path) -> None:
    path = folder / RECIPE_FILE
    text = json.dumps(recipe.to_json(), indent=2, sort_keys=True) + "\n"
    if not path.exists():
        atomic_write(path, text.encode())
    elif path.read_text(encoding="utf-8") != text:
        raise ConfigError(
            "the folder holds the run of another recipe", path=path, remedy="name another folder"
        )


def _verified(search: Search, recipe: Recipe) -> ErrorStats:
    lut, totals = simulate_lut(search.netlist), search.totals
    errors = error_stats(lut)
    broken = exceeded(recipe.bounds, error_figures(lut, recipe.operands), WEIGHT_TOLERANCE)
    if broken or (errors.mae, errors.ep_percent) != (totals.mae, totals.ep_percent):
        raise NetlistError(
            f"the evolved circuit differs from the engine's figures: MAE {errors.mae} against {totals.mae}",
            remedy="please report it with the run folder",
        )
    return errors


def _source(recipe: Recipe, search: Search, errors: ErrorStats) -> str:
    netlist, counters = search.netlist, search.counters
    limits = bounds_text(recipe.bounds)
    header = [
        f"{netlist.name}: evolved from {recipe.seed_circuit} under {limits or 'no bound'}",
        f"{counters['generations']} generations of {recipe.settings.offspring} offspring, "
        f"seed {recipe.settings.seed}, costs of {recipe.costs_of}",
        f"mulsmith: signed = {str(netlist.signed).lower()}",
        *(f"mulsmith: {name} = {getattr(errors, name):.8g}" for name in HEADER_METRICS),
    ]
    return write_verilog(netlist, header)
