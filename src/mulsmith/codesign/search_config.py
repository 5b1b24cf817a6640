"""The configuration of ``mulsmith search``: the setting of a co-design run, and options for every method."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from mulsmith.codesign import config as codesign
from mulsmith.search.methods import (
    AlwannOptions,
    AssignOptions,
    GreedyOptions,
    UniformOptions,
    method_named,
)
from mulsmith.toml_file import Section


class Evaluation(Section):
    """How an assignment is evaluated."""

    energy: Literal["pdp", "shared_clock"] = Field(
        default="pdp", description="energy of a multiplication: power x delay, or power / clock"
    )
    images: int = Field(default=0, ge=0, description="validation images per evaluation; 0 is all")
    weight_map: Literal["auto", "none", "uniform", "histogram"] = Field(
        default="auto", description="auto: as the method is defined"
    )
    bias: Literal["auto", "corrected", "none"] = Field(default="auto", description="per-channel mean error")
    workers: int = Field(default=1, ge=1, description="processes; the result does not depend on it")
    reference_loss_pp: float = Field(
        default=10.0, gt=0, le=100, description="validation points below exact where the hypervolume ends"
    )


class SearchConfig(Section):
    """A search run; of the methods' sections only that of the chosen one counts."""

    data: codesign.Data = codesign.Data()
    network: codesign.Network = codesign.Network()
    training: codesign.Training = codesign.Training()
    quantisation: codesign.Quantising = codesign.Quantising()
    circuits: codesign.Circuits = codesign.Circuits()
    evaluation: Evaluation = Evaluation()
    alwann: AlwannOptions = AlwannOptions()
    assign: AssignOptions = AssignOptions()
    greedy: GreedyOptions = GreedyOptions()
    uniform: UniformOptions = UniformOptions()

    def options(self, method: str) -> Section:
        """Return the section of a method."""
        section: Section = getattr(self, method)
        return section

    def corrections(self, method: str) -> tuple[str, bool]:
        """Return (weight map, whether biases are corrected), ``auto`` resolved."""
        known, own = method_named(method), self.evaluation
        mapping = known.mapping if own.weight_map == "auto" else own.weight_map
        return mapping, known.bias if own.bias == "auto" else own.bias == "corrected"

    def identity(self, method: str) -> dict[str, Any]:
        """Return what a run folder belongs to: everything that can change the result."""
        document = self.model_dump(mode="json")
        for name in ("alwann", "assign", "greedy", "uniform"):
            if name != method:
                del document[name]
        del document["evaluation"]["workers"]
        return {"method": method, **document}

    def setting(self) -> codesign.Config:
        """Return the same setting as a co-design configuration."""
        return codesign.Config(
            data=self.data,
            network=self.network,
            training=self.training,
            quantisation=self.quantisation,
            circuits=self.circuits,
            search=codesign.Search(energy=self.evaluation.energy),
        )
