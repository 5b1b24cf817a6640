"""Which products make up the outputs of a transposed convolution.

Kernel positions fall between inputs where the stride is above 1, and off the input at its borders. So outputs
are of several kinds: those of one kind sum the same weights, those of different kinds different numbers of
products. A kind of output is a kind of row and a kind of column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from mulsmith.emulate.contraction import ConvTranspose2dSum
from mulsmith.emulate.geometry import Pair


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The output rows, or columns, that the same kernel positions reach.

    Attributes:
        taps: those kernel positions, [taps].
        inputs: the input row, or column, that each line meets there, [lines, taps].
    """

    taps: torch.Tensor
    inputs: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class OutputKind:
    """Outputs that sum the products of the same weights.

    Attributes:
        rows: their rows.
        columns: their columns.
        share: of all outputs of the layer.
    """

    rows: Lines
    columns: Lines
    share: float

    @property
    def places(self) -> int:
        """How many outputs of one channel of one image are of this kind."""
        return len(self.rows.inputs) * len(self.columns.inputs)

    def fields(self, x: torch.Tensor, places: torch.Tensor, groups: int) -> torch.Tensor:
        """Return the inputs that outputs meet, [groups, places, fan_in].

        Args:
            x: inputs [N, C, H, W].
            places: outputs, counted over image, row and column of this kind.
            groups: of the layer.
        """
        width = len(self.columns.inputs)
        image = places // self.places
        row = self.rows.inputs[places % self.places // width]
        column = self.columns.inputs[places % width]
        # Indices around the slice come first: [places, row taps, column taps, C]
        found = x[image[:, None, None], :, row[:, :, None], column[:, None, :]]
        by_channel = found.permute(0, 3, 1, 2).reshape(len(places), groups, -1)
        return by_channel.transpose(0, 1).contiguous()

    def weights(self, w: torch.Tensor, groups: int) -> torch.Tensor:
        """Return the weights w [C, O/groups, kh, kw] that these outputs meet, [groups, fan_in, O/groups]."""
        met = w[:, :, self.rows.taps][..., self.columns.taps]
        by_group = met.reshape(groups, w.shape[0] // groups, w.shape[1], -1)
        return by_group.transpose(2, 3).reshape(groups, -1, w.shape[1])


def output_kinds(how: ConvTranspose2dSum, size: Pair, kernel: Pair) -> Iterator[OutputKind]:
    """Yield the kinds of outputs of a transposed convolution; some may sum no product at all.

    Args:
        how: the convolution.
        size: height and width of its input.
        kernel: height and width of its kernel.
    """
    rows, columns = (_lines(how, axis, size[axis], kernel[axis]) for axis in (0, 1))
    outputs = sum(len(r.inputs) for r in rows) * sum(len(c.inputs) for c in columns)
    for row in rows:
        for column in columns:
            yield OutputKind(row, column, len(row.inputs) * len(column.inputs) / outputs)


def _lines(how: ConvTranspose2dSum, axis: int, size: int, kernel: int) -> list[Lines]:
    """Return the kinds of rows (axis 0) or columns (axis 1)."""
    stride, padding, dilation = how.stride[axis], how.padding[axis], how.dilation[axis]
    length = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + how.output_padding[axis] + 1
    steps = torch.arange(length)[:, None] + padding - dilation * torch.arange(kernel)
    met = steps // stride
    present = (steps % stride == 0) & (met >= 0) & (met < size)
    patterns, kind = torch.unique(present, dim=0, return_inverse=True)
    return [
        Lines(taps := pattern.nonzero()[:, 0], met[kind == number][:, taps])
        for number, pattern in enumerate(patterns)
    ]
