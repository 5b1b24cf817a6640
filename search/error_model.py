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

In a transposed convolution n and the weights depend on the output's place: the layer's outputs are a mixture
of kinds, each of which is predicted like a layer of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError

Floats = npt.NDArray[np.float64]
Model = Literal["permutation", "local", "global"]


@dataclass(frozen=True, slots=True, eq=False)
class SumHistograms:
    """The operands of outputs that sum the same weights, as histograms over raw codes.

    Attributes:
        patches: counts of operand A in sampled receptive fields, [groups, fields, 2**a_bits]; each row sums
            to ``fan_in``. What stands in the padding counts too.
        weights: counts of operand B in each output channel, [groups, channels, 2**b_bits]; each row sums to
            ``fan_in``.
        share: of the layer's outputs, 0..1.
    """

    patches: Floats
    weights: Floats
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.patches.ndim != 3 or self.weights.ndim != 3 or len(self.patches) != len(self.weights):
            raise ConfigError(
                f"patches {self.patches.shape} and weights {self.weights.shape} are not "
                "[groups, fields, codes] and [groups, channels, codes]"
            )
        sums = np.concatenate([self.patches.sum(axis=2).ravel(), self.weights.sum(axis=2).ravel()])
        if not sums.size or sums.max() != sums.min():
            raise ConfigError("every patch and channel histogram must count the same fan-in")

    @property
    def fan_in(self) -> int:
        """Number of products in one output; 0 where nothing reaches an output."""
        return int(self.patches[0, 0].sum())

    @property
    def codes(self) -> tuple[int, int]:
        """Number of codes of both operands."""
        return self.patches.shape[2], self.weights.shape[2]

    @property
    def shares(self) -> tuple[Floats, Floats]:
        """The histograms of patches and weights, each row summing to 1 (to 0 with a fan-in of 0)."""
        n = max(1, self.fan_in)
        return self.patches / n, self.weights / n


@dataclass(frozen=True, slots=True, eq=False)
class LayerOperands:
    """The operands that a layer meets.

    Attributes:
        kinds: one, but for a transposed convolution, whose outputs sum different numbers of products.
        units: value of one unit of each channel's integer sums, [groups, channels]; 1 without it. With
            per-channel scales the channels of a layer count in different units, and errors come in values.
    """

    kinds: tuple[SumHistograms, ...]
    units: Floats | None = None

    def __post_init__(self) -> None:
        if not math.isclose(sum(kind.share for kind in self.kinds), 1.0, abs_tol=1e-9):
            raise ConfigError("the shares of the kinds of outputs must sum to 1")
        shapes = {(*kind.weights.shape[:2], kind.codes) for kind in self.kinds}
        if len(shapes) > 1:
            raise ConfigError("all kinds of outputs must have the same groups, channels and codes")
        if self.units is not None and self.units.shape != self.kinds[0].weights.shape[:2]:
            raise ConfigError(
                f"units {self.units.shape} are not [groups, channels] {self.kinds[0].weights.shape[:2]}"
            )


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
    codes = operands.kinds[0].codes
    if codes != lut.table.shape:
        raise ConfigError(f"the histograms have {codes} codes, but the table has {lut.table.shape}")
    exact = Lut.exact(lut.a_bits, lut.b_bits, lut.signed).table
    table = lut.table if weight_map is None else lut.table[:, weight_map]
    error = (table - exact).astype(np.float64)
    if model == "permutation":
        return _permutation(error, operands, centred)
    found = _coarse(error, operands.kinds, model == "global")
    # The coarse models know one weight histogram and so one unit for the layer.
    units = np.ones(1) if operands.units is None else operands.units
    mean = 0.0 if centred else found.mean * float(units.mean())
    return OutputError(mean, found.std * float(np.sqrt(np.square(units).mean())))


def _coarse(error: Floats, kinds: tuple[SumHistograms, ...], one_field: bool) -> OutputError:
    """Return the error by one weight histogram, and one of all receptive fields or one of each."""
    mean = square = 0.0
    for kind in kinds:
        (h, g), n = kind.shares, kind.fan_in
        fields = h.reshape(-1, h.shape[2])
        patches = fields.mean(axis=0, keepdims=True) if one_field else fields
        weights = g.mean(axis=(0, 1))
        mu = patches @ (error @ weights)
        variance = patches @ (np.square(error) @ weights) - np.square(mu)
        mean += kind.share * float(n * mu.mean())
        square += kind.share * float(np.square(n * mu).mean() + n * variance.mean())
    return OutputError(mean, float(np.sqrt(max(0.0, square - mean * mean))))


def _permutation(error: Floats, operands: LayerOperands, centred: bool) -> OutputError:
    units = 1.0 if operands.units is None else operands.units[:, None, :]
    means, pairing = [], 0.0
    for kind in operands.kinds:
        (h, g), n = kind.shares, kind.fan_in
        gt = g.transpose(0, 2, 1)
        over_weights = error @ gt
        over_patches = h @ error
        mu = over_patches @ gt
        scatter = (
            h @ (np.square(error) @ gt) - h @ np.square(over_weights) - np.square(over_patches) @ gt + mu * mu
        )
        means.append(n * mu * units)
        if n > 1:
            own = float((np.maximum(scatter, 0.0) * np.square(units)).mean())
            pairing += kind.share * n * n / (n - 1) * own
    shares = [kind.share for kind in operands.kinds]
    if centred:
        channels = sum(
            share * mean.mean(axis=1, keepdims=True) for share, mean in zip(shares, means, strict=True)
        )
        means = [mean - channels for mean in means]
    mean = sum(share * float(mean.mean()) for share, mean in zip(shares, means, strict=True))
    spread = sum(share * float(np.square(m - mean).mean()) for share, m in zip(shares, means, strict=True))
    return OutputError(mean, float(np.sqrt(spread + pairing)))
