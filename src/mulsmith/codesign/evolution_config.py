"""The configuration of ``mulsmith circuits evolve-set``: which multipliers, under which limits, how long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, PositiveInt

from mulsmith.circuits.cgp import Settings
from mulsmith.search.evolution.trials import Limits
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

    embedded: bool = Field(default=True, description="the embedded circuits of that interface")
    calls: tuple[str, ...] = Field(default=(), description="generator calls such as 'truncated(cut=6)'")
    files: tuple[Path, ...] = Field(default=(), description="Verilog files of that interface")


class LimitSection(Section):
    """The ladder of error limits."""

    pairs: tuple[tuple[float, int], ...] = Field(default=(), description="[largest MAE, largest WCE]")
    like: Path | None = Field(default=None, description="library whose circuits' MAE and WCE are limits too")
    exact_zero: bool = Field(default=False, description="demand exact results where an operand is 0")

    def ladder(self) -> list[Limits]:
        """Return the limits that stand here."""
        return [Limits(mae, wce, self.exact_zero) for mae, wce in self.pairs]


class Evolution(Section):
    """How each circuit evolves; settings as ``circuits evolve``."""

    seeds: tuple[int, ...] = (1,)
    generations: PositiveInt = 1_000_000
    offspring: PositiveInt = 4
    mutations: PositiveInt = 3
    spare: int = Field(default=0, ge=0)
    area_share: float = Field(default=0.25, ge=0, le=1)
    toggle: float = Field(default=0.1, ge=0, le=1)

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
    """A campaign: one evolution run for each seed and pair of limits."""

    multiplier: Interface = Interface()
    starts: Starts = Starts()
    limits: LimitSection = LimitSection()
    evolution: Evolution = Evolution()
    cells: Cells = Cells()
    runner: RunnerOptions = RunnerOptions()

    def identity(self, liberty_sha256: str, starts: dict[str, str], ladder: list[Limits]) -> dict[str, Any]:
        """Return what a run folder belongs to: everything that can change the result."""
        return {
            "multiplier": self.multiplier.model_dump(mode="json"),
            "evolution": self.evolution.model_dump(mode="json"),
            "limits": [[limits.mae, limits.wce, limits.exact_zero] for limits in ladder],
            "starts": starts,
            "liberty": liberty_sha256,
        }
