"""The configuration of an architecture search; presets ship with each method."""

from __future__ import annotations

from typing import Any

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


class NasSections(Section):
    """The options of the architecture searches."""

    approxdarts: ApproxDartsOptions | None = None
    evoapproxnas: EvoApproxNasOptions | None = None
    phoenix: PhoenixOptions | None = None


class NasConfig(NasSections):
    """An architecture search; of the methods' sections only that of the chosen one counts."""

    data: sections.Data = sections.Data()
    circuits: sections.Circuits = sections.Circuits(names=("mul8x8u_*",))
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
