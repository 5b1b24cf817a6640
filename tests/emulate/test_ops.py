"""The operators against numpy gathers, for every backend that is available here."""

import gather_oracle as oracle
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Table, availability, lut_conv2d, lut_conv_transpose2d, lut_matmul
from mulsmith.emulate.backends import Backend, register
from mulsmith.errors import ConfigError, EmulationError, LutError, ToolError

BACKENDS = ["auto", *(name for name, reason in availability().items() if reason is None)]
WIDTHS = [(8, 8, False), (8, 8, True), (8, 3, False), (8, 2, True), (5, 7, True), (10, 4, False)]


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("a_bits", "b_bits", "signed"), WIDTHS)
def test_matmul(backend: str, a_bits: int, b_bits: int, signed: bool) -> None:
    rng = np.random.default_rng(a_bits * b_bits)
    lut = oracle.odd_lut(a_bits, b_bits, signed)
    x = oracle.codes(rng, (7, 33), a_bits, signed)
    w = oracle.codes(rng, (33, 5), b_bits, signed)
    if backend == "native" and max(a_bits, b_bits) > 8:
        with pytest.raises(EmulationError, match="up to 8 x 8 bits"):
            lut_matmul(_tensor(x), _tensor(w), lut, backend=backend)
        return
    out = lut_matmul(_tensor(x), _tensor(w), lut, backend=backend)
    assert out.dtype == torch.int32
    assert np.array_equal(out.numpy(), oracle.matmul(x, w, lut))


@settings(max_examples=25, deadline=None)
@given(m=st.integers(0, 70), k=st.integers(1, 300), n=st.integers(1, 70), data=st.data())
def test_matmul_of_ragged_shapes(m: int, k: int, n: int, data: st.DataObject) -> None:
    backend = data.draw(st.sampled_from(BACKENDS))
    rng = np.random.default_rng(m + 1000 * k)
    lut = oracle.odd_lut(8, 8, False)
    x, w = oracle.codes(rng, (m, k), 8, False), oracle.codes(rng, (k, n), 8, False)
    out = lut_matmul(_tensor(x).to(torch.uint8), _tensor(w).to(torch.uint8), lut, backend=backend)
    assert np.array_equal(out.numpy(), oracle.matmul(x, w, lut))


CONVOLUTIONS = {
    "1x1": ((3, 6, 5, 7), (4, 6, 1, 1), {}),
    "3x3": ((2, 3, 6, 5), (4, 3, 3, 3), {"padding": (1, 1)}),
    "5x5": ((1, 2, 7, 6), (3, 2, 5, 5), {"padding": (2, 2)}),
    "stride 2": ((2, 3, 7, 8), (4, 3, 3, 3), {"padding": (1, 1), "stride": (2, 2)}),
    "dilation 2": ((2, 3, 8, 7), (4, 3, 3, 3), {"padding": (2, 2), "dilation": (2, 2)}),
    "groups 2": ((2, 4, 6, 5), (6, 2, 3, 3), {"padding": (1, 1), "groups": 2}),
    "depthwise": ((2, 5, 6, 5), (5, 1, 3, 3), {"padding": (1, 1), "groups": 5}),
    "depthwise, 2 per channel": ((2, 3, 6, 5), (6, 1, 3, 3), {"padding": (1, 1), "groups": 3}),
    "all different": (
        (2, 3, 9, 11),
        (4, 3, 2, 3),
        {"padding": (2, 1), "stride": (1, 3), "dilation": (3, 2)},
    ),
    "empty batch": ((0, 3, 6, 5), (4, 3, 3, 3), {}),
    "wide 1x1": ((1, 70, 3, 3), (40, 70, 1, 1), {}),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize(("a_bits", "b_bits", "signed"), [(8, 8, False), (8, 8, True), (8, 4, False)])
def test_conv2d(backend: str, name: str, a_bits: int, b_bits: int, signed: bool) -> None:
    rng = np.random.default_rng(len(name))
    lut = oracle.odd_lut(a_bits, b_bits, signed)
    x_shape, w_shape, options = CONVOLUTIONS[name]
    x, w = oracle.codes(rng, x_shape, a_bits, signed), oracle.codes(rng, w_shape, b_bits, signed)
    pad_code = -17 if signed else 131
    out = lut_conv2d(_tensor(x), _tensor(w), lut, pad_code=pad_code, backend=backend, **options)
    assert np.array_equal(out.numpy(), oracle.conv2d(x, w, lut, pad_code=pad_code, **options))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("stride", "padding", "extra", "groups"), [(1, 0, 0, 1), (2, 1, 1, 2), (3, 1, 0, 4)])
