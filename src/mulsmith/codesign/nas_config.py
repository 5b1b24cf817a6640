"""The configuration of an architecture search; presets ship with each method."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from mulsmith.codesign import sections
from mulsmith.errors import ConfigError
from mulsmith.search.nas.approxdarts import ApproxDartsOptions
from mulsmith.search.nas.evoapproxnas import EvoApproxNasOptions
from mulsmith.search.nas.methods import NAS_METHODS
from mulsmith.search.nas.phoenix.method import PhoenixOptions
from mulsmith.search.nas.setting import RunOptions
from mulsmith.toml_file import Section

__all__ = ["NAS_METHODS", "NasConfig", "NasSections"]

_NOT_IDENTITY = ("workers", "runner")


class NasData(sections.Data):
    """Which images, and how many of them judge the networks."""

    validation_images: int = Field(default=0, ge=0, description="that choose, the first ones; 0 is all")
    test_images: int = Field(default=0, ge=0, description="that report, the first ones; 0 is all")


class NasCircuits(sections.Circuits):
    """Which multipliers networks may be built of."""

    names: tuple[str, ...] = Field(default=("mul8x8u_*",), description="names or patterns such as mul8x8u_*")
    pareto: tuple[str, str] | None = Field(
        default=None, description="two figures, such as mae and power_mw; their front alone is kept"
    )


class NasSections(Section):
    """The options of the architecture searches."""

    approxdarts: ApproxDartsOptions | None = None
    evoapproxnas: EvoApproxNasOptions | None = None
    phoenix: PhoenixOptions | None = None


class NasConfig(NasSections):
    """An architecture search; of the methods' sections only that of the chosen one counts."""

    data: NasData = NasData()
    circuits: NasCircuits = NasCircuits()
    run: RunOptions = RunOptions()

    def options(self, method: str) -> Section:
        """Return the section of a method.

        Raises:
            ConfigError: the configuration has none.
        """
        section = getattr(self, method)
        if section is None:
            raise ConfigError(
                f"the configuration has no section [{method}]", remedy="start from a preset: --preset NAME"
            )
        found: Section = section
        return found

    def identity(self, method: str) -> dict[str, Any]:
        """Return what a run folder belongs to: everything that can change the result."""
        document = self.model_dump(mode="json")
        for name in NAS_METHODS:
            if name != method:
                document.pop(name, None)
        for name in _NOT_IDENTITY:
            del document["run"][name]
        return {"method": method, **document}
