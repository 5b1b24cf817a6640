"""The sections of a configuration that every search over assignments shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from mulsmith.search.trial import Candidate
from mulsmith.toml_file import Section


class Data(Section):
    """Which images."""

    name: str = Field(default="digits", description="digits, cifar10, cifar100 or imagefolder")
    folder: Path | None = Field(default=None, description="where the files lie; digits need none")


class Architecture(Section):
    """A network that an architecture search found."""

    method: str = Field(description="of the search")
    options: dict[str, Any] = Field(description="of that method")
    genome: dict[str, Any] = Field(description="as the search's result has it")

    @property
    def name(self) -> str:
        """The method and the beginning of the candidate's id."""
        return f"{self.method}-{Candidate(self.genome).id[:8]}"


class Network(Section):
    """Which network, and trained weights if there are any."""

    name: str = Field(default="digits-cnn", description="a network of the zoo")
    weights: Path | None = Field(default=None, description="state file of torch, instead of training")
    architecture: Architecture | None = Field(default=None, description="a found network, instead of a name")

    @property
    def title(self) -> str:
        """What the network is called in results."""
        return self.name if self.architecture is None else self.architecture.name


class Training(Section):
    """How the float network is trained."""

    epochs: int = Field(default=30, ge=1)
    learning_rate: float = Field(default=3e-3, gt=0)
    optimiser: Literal["adam", "sgd"] = "adam"
    batch: int = Field(default=64, ge=1)
    weight_decay: float = Field(default=0.0, ge=0)
    augment: bool = False
    seed: int = Field(default=0, ge=0)


class Quantising(Section):
    """How operands become codes; see ``mulsmith.emulate.Quantisation``."""

    activations: Literal["affine", "symmetric"] = "affine"
    weights: Literal["auto", "affine", "symmetric"] = "auto"
    per_channel: bool = True
    weight_range: Literal["min-max", "mse"] = "mse"
    observer: Literal["min-max", "moving-average", "percentile", "mse"] = "min-max"
    percentile: float = Field(default=99.99, gt=50, le=100)
    sign_magnitude: bool = Field(default=True, description="sign bits apart from an unsigned multiplier")


class Circuits(Section):
    """Which multipliers may be chosen."""

    library: Path | None = Field(default=None, description="library folder; without it the embedded circuits")
    names: tuple[str, ...] = Field(default=("*",), description="names or patterns such as mul8x8u_*")


class SettingConfig(Section):
    """What is searched on: images, a network, its integers and the multipliers to choose from."""

    data: Data = Data()
    network: Network = Network()
    training: Training = Training()
    quantisation: Quantising = Quantising()
    circuits: Circuits = Circuits()
