"""The operands that a multiplier meets in a network: they weigh its errors, and its power is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError
from mulsmith.provenance import sha256_hex

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class OperandMix:
    """Operands of one or several layers, A and B independent of each other within a layer.

    Attributes:
        a: probability of every raw code of operand A in each layer, [layers, 2**a_bits].
        b: the same of operand B, [layers, 2**b_bits].
        shares: probability that a multiplication belongs to a layer, [layers].
        stationary: the operand that stays while the other changes, or None.
    """

    a: Floats
    b: Floats
    shares: Floats
    stationary: Literal["a", "b"] | None = "b"

    @classmethod
    def of(
        cls,
        layers: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]],
        shares: npt.ArrayLike,
        stationary: Literal["a", "b"] | None = "b",
    ) -> OperandMix:
        """Return the mix of layers' histograms over raw codes; neither they nor the shares need sum to 1.

        Raises:
            ConfigError: histograms or shares are of unequal size, empty, negative or not finite.
        """
        if not layers:
            raise ConfigError("no layer gives operands")
        a, b = ([np.asarray(pair[side], dtype=np.float64) for pair in layers] for side in (0, 1))
        for operand, rows in (("A", a), ("B", b)):
            if len({row.shape for row in rows}) != 1:
                raise ConfigError(f"the histograms of operand {operand} are of unequal size")
        weights = np.asarray(shares, dtype=np.float64)
        if weights.shape != (len(layers),):
            raise ConfigError(f"{weights.size} shares are given for {len(layers)} layers")
        return cls(
            np.array([_distribution(row, "histogram of operand A") for row in a]),
            np.array([_distribution(row, "histogram of operand B") for row in b]),
            _distribution(weights, "row of the layers' shares"),
            stationary,
        )

    def check(self, a_bits: int, b_bits: int) -> None:
        """Compare the histograms with the widths of a multiplier.

        Raises:
            ConfigError: a histogram does not fit.
        """
        for operand, rows, bits in (("A", self.a, a_bits), ("B", self.b, b_bits)):
            if rows.shape[1] != 1 << bits:
                raise ConfigError(
                    f"the histogram of operand {operand} has {rows.shape[1]} entries, "
                    f"but {bits} bits have {1 << bits} codes"
                )

    def joint(self) -> Floats:
        """Return the probability of every pair of raw codes, [2**a_bits, 2**b_bits]."""
        pairs: Floats = np.einsum("l,la,lb->ab", self.shares, self.a, self.b)
        return pairs

    def draw(self, count: int, random: np.random.Generator) -> tuple[tuple[Codes, Codes], ...]:
        """Return ``count`` successive operands: (codes of A, codes of B) before and after."""
        layer = random.choice(len(self.shares), count, p=self.shares)
        drawn = np.empty((2, 2, count), dtype=np.int64)
        for number, (p_a, p_b) in enumerate(zip(self.a, self.b, strict=True)):
            places = np.flatnonzero(layer == number)
            for operand, p in enumerate((p_a, p_b)):
                drawn[:, operand, places] = random.choice(len(p), (2, len(places)), p=p)
        if self.stationary is not None:
            kept = "ab".index(self.stationary)
            drawn[1, kept] = drawn[0, kept]
        return (drawn[0, 0], drawn[0, 1]), (drawn[1, 0], drawn[1, 1])

    def sha256(self) -> str:
        """Return a hash of all of it."""
        arrays = [np.asarray(array, dtype="<f8").tobytes() for array in (self.a, self.b, self.shares)]
        return sha256_hex(f"{self.a.shape} {self.b.shape} {self.stationary}\n".encode() + b"".join(arrays))


def _distribution(weights: Floats, what: str) -> Floats:
    if weights.ndim != 1 or not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() == 0:
        raise ConfigError(f"the {what} is empty, negative or not finite")
    distribution: Floats = weights / weights.sum()
    return distribution
