"""The geometry of a convolution: output size, padding with a code, and patches as matrix rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional

from mulsmith.errors import EmulationError

Pair = tuple[int, int]
PATCH_ELEMENTS = 1 << 22


@dataclass(frozen=True, slots=True)
class ConvGeometry:
    """How a convolution walks over its input.

    Attributes:
        stride, padding, dilation: (vertical, horizontal).
        groups: number of channel groups.
        pad_code: raw operand code that stands in the padding.
    """

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    pad_code: int = 0

    def output_size(self, height: int, width: int, kernel: Pair) -> Pair:
        """Return (H', W') of the output for an input of height x width."""
        sizes = []
        for size, k, s, p, d in zip(
            (height, width), kernel, self.stride, self.padding, self.dilation, strict=True
        ):
            sizes.append((size + 2 * p - d * (k - 1) - 1) // s + 1)
        return sizes[0], sizes[1]


def check_conv(x: torch.Tensor, w: torch.Tensor, geometry: ConvGeometry) -> None:
    """Raise ``EmulationError`` unless x [N, C, H, W] and w [O, C/groups, kh, kw] fit together."""
    if x.ndim != 4 or w.ndim != 4:
        raise EmulationError(
            f"a convolution needs x [N, C, H, W] and w [O, C/groups, kh, kw], "
            f"but they have {x.ndim} and {w.ndim} dimensions"
        )
    groups = geometry.groups
    if min(geometry.stride) < 1 or min(geometry.dilation) < 1 or min(geometry.padding) < 0 or groups < 1:
        raise EmulationError(
            f"stride {geometry.stride}, dilation {geometry.dilation} and groups {groups} must be at least 1, "
            f"padding {geometry.padding} at least 0"
        )
    if x.shape[1] % groups or w.shape[0] % groups or x.shape[1] // groups != w.shape[1]:
        raise EmulationError(
            f"x has {x.shape[1]} channels and w has shape {tuple(w.shape)}: "
            f"with {groups} groups these do not fit together"
        )
    if min(w.shape[2:]) < 1:
        raise EmulationError(f"w has an empty kernel: shape {tuple(w.shape)}")
    size = geometry.output_size(x.shape[2], x.shape[3], (w.shape[2], w.shape[3]))
    if min(size) < 1:
        raise EmulationError(
            f"the kernel {tuple(w.shape[2:])} with dilation {geometry.dilation} is larger than "
            f"the padded input {tuple(x.shape[2:])} + 2 x {geometry.padding}"
        )


def pad(x: torch.Tensor, padding: Pair, code: int) -> torch.Tensor:
    """Return x [N, C, H, W] with ``code`` around it."""
    if padding == (0, 0):
        return x
    vertical, horizontal = padding
    return functional.pad(x, (horizontal, horizontal, vertical, vertical), value=code)


def patches(x: torch.Tensor, kernel: Pair, geometry: ConvGeometry) -> torch.Tensor:
    """Return the receptive fields of x [N, C, H, W] as [N, groups, H'*W', C/groups*kh*kw]."""
    height, width = geometry.output_size(x.shape[2], x.shape[3], kernel)
    padded = pad(x, geometry.padding, geometry.pad_code).contiguous()
    n, c = padded.shape[:2]
    sn, sc, sh, sw = padded.stride()
    (stride_h, stride_w), (dil_h, dil_w) = geometry.stride, geometry.dilation
    fields = padded.as_strided(
        (n, geometry.groups, height, width, c // geometry.groups, *kernel),
        (sn, sc * (c // geometry.groups), sh * stride_h, sw * stride_w, sc, sh * dil_h, sw * dil_w),
    )
    return fields.reshape(n, geometry.groups, height * width, -1)


def conv2d_as_matmul(
    matmul: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    x: torch.Tensor,
    w: torch.Tensor,
    geometry: ConvGeometry,
) -> torch.Tensor:
    """Return the convolution of x [N, C, H, W] with w [O, C/groups, kh, kw] by one matmul per group.

    Args:
        matmul: maps [M, K] and [K, O/groups] to [M, O/groups].
        x: raw codes of operand A.
        w: raw codes of operand B.
        geometry: how the kernel walks.

    Returns:
        [N, O, H', W'] in the dtype of ``matmul``; images go through in portions that bound the memory.
    """
    kernel = (w.shape[2], w.shape[3])
    height, width = geometry.output_size(x.shape[2], x.shape[3], kernel)
    groups, outputs = geometry.groups, w.shape[0]
    weights = [part.flatten(1).t().contiguous() for part in w.chunk(groups)]
    per_image = max(1, height * width * x.shape[1] * kernel[0] * kernel[1])
    portion = max(1, PATCH_ELEMENTS // per_image)
    results = []
    for images in x.split(portion) if len(x) else [x]:
        fields = patches(images, kernel, geometry)
        columns = [
            matmul(fields[:, g].reshape(-1, fields.shape[-1]), weights[g]).reshape(
                len(images), height * width, outputs // groups
            )
            for g in range(groups)
        ]
        joined = torch.cat(columns, dim=2) if groups > 1 else columns[0]
        results.append(joined.transpose(1, 2).reshape(len(images), outputs, height, width))
    return torch.cat(results) if len(results) > 1 else results[0]
