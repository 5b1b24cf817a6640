"""Backend ``native``: the compiled kernels of emulate/native/, with the cheapest one for shape and table.

A convolution's lanes are its output pixels and its rows the filters. A matrix product is the 1x1 convolution
of the image [1, K, 1, lanes], with lanes the columns of w, or the rows of x where these are many and the
columns few.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate.backends import Backend, Problem
from mulsmith.emulate.factor_store import factors_of, known_factors, plane_bound
from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.kernel_costs import INFINITY, kernel_costs, measure
from mulsmith.emulate.native_library import CProblem, NativeLibrary, find_library
from mulsmith.emulate.native_tables import CODES, PreparedTable, prepare
from mulsmith.emulate.tables import Table
from mulsmith.errors import EmulationError, ToolError

MAX_BITS = 8
MAX_PLANES = 8
WIDE_LANES = 64

_log = logging.getLogger("mulsmith")
_only: ContextVar[tuple[str, ...] | None] = ContextVar("only", default=None)


DOTS = ("dot_vnni", "dot_avxvnni")
BASELINES = ("gather_loop", "packed_gather_loop")


def matmul(x: torch.Tensor, w: torch.Tensor, table: Table) -> torch.Tensor:
    """Return Y[m, n] = sum_k table[x[m, k], w[k, n]] for raw codes x [M, K], w [K, N], int32 [M, N]."""
    (m, k), n = x.shape, w.shape[1]
    flat = ConvGeometry()
    if n >= WIDE_LANES or n >= m:
        image, rows = w.reshape(1, k, 1, n), x.reshape(m, k, 1, 1)
        return _run(image, rows, table, flat, exchanged=True).reshape(m, n)
    image, rows = x.t().reshape(1, k, 1, m), w.t().reshape(n, k, 1, 1)
    return _run(image, rows, table, flat, exchanged=False).reshape(n, m).t().contiguous()


def conv2d(x: torch.Tensor, w: torch.Tensor, table: Table, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve raw codes x [N, C, H, W] with w [O, C/groups, kh, kw]; return int32 [N, O, H', W']."""
    return _run(x, w, table, geometry, exchanged=False)


@contextmanager
def only_kernels(names: tuple[str, ...] | None) -> Iterator[None]:
    """Choose among these kernels only, for benchmarks and tests; among all for None."""
    token = _only.set(names)
    try:
        yield
    finally:
        _only.reset(token)


def _available(library: NativeLibrary) -> list[str]:
    names = _only.get()
    if names is None:
        return [name for name in library.kernels if name not in BASELINES]
    return [name for name in library.kernels if name in names]


def select_kernel(problem: Problem, available: list[str], planes: int | None) -> str:
    """Return the available kernel that costs least; ``planes`` is None for a table without factors."""
    return min(available, key=lambda name: _kernel_seconds(name, problem, planes))


def chosen_kernel(problem: Problem) -> str | None:
    """Return the kernel that a problem is computed with, None where there are no compiled kernels."""
    library, _ = find_library()
    if library is None:
        return None
    factors = _useful_factors(problem.table)
    return select_kernel(problem, _available(library), None if factors is None else factors.planes)


def _kernel_seconds(name: str, problem: Problem, planes: int | None) -> float:
    cost, m, k, n = kernel_costs()[name], problem.m, problem.k, problem.n
    if name not in DOTS:
        planes = 1
    elif planes is None or planes > MAX_PLANES:
        return INFINITY
    if problem.conv and problem.groups > 1 and n <= 4 and k <= CODES:
        return problem.lookups * cost.channel_ns * 1e-9
    return problem.groups * cost.nanoseconds(m, k, n, max(planes, 1)) * 1e-9


def measure_kernels() -> None:
    """Measure what the compiled kernels cost on one core of this machine, for ``auto``; it takes seconds.

    Raises:
        ToolError: there are no compiled kernels.
        StoreError: the cache folder cannot be written.
    """
    library, reason = find_library()
    if library is None:
        raise ToolError(f"backend 'native' has no kernels: {reason}")
    table = Table.of(Lut.exact(8, 8, False))

    def call(kernel: str, lanes: int, k: int, rows: int) -> Callable[[], object]:
        x = torch.randint(0, CODES, (1, k, 1, lanes), dtype=torch.uint8)
        w = torch.randint(0, CODES, (rows, k, 1, 1), dtype=torch.uint8)

        def run() -> object:
            with only_kernels((kernel,)):
                return conv2d(x, w, table, ConvGeometry())

        return run

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        measure(call, [name for name in library.kernels if name not in BASELINES])
    finally:
        torch.set_num_threads(before)


