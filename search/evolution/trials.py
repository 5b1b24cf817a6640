"""One evolution run as a trial: its genome, and the evaluator that runs it and measures the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mulsmith.characterize.evolution_costs import evolution_costs
from mulsmith.characterize.evolution_run import Recipe, evolve
from mulsmith.characterize.flow import synthesis_report
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.cgp import Settings
from mulsmith.circuits.cgp_problem import Bounds
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog import read_verilog
from mulsmith.search.objective import Objective
from mulsmith.search.trial import Candidate, Trial
from mulsmith.storage import atomic_write

OBJECTIVES = (
    Objective("mae", "min"),
    Objective("wce", "min"),
    Objective("area_um2", "min"),
    Objective("power_mw", "min"),
)
_ERRORS = ("mae", "wce", "ep_percent", "mre_percent", "mean_error")


@dataclass(frozen=True, slots=True)
class Limits:
    """The errors that a trial allows.

    Attributes:
        mae: mean absolute error.
        wce: worst-case absolute error.
        exact_zero: whether products with an operand 0 have to be exact.
    """

    mae: float
    wce: int
    exact_zero: bool = False

    @property
    def bounds(self) -> Bounds:
        """The same for the engine."""
        return Bounds(mae=self.mae, wce=self.wce, exact_zero=self.exact_zero)

    def admit(self, metrics: Mapping[str, float]) -> bool:
        """Return whether a measured circuit keeps them."""
        exact_enough = metrics["mae"] <= self.mae and metrics["wce"] <= self.wce
        return exact_enough and not (self.exact_zero and metrics["zero_errors"])


def start_trial(path: Path, text_sha256: str) -> Trial:
    """Return the trial that measures a given circuit, known by its name and the hash of its file."""
    return Trial(Candidate({"start": path.stem, "sha256": text_sha256}, "start"))


def evolution_trial(start: Trial, limits: Limits, settings: Settings, generations: int) -> Trial:
    """Return the trial that evolves the circuit of ``start`` under ``limits``."""
    described = asdict(settings)
    seed = described.pop("seed")
    genome = {
        "from": circuit_name(start),
        "limits": asdict(limits),
        "settings": described,
        "generations": generations,
    }
    return Trial(Candidate(genome, "evolution"), seed=seed)


def circuit_name(trial: Trial) -> str:
    """Return the name of a trial's circuit within its run."""
    return f"{trial.candidate.id}-{trial.seed}"


def circuit_path(folder: Path, name: str) -> Path:
    """Return where a circuit lies in the run folder."""
    return folder / "circuits" / f"{name}.v"


class EvolutionEvaluator:
    """Evolves circuits in a run folder and measures them with the ordinary flow.

    A trial that is cut off at any moment goes on from its last saved state.

    Args:
        folder: the run.
        starts: file of every start circuit by its name.
        signed: whether operands are two's complement.
        liberty: the cell library's file; None is the embedded one.
        liberty_sha256: hash of its text.
    """

    def __init__(
        self,
        folder: Path,
        starts: Mapping[str, Path],
        signed: bool,
        liberty: Path | None,
        liberty_sha256: str,
    ) -> None:
        self._folder = folder
        self._starts = dict(starts)
        self._signed = signed
        self._liberty = liberty
        self._liberty_sha256 = liberty_sha256

    @property
    def identity(self) -> Mapping[str, Any]:
        """Signedness and the hash of the cell library."""
        return {"signed": self._signed, "liberty": self._liberty_sha256}

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return errors, area in um2, delay in ns and power in mW of the trial's circuit."""
        liberty = Liberty.read(self._liberty) if self._liberty else Liberty.embedded()
        netlist = self._circuit(trial, liberty)
        lut = simulate_lut(netlist)
        errors, report = error_stats(lut), synthesis_report(netlist, liberty)
        figures = {name: float(getattr(errors, name)) for name in _ERRORS}
        return {
            **figures,
            "zero_errors": float(np.count_nonzero(lut.table[0]) + np.count_nonzero(lut.table[1:, 0])),
            "area_um2": report.area_um2,
            "delay_ns": report.delay_ns,
            "power_mw": report.power_mw,
        }

    def _circuit(self, trial: Trial, liberty: Liberty) -> Netlist:
        genome = trial.candidate.genome
        path = circuit_path(self._folder, circuit_name(trial))
        if not path.exists():
            # Written whole or not at all, and its name holds the hash of all that determines it.
            source = self._starts[genome["start"]] if "start" in genome else self._evolve(trial, liberty)
            atomic_write(path, source.read_bytes())
        return self._read(path)

    def _evolve(self, trial: Trial, liberty: Liberty) -> Path:
        genome = trial.candidate.genome
        start = self._read(circuit_path(self._folder, genome["from"]))
        recipe = Recipe(
            seed_circuit=start.name,
            netlist_sha256=start.sha256(),
            costs_of=liberty.name,
            costs_sha256=liberty.sha256,
            bounds=Limits(**genome["limits"]).bounds,
            settings=Settings(seed=trial.seed, **genome["settings"]),
        )
        work = self._folder / "work" / circuit_name(trial)
        path, _ = evolve(
            recipe, start, evolution_costs(liberty), work, genome["generations"], lambda *_: None
        )
        return path

    def _read(self, path: Path) -> Netlist:
        return read_verilog(path).with_signed(self._signed)
