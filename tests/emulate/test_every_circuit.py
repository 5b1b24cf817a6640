"""EvoApproxLib's and the embedded circuits x kinds of layers x backends and kernels give the same integers.

A sample runs always, all of them nightly. Backend ``cuda`` runs its bodies on the host; ``triton`` is there
when ``TRITON_INTERPRET=1`` is set, which test_triton.py does. The backends that need factors leave out tables
above ``QUICK_RANK`` planes, whose factorisation takes minutes each, unless their factors are kept already.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pytest
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.embedded import embedded_files
from mulsmith.circuits.verilog import read_verilog
from mulsmith.emulate import Table, availability, backends, lut_conv2d, lut_conv_transpose2d, lut_matmul
from mulsmith.emulate.factor_store import factors_of, known_factors, plane_bound
from mulsmith.emulate.kernels_cuda import Launcher, conv2d_with, matmul_with
from mulsmith.emulate.kernels_native import DOTS, MAX_PLANES, only_kernels
from mulsmith.emulate.native_library import find_library
from mulsmith.emulate.tables import code_range

# Asymmetric, LUT[0, b] != 0, LUT[0, 0] != 0, signed, narrow, and one of the highest rank that is quick.
SAMPLE = [
    "8x8_unsigned/mul8u_2AC",
    "8x8_unsigned/mul8u_2HH",
    "8x8_unsigned/mul8u_JV3",
    "8x8_signed/mul8s_1KX2",
    "8x8_signed/mul8s_1KVA",
    "8x2_unsigned/mul8x2u_015",
    "8x7_unsigned/mul8x7u_6YT",
]
LIBRARY, _ = find_library()
KERNELS = [] if LIBRARY is None else list(LIBRARY.kernels)
BACKENDS = [name for name, reason in availability().items() if reason is None and name != "reference"]
ROUTES = [*BACKENDS, *(f"native {kernel}" for kernel in KERNELS), "cuda"]
EMBEDDED = embedded_files()
QUICK_RANK = 60

CONVOLUTIONS = {
    "1x1": ((2, 6, 5, 7), (4, 6, 1, 1), {}),
    "3x3": ((2, 5, 9, 7), (20, 5, 3, 3), {"padding": 1}),
    "5x5": ((1, 3, 9, 8), (5, 3, 5, 5), {"padding": 2}),
    "stride 2": ((2, 4, 9, 8), (18, 4, 3, 3), {"padding": 1, "stride": 2}),
    "dilation 2": ((2, 3, 9, 10), (4, 3, 3, 3), {"padding": 2, "dilation": 2}),
    "groups 2": ((2, 8, 7, 6), (6, 4, 3, 3), {"padding": 1, "groups": 2}),
    "depthwise": ((2, 7, 9, 9), (7, 1, 3, 3), {"padding": 1, "groups": 7}),
    "depthwise, stride 2": ((2, 7, 9, 9), (7, 1, 3, 3), {"padding": 1, "groups": 7, "stride": 2}),
}


@cache
def _lut(path: Path) -> Lut:
    signed = path.stem.partition("_")[0].endswith("s")  # mul8s_1KX2, mul8x8s_drum6
    return simulate_lut(replace(read_verilog(path), signed=signed))


def _codes(shape: tuple[int, ...], bits: int, signed: bool, seed: int) -> torch.Tensor:
    low, high = code_range(bits, signed)
    return torch.randint(low, high + 1, shape, generator=torch.Generator().manual_seed(seed))


def _results(lut: Lut, backend: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Compute every kind of layer, with padding of zero points 0 and another."""

    def operands(x: tuple[int, ...], w: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
        return _codes(x, lut.a_bits, lut.signed, 1), _codes(w, lut.b_bits, lut.signed, 2)

    for name, (x_shape, w_shape, options) in CONVOLUTIONS.items():
        x, w = operands(x_shape, w_shape)
        for pad_code in (0, -9 if lut.signed else 131):
            yield (
                f"{name}, pad {pad_code}",
                lut_conv2d(x, w, lut, pad_code=pad_code, backend=backend, **options),
            )
    x, w = operands((2, 4, 5, 6), (4, 3, 3, 3))
    yield "transposed", lut_conv_transpose2d(x, w, lut, stride=2, padding=1, groups=2, backend=backend)
    yield "linear", lut_matmul(*operands((33, 70), (70, 10)), lut, backend=backend)
    yield "batched", lut_matmul(*operands((3, 9, 20), (3, 20, 70)), lut, backend=backend)


@contextmanager
def _route(route: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Prepare a route and give its backend: a backend, a kernel of ``native``, or ``cuda`` on the host."""
    backend, _, kernel = route.partition(" ")
    with ExitStack() as stack:
        if kernel:
            stack.enter_context(only_kernels((kernel,)))
        if route == "cuda":
            host: Launcher = request.getfixturevalue("host")
            on_host = backends.Backend(
                "cuda", partial(matmul_with, host), lambda _: 0.0, partial(conv2d_with, host)
            )
            stack.enter_context(pytest.MonkeyPatch.context()).setitem(backends._LOADED, "cuda", on_host)
        yield backend


def _runs(route: str, lut: Lut) -> bool:
    """Whether a route takes a table: its width, and for what needs factors its planes."""
    table = Table.of(lut)
    if route.removeprefix("native ") in DOTS:
        return plane_bound(table) <= MAX_PLANES and factors_of(table).planes <= MAX_PLANES
    if route in ("factor", "triton"):
        return known_factors(table) is not None or plane_bound(table) <= QUICK_RANK
    return max(lut.a_bits, lut.b_bits) <= 8


@cache
def _expected(path: Path) -> dict[str, torch.Tensor]:
    return dict(_results(_lut(path), "reference"))


def _check(path: Path, backend: str) -> None:
    for layer, result in _results(_lut(path), backend):
        assert torch.equal(result, _expected(path)[layer]), f"{path.stem}, {layer}"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("file", SAMPLE)
def test_sample(evoapproxlib: Path, file: str, route: str, request: pytest.FixtureRequest) -> None:
    path = evoapproxlib / f"{file}.v"
    if not _runs(route, _lut(path)):
        pytest.skip(f"{route} does not take this table")
    with _route(route, request) as backend:
        _check(path, backend)


@pytest.mark.parametrize("route", ROUTES)
def test_embedded_sample(route: str, request: pytest.FixtureRequest) -> None:
    with _route(route, request) as backend:
        for path in EMBEDDED[::30]:
            if _runs(route, _lut(path)):
                _check(path, backend)


@pytest.mark.nightly
@pytest.mark.parametrize("route", ROUTES)
def test_all(evoapproxlib: Path, route: str, request: pytest.FixtureRequest) -> None:
    paths = sorted(evoapproxlib.rglob("*.v"))
    assert len(paths) >= 225
    with _route(route, request) as backend:
        for path in [*paths, *EMBEDDED]:
            if _runs(route, _lut(path)):
                _check(path, backend)
