"""The configuration of ``mulsmith search``: the setting of a co-design run, and options for every method."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from mulsmith.codesign.sections import SettingConfig
from mulsmith.emulate.training import Recipe
from mulsmith.errors import ConfigError
from mulsmith.search.agn import AgnOptions
from mulsmith.search.methods import (
    METHODS,
    AlwannOptions,
    AssignOptions,
    GreedyOptions,
    UniformOptions,
)
from mulsmith.search.objective import Ledger
from mulsmith.search.qos_search import QosOptions
from mulsmith.search.runner_choice import RunnerOptions
from mulsmith.toml_file import Section


class Evaluation(Section):
    """How an assignment is evaluated."""

    energy: Literal["pdp", "shared_clock"] = Field(
        default="pdp", description="energy of a multiplication: power x delay, or power / clock"
    )
    power: Literal["synthesis", "data"] = Field(
        default="synthesis",
        description="at the toggle rate of the synthesis figures, or with what each layer multiplies",
    )
    liberty: Path | None = Field(
        default=None, description="cells that the library was characterized with, for power = 'data'"
    )
    ledger: Ledger = Field(
        default=Ledger.ALL,
        description="energy to minimise: multiplications of the approximated layers, all, or the system's",
    )
    layers: tuple[str, ...] = Field(
        default=("*",), min_length=1, description="patterns of layers to choose for; the rest stays exact"
    )
    images: int = Field(default=0, ge=0, description="validation images per evaluation; 0 is all")
    seed: int = Field(default=0, ge=0, description="of the draw of these images")
    test_images: int = Field(default=0, ge=0, description="images that the front is reported on; 0 is all")
    weight_map: Literal["auto", "none", "uniform", "histogram", "centred"] = Field(
        default="auto", description="auto: as the method is defined"
    )
    bias: Literal["auto", "corrected", "none"] = Field(default="auto", description="per-channel mean error")
    reference_loss_pp: float = Field(
        default=10.0, gt=0, le=100, description="validation points below exact where the hypervolume ends"
    )
    reference_saving_percent: float = Field(
        default=0.0,
        ge=0,
        lt=100,
        description="where it ends in energy; assign looks for, and a retrained front has, points beyond",
    )


class Accelerator(Section):
    """The accelerator that the system ledger counts."""

    name: str = Field(default="", description="a shipped one or a YAML file; empty leaves the system out")
    table: str = Field(default="cacti45", description="energies of its parts: a shipped table or a YAML file")
    objective: Literal["energy", "latency", "edp"] = Field(
        default="energy", description="what the mapping of a layer minimises"
    )


class Retraining(Section):
    """How candidates are retrained; the learning rate falls to 0 along a half cosine."""

    epochs: Literal["auto"] | Annotated[int, Field(ge=0)] = Field(
        default="auto",
        description="auto: as the method is defined; with other methods their front is trained",
    )
    learning_rate: float = Field(default=1e-3, gt=0)
    optimiser: Literal["adam", "sgd"] = "adam"
    batch: int = Field(default=64, ge=1)
    weight_decay: float = Field(default=0.0, ge=0)
    augment: bool = False
    images: int = Field(default=0, ge=0, description="training images, also of noise learning; 0 is all")
    teacher: Literal["labels", "float"] = Field(
        default="labels", description="what is learned: labels, or the answers of the float network"
    )
    temperature: float = Field(default=4.0, gt=0, description="that softens the float network's answers")
    label_share: float = Field(
        default=0.0, ge=0, le=1, description="of the loss, beside the float network's answers"
    )
    seed: int = Field(default=0, ge=0, description="of a retrained front")
    front_limit: int = Field(default=0, ge=0, description="members of a front that are trained; 0 is all")

    @property
    def recipe(self) -> Recipe:
        """The recipe; epochs and seed come with each trial."""
        return Recipe(
            learning_rate=self.learning_rate,
            optimiser=self.optimiser,
            batch=self.batch,
            weight_decay=self.weight_decay,
            augment=self.augment,
        )


class SearchConfig(SettingConfig):
    """A search run; of the methods' sections only that of the chosen one counts."""

    evaluation: Evaluation = Evaluation()
    accelerator: Accelerator = Accelerator()
    retraining: Retraining = Retraining()
    runner: RunnerOptions = RunnerOptions()
    agn: AgnOptions = AgnOptions()
    alwann: AlwannOptions = AlwannOptions()
    assign: AssignOptions = AssignOptions()
    greedy: GreedyOptions = GreedyOptions()
    qos: QosOptions = QosOptions()
    uniform: UniformOptions = UniformOptions()

    def options(self, method: str) -> Section:
        """Return the section of a method."""
        section: Section = getattr(self, method)
        return section

    def corrections(self, method: str) -> tuple[str, bool]:
        """Return (weight map, whether biases are corrected), ``auto`` resolved.

        Raises:
            ConfigError: corrections that cannot go with the method.
        """
        known, own = METHODS.named(method), self.evaluation
        mapping = known.mapping if own.weight_map == "auto" else own.weight_map
        bias = known.bias if own.bias == "auto" else own.bias == "corrected"
        joint = method in ("agn", "qos") and self.options(method).mode == "joint"  # type: ignore[attr-defined]
        if (mapping != "none" or bias) and (method == "qos" or joint):
            raise ConfigError(
                f"evaluation: corrections of weights or biases do not go with {method}"
                + (" in mode joint" if method != "qos" else ""),
                remedy="leave weight_map and bias at auto",
            )
        return mapping, bias

    def retraining_epochs(self, method: str) -> int:
        """Return the epochs of retraining, ``auto`` resolved."""
        epochs = self.retraining.epochs
        return METHODS.named(method).retraining if epochs == "auto" else epochs

    def identity(self, method: str) -> dict[str, Any]:
        """Return what a run folder belongs to: everything that can change the result."""
        document = self.model_dump(mode="json")
        for name in METHODS:
            if name != method:
                document.pop(name, None)
        if self.network.architecture is None:
            del document["network"]["architecture"]
        document["runner"] = {"threads": self.runner.threads}
        return {"method": method, **document}
