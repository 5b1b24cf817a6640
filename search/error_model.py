"""Prediction of the error that a multiplier puts on a layer's output, without emulating the layer.

The error of one product is e(a, b) = table[a, b] - a*b; the error of an output is the sum of ``fan_in`` of
them. Zero-point corrections are exact and add nothing to it. Three models, from coarse to fine:

``global``
    All products independent with the layer's operand histograms: mean n E[e], variance n Var[e].
``local``
    Trommer et al. (ICCAD 2022): one operand histogram per receptive field k and one weight histogram for the
    layer; variance Var_k(n mu_k) + mean_k(n sigma_k^2).
``permutation``
    The multiset of a receptive field and that of an output channel's weights are both kept, and only their
    pairing is random. The variance of a randomly paired sum is n^2 / (n - 1) E[d^2] with the double-centred
    error d (Hoeffding 1951); total variance Var(n mu) + mean(n^2 / (n - 1) E[d^2]).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError

Model = Literal["permutation", "local", "global"]


@dataclass(frozen=True, slots=True, eq=False)
class LayerOperands:
    """The operands that a layer meets, as histograms over raw codes.

    Attributes:
        patches: counts of operand A in sampled receptive fields, [groups, fields, 2**a_bits]; each row sums
            to ``fan_in``. What stands in the padding counts too.
        weights: counts of operand B in each output channel, [groups, channels, 2**b_bits]; each row sums to
            ``fan_in``.
        units: value of one unit of each channel's integer sums, [groups, channels]; 1 without it. With
            per-channel scales the channels of a layer count in different units, and errors come in values.
    """

    patches: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    units: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.patches.ndim != 3 or self.weights.ndim != 3 or len(self.patches) != len(self.weights):
            raise ConfigError(
                f"patches {self.patches.shape} and weights {self.weights.shape} are not "
                "[groups, fields, codes] and [groups, channels, codes]"
            )
        sums = np.concatenate([self.patches.sum(axis=2).ravel(), self.weights.sum(axis=2).ravel()])
        if not sums.size or sums.min() < 1 or sums.max() != sums.min():
            raise ConfigError("every patch and channel histogram must count the same fan-in, at least 1")
        if self.units is not None and self.units.shape != self.weights.shape[:2]:
            raise ConfigError(f"units {self.units.shape} are not [groups, channels] {self.weights.shape[:2]}")

    @property
    def fan_in(self) -> int:
        """Number of products in one output: input channels / groups x kernel area."""
        return int(self.patches[0, 0].sum())


@dataclass(frozen=True, slots=True)
class OutputError:
    """Mean and standard deviation of a layer's output error, in the units that its operands state."""

    mean: float
    std: float


def predict_error(
    lut: Lut,
    operands: LayerOperands,
    model: Model = "permutation",
    weight_map: npt.NDArray[np.int64] | None = None,
    centred: bool = False,
) -> OutputError:
    """Return the predicted error of a layer's output.

    Args:
        lut: the multiplier.
        operands: what the layer meets.
        model: ``permutation``, ``local`` or ``global``.
        weight_map: raw code that stands in for every raw weight code, [2**b_bits].
        centred: the mean error of every channel is taken out afterwards (bias correction).

    Raises:
        ConfigError: an unknown model, or histograms of other widths than the table's.
    """
    if model not in get_args(Model):
        raise ConfigError(f"no error model is named '{model}'", remedy="use permutation, local or global")
    codes = (operands.patches.shape[2], operands.weights.shape[2])
    if codes != lut.table.shape:
        raise ConfigError(f"the histograms have {codes} codes, but the table has {lut.table.shape}")
    exact = Lut.exact(lut.a_bits, lut.b_bits, lut.signed).table
    table = lut.table if weight_map is None else lut.table[:, weight_map]
    error = (table - exact).astype(np.float64)
    n = operands.fan_in
    h, g = operands.patches / n, operands.weights / n
    units = np.ones(g.shape[:2]) if operands.units is None else operands.units
    if model == "permutation":
        return _permutation(error, h, g, n, units, centred)
    # The coarse models know one weight histogram and so one unit for the layer.
    weight_shares = g.mean(axis=(0, 1))
    if model == "global":
        found = _independent(error, h.mean(axis=(0, 1)), weight_shares, n)
    else:
        found = _local(error, h.reshape(-1, h.shape[2]), weight_shares, n)
    mean = 0.0 if centred else found.mean * float(units.mean())
    return OutputError(mean, found.std * float(np.sqrt(np.square(units).mean())))


def _independent(
    error: npt.NDArray[np.float64], h: npt.NDArray[np.float64], g: npt.NDArray[np.float64], n: int
) -> OutputError:
    mean = float(h @ error @ g)
    variance = float(h @ np.square(error) @ g) - mean * mean
    return OutputError(n * mean, float(np.sqrt(n * max(0.0, variance))))


def _local(
    error: npt.NDArray[np.float64], h: npt.NDArray[np.float64], g: npt.NDArray[np.float64], n: int
) -> OutputError:
    mu = h @ (error @ g)
    sigma2 = h @ (np.square(error) @ g) - np.square(mu)
    variance = float((n * mu).var() + (n * sigma2).mean())
    return OutputError(float(n * mu.mean()), float(np.sqrt(max(0.0, variance))))


def _permutation(
    error: npt.NDArray[np.float64],
    h: npt.NDArray[np.float64],
    g: npt.NDArray[np.float64],
    n: int,
    units: npt.NDArray[np.float64],
    centred: bool,
) -> OutputError:
    gt = g.transpose(0, 2, 1)
    over_weights = error @ gt
    over_patches = h @ error
    mu = over_patches @ gt
    scatter = (
        h @ (np.square(error) @ gt) - h @ np.square(over_weights) - np.square(over_patches) @ gt + mu * mu
    )
    unit = units[:, None, :]
    pairing = n * n / (n - 1) * float((np.maximum(scatter, 0.0) * np.square(unit)).mean()) if n > 1 else 0.0
    means = n * mu * unit
    if centred:
        means = means - means.mean(axis=1, keepdims=True)
    return OutputError(float(means.mean()), float(np.sqrt(means.var() + pairing)))
