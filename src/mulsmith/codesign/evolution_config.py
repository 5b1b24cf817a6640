"""The configuration of ``mulsmith circuits evolve-set``: which multipliers, under which limits, how long."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PositiveInt

from mulsmith.circuits.cgp import Settings
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.cgp_problem import Bounds
from mulsmith.codesign.evolution_operands import read_operands
from mulsmith.energy.operands import Form
from mulsmith.search.evolution.trials import Figure
from mulsmith.search.runner_choice import RunnerOptions
from mulsmith.toml_file import Section


class Interface(Section):
    """What every multiplier of the set looks like."""

    a_bits: int = Field(default=8, ge=2, le=12)
    b_bits: int = Field(default=8, ge=2, le=12)
    signed: bool = False

    @property
    def prefix(self) -> str:
        """How the names of the set begin."""
        return f"mul{self.a_bits}x{self.b_bits}{'s' if self.signed else 'u'}"


class Starts(Section):
    """Circuits that evolution may start from."""

    embedded: bool = Field(
        default=True,
        # Evolved ones are left out: they would lead a campaign back to themselves.
        description="the generated embedded circuits of that interface",
    )
    calls: tuple[str, ...] = Field(default=(), description="generator calls such as 'truncated(cut=6)'")
    files: tuple[Path, ...] = Field(default=(), description="Verilog files of that interface")


class Step(Section):
    """One step of the ladder; what is not named is not bounded."""

    mae: float | None = Field(default=None, ge=0)
    wce: int | None = Field(default=None, ge=0)
    ep_percent: float | None = Field(default=None, ge=0)
    mean_error: float | None = Field(default=None, ge=0)
    mre_percent: float | None = Field(default=None, ge=0)
    weighted_mae: float | None = Field(default=None, ge=0, description="over [operands]")
    weighted_rms: float | None = Field(default=None, ge=0, description="root mean square over [operands]")
    corrected_rms: float | None = Field(
        default=None, ge=0, description="the same of what weight map and bias correction leave"
    )


class LimitSection(Section):
    """The ladder of error limits, or in the archive method the limits of every circuit."""

    pairs: tuple[tuple[float, int], ...] = Field(default=(), description="[largest MAE, largest WCE]")
    steps: tuple[Step, ...] = Field(default=(), description="any bounds, e.g. {mre_percent = 2, wce = 400}")
    like: Path | None = Field(default=None, description="library whose circuits' MAE and WCE are limits too")
    exact_zero: bool = Field(default=False, description="demand exact results where an operand is 0")
    exact_one: bool = Field(default=False, description="demand exact results where an operand is 1")

    def ladder(self, like: Sequence[tuple[float, int]]) -> list[Bounds]:
        """Return the bounds that stand here and those of the circuits of ``like``."""
        steps = [Step(mae=mae, wce=wce) for mae, wce in (*self.pairs, *like)]
        return [
            Bounds(**step.model_dump(), exact_zero=self.exact_zero, exact_one=self.exact_one)
            for step in (*self.steps, *steps)
        ]


class OperandSection(Section):
    """What the multipliers meet in a network: it weighs errors, and the power is that of its operands."""

    histograms: Path | None = Field(default=None, description="written by mulsmith emulate operands")
    layers: dict[str, float] = Field(
        default={}, description="layer -> its share of the multiplications; all layers alike without it"
    )
    stationary: Literal["a", "b", "none"] = Field(
        default="b", description="operand that stays in the array while the other changes"
    )

    def read(self, interface: Interface) -> OperandMix | None:
        """Return the operands; None where the campaign has none."""
        if self.histograms is None:
            return None
        form = Form(interface.a_bits, interface.b_bits, interface.signed)
        stationary = None if self.stationary == "none" else self.stationary
        return read_operands(self.histograms, form, self.layers, stationary)


class Evolution(Section):
    """How circuits evolve; settings as ``circuits evolve``."""

    method: Literal["ladder", "archive"] = Field(
        default="ladder",
        description="ladder: a long run for each step of [limits]; archive: short runs from any circuit",
    )
    seeds: tuple[int, ...] = (1,)
    generations: PositiveInt = Field(default=1_000_000, description="of each run")
    steps: PositiveInt = Field(default=500, description="of the archive method: runs of each seed")
    batch: PositiveInt = Field(default=4, description="of the archive method: runs of each seed at once")
    offspring: PositiveInt = 4
    mutations: PositiveInt = 3
    spare: int = Field(default=0, ge=0)
    area_share: float = Field(default=0.25, ge=0, le=1)
    toggle: float | None = Field(
        default=None, ge=0, le=1, description="input activity; without it [operands], or 0.1 without those"
    )
    front: tuple[Figure, ...] = Field(
        default=("mae", "wce", "area_um2", "power_mw"),
        min_length=1,
        description="figures in which no circuit of the set is beaten by another",
    )

    @property
    def settings(self) -> Settings:
        """The engine's settings; the seed comes with each run."""
        return Settings(
            offspring=self.offspring,
            mutations=self.mutations,
            spare=self.spare,
            area_share=self.area_share,
            toggle=self.toggle,
        )


class Cells(Section):
    """What the circuits are made of."""

    liberty: Path | None = Field(default=None, description="cells; the embedded library without it")


class EvolutionConfig(Section):
    """A campaign: a set of multipliers from many evolution runs."""

    multiplier: Interface = Interface()
    starts: Starts = Starts()
    limits: LimitSection = LimitSection()
    operands: OperandSection = OperandSection()
    evolution: Evolution = Evolution()
    cells: Cells = Cells()
    runner: RunnerOptions = RunnerOptions()

    def identity(
        self, liberty_sha256: str, starts: dict[str, str], ladder: list[Bounds], operands: OperandMix | None
    ) -> dict[str, Any]:
        """Return what a run folder belongs to: everything that can change the result."""
        return {
            "multiplier": self.multiplier.model_dump(mode="json"),
            "evolution": self.evolution.model_dump(mode="json"),
            "limits": [bounds.to_json() for bounds in ladder],
            "operands": None if operands is None else operands.sha256(),
            "starts": starts,
            "liberty": liberty_sha256,
        }
