"""Backend ``cuda``: tables of any rank on CUDA devices, by row tables in shared memory.

For every term the products of all activation codes with a tile's weight codes are tabulated in shared memory;
a warp then adds the row of a pixel's code. Layers of few outputs per group keep the table rows of one filter
instead. Terms are split among blocks where these would be few; integer additions make that exact. The bodies
are in native/row_table.cuh.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from mulsmith.emulate.backends import Backend, Problem
from mulsmith.emulate.cuda_driver import Kernels, cached_path, find_nvrtc
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.tables import Table
from mulsmith.errors import EmulationError

MAX_BITS = 8
CODES = 256
MIN_CAPABILITY = (8, 0)
BLOCKS_WANTED = 264
FEWEST_TERMS = 16
FEW_OUTPUTS = 4
LOOKUPS_PER_S = 4e12
CHANNEL_LOOKUPS_PER_S = 1e12
"""Estimates for an H100 from instruction counts, not measured."""
LAUNCH_S = 2e-5


class CLayer(ctypes.Structure):
    """``Layer`` of emulate/native/row_table.cuh."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("x", "w", "table", "y")),
        *(
            (name, ctypes.c_int64)
            for name in (
                "x_image", "x_channel", "x_row", "x_column", "w_output", "w_term", "y_image", "y_output",
                "rows",
            )
        ),
        *(
            (name, ctypes.c_int32)
            for name in (
                "depth", "height", "width", "groups", "columns", "kernel_h", "kernel_w", "out_h", "out_w",
                "stride_h", "stride_w", "pad_h", "pad_w", "dilation_h", "dilation_w", "pad_code",
                "terms", "terms_per_split", "splits", "shift", "base",
            )
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Launch:
    """A kernel, its grid of blocks, threads per block, and bytes of dynamic shared memory."""

    kernel: str
    blocks: int
    threads: int
    shared_bytes: int


Launcher = Callable[[Launch, CLayer], None]


def plan(rows: int, columns: int, groups: int, terms: int) -> tuple[Launch, int]:
    """Return how to launch a layer, and the terms of a block's split."""
    if groups > 1 and columns <= FEW_OUTPUTS:
        return Launch("channel_table", groups * columns * -(-rows // 2048), 256, 0), terms
    wide = 16 if columns <= 16 else 32 if columns <= 32 else 64
    tall = 512 // (wide // 2) * 32
    tiles = -(-rows // tall) * -(-columns // wide) * groups
    splits = max(1, min(-(-BLOCKS_WANTED // tiles), terms // FEWEST_TERMS))
    per_split = -(-terms // splits)
    blocks = tiles * -(-terms // per_split)
    return Launch(f"row_table_{wide}", blocks, 512, 2 * (CODES * wide // 2 + tall // 4) * 4), per_split


def matmul(x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Return Y[m, n] = sum_k table[x[m, k], w[k, n]] for raw codes x [M, K], w [K, N], int32 [M, N]."""
    return matmul_with(_launch_on_device(x.device), x, w, table)


def conv2d(x: torch.Tensor, w: torch.Tensor, table: Table, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve raw codes x [N, C, H, W] with w [O, C/groups, kh, kw]; return int32 [N, O, H', W']."""
    return conv2d_with(_launch_on_device(x.device), x, w, table, geometry)


def matmul_with(launch: Launcher, x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Multiply; the longer side gives the pixels, so that few tables are built."""
    (m, k), n = x.shape, w.shape[1]
    out = torch.zeros(m, n, dtype=torch.int32, device=x.device)
    exchanged = n > m
    pixels, filters = (w.t(), x) if exchanged else (x, w.t())  # [rows, K], [columns, K]
    image = pixels.unflatten(1, (k, 1, 1))
    sums = (out.t() if exchanged else out).unflatten(1, (-1, 1, 1))
    _run(launch, image, filters, filters.stride(), (1, 1), sums, table, ConvGeometry(), exchanged)
    return out


def conv2d_with(
    launch: Launcher, x: torch.Tensor, w: torch.Tensor, table: Table, geometry: ConvGeometry
) -> torch.Tensor:
    """Convolve; ``launch`` runs a kernel, on a device or in a test on the host."""
    kernel = (w.shape[2], w.shape[3])
    size = geometry.output_size(x.shape[2], x.shape[3], kernel)
    out = torch.zeros(len(x), len(w), *size, dtype=torch.int32, device=x.device)
    filters = w.flatten(1).contiguous()
    _run(launch, x, filters, filters.stride(), kernel, out, table, geometry, exchanged=False)
    return out


def _run(
    launch: Launcher,
    x: torch.Tensor,
    filters: torch.Tensor,
    filter_strides: tuple[int, ...],
    kernel: tuple[int, int],
    out: torch.Tensor,
    table: Table,
    geometry: ConvGeometry,
    exchanged: bool,
) -> None:
    """Add the sums of pixels x [N, C, H, W] and filters [O, K] to out [N, O, H', W'] of zeros."""
    if max(table.lut.a_bits, table.lut.b_bits) > MAX_BITS:
        raise EmulationError(
            f"backend 'cuda' takes tables up to {MAX_BITS} x {MAX_BITS} bits",
            remedy="use backend 'reference'",
        )
    images, channels, height, width = x.shape
    rows, columns = images * out.shape[2] * out.shape[3], len(filters) // geometry.groups
    terms = filters.shape[1]
    chosen, per_split = plan(rows, columns, geometry.groups, terms)
    entries, base = _entries(table, x.device, exchanged)
    for part in range(len(entries)):
        layer = CLayer(
            x.data_ptr(), filters.data_ptr(), entries[part].data_ptr(), out.data_ptr(),
            *x.stride(), *filter_strides, out.stride(0), out.stride(1), rows,
            channels // geometry.groups, height, width, geometry.groups, columns, *kernel,
            out.shape[2], out.shape[3], *geometry.stride, *geometry.padding, *geometry.dilation,
            geometry.pad_code, terms, per_split, -(-terms // per_split), 16 * part, 0 if part else base,
        )  # fmt: skip
        launch(chosen, layer)


def _entries(table: Table, device: torch.device, exchanged: bool) -> tuple[torch.Tensor, int]:
    """Return [parts, filter code, pixel code] 16-bit words of the entries less their smallest, and that."""
    key = f"cuda {device} exchanged={exchanged}"
    if key not in table.derived:
        entries = table.lut.table if exchanged else table.lut.table.T
        base = int(entries.min())
        full = np.zeros((CODES, CODES), dtype=np.uint32)
        full[: entries.shape[0], : entries.shape[1]] = (entries.astype(np.int64) - base).astype(np.uint32)
        parts = [full & 0xFFFF, full >> 16] if (full >> 16).any() else [full]
        words = np.stack(parts).astype(np.uint16).view(np.int16)
        table.derived[key] = torch.from_numpy(words).clone().to(device), base
    result: tuple[torch.Tensor, int] = table.derived[key]
    return result


_KERNELS: dict[torch.device, Kernels] = {}


def _launch_on_device(device: torch.device) -> Launcher:
    def launch(chosen: Launch, layer: CLayer) -> None:
        with torch.cuda.device(device):
            if device not in _KERNELS:
                _KERNELS[device] = Kernels(device)
            _KERNELS[device].launch(chosen.kernel, chosen.blocks, chosen.threads, chosen.shared_bytes, layer)

    return launch


def _seconds(problem: Problem) -> float:
    """Predict the time from tiles; infinity for what the kernels do not take."""
    table = problem.table
    if problem.device.type != "cuda" or max(table.lut.a_bits, table.lut.b_bits) > MAX_BITS:
        return float("inf")
    rows, columns = (problem.m, problem.n) if problem.conv else sorted((problem.m, problem.n), reverse=True)
    chosen, _ = plan(rows, columns, problem.groups, problem.k)
    if chosen.kernel == "channel_table":
        return LAUNCH_S + problem.lookups / CHANNEL_LOOKUPS_PER_S
    wide = int(chosen.kernel.rpartition("_")[2])
    padded = -(-columns // wide) * 64 * (rows + CODES) * problem.k * problem.groups
    return LAUNCH_S + padded / LOOKUPS_PER_S


def backend() -> Backend:
    """Return the backend for the registry."""
    return Backend("cuda", matmul, _seconds, conv2d, _unavailable)


def _unavailable(device: torch.device) -> str | None:
    if device.type != "cuda":
        return f"it runs on CUDA devices, not on {device.type}"
    if not torch.cuda.is_available() or torch.version.hip is not None:
        return "torch finds no NVIDIA GPU"
    capability = torch.cuda.get_device_capability(device)
    if capability < MIN_CAPABILITY:
        return f"it needs compute capability 8.0, and {device} has {capability[0]}.{capability[1]}"
    library, reason = find_nvrtc()
    return reason if library is None and not cached_path(capability).is_file() else None
