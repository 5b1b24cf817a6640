"""Observers: what calibration keeps of the activations it sees, and the range that it derives from them.

Every observer keeps the extremes and a histogram of fixed size, so memory does not grow with the number of
batches; the strategies differ only in how a range follows from them.
"""

from __future__ import annotations

import torch

from mulsmith.errors import ConfigError, EmulationError

BINS = 2048
STRATEGIES = ("min-max", "moving-average", "percentile", "mse")


class RangeObserver:
    """Collects activations and proposes a quantisation range.

    Args:
        strategy: ``min-max``, ``moving-average`` (of the batches' extremes), ``percentile`` (symmetric tails
            cut off) or ``mse`` (least expected squared quantisation error over shrunk ranges).
        momentum: weight of a new batch in the moving average.
        percentile: share of the values inside the range, %.
        levels: number of codes, for ``mse``.
        label: what is observed, for messages.

    Raises:
        ConfigError: unknown strategy.
    """

    def __init__(
        self,
        strategy: str = "min-max",
        momentum: float = 0.1,
        percentile: float = 99.99,
        levels: int = 256,
        label: str = "activations",
    ) -> None:
        if strategy not in STRATEGIES:
            raise ConfigError(
                f"no observer is named '{strategy}'", remedy=f"use one of {', '.join(STRATEGIES)}"
            )
        self.strategy = strategy
        self.momentum = momentum
        self.percentile = percentile
        self.levels = levels
        self.label = label
        self.low, self.high = float("inf"), float("-inf")
        self.average: tuple[float, float] | None = None
        self.counts = torch.zeros(BINS, dtype=torch.float64)

    def observe(self, x: torch.Tensor) -> None:
        """Take in one batch.

        Raises:
            EmulationError: NaN or infinity in it.
        """
        if x.numel() == 0:
            return
        values = x.detach().float().flatten().cpu()
        low, high = (float(v) for v in values.aminmax())
        if not (torch.isfinite(torch.tensor(low)) and torch.isfinite(torch.tensor(high))):
            raise EmulationError(
                f"{self.label}: calibration saw NaN or infinity",
                remedy="check the data and the weights of the network",
            )
        old = self.average or (low, high)
        keep = 1 - self.momentum
        self.average = (
            keep * old[0] + self.momentum * low,
            keep * old[1] + self.momentum * high,
        )
        self._widen(min(low, self.low), max(high, self.high))
        self.counts += torch.histc(values, BINS, self.low, self._top()).to(torch.float64)

    @property
    def seen(self) -> bool:
        """Whether anything was observed."""
        return self.average is not None

    def range(self) -> tuple[float, float]:
        """Return (low, high), which always include 0 so that padding and ReLU's zeros are exact.

        Raises:
            EmulationError: nothing was observed.
        """
        if self.average is None:
            raise EmulationError(f"{self.label}: calibration saw no data", remedy="pass at least one batch")
        if self.strategy == "min-max":
            low, high = self.low, self.high
        elif self.strategy == "moving-average":
            low, high = self.average
        elif self.strategy == "percentile":
            low, high = self._quantiles()
        else:
            low, high = self._least_squares()
        return min(low, 0.0), max(high, 0.0)

    def _top(self) -> float:
        """Upper edge of the histogram: above ``low`` even when all values are equal."""
        return self.high if self.high > self.low else self.low + max(abs(self.low), 1.0) * 1e-6

    def _centers(self) -> torch.Tensor:
        step = (self._top() - self.low) / BINS
        return self.low + step * (torch.arange(BINS, dtype=torch.float64) + 0.5)

    def _widen(self, low: float, high: float) -> None:
        """Move the counts into the bins of a wider range."""
        if self.average is None or (low, high) == (self.low, self.high) or not self.counts.any():
            self.low, self.high = low, high
            return
        centers, counts = self._centers(), self.counts
        self.low, self.high = low, high
        index = ((centers - low) / (self._top() - low) * BINS).long().clamp(0, BINS - 1)
        self.counts = torch.zeros_like(counts).index_add_(0, index, counts)

    def _quantiles(self) -> tuple[float, float]:
        tail = (1 - self.percentile / 100) / 2
        share = self.counts.cumsum(0) / self.counts.sum()
        step = (self._top() - self.low) / BINS
        first = int(torch.searchsorted(share, tail))
        last = int(torch.searchsorted(share, 1 - tail))
        return self.low + first * step, min(self.low + (last + 1) * step, self.high)

    def _least_squares(self) -> tuple[float, float]:
        centers = self._centers()
        best, chosen = float("inf"), (self.low, self.high)
        for shrink in torch.linspace(0.2, 1.0, 81).tolist():
            low, high = min(self.low * shrink, 0.0), max(self.high * shrink, 0.0)
            scale = max(high - low, 1e-30) / (self.levels - 1)
            rounded = ((centers - low) / scale).round().clamp(0, self.levels - 1) * scale + low
            error = float((self.counts * (rounded - centers) ** 2).sum())
            if error < best:
                best, chosen = error, (low, high)
        return chosen
