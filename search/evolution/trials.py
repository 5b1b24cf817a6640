"""One evolution run as a trial: its genome, and the evaluator that runs it and measures the result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from mulsmith.characterize.evolution_costs import evolution_costs
from mulsmith.characterize.evolution_errors import error_figures, exceeded
from mulsmith.characterize.evolution_run import Recipe, evolve
from mulsmith.characterize.flow import report_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.power_table import power_table
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.synthesis import synthesize
from mulsmith.characterize.timing import analyze
from mulsmith.circuits.cgp import Settings
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.cgp_problem import WEIGHT_TOLERANCE, Bounds
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog import read_verilog
from mulsmith.search.objective import Objective
from mulsmith.search.trial import Candidate, Trial
from mulsmith.storage import atomic_write

Figure = Literal[
    "mae", "wce", "ep_percent", "mre_percent", "mean_error", "weighted_mae", "weighted_rms",
    "corrected_rms", "area_um2", "power_mw", "delay_ns", "operand_power_mw",
]  # fmt: skip
"""What a set of circuits may be non-dominated in, less being better."""


def objectives(figures: Sequence[Figure]) -> tuple[Objective, ...]:
    """Return them as objectives."""
    return tuple(Objective(figure, "min") for figure in figures)


def admits(bounds: Bounds, metrics: Mapping[str, float]) -> bool:
    """Return whether a measured circuit keeps bounds, with room for what the engine rounds."""
    return not exceeded(bounds, metrics, -WEIGHT_TOLERANCE)


def cost(metrics: Mapping[str, float], settings: Settings) -> float:
    """Return what evolution minimises: the logarithm of the weighted geometric mean of area and power.

    The power is that of the network's operands, if there are some and the settings name no toggle
    probability.
    """
    # The geometric mean needs no scale; a circuit of wires alone costs nothing whatever the share.
    own = settings.toggle is None and "operand_power_mw" in metrics
    area, power = metrics["area_um2"], metrics["operand_power_mw" if own else "power_mw"]
    if area <= 0 or power <= 0:
        return -math.inf
    return settings.area_share * math.log(area) + (1 - settings.area_share) * math.log(power)


def start_trial(path: Path, text_sha256: str) -> Trial:
    """Return the trial that measures a given circuit, known by its name and the hash of its file."""
    return Trial(Candidate({"start": path.stem, "sha256": text_sha256}, "start"))


def evolution_trial(start: Trial, bounds: Bounds, settings: Settings, generations: int) -> Trial:
    """Return the trial that evolves the circuit of ``start`` within bounds."""
    described = asdict(settings)
    seed = described.pop("seed")
    genome = {
        "from": circuit_name(start),
        "bounds": bounds.to_json(),
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
        operands: what the multiplier meets in a network.
    """

    def __init__(
        self,
        folder: Path,
        starts: Mapping[str, Path],
        signed: bool,
        liberty: Path | None,
        liberty_sha256: str,
        operands: OperandMix | None = None,
    ) -> None:
        self._folder = folder
        self._starts = dict(starts)
        self._signed = signed
        self._liberty = liberty
        self._liberty_sha256 = liberty_sha256
        self._operands = operands

    @property
    def identity(self) -> Mapping[str, Any]:
        """Signedness and the hashes of the cell library and of the operands."""
        operands = None if self._operands is None else self._operands.sha256()
        return {"signed": self._signed, "liberty": self._liberty_sha256, "operands": operands}

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        """Return errors, area in um2, delay in ns and power in mW of the trial's circuit."""
        liberty = Liberty.read(self._liberty) if self._liberty else Liberty.embedded()
        netlist = self._circuit(trial, liberty)
        mapped = synthesize(netlist, liberty)
        report = report_mapped(mapped, liberty)
        metrics = {
            **error_figures(simulate_lut(netlist), self._operands),
            "area_um2": report.area_um2,
            "delay_ns": report.delay_ns,
            "power_mw": report.power_mw,
        }
        if self._operands is not None:
            metrics["operand_power_mw"] = _operand_power(mapped, liberty, self._operands)
        return metrics

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
            bounds=Bounds(**genome["bounds"]),
            settings=Settings(seed=trial.seed, **genome["settings"]),
            operands=self._operands,
        )
        work = self._folder / "work" / circuit_name(trial)
        path, _ = evolve(
            recipe, start, evolution_costs(liberty), work, genome["generations"], lambda *_: None
        )
        return path

    def _read(self, path: Path) -> Netlist:
        return read_verilog(path).with_signed(self._signed)


def _operand_power(mapped: MappedNetlist, liberty: Liberty, operands: OperandMix) -> float:
    """Return the mean power over the layers in mW."""
    table = power_table(mapped, liberty, analyze(mapped, liberty))
    layers = zip(operands.shares, operands.a, operands.b, strict=True)
    return float(sum(share * table.power(a, b, operands.stationary).total_mw for share, a, b in layers))
