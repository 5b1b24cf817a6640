"""How much an evaluation of a network may cost, as part of a trial's identity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import Field

from mulsmith.errors import ConfigError
from mulsmith.search.trial import Trial
from mulsmith.toml_file import Section

EPOCHS = ("epochs", "table_epochs")


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The settings that trade the accuracy of an evaluation for its cost.

    Attributes:
        epochs: passes over the training images in float.
        table_epochs: passes after them on the multipliers' tables.
        images: the first so many training images; 0 is all of them.
        width: factor on the channels of the trained network; counts and energy are those of the full one.
    """

    epochs: int
    table_epochs: int
    images: int = 0
    width: float = 1.0

    def __post_init__(self) -> None:
        if self.epochs < 0 or self.table_epochs < 0 or self.images < 0 or not 0 < self.width <= 1:
            raise ConfigError(f"{self} is no fidelity", remedy="epochs and images from 0, width in 0..1")

    def to_json(self) -> dict[str, Any]:
        """Return the form that a trial carries."""
        return asdict(self)

    @classmethod
    def of(cls, trial: Trial) -> Fidelity:
        """Return the fidelity of a trial; entries of other kinds are left to its evaluator."""
        return cls(**{name: trial.fidelity[name] for name in cls.__slots__ if name in trial.fidelity})

    def scaled(self, share: float) -> Fidelity:
        """Return the same with a share of the epochs, rounded up."""
        return Fidelity(**with_epochs(self.to_json(), share))


class FidelityOptions(Section):
    """How thoroughly candidates are evaluated."""

    epochs: int = Field(ge=0, description="in float")
    table_epochs: int = Field(ge=0, description="then on the multipliers' tables")
    images: int = Field(default=0, ge=0, description="training images; 0 is all")
    width: float = Field(default=1.0, gt=0, le=1, description="factor on the channels")

    def fidelity(self) -> Fidelity:
        """Return the checked values."""
        return Fidelity(**self.model_dump())


def with_epochs(fidelity: Mapping[str, Any], share: float) -> dict[str, Any]:
    """Return a trial's fidelity with a share of its epochs of every kind, rounded up."""
    epochs = {name: math.ceil(share * fidelity[name]) for name in EPOCHS if name in fidelity}
    return {**fidelity, **epochs}


def same_fidelity(trial: Trial, fidelity: Mapping[str, Any]) -> bool:
    """Whether a trial is evaluated exactly as thoroughly as ``fidelity`` says."""
    return dict(trial.fidelity) == dict(fidelity)
