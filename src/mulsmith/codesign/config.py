"""The configuration of a co-design run; without a file, the embedded example."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from mulsmith.codesign.nas_config import NasSections
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.sections import Architecture, Circuits, Network
from mulsmith.errors import ConfigError
from mulsmith.search.methods import METHODS
from mulsmith.toml_file import Section

DEFAULT_ACCELERATOR = "eyeriss-like"


class Sources(Circuits):
    """Which multipliers may be chosen; files are characterized into the run folder first."""

    files: tuple[Path, ...] = Field(default=(), description="Verilog files and folders, instead of a library")
    liberty: Path | None = Field(default=None, description="cells for these files; the embedded ones without")

    @model_validator(mode="after")
    def _one_source(self) -> Sources:
        if self.files and self.library is not None:
            raise ValueError("files and library are both given: name one of them")
        return self


class SearchedNetwork(Network):
    """Which network: one of the zoo, or one that an architecture search finds first."""

    method: str = Field(
        default="", description="approxdarts, evoapproxnas or phoenix; options in the section of that name"
    )
    preset: str = Field(default="", description="a shipped one that these options are taken from")
    max_loss_pp: float = Field(
        default=1.0,
        ge=0,
        le=100,
        description="validation points below the most accurate network found; the cheapest within is taken",
    )

    @model_validator(mode="after")
    def _one_source(self) -> SearchedNetwork:
        unset = Network()
        others = [name for name in Network.model_fields if getattr(self, name) != getattr(unset, name)]
        if self.method and others:
            raise ValueError(f"method and {others[0]} are both given: name one of them")
        if self.preset and not self.method:
            raise ValueError("a preset is given, but no method")
        return self


class Search(Section):
    """By which method multipliers are assigned; its options stand in the section of its name."""

    method: str = Field(default="greedy", description="agn, alwann, assign, greedy, qos or uniform")


class Constraints(Section):
    """What the chosen network has to keep; the cheapest candidate that keeps all is chosen."""

    max_loss_pp: float = Field(
        default=1.0, ge=0, le=100, description="validation points below exact 8-bit that may be lost"
    )
    margin: float = Field(default=1.0, ge=0, description="least standard errors to stay clear of the loss")
    max_energy_percent: float | None = Field(
        default=None, gt=0, le=100, description="largest energy, % of exact 8-bit, in the ledger"
    )
    max_multipliers: int | None = Field(default=None, ge=1, description="most different multipliers")
    max_area_um2: float | None = Field(
        default=None, gt=0, description="largest area of one multiplier of each kind in use"
    )


class Export(Section):
    """Which hand-offs are written into the run folder, as ``mulsmith export`` writes them."""

    formats: tuple[Literal["rtl", "c", "onnx", "csv", "timeloop"], ...] = ()
    image: int = Field(default=0, ge=0, description="test image that is recorded")
    tiles: int = Field(default=0, ge=0, description="tiles that rtl checks per layer; 0 is all")
    rows: int = Field(default=4, ge=1, le=1024, description="of the systolic array of rtl")
    cols: int = Field(default=4, ge=1, le=1024, description="of the systolic array of rtl")
    lanes: int = Field(default=8, ge=1, le=1024, description="products per cycle of the vector unit of rtl")
    liberty: Path | None = Field(default=None, description="cells that rtl's elements are synthesised to")


class Config(SearchConfig, NasSections):
    """A whole co-design run."""

    circuits: Sources = Sources()
    network: SearchedNetwork = SearchedNetwork()
    search: Search = Search()
    constraints: Constraints = Constraints()
    export: Export = Export()

    @property
    def method(self) -> str:
        """The search method.

        Raises:
            ConfigError: there is none of that name.
        """
        METHODS.named(self.search.method)
        return self.search.method

    def search_config(self, found: Architecture | None = None) -> SearchConfig:
        """Return the search of this run; the greedy method gets the run's bound of the loss.

        Args:
            found: what the architecture search found, where there is one.

        Raises:
            ConfigError: a bound of the loss stands in two places.
        """
        bound = {"max_loss_pp": self.constraints.max_loss_pp, "margin": self.constraints.margin}
        own, unset = self.greedy, type(self.greedy)()
        twice = [n for n in bound if getattr(own, n) not in (getattr(unset, n), bound[n])]
        if twice:
            raise ConfigError(
                f"greedy.{twice[0]} contradicts constraints.{twice[0]}",
                remedy="state it in [constraints] only",
            )
        fields: dict[str, Any] = {name: getattr(self, name) for name in SearchConfig.model_fields}
        fields["greedy"] = own.model_copy(update=bound)
        fields["circuits"] = Circuits(library=self.circuits.library, names=self.circuits.names)
        own_network = {name: getattr(self.network, name) for name in Network.model_fields}
        fields["network"] = Network(**{**own_network, "architecture": found or self.network.architecture})
        return SearchConfig(**fields)