def test_transposed(backend: str, stride: int, padding: int, extra: int, groups: int) -> None:
    rng = np.random.default_rng(stride)
    lut = oracle.odd_lut(8, 8, True)
    x, w = oracle.codes(rng, (2, 4, 3, 4), 8, True), oracle.codes(rng, (4, 2, 3, 3), 8, True)
    out = lut_conv_transpose2d(
        _tensor(x), _tensor(w), lut, stride, padding, output_padding=extra, groups=groups, backend=backend
    )
    assert np.array_equal(out.numpy(), oracle.conv_transpose2d(x, w, lut, stride, padding, extra, groups))


def test_an_exact_table_equals_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randint(-128, 128, (2, 4, 6, 6), generator=generator)
    w = torch.randint(-128, 128, (4, 3, 3, 3), generator=generator)
    expected = torch.nn.functional.conv_transpose2d(x.double(), w.double(), stride=2, padding=1, dilation=2)
    out = lut_conv_transpose2d(x, w, Lut.exact(8, 8, True), stride=2, padding=1, dilation=2)
    assert torch.equal(out.double(), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_batched_matmul_broadcasts(backend: str) -> None:
    rng = np.random.default_rng(1)
    lut = oracle.odd_lut(8, 8, False)
    x, w = oracle.codes(rng, (2, 3, 4, 9), 8, False), oracle.codes(rng, (3, 9, 5), 8, False)
    out = lut_matmul(_tensor(x), _tensor(w), lut, backend=backend).numpy()
    assert out.shape == (2, 3, 4, 5)
    for i in range(2):
        for j in range(3):
            assert np.array_equal(out[i, j], oracle.matmul(x[i, j], w[j], lut))
    flat = lut_matmul(_tensor(x), _tensor(w[0]), lut, backend=backend).numpy()
    assert np.array_equal(flat[1, 2], oracle.matmul(x[1, 2], w[0], lut))


def test_non_contiguous_operands_and_every_integer_dtype() -> None:
    rng = np.random.default_rng(2)
    lut = oracle.odd_lut(8, 8, False)
    x, w = oracle.codes(rng, (6, 8), 7, False), oracle.codes(rng, (8, 4), 7, False)
    expected = oracle.matmul(x, w, lut)
    for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64):
        first = _tensor(x.T).to(dtype).t()
        second = _tensor(np.repeat(w, 2, axis=1)).to(dtype)[:, ::2]
        assert np.array_equal(lut_matmul(first, second, lut).numpy(), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_sums_at_the_edge_of_int32(backend: str) -> None:
    largest = Lut(np.full((256, 256), 65025, dtype=np.int32), 8, 8, False)
    x = torch.full((1, 33_026), 255, dtype=torch.uint8)
    assert lut_matmul(x[:, 1:], x[:, 1:].t(), largest, backend=backend).item() == 33_025 * 65025
    with pytest.raises(EmulationError, match="a sum of 33026 products does not fit into int32"):
        lut_matmul(x, x.t(), largest, backend=backend)
    table = Lut.exact(8, 8, False).table.copy()
    table[0, 0] = 2**30
    outlier = Lut(table, 8, 8, False)
    split = lut_matmul(x, x.t()[:, :1] // 255, outlier, backend=backend)
    assert split.item() == 33_026 * 255


def test_bad_input_is_named() -> None:
    lut = Lut.exact(8, 4, False)
    x, w = torch.zeros(2, 3, dtype=torch.uint8), torch.zeros(3, 4, dtype=torch.uint8)
    with pytest.raises(EmulationError, match=r"x has dtype torch.float32, but operand codes are integers"):
        lut_matmul(x.float(), w, lut)
    with pytest.raises(EmulationError, match=r"w holds codes 0\.\.16, but 4 unsigned bits hold 0\.\.15"):
        lut_matmul(x, w + 16 * torch.eye(3, 4, dtype=torch.uint8), lut)
    with pytest.raises(EmulationError, match=r"x holds codes -1\.\.0, but 8 unsigned bits hold 0\.\.255"):
        lut_matmul(x.to(torch.int8) - torch.eye(2, 3, dtype=torch.int8), w, lut)
    with pytest.raises(EmulationError, match=r"x \(2, 3\) and w \(4, 4\) do not multiply"):
        lut_matmul(x, torch.zeros(4, 4, dtype=torch.uint8), lut)
    image = torch.zeros(1, 4, 5, 5, dtype=torch.uint8)
    with pytest.raises(EmulationError, match=r"x has 4 channels and w has shape \(2, 3, 3, 3\)"):
        lut_conv2d(image, torch.zeros(2, 3, 3, 3, dtype=torch.uint8), lut)
    with pytest.raises(EmulationError, match="is larger than the padded input"):
        lut_conv2d(image, torch.zeros(2, 4, 6, 6, dtype=torch.uint8), lut)
    with pytest.raises(EmulationError, match=r"pad_code 256 is outside the range 0\.\.255 of operand A"):
        lut_conv2d(image, torch.zeros(2, 4, 3, 3, dtype=torch.uint8), lut, pad_code=256)
    with pytest.raises(ConfigError, match="no backend is named 'fastest'"):
        lut_matmul(x, w, lut, backend="fastest")


@pytest.mark.parametrize("devices", [("meta", "cpu"), ("cpu", "meta")])
def test_operands_on_two_devices_are_refused(devices: tuple[str, str]) -> None:
    lut = Lut.exact(8, 8, False)
    x, w = (torch.zeros(3, 3, dtype=torch.uint8, device=device) for device in devices)
    message = f"x is on {devices[0]} and w on {devices[1]}: both must be on one device"
    with pytest.raises(EmulationError, match=message):
        lut_matmul(x, w, lut)
    with pytest.raises(EmulationError, match=message):
        lut_conv2d(x[None, None], w[None, None], lut)
    with pytest.raises(EmulationError, match=message):
        lut_conv_transpose2d(x[None, None], w[None, None], lut)


@pytest.mark.parametrize(
    ("table", "cause"),
    [
        (np.zeros((256, 16), dtype=np.int32), r"table has shape \(256, 16\), but 8 x 8 bits need"),
        (np.zeros((256, 256), dtype=np.int64), "table has dtype int64, but int32 is needed"),
    ],
)
def test_tables_of_wrong_shape_or_dtype_are_refused(table: np.ndarray, cause: str) -> None:
    with pytest.raises(LutError, match=cause):
        Lut(table, 8, 8, False)


@settings(max_examples=8, deadline=None)
@given(m=st.integers(0, 3), k=st.integers(1, 40_000), data=st.data())
def test_long_sums_are_split_or_refused(m: int, k: int, data: st.DataObject) -> None:
    backend = data.draw(st.sampled_from([name for name in BACKENDS if name != "factor"]))
    rng = np.random.default_rng(k)
    lut = Lut(rng.integers(60_000, 65_536, (256, 256)).astype(np.int32), 8, 8, False)
    x, w = oracle.codes(rng, (m, k), 8, False), oracle.codes(rng, (k, 2), 8, False)
    expected = oracle.matmul(x, w, lut)
    if expected.size and expected.max() > 2**31 - 1:
        with pytest.raises(EmulationError, match=f"a sum of {k} products does not fit into int32"):
            lut_matmul(_tensor(x), _tensor(w), lut, backend=backend)
        return
    assert np.array_equal(lut_matmul(_tensor(x), _tensor(w), lut, backend=backend).numpy(), expected)


def test_backend_names_are_unique_and_absence_has_a_reason() -> None:
    with pytest.raises(ConfigError, match="a backend named 'reference' is registered already"):
        register(Backend("reference", matmul=lambda x, w, table: x, seconds=lambda problem: 0.0))
    missing = {name: reason for name, reason in availability().items() if reason is not None}
    lut = Lut.exact(8, 8, False)
    x = torch.zeros(2, 2, dtype=torch.uint8)
    for name in missing:
        with pytest.raises(ToolError, match=f"backend '{name}' is not available on cpu"):
            lut_matmul(x, x, lut, backend=name)


def test_export_and_compile_pass_through() -> None:
    table = Table.of(oracle.odd_lut(8, 8, True))

    class Net(torch.nn.Module):
        def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
            y = lut_conv2d(x, w, table, padding=1, pad_code=3)
            return lut_matmul(y.flatten(2).clamp(-128, 127), x.flatten(2)[:, :2].mT, table)

    x = torch.randint(-128, 128, (2, 3, 5, 5), generator=torch.Generator().manual_seed(0))
    w = torch.randint(-128, 128, (4, 3, 3, 3), generator=torch.Generator().manual_seed(1))
    expected = Net()(x, w)
    exported = torch.export.export(Net(), (x, w))
    assert torch.equal(exported.module()(x, w), expected)
    compiled = torch.compile(Net(), backend="eager", fullgraph=True)
    assert torch.equal(compiled(x, w), expected)
