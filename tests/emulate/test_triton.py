"""Backend ``triton``: layout of the planes, exactness in the interpreter, tensor-core code without a GPU."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from triton_cases import TABLES, random_factors

from mulsmith.emulate import Table, lut_matmul
from mulsmith.emulate.factorise import Factors
from mulsmith.emulate.kernels_triton import Packed, pack
from mulsmith.errors import ToolError

HERE = Path(__file__).parent
needs_triton = pytest.mark.skipif(find_spec("triton") is None, reason="triton is not installed")


def _run(script: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def _product(packed: Packed, factors: Factors) -> np.ndarray:
    """Evaluate packed planes entry by entry in the order of the kernel, modulo 2**32."""
    total = np.zeros((len(factors.a_term), len(factors.b_term)), dtype=np.int64)
    for segment in packed.segments:
        total = total * segment.ratio % (1 << 32)
        for word in range(segment.first, segment.end):
            for digit in range(packed.digits):
                a = (packed.words[word].astype(np.int64) >> (8 * digit)).astype(np.int8).astype(np.int64)
                total += np.multiply.outer(a, packed.b_digits[word * packed.digits + digit].astype(np.int64))
    total = total * packed.last_scale + factors.a_term[:, None] + factors.b_term[None, :]
    return (total % (1 << 32)).astype(np.uint32).view(np.int32)


@pytest.mark.parametrize(
    "scales",
    [[], [1], [1, 1], [64] * 3, [1, 2, 4, 1, 1], [-5, 256, 3, 256, 3], [1, 256, 256, 65536], [7] * 9],
    ids=str,
)
def test_packed_planes_give_the_table(scales: list[int]) -> None:
    factors = random_factors(len(scales), scales)
    packed = pack(factors)
    assert np.array_equal(_product(packed, factors), factors.product())
    magnitudes = abs(factors.a_digits.astype(int)).T @ abs(factors.b_digits.astype(int))
    assert packed.peak <= max(1, int(magnitudes.max()))


def test_it_says_why_it_does_not_run_here() -> None:
    x = torch.zeros(2, 2, dtype=torch.uint8)
    table = Table.of(TABLES["exact"])
    reason = (
        "triton is not installed" if find_spec("triton") is None else "it runs on CUDA devices, not on cpu"
    )
    with pytest.raises(ToolError, match=f"backend 'triton' is not available on cpu: {reason}"):
        lut_matmul(x, x, table, backend="triton")


@needs_triton
@pytest.mark.nightly
def test_interpreter_gives_the_same_integers(tmp_path: Path) -> None:
    result = json.loads(_run("triton_cases.py", TRITON_INTERPRET="1", TRITON_CACHE_DIR=str(tmp_path)))
    assert result == {"cases": 49, "wrong": []}


@needs_triton
@pytest.mark.nightly
def test_interpreter_runs_the_grid_of_circuits(evoapproxlib: Path, tmp_path: Path) -> None:
    assert evoapproxlib.is_dir()
    chosen = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "sample and triton",
        "test_every_circuit.py",
    ]
    done = subprocess.run(
        [sys.executable, *chosen], cwd=HERE, capture_output=True, text=True, check=False,
        env={**os.environ, "TRITON_INTERPRET": "1", "TRITON_CACHE_DIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@needs_triton
@pytest.mark.nightly
@pytest.mark.parametrize(
    ("capability", "instruction"), [("80", "mma.sync.aligned"), ("90", "wgmma.mma_async")]
)
def test_int8_tensor_cores_without_a_gpu(capability: str, instruction: str, tmp_path: Path) -> None:
    found = json.loads(_run("triton_ptx.py", capability, TRITON_CACHE_DIR=str(tmp_path)))
    for digits in ("1", "4"):
        assert found[digits]
        assert all(name.startswith(instruction) and ".s32.s8.s8" in name for name in found[digits])
