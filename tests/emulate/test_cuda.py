"""Backend ``cuda`` without a GPU: its bodies in a loop on the host, compiled by g++, nvcc and NVRTC."""

import re
import shutil
import subprocess
from pathlib import Path

import gather_oracle as oracle
import numpy as np
import pytest
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Table, lut_matmul
from mulsmith.emulate.cuda_driver import cached_path, compile_kernels, find_nvrtc
from mulsmith.emulate.geometry import ConvGeometry
from mulsmith.emulate.kernels_cuda import Launcher, conv2d_with, matmul_with, plan
from mulsmith.errors import ToolError

NATIVE = Path(__file__).resolve().parents[2] / "emulate" / "native"


def _wide_lut() -> Lut:
    table = np.random.default_rng(1).integers(-400_000, 500_000, (256, 256)).astype(np.int32)
    return Lut(table, 8, 8, False)


TABLES = {
    "asymmetric": oracle.odd_lut(8, 8, False),
    "signed": oracle.odd_lut(8, 8, True),
    "8x4": oracle.odd_lut(8, 4, False),
    "20 bits": _wide_lut(),
}
LAYERS = {
    "3x3": ((2, 3, 6, 5), (4, 3, 3, 3), {"padding": (1, 1)}),
    "17 outputs": ((2, 40, 4, 5), (17, 40, 1, 1), {"stride": (2, 2)}),
    "70 outputs": ((1, 5, 4, 4), (70, 5, 2, 2), {}),
    "groups, dilation": (
        (1, 4, 7, 6), (12, 2, 2, 3), {"padding": (2, 1), "dilation": (2, 1), "stride": (1, 2), "groups": 2},
    ),
    "depthwise": ((2, 3, 9, 8), (3, 1, 7, 7), {"padding": (3, 3), "groups": 3}),
    "depthwise, 2 per channel": ((2, 3, 6, 5), (6, 1, 3, 3), {"padding": (1, 1), "groups": 3}),
}  # fmt: skip


def _raw(codes: np.ndarray, bits: int) -> torch.Tensor:
    return torch.from_numpy((codes % (1 << bits)).astype(np.uint8))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("name", TABLES)
def test_convolutions(host: Launcher, name: str, layer: str) -> None:
    lut, rng = TABLES[name], np.random.default_rng(0)
    x_shape, w_shape, options = LAYERS[layer]
    x = oracle.codes(rng, x_shape, 8, lut.signed)
    w = oracle.codes(rng, w_shape, lut.b_bits, lut.signed)
    out = conv2d_with(
        host, _raw(x, 8), _raw(w, lut.b_bits), Table.of(lut), ConvGeometry(**options, pad_code=201)
    )
    pad_code = 201 - 256 * lut.signed
    assert np.array_equal(out.numpy(), oracle.conv2d(x, w, lut, pad_code=pad_code, **options))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (3, 300, 40), (40, 50, 3), (600, 3, 2), (5, 17, 130)])
def test_matrix_products(host: Launcher, name: str, m: int, k: int, n: int) -> None:
    lut, rng = TABLES[name], np.random.default_rng(m)
    x, w = oracle.codes(rng, (m, k), 8, lut.signed), oracle.codes(rng, (k, n), lut.b_bits, lut.signed)
    out = matmul_with(host, _raw(x, 8), _raw(w, lut.b_bits), Table.of(lut))
    assert np.array_equal(out.numpy(), oracle.matmul(x, w, lut))


def test_splits_cover_all_terms_and_none_is_empty() -> None:
    for terms in (1, 15, 16, 17, 300, 4608):
        chosen, per_split = plan(100, 64, 1, terms)
        assert chosen.blocks == -(-terms // per_split)
        assert (chosen.blocks - 1) * per_split < terms


def test_it_says_why_it_does_not_run_here() -> None:
    x = torch.zeros(2, 2, dtype=torch.uint8)
    with pytest.raises(
        ToolError, match="'cuda' is not available on cpu: it runs on CUDA devices, not on cpu"
    ):
        lut_matmul(x, x, TABLES["asymmetric"], backend="cuda")


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not installed")
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_nvcc_compiles_without_spills(architecture: str, tmp_path: Path) -> None:
    command = ["nvcc", "-std=c++17", f"-arch={architecture}", "-cubin", "-Xptxas", "-v"]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "kernels.cubin"), str(NATIVE / "row_table.cu")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    registers = [int(number) for number in re.findall(r"Used (\d+) registers", done.stderr)]
    assert len(registers) == 4
    assert max(registers) <= 128  # 512 threads share 65536
    assert re.findall(r"(\d+) bytes spill stores", done.stderr) == ["0"] * 4


@pytest.mark.skipif(find_nvrtc()[0] is None, reason=find_nvrtc()[1] or "")
@pytest.mark.nightly
def test_nvrtc_compiles_once() -> None:
    image = compile_kernels((9, 0))
    assert image.startswith(b"\x7fELF")
    assert cached_path((9, 0)).read_bytes() == image


@pytest.mark.skipif(find_nvrtc()[0] is not None, reason="NVRTC is installed")
def test_missing_nvrtc_is_an_error_that_names_the_remedy() -> None:
    with pytest.raises(ToolError, match=r"libnvrtc was not found .* pip install nvidia-cuda-nvrtc"):
        compile_kernels((9, 0))
