"""Activity models: what the operands of a multiplier do from one clock cycle to the next.

``Toggle(0.1)``, the default of the characterization, reproduces the power figures published with EvoApproxLib
up to one factor; ``Uniform`` is what most papers assume; ``Operands`` takes the histograms of a layer;
``Glitch`` adds the transitions that unequal delays cause to any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError
from mulsmith.provenance import sha256_hex

Floats = npt.NDArray[np.float64]
Stationary = Literal["a", "b"] | None

MAX_PAIRS = 1 << 22


@dataclass(frozen=True, slots=True)
class Toggle:
    """Every operand bit is uniform and toggles in each cycle, independently, with ``probability``."""

    probability: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ConfigError(f"the toggle probability {self.probability} is outside 0..1")

    def describe(self) -> str:
        """Return the model in words."""
        return f"toggle {self.probability:g}"

    def digest(self) -> str:
        """Return a hash of the model and all its parameters."""
        return sha256_hex(f"toggle {self.probability!r}".encode())


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every pair of operands is equally likely in each cycle, independently of the cycle before."""

    def describe(self) -> str:
        """Return the model in words."""
        return "uniform"

    def digest(self) -> str:
        """Return a hash of the model; equal to that of toggling with 0.5, which is the same."""
        return Toggle(0.5).digest()


@dataclass(frozen=True, slots=True, eq=False)
class Operands:
    """Operands drawn from histograms, independently of each other and of the cycle before.

    Attributes:
        a_histogram: weight of every raw code of operand A, [2**a_bits]; need not sum to 1.
        b_histogram: weight of every raw code of operand B, [2**b_bits].
        stationary: the operand that stays while the other one changes, as in a weight-stationary array
            ("b") or an input-stationary one ("a"); None where both change in every cycle.
    """

    a_histogram: npt.NDArray[np.float64]
    b_histogram: npt.NDArray[np.float64]
    stationary: Stationary = None

    def __post_init__(self) -> None:
        for operand, histogram in (("A", self.a_histogram), ("B", self.b_histogram)):
            weights = np.asarray(histogram, dtype=np.float64)
            if (
                weights.ndim != 1
                or not np.isfinite(weights).all()
                or (weights < 0).any()
                or not weights.any()
            ):
                raise ConfigError(
                    f"the histogram of operand {operand} is no row of finite weights, one of them positive"
                )
        if self.stationary not in (None, "a", "b"):
            raise ConfigError(f"stationary is {self.stationary!r}, but None, 'a' and 'b' are the choices")

    def describe(self) -> str:
        """Return the model in words, the histograms by their hash."""
        order = "" if self.stationary is None else f", {self.stationary}-stationary"
        return f"operands {self.digest()[:12]}{order}"

    def digest(self) -> str:
        """Return a hash of the histograms as little-endian float64 and of the stationary operand."""
        parts = [np.asarray(h, dtype="<f8").tobytes() for h in (self.a_histogram, self.b_histogram)]
        return sha256_hex(f"operands {self.stationary} {len(parts[0])}\n".encode() + parts[0] + parts[1])

    def distributions(self, a_bits: int, b_bits: int) -> tuple[Floats, Floats]:
        """Return the probabilities of both operands.

        Raises:
            ConfigError: a histogram does not fit the width of its operand.
        """
        result = []
        for operand, histogram, bits in (("A", self.a_histogram, a_bits), ("B", self.b_histogram, b_bits)):
            weights = np.asarray(histogram, dtype=np.float64)
            if weights.shape != (1 << bits,):
                raise ConfigError(
                    f"the histogram of operand {operand} has {weights.size} entries, "
                    f"but {bits} bits have {1 << bits} codes"
                )
            result.append(weights / weights.sum())
        return result[0], result[1]


@dataclass(frozen=True, slots=True)
class Glitch:
    """Another model with glitches: gates switch after their delays, and short pulses die (inertial delay).

    Attributes:
        base: what the operands do.
        pairs: number of sampled pairs of successive operand values, a multiple of 64.
        seed: of the generator that draws them.
        resolution_ps: time step to which delays are rounded.
    """

    base: Toggle | Uniform | Operands = Toggle()
    pairs: int = 16384
    seed: int = 0
    resolution_ps: float = 5.0

    def __post_init__(self) -> None:
        if self.pairs % 64 or not 64 <= self.pairs <= MAX_PAIRS:
            raise ConfigError(f"pairs is {self.pairs}, but a multiple of 64 in 64..{MAX_PAIRS} is needed")
        if not self.resolution_ps > 0:
            raise ConfigError(f"resolution_ps is {self.resolution_ps}, but must be positive")

    def describe(self) -> str:
        """Return the model in words."""
        return f"{self.base.describe()}, with glitches ({self.pairs} sampled pairs, seed {self.seed})"

    def digest(self) -> str:
        """Return a hash of the model and all its parameters."""
        text = f"glitch {self.pairs} {self.seed} {self.resolution_ps!r} {self.base.digest()}"
        return sha256_hex(text.encode())


Activity = Toggle | Uniform | Operands | Glitch
