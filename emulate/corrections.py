"""Corrections that win accuracy back without retraining: a weight map per multiplier, a bias per channel.

The weight map replaces a weight code w in front of the table by the code w' whose products are closest to
those of w over the layer's activations (Mrazek et al., ICCAD 2019, there with uniform activations). The bias
correction takes the mean of the error that remains out of every output channel; the centred map counts on
that and chooses the code whose products are closest up to a constant. Zero-point corrections keep to the
original weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from mulsmith.characterize.centred import centred_squares
from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.emulate.convert import approx_layers
from mulsmith.emulate.layers import ApproxLayer, ApproxWeighted
from mulsmith.emulate.operand_sample import OperandSample
from mulsmith.emulate.ops import lut_matmul
from mulsmith.errors import ConfigError, EmulationError

Form = tuple[int, int, bool]
MAPPINGS = ("none", "uniform", "histogram", "centred")


def weight_map(lut: Lut, a_shares: npt.NDArray[np.float64] | None = None) -> npt.NDArray[np.int64]:
    """Return, for every raw weight code, the raw code that multiplies most like it.

    Args:
        lut: the multiplier.
        a_shares: share of every raw code of operand A, [2**a_bits]; uniform without it, as published.

    Returns:
        int64 [2**b_bits]: argmin over w' of sum_a share(a) |a * w - M(a, w')|; a tie keeps w, and otherwise
        goes to the lowest code.

    Raises:
        ConfigError: shares of another width.
    """
    a_size, b_size = lut.table.shape
    shares = np.full(a_size, 1.0) if a_shares is None else np.asarray(a_shares, dtype=np.float64)
    if shares.shape != (a_size,):
        raise ConfigError(f"shares have shape {shares.shape}, but operand A has {a_size} codes")
    used = np.flatnonzero(shares)
    a = operand_values(lut.a_bits, lut.signed)[used].astype(np.float64)
    table = lut.table[used].astype(np.float64)
    chosen = np.empty(b_size, dtype=np.int64)
    for code, w in enumerate(operand_values(lut.b_bits, lut.signed)):
        distance = shares[used] @ np.abs(a[:, None] * w - table)
        best = int(np.argmin(distance))
        chosen[code] = code if distance[code] <= distance[best] else best
    return chosen


def centred_map(lut: Lut, a_shares: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return, for every raw weight code, the raw code whose products are closest to its own up to a constant.

    Args:
        lut: the multiplier.
        a_shares: share of every raw code of operand A, [2**a_bits].

    Returns:
        int64 [2**b_bits]: argmin over w' of the variance of a * w - M(a, w') over A; ties go as in
        ``weight_map``.
    """
    squares = centred_squares(lut, a_shares)
    codes = np.arange(len(squares))
    best = squares.argmin(axis=1)
    return np.where(squares[codes, codes] <= squares[codes, best], codes, best)


@dataclass(frozen=True)
class Corrections:
    """Corrects a network in place after it was put on other multipliers.

    Attributes:
        samples: form of the operands -> layer -> what the layer meets there.
        mapping: ``none``, ``uniform`` (as published), ``histogram`` (weighted by the layer's activations) or
            ``centred`` (the same up to a constant, which the bias takes up).
        bias: whether every channel's mean error is taken out.
    """

    samples: Mapping[Form, Mapping[str, OperandSample]]
    mapping: str = "histogram"
    bias: bool = True

    def __post_init__(self) -> None:
        if self.mapping not in MAPPINGS:
            raise ConfigError(
                f"no weight map is named '{self.mapping}'", remedy=f"use one of {', '.join(MAPPINGS)}"
            )
        if self.mapping == "centred" and not self.bias:
            raise ConfigError("the centred weight map leaves a mean error", remedy="correct the bias too")

    @property
    def name(self) -> str:
        """What is corrected, in words, for the identity of an evaluation."""
        return f"weight map {self.mapping}, bias {'corrected' if self.bias else 'as it is'}"

    def __call__(self, network: nn.Module) -> None:
        """Set weight map and sum offset of every layer with weights.

        Raises:
            EmulationError: a layer runs on a form of operands that was not sampled.
        """
        for name, layer in approx_layers(network).items():
            if isinstance(layer, ApproxWeighted):
                self._correct(layer, self._sample(name, layer))

    def _sample(self, name: str, layer: ApproxLayer) -> OperandSample:
        form = (layer.a_bits, layer.b_bits, layer.signed)
        sample = self.samples.get(form, {}).get(name)
        if sample is None:
            raise EmulationError(f"the operands of layer '{name}' were not sampled in the form {form}")
        return sample

    def _correct(self, layer: ApproxWeighted, sample: OperandSample) -> None:
        lut = layer.table.lut
        if np.array_equal(lut.table, Lut.exact(lut.a_bits, lut.b_bits, lut.signed).table):
            return
        if self.mapping != "none":
            codes = torch.from_numpy(map_for(lut, sample, self.mapping))
            values = torch.from_numpy(operand_values(layer.b_bits, layer.signed))[codes]
            layer.weight_map.copy_(values.to(layer.weight_map.dtype))
        if self.bias:
            mean = _mean_error(lut, sample, layer.weight_map)
            layer.sum_offset.copy_(-mean.round().to(torch.int32))


def map_for(lut: Lut, sample: OperandSample, mapping: str) -> npt.NDArray[np.int64]:
    """Return the weight map of a layer: ``uniform``, or ``histogram`` or ``centred`` of its activations."""
    return _cached_map(lut, None if mapping == "uniform" else sample.a_histogram().tobytes(), mapping)


def _mean_error(lut: Lut, sample: OperandSample, weight_map: torch.Tensor) -> torch.Tensor:
    """Return the mean over all outputs of table sums minus exact sums, float64 [channels]."""
    exact, mask = Lut.exact(lut.a_bits, lut.b_bits, lut.signed), (1 << lut.b_bits) - 1
    total = torch.zeros(sample.units.shape, dtype=torch.float64)
    for kind in sample.kinds:
        looked_up = weight_map[kind.b.to(torch.int64) & mask]
        for group, (a, b, mapped) in enumerate(zip(kind.a, kind.b, looked_up, strict=True)):
            if len(b):
                error = lut_matmul(a, mapped, lut) - lut_matmul(a, b, exact)
                total[group] += kind.share * error.double().mean(dim=0)
    return total.flatten()


@lru_cache(maxsize=4096)
def _cached_map(lut: Lut, shares: bytes | None, mapping: str) -> npt.NDArray[np.int64]:
    a_shares = None if shares is None else np.frombuffer(shares, dtype=np.float64)
    if mapping == "centred" and a_shares is not None:
        return centred_map(lut, a_shares)
    return weight_map(lut, a_shares)
