"""EvoApproxLib's circuits x kinds of layers x backends give the same integers; nightly, all of them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.verilog import read_verilog
from mulsmith.emulate import Table, availability, lut_conv2d, lut_conv_transpose2d, lut_matmul
from mulsmith.emulate.factor_store import plane_bound
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
BACKENDS = [name for name, reason in availability().items() if reason is None and name != "reference"]
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
    return simulate_lut(replace(read_verilog(path), signed="_signed" in path.parent.name))


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


def _check(path: Path, backend: str) -> None:
    lut = _lut(path)
    expected = dict(_results(lut, "reference"))
    for name, result in _results(lut, backend):
        assert torch.equal(result, expected[name]), f"{path.stem}, {name}"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("file", SAMPLE)
def test_sample(evoapproxlib: Path, file: str, backend: str) -> None:
    _check(evoapproxlib / f"{file}.v", backend)


@pytest.mark.nightly
@pytest.mark.parametrize("backend", BACKENDS)
def test_all(evoapproxlib: Path, backend: str) -> None:
    paths = sorted(evoapproxlib.rglob("*.v"))
    assert len(paths) >= 225
    for path in paths:
        if backend != "factor" or plane_bound(Table.of(_lut(path))) <= QUICK_RANK:
            _check(path, backend)
