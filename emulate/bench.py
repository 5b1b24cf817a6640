"""Times every backend against PyTorch's float32 convolution, interleaved in one run, as ratios.

The yardstick is ``conv2d`` in channels-last layout (oneDNN on a CPU). A figure is the best of the repeats;
the repeats of all backends and of the yardstick alternate, so that they see the same state of the machine. On
one CPU thread the thread's processor time counts, so that other processes disturb little.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch.nn import functional

from mulsmith.emulate.backends import AUTO, availability
from mulsmith.emulate.factor_store import takes_minutes
from mulsmith.emulate.kernels_native import only_kernels
from mulsmith.emulate.native_library import find_library
from mulsmith.emulate.ops import lut_conv2d
from mulsmith.emulate.tables import Table, code_range
from mulsmith.errors import ConfigError

_log = logging.getLogger("mulsmith")


@dataclass(frozen=True, slots=True)
class ConvShape:
    """A convolution layer on a batch: square input, kernel, stride and padding."""

    batch: int
    channels: int
    size: int
    outputs: int
    kernel: int
    stride: int = 1
    groups: int = 1

    @property
    def padding(self) -> int:
        """Padding that keeps the size at stride 1."""
        return self.kernel // 2

    @property
    def macs(self) -> int:
        """Multiplications of the layer on the batch."""
        side = (self.size + 2 * self.padding - self.kernel) // self.stride + 1
        per_output = self.channels // self.groups * self.kernel**2
        return self.batch * side * side * self.outputs * per_output

    def __str__(self) -> str:
        text = f"{self.batch}x{self.channels}x{self.size}x{self.size} -> {self.outputs}"
        text += f", {self.kernel}x{self.kernel}" + (f" /{self.stride}" if self.stride > 1 else "")
        return text + (", depthwise" if self.groups > 1 else "")


def _depthwise(batch: int, channels: int, size: int, stride: int = 1) -> ConvShape:
    return ConvShape(batch, channels, size, channels, 3, stride, channels)


LAYERS: dict[str, list[ConvShape]] = {
    "resnet20": [
        ConvShape(64, 3, 32, 16, 3),
        ConvShape(64, 16, 32, 16, 3),
        ConvShape(64, 16, 32, 32, 3, 2),
        ConvShape(64, 32, 16, 32, 3),
        ConvShape(64, 32, 16, 64, 3, 2),
        ConvShape(64, 64, 8, 64, 3),
        ConvShape(64, 16, 32, 32, 1, 2),
        ConvShape(64, 32, 16, 64, 1, 2),
    ],
    "resnet18": [
        ConvShape(16, 3, 224, 64, 7, 2),
        ConvShape(16, 64, 56, 64, 3),
        ConvShape(16, 64, 56, 128, 3, 2),
        ConvShape(16, 128, 28, 128, 3),
        ConvShape(16, 128, 28, 256, 3, 2),
        ConvShape(16, 256, 14, 256, 3),
        ConvShape(16, 256, 14, 512, 3, 2),
        ConvShape(16, 512, 7, 512, 3),
        ConvShape(16, 64, 56, 128, 1, 2),
        ConvShape(16, 128, 28, 256, 1, 2),
        ConvShape(16, 256, 14, 512, 1, 2),
    ],
    "depthwise": [
        _depthwise(16, 32, 112),
        _depthwise(16, 96, 112, 2),
        _depthwise(16, 144, 56),
        _depthwise(16, 144, 56, 2),
        _depthwise(16, 192, 28),
        _depthwise(16, 192, 28, 2),
        _depthwise(16, 384, 14),
        _depthwise(16, 576, 14),
        _depthwise(16, 576, 14, 2),
        _depthwise(16, 960, 7),
    ],
    "smoke": [ConvShape(2, 3, 9, 4, 3), _depthwise(2, 4, 9)],
}

ISA_KERNELS = {
    "base": ("row_table_base",),
    "avx2": ("row_table_base", "row_table_avx2"),
    "avxvnni": ("row_table_base", "row_table_avx2", "dot_avxvnni"),
    "avx512": ("row_table_base", "row_table_avx2", "row_table_avx512"),
    "vbmi": ("row_table_base", "row_table_avx2", "row_table_avx512", "byte_table_vbmi"),
    "vnni": ("row_table_base", "row_table_avx2", "row_table_avx512", "byte_table_vbmi", "dot_vnni"),
    "gather": ("gather_loop",),
    "packed-gather": ("packed_gather_loop",),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        layers: name of the set of layers.
        shape: the layer.
        circuit: name of the multiplier.
        backend: name of the backend; ``native:gather`` for a limited set of kernels.
        ratio_to_native: its time over that of float32 ``conv2d`` in the same run.
        lookups_per_s: products per second.
        native_macs_per_s: what float32 reached.
    """

    layers: str
    shape: str
    circuit: str
    backend: str
    ratio_to_native: float
    lookups_per_s: float
    native_macs_per_s: float


