"""The catalogue of block kinds: where each one may stand, what it does to a shape, how it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = tuple[int, int, int]
"""Channels, height, width; a vector of n numbers is (n, 1, 1)."""

LEAST_CHANNELS = 16
"""Blocks that keep the channels of their input give at least so many: an image has one or three."""
MOST_CHANNELS = 512


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of block.

    Attributes:
        family: what it belongs to.
        place: before the flattening block, that block itself, or after it.
        module: class in ``blocks``.
        layers: multiplying layers.
        channels: of the output; 0 where they follow from the input.
        factor: output channels per input channel where ``channels`` is 0.
        stride: height and width are divided by it, rounded up.
        arguments: of the class, behind inputs and outputs, which only multiplying blocks take.
    """

    family: str
    place: Literal["image", "flatten", "vector"]
    module: str
    layers: int
    channels: int = 0
    factor: int = 1
    stride: int = 1
    arguments: tuple[int, ...] = ()

    def output(self, shape: Shape, width: float = 1.0) -> Shape:
        """Return the output shape for an input shape; ``width`` scales the channels."""
        channels, height, columns = shape
        if self.module == "Flatten":
            return channels * height * columns, 1, 1
        if self.module == "PlateFlatten":
            return channels, 1, 1
        if self.layers:
            kept = max(channels * self.factor, scaled(LEAST_CHANNELS, width))
            channels = scaled(self.channels, width) if self.channels else kept
        return channels, -(-height // self.stride), -(-columns // self.stride)

    def fits(self, shape: Shape) -> bool:
        """Whether an input is large enough to be halved and the output has at most ``MOST_CHANNELS``."""
        if self.place != "image":
            return True
        return min(shape[1:]) >= self.stride and self.output(shape)[0] <= MOST_CHANNELS

    def construction(self, inputs: int, outputs: int) -> tuple[str, tuple[int, ...]]:
        """Return the class in ``blocks`` and its arguments."""
        return self.module, (inputs, outputs, *self.arguments) if self.layers else self.arguments


def scaled(channels: int, width: float) -> int:
    """Return a number of channels times ``width``, in fours."""
    return channels if width == 1.0 else max(4, 4 * round(channels * width / 4))


def _catalogue() -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for channels in (16, 32, 64):
        kinds[f"fixed_conv_{channels}"] = Kind(
            "fixed-channel convolution", "image", "Conv", 1, channels=channels, arguments=(3, 3)
        )
    for rows, columns in ((3, 3), (5, 5), (1, 3), (3, 1), (1, 5), (5, 1)):
        kinds[f"conv_{rows}x{columns}"] = Kind("convolution", "image", "Conv", 1, arguments=(rows, columns))
    for size in (3, 5):
        kinds[f"downsample_conv_{size}x{size}"] = Kind(
            "downsampling convolution", "image", "Conv", 1, factor=2, stride=2, arguments=(size, size, 2)
        )
    kinds["avg_pool"] = Kind("average pooling", "image", "AveragePool", 0, stride=2)
    kinds["max_pool"] = Kind("max pooling", "image", "MaxPool", 0, stride=2)
    for size in (3, 5):
        kinds[f"resnet_{size}x{size}"] = Kind("resnet", "image", "Resnet", 2, arguments=(size, 1))
    kinds["dual_resnet_3x3"] = Kind("dual resnet", "image", "Resnet", 4, arguments=(3, 2))
    kinds["channels_x2"] = Kind("channel increase", "image", "Conv", 1, factor=2, arguments=(1, 1))
    for dilation in (2, 4):
        kinds[f"dilated_conv_{dilation}"] = Kind(
            "dilated convolution", "image", "Conv", 1, arguments=(3, 3, 1, dilation)
        )
    kinds["flatten"] = Kind("flatten", "flatten", "Flatten", 0)
    kinds["plate_flatten"] = Kind("flatten", "flatten", "PlateFlatten", 0)
    for units in (32, 64, 128):
        kinds[f"dense_{units}"] = Kind("fully connected", "vector", "Dense", 1, channels=units)
        kinds[f"pyramid_{units}"] = Kind(
            "fully connected pyramid", "vector", "Pyramid", 3, channels=units // 4
        )
    return kinds


KINDS: dict[str, Kind] = _catalogue()
