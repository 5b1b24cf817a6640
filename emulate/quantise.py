"""Fake quantisation: how floats become operand codes, and back.

A code c stands for the number ``scale * (c - zero_point)``. Codes are operand values in the sense of
``emulate.ops``: unsigned 0 .. 2**bits - 1 or signed two's complement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from mulsmith.characterize.lut import Lut, operand_values
from mulsmith.emulate.observers import STRATEGIES
from mulsmith.emulate.tables import code_range
from mulsmith.errors import ConfigError, EmulationError

_SHRINKS = tuple(1.0 - 0.04 * step for step in range(20))


@dataclass(frozen=True, slots=True)
class Quantisation:
    """How the operands of a converted network are quantised.

    Attributes:
        activations: ``affine`` (range as observed) or ``symmetric`` (around 0).
        weights: ``affine``, ``symmetric``, or ``auto``: symmetric for signed tables, affine for unsigned.
        per_channel: one weight scale per output channel instead of one per layer.
        weight_range: ``min-max``, or ``mse``: the shrunk range with the least squared rounding error.
        observer: how activation ranges follow from calibration: min-max, moving-average, percentile, mse.
        percentile: share of the activations inside the range for ``percentile``, %.
        sign_magnitude: run an unsigned table as a signed one: sign bits apart, magnitudes of one bit less
            through the table.
    """

    activations: str = "affine"
    weights: str = "auto"
    per_channel: bool = True
    weight_range: str = "min-max"
    observer: str = "min-max"
    percentile: float = 99.99
    sign_magnitude: bool = False

    def __post_init__(self) -> None:
        allowed = {
            "activations": ("affine", "symmetric"),
            "weights": ("auto", "affine", "symmetric"),
            "weight_range": ("min-max", "mse"),
            "observer": STRATEGIES,
        }
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ConfigError(
                    f"quantisation: {name} = {getattr(self, name)!r}",
                    remedy=f"use one of {', '.join(values)}",
                )
        if not 50 < self.percentile <= 100:
            raise ConfigError(f"quantisation: percentile = {self.percentile} is outside 50..100")

    def table(self, lut: Lut) -> Lut:
        """Return the table that the layers index: ``lut``, or its sign-magnitude form."""
        return sign_magnitude(lut) if self.sign_magnitude and not lut.signed else lut

    def symmetric_weights(self, signed: bool) -> bool:
        """Whether weights of a table of that signedness are quantised around 0."""
        return signed if self.weights == "auto" else self.weights == "symmetric"


def sign_magnitude(lut: Lut) -> Lut:
    """Return the signed table of an unsigned multiplier between sign-magnitude operands.

    Entry (x, w) is sign(x) * sign(w) * lut[|x|, |w|]; 0 counts as positive. Magnitudes have one bit less than
    the operands, -2**(bits-1) included, so widths stay.

    Raises:
        EmulationError: the table is signed.
    """
    if lut.signed:
        raise EmulationError("a signed table cannot run in sign-magnitude mode")
    x, w = operand_values(lut.a_bits, True), operand_values(lut.b_bits, True)
    signs = np.where((x < 0)[:, None] ^ (w < 0)[None, :], -1, 1)
    table = signs * lut.table[np.abs(x)[:, None], np.abs(w)[None, :]]
    return Lut(table.astype(np.int32), lut.a_bits, lut.b_bits, True)


def code_dtype(bits: int, signed: bool) -> torch.dtype:
    """Return the smallest dtype for codes of a width: uint8 or int8 up to 8 bits, int16 above."""
    if bits > 8:
        return torch.int16
    return torch.int8 if signed else torch.uint8


def affine_parameters(
    low: torch.Tensor, high: torch.Tensor, bits: int, signed: bool, symmetric: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (scale, zero_point) for ranges that include 0.

    Args:
        low: lower ends, at most 0.
        high: upper ends, at least 0; the same shape.
        bits: width of the codes.
        signed: whether the codes are two's complement.
        symmetric: put 0 in the middle of the codes; without negative values an unsigned code keeps zero
            point 0.

    Returns:
        float32 scales and int64 zero points of the same shape; scale 1 where the range is empty.
    """
    smallest, largest = code_range(bits, signed)
    if symmetric:
        reach = torch.maximum(-low, high)
        half = float(max((1 << (bits - 1)) - 1, 1))
        if signed:
            scale, zero = (reach / half).float(), torch.zeros_like(reach, dtype=torch.int64)
        else:
            positive = ~(low < 0).any()
            scale = (reach / torch.where(positive, float(largest), half)).float()
            zero = torch.where(positive, 0, 1 << (bits - 1)).expand(reach.shape).to(torch.int64, copy=True)
        return torch.where(scale > 0, scale, 1.0), zero
    scale = ((high - low) / (largest - smallest)).float()
    scale = torch.where(scale > 0, scale, 1.0)
    zero = torch.round(smallest - low / scale).clamp(smallest, largest)
    return scale, zero.to(torch.int64)


