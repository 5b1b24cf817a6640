"""The compiled kernels on ARM: cross-compiled and run in an emulator, against plain loops in C++."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parent.parent.parent / "emulate" / "native"
SOURCES = ("driver", "channels", "lanes", "processor", "gather_loop", "row_table_base")
COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"


@pytest.mark.nightly
def test_kernels_on_arm(tmp_path: Path) -> None:
    for needed in (COMPILER, EMULATOR):
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed")
    program = tmp_path / "arm_cases"
    sources = [Path(__file__).with_name("arm_cases.cpp"), *(NATIVE / f"{name}.cpp" for name in SOURCES)]
    options = ["-std=c++17", "-O2", "-static", "-pthread", f"-I{NATIVE}", "-o", str(program)]
    subprocess.run([COMPILER, *options, *map(str, sources)], check=True)
    done = subprocess.run([EMULATOR, str(program)], check=True, capture_output=True, text=True)
    result = json.loads(done.stdout)
    assert result["wrong"] == 0
    assert result["kernels"] == 3
    assert result["equal"] > 10_000
