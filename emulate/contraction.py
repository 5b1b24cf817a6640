"""The sums of products that layers are made of: what a layer sums, over which operands, in both directions.

A contraction knows, for its kind of layer, the exact table sums, the exact plain sums that zero points need,
and the gradients. The layers on top of it know nothing of strides and groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch.nn import functional

from mulsmith.emulate.geometry import ConvGeometry, Pair
from mulsmith.emulate.ops import lut_conv2d, lut_conv_transpose2d, lut_matmul
from mulsmith.emulate.tables import Table

FLOAT32_INTEGERS = 1 << 24
"""Below this float32 holds every integer."""
MAX_CENTRED = 1 << 13
"""Above the magnitude of every code less its zero point: codes have at most 12 bits."""


class Contraction(Protocol):
    """A layer's sum of products over codes x and w."""

    @property
    def channel_dim(self) -> int:
        """Dimension of w that holds the output channels (per group in a transposed convolution)."""
        ...

    @property
    def output_channel_dim(self) -> int:
        """Dimension of the output that holds the output channels."""
        ...

    def terms(self, w: torch.Tensor) -> int:
        """Return the largest number of products in one sum."""
        ...

    def lookup(
        self, x: torch.Tensor, w: torch.Tensor, table: Table, pad: torch.Tensor, backend: str
    ) -> torch.Tensor:
        """Return the table sums, int32."""
        ...

    def x_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of x over each output's products, padding as 0; broadcasts to the output."""
        ...

    def w_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of w over each output's products, padding included; int64, broadcasts likewise."""
        ...

    def x_gradient(self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the gradient of the plain sums of x * w with respect to x; of x only the shape counts."""
        ...

    def w_gradient(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor, pad: float = 0.0
    ) -> torch.Tensor:
        """Return the gradient with respect to w; ``pad`` is x in the padding, of w only the shape counts."""
        ...


@dataclass(frozen=True, slots=True)
class LinearSum:
    """y[.., o] = sum_i x[.., i] * w[o, i]."""

    channel_dim: int = 0
    output_channel_dim: int = -1

    def terms(self, w: torch.Tensor) -> int:
        """Return the number of inputs."""
        return w.shape[1]

    def lookup(
        self, x: torch.Tensor, w: torch.Tensor, table: Table, pad: torch.Tensor, backend: str
    ) -> torch.Tensor:
        """Return the table sums, int32 [.., O]."""
        out = lut_matmul(x.reshape(-1, x.shape[-1]), w.t(), table, backend)
        return out.reshape(*x.shape[:-1], w.shape[0])

    def x_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the row sums of x."""
        return x.sum(-1, keepdim=True, dtype=torch.int64)

    def w_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of every output's weights."""
        return w.sum(1, dtype=torch.int64)

    def x_gradient(self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the gradient with respect to x."""
        return grad @ w

    def w_gradient(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor, pad: float = 0.0
    ) -> torch.Tensor:
        """Return the gradient with respect to w."""
        return grad.reshape(-1, grad.shape[-1]).t() @ x.reshape(-1, x.shape[-1])


@dataclass(frozen=True, slots=True)
class MatmulSum:
    """y[.., m, n] = sum_k x[.., m, k] * w[.., k, n]; leading dimensions of x and w are equal."""

    channel_dim: int = -1
    output_channel_dim: int = -1

    def terms(self, w: torch.Tensor) -> int:
        """Return the inner dimension."""
        return w.shape[-2]

    def lookup(
        self, x: torch.Tensor, w: torch.Tensor, table: Table, pad: torch.Tensor, backend: str
    ) -> torch.Tensor:
        """Return the table sums, int32 [.., M, N]."""
        return lut_matmul(x, w, table, backend)

    def x_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the row sums of x."""
        return x.sum(-1, keepdim=True, dtype=torch.int64)

    def w_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of every output's weights."""
        return w.sum(-2, keepdim=True, dtype=torch.int64)

    def x_gradient(self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the gradient with respect to x."""
        return grad @ w.mT

    def w_gradient(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor, pad: float = 0.0
    ) -> torch.Tensor:
        """Return the gradient with respect to w."""
        return x.mT @ grad


@dataclass(frozen=True, slots=True)
class Conv2dSum:
    """A two-dimensional convolution, with groups."""

    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int
    channel_dim: int = 0
    output_channel_dim: int = 1

    @property
    def geometry(self) -> ConvGeometry:
        """How the kernel walks over the input."""
        return ConvGeometry(self.stride, self.padding, self.dilation, self.groups)

    def terms(self, w: torch.Tensor) -> int:
        """Return C/groups * kh * kw."""
        return w[0].numel()

    def lookup(
        self, x: torch.Tensor, w: torch.Tensor, table: Table, pad: torch.Tensor, backend: str
    ) -> torch.Tensor:
        """Return the table sums, int32 [N, O, H', W']."""
        return lut_conv2d(x, w, table, self.stride, self.padding, self.dilation, self.groups, pad, backend)

    def x_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of every receptive field, exact in the float type that holds such integers."""
        dtype = torch.float32 if self.terms(w) * MAX_CENTRED < FLOAT32_INTEGERS else torch.float64
        n, channels, height, width = x.shape
        per_group = x.to(dtype)
        if self.groups != channels:
            per_group = per_group.reshape(n, self.groups, channels // self.groups, height, width).sum(2)
        ones = torch.ones(self.groups, 1, *w.shape[2:], dtype=dtype, device=x.device)
        sums = functional.conv2d(
            per_group, ones, None, self.stride, self.padding, self.dilation, self.groups
        ).to(torch.int32 if dtype == torch.float32 else torch.int64)
        if w.shape[0] == self.groups:
            return sums
        return sums.repeat_interleave(w.shape[0] // self.groups, dim=1) if self.groups > 1 else sums

    def w_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of every output channel's weights, [O, 1, 1]."""
        return w.sum((1, 2, 3), dtype=torch.int64)[:, None, None]

    def x_gradient(self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the gradient with respect to x."""
        return _convolution_backward(
            grad, x.new_empty(x.shape, dtype=grad.dtype), w, self.stride, self.padding, self.dilation, None,
            self.groups, to_x=True,
        )  # fmt: skip

    def w_gradient(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor, pad: float = 0.0
    ) -> torch.Tensor:
        """Return the gradient with respect to w."""
        padding = self.padding
        if pad != 0.0 and padding != (0, 0):
            x = functional.pad(x, (padding[1], padding[1], padding[0], padding[0]), value=pad)
            padding = (0, 0)
        return _convolution_backward(
            grad, x, w.new_empty(w.shape, dtype=grad.dtype), self.stride, padding, self.dilation, None,
            self.groups, to_x=False,
        )  # fmt: skip

    def gradients(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the gradients with respect to x and w, by one call."""
        found: tuple[torch.Tensor, ...] = torch.ops.aten.convolution_backward(
            grad, x, w, None, self.stride, self.padding, self.dilation, False, (0, 0), self.groups,
            [True, True, False],
        )  # fmt: skip
        return found[0], found[1]


@dataclass(frozen=True, slots=True)
class ConvTranspose2dSum:
    """A transposed two-dimensional convolution, with groups."""

    stride: Pair
    padding: Pair
    output_padding: Pair
    dilation: Pair
    groups: int
    channel_dim: int = 1
    output_channel_dim: int = 1

    def terms(self, w: torch.Tensor) -> int:
        """Return C/groups * kh * kw, reached where all kernel positions overlap."""
        return w.shape[0] // self.groups * w.shape[2] * w.shape[3]

    def lookup(
        self, x: torch.Tensor, w: torch.Tensor, table: Table, pad: torch.Tensor, backend: str
    ) -> torch.Tensor:
        """Return the table sums, int32 [N, O, H', W']."""
        return lut_conv_transpose2d(
            x, w, table, self.stride, self.padding, self.output_padding, self.groups, self.dilation, backend
        )

    def x_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of the inputs that reach every output; float64 holds these integers exactly."""
        return self._plain(x, torch.ones_like(w, dtype=torch.float64))

    def w_sums(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the sum of the weights that reach every output, [1, O, H', W']."""
        return self._plain(torch.ones_like(x[:1], dtype=torch.float64), w)

    def x_gradient(self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """Return the gradient with respect to x."""
        return _convolution_backward(
            grad, x.new_empty(x.shape, dtype=grad.dtype), w, self.stride, self.padding, self.dilation,
            self.output_padding, self.groups, to_x=True,
        )  # fmt: skip

    def w_gradient(
        self, grad: torch.Tensor, x: torch.Tensor, w: torch.Tensor, pad: float = 0.0
    ) -> torch.Tensor:
        """Return the gradient with respect to w; padding here crops the output and holds no products."""
        return _convolution_backward(
            grad, x, w.new_empty(w.shape, dtype=grad.dtype), self.stride, self.padding, self.dilation,
            self.output_padding, self.groups, to_x=False,
        )  # fmt: skip

    def _plain(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        sums = functional.conv_transpose2d(
            x.to(torch.float64), w.to(torch.float64), None, self.stride, self.padding, self.output_padding,
            self.groups, self.dilation,
        )  # fmt: skip
        return sums.to(torch.int64)


def _convolution_backward(
    grad: torch.Tensor,
    x: torch.Tensor,
    w: torch.Tensor,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    output_padding: Pair | None,
    groups: int,
    to_x: bool,
) -> torch.Tensor:
    found: tuple[torch.Tensor, ...] = torch.ops.aten.convolution_backward(
        grad, x, w, None, stride, padding, dilation, output_padding is not None,
        output_padding or (0, 0), groups, [to_x, not to_x, False],
    )  # fmt: skip
    return found[0] if to_x else found[1]
