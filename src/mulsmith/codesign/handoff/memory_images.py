"""Memory images for ``$readmemh``: a layer's codes and offsets, the outputs to check and their values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork, Ints
from mulsmith.codesign.handoff.requantisation import code_limits, float_words, unit_words
from mulsmith.codesign.handoff.widths import Array, Widths


@dataclass(frozen=True, slots=True)
class Tiles:
    """Which outputs of a layer are computed.

    Attributes:
        starts: (first pixel, first channel) of every tile.
        rows: pixels in a tile.
        cols: channels in a tile.
        whole: whether these are all tiles of the layer.
    """

    starts: tuple[tuple[int, int], ...]
    rows: int
    cols: int
    whole: bool

    def outputs(self, layer: IntegerLayer) -> list[tuple[int, int, int]]:
        """Return (point, pixel, channel) of every output in the order in which it is checked."""
        channels, pixels = len(layer.weights), int(layer.recordings[0].sums[0].size)
        return [
            (point, pixel, channel)
            for first_pixel, first_channel in self.starts
            for point in range(len(layer.recordings))
            for pixel in range(first_pixel, min(first_pixel + self.rows, pixels))
            for channel in range(first_channel, min(first_channel + self.cols, channels))
        ]


def choose_tiles(layer: IntegerLayer, array: Array, rows: int, cols: int, limit: int, seed: int) -> Tiles:
    """Return the tiles of a layer, sampled where there are more than ``limit``.

    Args:
        layer: the layer.
        array: where it runs; a tile of the vector unit is one output, of which ``rows * cols`` count as one.
        rows: of the systolic array.
        cols: of the systolic array.
        limit: how many tiles; 0 is all. The first and the last one are always among them.
        seed: of the sample.
    """
    channels, pixels = len(layer.weights), int(layer.recordings[0].sums[0].size)
    if array == "vector":
        limit, rows, cols = limit * rows * cols, 1, 1
    starts = [(p, c) for p in range(0, pixels, rows) for c in range(0, channels, cols)]
    if not limit or len(starts) <= limit:
        return Tiles(tuple(starts), rows, cols, True)
    inner = np.random.default_rng(seed).choice(len(starts) - 2, max(limit - 2, 0), replace=False) + 1
    chosen = sorted({0, len(starts) - 1, *inner.tolist()})
    return Tiles(tuple(starts[k] for k in chosen), rows, cols, False)


def expected_sums(layer: IntegerLayer, tiles: Tiles) -> list[int]:
    """Return what the emulation got for every checked output."""
    flat = [recording.sums.reshape(len(layer.weights), -1) for recording in layer.recordings]
    return [int(flat[point][channel, pixel]) for point, pixel, channel in tiles.outputs(layer)]


def layer_images(layer: IntegerLayer, tiles: Tiles, bits: Widths) -> dict[str, bytes]:
    """Return file name -> content of a layer's memory images.

    ``x.hex`` holds input codes [point, C, H, W], ``w.hex`` the weight codes that the multiplier sees [O,
    C/groups, kh, kw], ``w_zero.hex`` and ``offset.hex`` one word per output channel, ``tiles.hex`` the first
    pixel and channel of every tile, ``expected.hex`` the emulation's sums in the order of ``Tiles.outputs``.
    For what lies between the layers ``unit.hex`` holds the value of a sum's unit per output channel, float32,
    and ``limits.hex`` the limits of the input codes, counted from 1.
    """
    codes = np.concatenate([recording.codes.ravel() for recording in layer.recordings])
    return {
        "x.hex": write_image(codes.tolist(), layer.a_bits),
        "w.hex": write_image(_flat(layer.looked_up), layer.b_bits),
        "w_zero.hex": write_image(_flat(layer.weight_zero), bits.zero),
        "offset.hex": write_image(_flat(layer.offsets), bits.out),
        "tiles.hex": write_image([number for start in tiles.starts for number in start], 32),
        "expected.hex": write_image(expected_sums(layer, tiles), bits.out),
        "unit.hex": write_image(unit_words(layer), 32),
        "limits.hex": write_image([0, *code_limits(layer)], 32),
    }


def network_images(network: IntegerNetwork) -> dict[str, bytes]:
    """Return file name -> content of the whole network: its image, and its logits as ``expected.hex``."""
    logits = np.concatenate(network.logits)
    return {
        "image.hex": write_image(float_words(network.image), 32),
        "expected.hex": write_image(float_words(logits), 32),
    }


def write_image(words: Iterable[int], bits: int) -> bytes:
    """Return words as hexadecimal text, one a line, negative ones in two's complement."""
    digits, mask = -(-bits // 4), (1 << bits) - 1
    return "".join(f"{word & mask:0{digits}x}\n" for word in words).encode()


def read_image(data: bytes, bits: int) -> list[int]:
    """Return the words of an image, sign-interpreted.

    Raises:
        ValueError: a line is no hexadecimal number.
    """
    words = [int(line, 16) for line in data.split()]
    return [word - (1 << bits) if word >> (bits - 1) else word for word in words]


def _flat(values: Ints) -> list[int]:
    flat: list[int] = values.ravel().tolist()
    return flat