def contestants(names: Sequence[str], device: torch.device) -> list[str]:
    """Return the backends to time: the given ones, or all that are available but the slow reference.

    Raises:
        ConfigError: a set of kernels that is unknown or that this processor lacks.
    """
    if not names:
        usable = [name for name, reason in availability(device).items() if reason is None]
        return [AUTO, *(name for name in usable if name != "reference")]
    library, reason = find_library()
    for name in names:
        _, _, isa = name.partition(":")
        if not isa:
            continue
        if isa not in ISA_KERNELS:
            raise ConfigError(f"no set of kernels is named '{isa}'", remedy=f"use {', '.join(ISA_KERNELS)}")
        if library is None or ISA_KERNELS[isa][-1] not in library.kernels:
            raise ConfigError(f"'{name}' cannot run here: {reason or 'the processor lacks its instructions'}")
    return list(names)


def kernels_of(backend: str) -> AbstractContextManager[None]:
    """Return a context that limits the compiled kernels to those that a contestant names."""
    isa = backend.partition(":")[2]
    return only_kernels(ISA_KERNELS[isa] if isa else None)


def run(
    tables: dict[str, Table],
    layers: Sequence[str],
    backends: Sequence[str],
    repeats: int,
    device: torch.device,
) -> Iterator[Row]:
    """Yield the figures of every layer, circuit and backend.

    Args:
        tables: name -> multiplier.
        layers: names of ``LAYERS``.
        backends: from ``contestants``.
        repeats: how often everything is timed.
        device: where.
    """
    for name in layers:
        for shape in LAYERS[name]:
            yield from _run_shape(name, shape, tables, backends, repeats, device)


def _run_shape(
    name: str,
    shape: ConvShape,
    tables: dict[str, Table],
    backends: Sequence[str],
    repeats: int,
    device: torch.device,
) -> Iterator[Row]:
    work: dict[tuple[str, str], Callable[[], object]] = {("", "float32"): _float_work(shape, device)}
    for circuit, table in tables.items():
        for backend in backends:
            if backend == "factor" and takes_minutes(table):
                _log.warning("'%s' is not timed with 'factor': its factorisation takes minutes", circuit)
                continue
            work[circuit, backend] = _table_work(shape, table, backend, device)
    best = best_times(work, repeats, device)
    native = best.pop(("", "float32"))
    for (circuit, backend), seconds in best.items():
        yield Row(
            name, str(shape), circuit, backend, seconds / native, shape.macs / seconds, shape.macs / native
        )


def best_times(
    work: dict[tuple[str, str], Callable[[], object]], repeats: int, device: torch.device
) -> dict[tuple[str, str], float]:
    """Time everything in turn; a first round, which prepares tables and memory, does not count."""
    single = device.type == "cpu" and torch.get_num_threads() == 1
    clock = time.thread_time if single else time.perf_counter
    best = dict.fromkeys(work, math.inf)
    for index in range(repeats + 1):
        for key, call in work.items():
            start = clock()
            call()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            if index > 0:
                best[key] = min(best[key], clock() - start)
    return best


def _float_work(shape: ConvShape, device: torch.device) -> Callable[[], object]:
    x = torch.randn(shape.batch, shape.channels, shape.size, shape.size, device=device)
    w = torch.randn(shape.outputs, shape.channels // shape.groups, shape.kernel, shape.kernel, device=device)
    x, w = (tensor.contiguous(memory_format=torch.channels_last) for tensor in (x, w))
    return lambda: functional.conv2d(x, w, stride=shape.stride, padding=shape.padding, groups=shape.groups)


def _table_work(shape: ConvShape, table: Table, backend: str, device: torch.device) -> Callable[[], object]:
    lut = table.lut
    dtype = torch.int8 if lut.signed else torch.uint8
    x_shape = (shape.batch, shape.channels, shape.size, shape.size)
    w_shape = (shape.outputs, shape.channels // shape.groups, shape.kernel, shape.kernel)
    x, w = (
        torch.randint(low, high + 1, size, dtype=dtype, device=device)
        for size, (low, high) in (
            (x_shape, code_range(lut.a_bits, lut.signed)),
            (w_shape, code_range(lut.b_bits, lut.signed)),
        )
    )
    name = backend.partition(":")[0]

    def call() -> object:
        with kernels_of(backend):
            return lut_conv2d(x, w, table, shape.stride, shape.padding, groups=shape.groups, backend=name)

    return call


def geometric_means(rows: Sequence[Row]) -> dict[tuple[str, str, str], float]:
    """Return the geometric mean of the ratios per set of layers, circuit and backend."""
    logs: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        logs.setdefault((row.layers, row.circuit, row.backend), []).append(math.log(row.ratio_to_native))
    return {key: math.exp(sum(values) / len(values)) for key, values in logs.items()}
