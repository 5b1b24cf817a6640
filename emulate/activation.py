"""The quantiser in front of a layer on a table: where its range comes from and how it makes codes."""

from __future__ import annotations

import torch
from torch import nn

from mulsmith.emulate.layer_passes import MAX_BITS, inside_range, library_for, quantise_checked
from mulsmith.emulate.native_library import NativeLibrary
from mulsmith.emulate.observers import RangeObserver
from mulsmith.emulate.quantise import Quantisation, affine_parameters, inside, inside_ends, quantise
from mulsmith.errors import EmulationError

_NOT_FINITE = "the input of a layer on a table holds NaN or infinity"
_REMEDY = "check the images and the layers before it"


class NotFiniteError(EmulationError):
    """NaN or infinity where a layer on a table needs codes."""


class ActivationQuantiser(nn.Module):
    """Scale and zero point of one layer input; in training, moving-average ranges go on following the data.

    Args:
        bits: width of the codes.
        signed: whether they are two's complement.
        how: scheme and observer.
    """

    scale: torch.Tensor
    zero_point: torch.Tensor
    low: torch.Tensor
    high: torch.Tensor

    def __init__(self, bits: int, signed: bool, how: Quantisation) -> None:
        super().__init__()
        self.bits, self.signed, self.how = bits, signed, how
        self.observer: RangeObserver | None = None
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("zero_point", torch.zeros((), dtype=torch.int64))
        self.register_buffer("low", torch.full((), float("inf")))
        self.register_buffer("high", torch.full((), float("-inf")))

    def start(self, label: str) -> None:
        """Collect what ``observe`` gets until ``finish``; ``label`` names the layer in messages."""
        self.observer = RangeObserver(
            self.how.observer, percentile=self.how.percentile, levels=1 << self.bits, label=label
        )

    def observe(self, x: torch.Tensor) -> None:
        """Take in one calibration batch."""
        if self.observer is not None:
            self.observer.observe(x)

    def finish(self) -> None:
        """Take the range from what was collected."""
        if self.observer is not None and self.observer.seen:
            low, high = self.observer.range()
            self.low.fill_(low)
            self.high.fill_(high)
            self._set_parameters()
        self.observer = None

    def take_range(self, other: ActivationQuantiser) -> None:
        """Take over the range of another quantiser, whatever its widths."""
        self.low.copy_(other.low)
        self.high.copy_(other.high)
        self._set_parameters()

    @torch.no_grad()
    def follow(self, x: torch.Tensor) -> None:
        """Move the range towards a training batch's extremes (10 % of the way); the first batch sets it.

        Raises:
            NotFiniteError: x holds NaN or infinity.
        """
        low, high = x.detach().aminmax()
        _check_finite(torch.stack((low, high)))
        low, high = low.clamp(max=0), high.clamp(min=0)
        fresh = torch.isinf(self.low)
        self.low.copy_(torch.where(fresh, low, self.low + 0.1 * (low - self.low)))
        self.high.copy_(torch.where(fresh, high, self.high + 0.1 * (high - self.high)))
        self._set_parameters()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the codes of x.

        Raises:
            NotFiniteError: x holds NaN or infinity. A compiled or exported network does not look: there NaN
                becomes an arbitrary code and infinity the end of the range.
        """
        if self.training and self.how.observer == "moving-average":
            self.follow(x)
        parameters = (self.scale, self.zero_point, self.bits, self.signed)
        library = self._library_for(x)
        if library is None:
            _check_finite(x)
            return quantise(x, *parameters)
        codes, finite = quantise_checked(library, x, *parameters)
        if not finite:
            raise NotFiniteError(_NOT_FINITE, remedy=_REMEDY)
        return codes

    def inside(self, x: torch.Tensor) -> torch.Tensor:
        """Return where x lies inside the range, i.e. where the straight-through gradient passes."""
        parameters = (self.scale, self.zero_point, self.bits, self.signed)
        library = self._library_for(x)
        return (
            inside(x, *parameters) if library is None else inside_range(library, x, inside_ends(*parameters))
        )

    def _library_for(self, x: torch.Tensor) -> NativeLibrary | None:
        """Return the library whose passes can quantise x: they know one scale for the whole tensor."""
        one_scale = self.scale.dim() == 0
        return library_for(x) if one_scale and self.bits <= MAX_BITS and x.dtype == torch.float32 else None

    def _set_parameters(self) -> None:
        scale, zero = affine_parameters(
            self.low, self.high, self.bits, self.signed, self.how.activations == "symmetric"
        )
        self.scale.copy_(scale)
        self.zero_point.copy_(zero)


def _check_finite(x: torch.Tensor) -> None:
    """Raise on NaN or infinity; the values are looked at only where their sum is not finite."""
    if torch.compiler.is_compiling():
        return
    if not bool(x.detach().sum().isfinite()) and not bool(x.isfinite().all()):
        raise NotFiniteError(_NOT_FINITE, remedy=_REMEDY)
