"""Every compiled kernel that runs here against plain integer indexing, on one and on two threads."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Table, lut_conv2d, lut_matmul
from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.kernels_native import DOTS, select_kernel
from mulsmith.emulate.native_library import find_library
from mulsmith.errors import ToolError

LIBRARY, REASON = find_library()
pytestmark = pytest.mark.skipif(LIBRARY is None, reason=REASON or "")
KERNELS = list(LIBRARY.kernels) if LIBRARY is not None else []


def _lut(low: int, high: int, seed: int = 0) -> Lut:
    table = np.random.default_rng(seed).integers(low, high + 1, (256, 256)).astype(np.int32)
    table[0, 0], table[255, 255] = low, high
    return Lut(table, 8, 8, False)


def _factored(planes: int, seed: int = 0) -> tuple[Lut, Factors]:
    """Return a table of int8 planes with large terms, and its factors."""
    rng = np.random.default_rng(seed)
    factors = Factors(
        rng.integers(-128, 128, (planes, 256)).astype(np.int8),
        rng.integers(-128, 128, (planes, 256)).astype(np.int8),
        rng.integers(-5, 6, planes).astype(np.int32),
        rng.integers(-70000, 70000, 256).astype(np.int32),
        rng.integers(-70000, 70000, 256).astype(np.int32),
    )
    return Lut(factors.product(), 8, 8, False), factors


TABLES = {
    "16 bit unsigned": _lut(0, 65535),
    "16 bit signed": _lut(-32768, 32767),
    "17 bit signed": _lut(-65535, 65535),
    "20 bit": _lut(-400_000, 500_000),
    "constant": _lut(7, 7),
}


def _use(monkeypatch: pytest.MonkeyPatch, kernel: str) -> None:
    monkeypatch.setattr("mulsmith.emulate.kernels_native.select_kernel", lambda *_: kernel)


@pytest.fixture(params=[1, 2], ids=["1 thread", "2 threads"])
def _threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


def _indexed_matmul(x: npt.NDArray[np.int64], w: npt.NDArray[np.int64], lut: Lut) -> npt.NDArray[np.int64]:
    rows = [lut.table[a[:, None], w].astype(np.int64).sum(0) for a in x]
    return np.array(rows, dtype=np.int64).reshape(len(x), w.shape[1])


def _check_matmul(lut: Lut, m: int, k: int, n: int) -> None:
    rng = np.random.default_rng(m + 7 * k + 31 * n)
    x, w = rng.integers(0, 256, (m, k)), rng.integers(0, 256, (k, n))
    out = lut_matmul(torch.from_numpy(x), torch.from_numpy(w), lut, backend="native")
    assert np.array_equal(out.numpy(), _indexed_matmul(x, w, lut))


@pytest.mark.usefixtures("_threads")
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kernel", [kernel for kernel in KERNELS if kernel not in DOTS])
def test_every_range_of_values(kernel: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, kernel)
    for m, k, n in [(1, 1, 1), (5, 300, 1), (90, 17, 70), (3, 40, 130), (300, 9, 3), (20, 600, 33)]:
        _check_matmul(TABLES[name], m, k, n)


@pytest.mark.usefixtures("_threads")
@pytest.mark.parametrize("planes", [0, 1, 2, 5, 8])
@pytest.mark.parametrize("kernel", [kernel for kernel in KERNELS if kernel in DOTS])
def test_factorised_kernel(kernel: str, planes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lut, factors = _factored(planes, planes)
    Table.of(lut).derived["factors"] = factors
    _use(monkeypatch, kernel)
    for m, k, n in [(1, 1, 1), (5, 301, 1), (90, 18, 70), (3, 40, 130), (300, 9, 3), (257, 515, 300)]:
        _check_matmul(lut, m, k, n)


SHAPES = {
    "first layer": ((2, 3, 19, 17), (16, 3, 7, 7), ConvGeometry((2, 2), (3, 3))),
    "3x3": ((2, 16, 8, 9), (33, 16, 3, 3), ConvGeometry((1, 1), (1, 1))),
    "no padding": ((2, 5, 8, 9), (17, 5, 3, 3), ConvGeometry()),
    "stride 2 shortcut": ((2, 8, 7, 7), (20, 8, 1, 1), ConvGeometry((2, 2))),
    "stride 3, dilation": ((1, 4, 20, 21), (7, 4, 3, 2), ConvGeometry((3, 1), (2, 0), (2, 3))),
    "dilation 2, groups 2": ((2, 12, 10, 10), (12, 6, 3, 3), ConvGeometry((1, 1), (2, 2), (2, 2), 2)),
    "depthwise": ((2, 12, 30, 9), (12, 1, 3, 3), ConvGeometry((1, 1), (1, 1), (1, 1), 12)),
    "depthwise, stride 2": ((2, 6, 15, 14), (12, 1, 5, 5), ConvGeometry((2, 2), (2, 2), (1, 1), 6)),
    "large depthwise kernel": ((1, 2, 20, 20), (2, 1, 17, 17), ConvGeometry((1, 1), (8, 8), (1, 1), 2)),
    "wide image": ((1, 40, 3, 300), (8, 10, 1, 1), ConvGeometry(groups=4)),
}


def _indexed_conv(x: torch.Tensor, w: torch.Tensor, lut: Lut, geometry: ConvGeometry) -> torch.Tensor:
    """Convolve by one-hot planes: exact float64 convolutions of where x has each code."""
    padding = (geometry.padding[1],) * 2 + (geometry.padding[0],) * 2
    padded = torch.nn.functional.pad(x, padding, value=geometry.pad_code)
    entries = torch.from_numpy(lut.table.astype(np.float64))
    total = torch.zeros((), dtype=torch.float64)
    for code in range(256):
        hits = (padded == code).double()
        total = total + torch.nn.functional.conv2d(
            hits, entries[code][w.long()], None, geometry.stride, 0, geometry.dilation, geometry.groups
        )
    return total.to(torch.int32)


PAD_CODE = 77


@cache
def _case(shape: str, factored: bool) -> tuple[torch.Tensor, torch.Tensor, Lut, torch.Tensor]:
    """Return operands, table and expected sums of a convolution."""
    x_shape, w_shape, geometry = SHAPES[shape]
    generator = torch.Generator().manual_seed(len(shape))
    x = torch.randint(0, 256, x_shape, dtype=torch.uint8, generator=generator)
    w = torch.randint(0, 256, w_shape, dtype=torch.uint8, generator=generator)
    lut, factors = _factored(3)
    Table.of(lut).derived["factors"] = factors
    if not factored:
        lut = TABLES["16 bit unsigned"]
    return x, w, lut, _indexed_conv(x, w, lut, replace(geometry, pad_code=PAD_CODE))


@pytest.mark.usefixtures("_threads")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kernel", KERNELS)
def test_convolutions(kernel: str, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    x, w, lut, expected = _case(shape, kernel in DOTS)
    geometry = SHAPES[shape][2]
    _use(monkeypatch, kernel)
    out = lut_conv2d(
        x, w, lut, geometry.stride, geometry.padding, geometry.dilation, geometry.groups, PAD_CODE, "native"
    )
    assert torch.equal(out, expected)


@settings(max_examples=20, deadline=None)
@given(m=st.integers(1, 600), k=st.integers(1, 700), n=st.integers(1, 600), data=st.data())
def test_ragged_shapes(m: int, k: int, n: int, data: st.DataObject) -> None:
    kernel = data.draw(st.sampled_from(KERNELS))
    lut, factors = _factored(2)
    if kernel in DOTS:
        Table.of(lut).derived["factors"] = factors
    else:
        lut = TABLES["16 bit signed"]
    with pytest.MonkeyPatch.context() as patch:
        _use(patch, kernel)
        _check_matmul(lut, min(m, 40), k, n)
        _check_matmul(lut, m, min(k, 40), min(n, 40))


@pytest.mark.parametrize("kernel", KERNELS)
def test_long_sums(kernel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lut, factors = _factored(1)
    if kernel in DOTS:
        Table.of(lut).derived["factors"] = factors
    else:
        lut = TABLES["16 bit unsigned"]
    _use(monkeypatch, kernel)
    _check_matmul(lut, 2, 32_000 if kernel not in DOTS else 9_000, 66)
    largest = torch.full((1, 32_768), 255), torch.full((32_768, 65), 255)
    if kernel not in DOTS:
        assert lut_matmul(*largest, lut, backend="native").unique().tolist() == [32_768 * 65_535]


def test_operands_are_not_exchanged() -> None:
    lut = _lut(0, 65535, 3)
    for m, n in [(2, 100), (100, 2)]:
        _check_matmul(lut, m, 50, n)


def test_choice_follows_shape_and_table() -> None:
    from mulsmith.emulate.backends import Problem

    table = Table.of(TABLES["16 bit unsigned"])
    problem = Problem(4096, 576, 64, 1, True, table, torch.device("cpu"))
    everything = ["row_table_base", "row_table_avx2", "row_table_avx512", "byte_table_vbmi", "dot_vnni"]
    assert select_kernel(problem, everything, 1) == "dot_vnni"
    assert select_kernel(problem, everything, None) == "row_table_avx512"
    assert select_kernel(replace(problem, m=256), everything, None) == "byte_table_vbmi"
    assert select_kernel(problem, everything[:2], None) == "row_table_avx2"
    assert select_kernel(problem, [*everything[:2], "dot_avxvnni"], 1) == "dot_avxvnni"


def test_no_library_is_an_error_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mulsmith.emulate.kernels_native.find_library", lambda: (None, "no compiler"))
    x = torch.zeros(2, 2, dtype=torch.uint8)
    with pytest.raises(ToolError, match="no compiler"):
        lut_matmul(x, x, TABLES["constant"], backend="native")