def quantise(
    x: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor, bits: int, signed: bool
) -> torch.Tensor:
    """Return the nearest codes of x, saturated; scale and zero_point broadcast against x."""
    smallest, largest = code_range(bits, signed)
    codes = torch.div(x, scale).round_().add_(zero_point).clamp_(smallest, largest)
    return codes.to(code_dtype(bits, signed))


def inside(x: torch.Tensor, scale: torch.Tensor, zero: torch.Tensor, bits: int, signed: bool) -> torch.Tensor:
    """Return where x is not saturated by its quantisation (half a step of tolerance, for rounding)."""
    low, high = inside_ends(scale, zero, bits, signed)
    return (x >= low) & (x <= high)


def inside_ends(
    scale: torch.Tensor, zero: torch.Tensor, bits: int, signed: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the ends, themselves inside, of the range that ``inside`` tests."""
    low, high = code_range(bits, signed)
    return (low - zero - 0.5) * scale, (high - zero + 0.5) * scale


def dequantise(codes: torch.Tensor, scale: torch.Tensor, zero_point: torch.Tensor) -> torch.Tensor:
    """Return the float32 numbers that codes stand for; scale and zero_point broadcast against them."""
    return (codes.float() - zero_point) * scale


def weight_parameters(
    weight: torch.Tensor, bits: int, signed: bool, how: Quantisation, channel_dim: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (scale, zero_point) of a weight tensor.

    Args:
        weight: float weights of any shape.
        bits: width of the codes, 2..8 (up to 12 for wide tables).
        signed: whether the codes are two's complement.
        how: scheme, granularity and range.
        channel_dim: dimension of the output channels.

    Returns:
        float32 scale and int64 zero point, of shape [1, .., channels, .., 1] per channel, else [1, .., 1].

    Raises:
        EmulationError: NaN or infinity among the weights, or fewer than 2 bits.
    """
    if bits < 2:
        raise EmulationError(
            f"weights cannot be quantised to {bits} bit", remedy="use a table of 2 bits or more"
        )
    weight = weight.detach().float()
    if not torch.compiler.is_compiling() and not bool(torch.isfinite(weight).all()):
        raise EmulationError("the weights hold NaN or infinity")
    dims = [d for d in range(weight.ndim) if not (how.per_channel and d == channel_dim)]
    low = weight.amin(dims, keepdim=True).clamp(max=0)
    high = weight.amax(dims, keepdim=True).clamp(min=0)
    symmetric = how.symmetric_weights(signed)
    scale, zero = _weight_parameters(low, high, bits, signed, symmetric)
    if how.weight_range == "min-max":
        return scale, zero
    best = torch.full_like(scale, float("inf"))
    chosen = (scale, zero)
    for shrink in _SHRINKS:
        scale, zero = _weight_parameters(low * shrink, high * shrink, bits, signed, symmetric)
        rounded = dequantise(quantise(weight, scale, zero, bits, signed), scale, zero)
        error = (rounded - weight).square().mean(dims, keepdim=True)
        better = error < best
        best = torch.where(better, error, best)
        chosen = (torch.where(better, scale, chosen[0]), torch.where(better, zero, chosen[1]))
    return chosen


def _weight_parameters(
    low: torch.Tensor, high: torch.Tensor, bits: int, signed: bool, symmetric: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    if symmetric and not signed:
        low = torch.minimum(low, -torch.finfo(torch.float32).tiny * torch.ones_like(low))
    return affine_parameters(low, high, bits, signed, symmetric)