def _run(
    lanes: torch.Tensor, rows: torch.Tensor, table: Table, geometry: ConvGeometry, exchanged: bool
) -> torch.Tensor:
    """Convolve; ``exchanged`` says that the lanes are operand B."""
    library, reason = find_library()
    if library is None:
        raise ToolError(f"backend 'native' has no kernels: {reason}")
    if max(table.lut.a_bits, table.lut.b_bits) > MAX_BITS:
        raise EmulationError(
            f"backend 'native' takes tables up to {MAX_BITS} x {MAX_BITS} bits",
            remedy="use backend 'reference'",
        )
    images, channels, height, width = lanes.shape
    outputs, _, kernel_h, kernel_w = rows.shape
    out_h, out_w = geometry.output_size(height, width, (kernel_h, kernel_w))
    sums = torch.empty(images, outputs, out_h, out_w, dtype=torch.int32)
    if sums.numel() == 0:
        return sums
    lanes, rows = lanes.contiguous(), rows.contiguous()
    groups = geometry.groups
    problem = Problem(
        images * out_h * out_w, rows[0].numel(), outputs // groups, groups, groups > 1, table, lanes.device
    )
    factors = _useful_factors(table)
    kernel = select_kernel(problem, _available(library), None if factors is None else factors.planes)
    structure = CProblem(
        lanes.data_ptr(), rows.data_ptr(), sums.data_ptr(),
        images, channels, height, width, outputs, kernel_h, kernel_w, out_h, out_w,
        *geometry.stride, *geometry.padding, *geometry.dilation, groups, geometry.pad_code,
    )  # fmt: skip
    _call(library, structure, prepared(table, exchanged), kernel)
    return sums


def _call(library: NativeLibrary, problem: CProblem, table: PreparedTable, kernel: str) -> None:
    failure = library.conv2d(problem, table.structure, kernel)
    if failure is not None:
        raise EmulationError(f"kernel {kernel} failed: {failure}")


def _useful_factors(table: Table) -> Factors | None:
    """Return the factors where they are few enough for the dot-product kernel and quick to compute."""
    if "native_factors" not in table.derived:
        known = known_factors(table)
        if known is None and plane_bound(table) <= MAX_PLANES:
            try:
                known = factors_of(table)
            except ToolError as error:
                _log.warning("the fastest kernel is not used: %s", error)
        table.derived["native_factors"] = known if known is not None and known.planes <= MAX_PLANES else None
    factors: Factors | None = table.derived["native_factors"]
    return factors


def prepared(table: Table, exchanged: bool) -> PreparedTable:
    """Return a table in the kernels' layout, made once; ``exchanged`` says that the lanes are operand B."""
    key = f"native exchanged={exchanged}"
    if key not in table.derived:
        factors = _useful_factors(table)
        entries = table.lut.table if exchanged else table.lut.table.T  # [row code, lane code]
        if factors is not None and exchanged:
            factors = factors.transposed()
        table.derived[key] = prepare(entries, factors)
    result: PreparedTable = table.derived[key]
    return result


def _seconds(problem: Problem) -> float:
    library, _ = find_library()
    if library is None or max(problem.table.lut.a_bits, problem.table.lut.b_bits) > MAX_BITS:
        return INFINITY
    factors = _useful_factors(problem.table)
    planes = None if factors is None else factors.planes
    return 2e-5 + min(_kernel_seconds(name, problem, planes) for name in _available(library))


def backend() -> Backend:
    """Return the backend for the registry."""
    return Backend("native", matmul, _seconds, conv2d, _unavailable)


def _unavailable(device: torch.device) -> str | None:
    if device.type != "cpu":
        return f"it runs on the cpu, not on {device.type}"
    library, reason = find_library()
    if library is None and not _SAID:
        _SAID.append(reason or "")
        _log.warning("mulsmith runs without its native kernels, which is many times slower: %s", reason)
    return reason if library is None else None


_SAID: list[str] = []
