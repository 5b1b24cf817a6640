"""A cache outside the user's home, and the CUDA bodies as loops on the host."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from mulsmith.emulate.kernels_cuda import CLayer, Launch, Launcher

NATIVE = Path(__file__).resolve().parents[2] / "emulate" / "native"


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    patch = pytest.MonkeyPatch()
    folder: Path = tmp_path_factory.mktemp("cache")
    patch.setenv("MULSMITH_CACHE", str(folder))


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Launcher:
    """Launches a kernel as a loop over its blocks and threads."""
    if shutil.which("g++") is None:
        pytest.skip("needs g++")
    library = tmp_path_factory.mktemp("cuda") / "block_loop.so"
    flags = [
        "-std=c++17",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wno-unknown-pragmas",
        "-fno-strict-aliasing",
    ]
    subprocess.run(
        ["g++", *flags, "-shared", "-fPIC", "-o", str(library), str(NATIVE / "block_loop.cpp")], check=True
    )
    kernels = ctypes.CDLL(str(library))

    def launch(chosen: Launch, layer: CLayer) -> None:
        getattr(kernels, chosen.kernel)(ctypes.byref(layer), ctypes.c_uint(chosen.blocks))

    return launch
