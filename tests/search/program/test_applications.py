"""The programs around the regions, against scipy and the C programs, and their pictures."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from mulsmith.search.program.applications import APPLICATIONS, DATA_SEED, compare, picture
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.kernels import KERNELS, kernel_named
from mulsmith.search.program.kernels.inversek2j import forward


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    native = Path(__file__).parents[3] / "search" / "program" / "native"
    path = tmp_path_factory.mktemp("programs") / "program"
    sources = [str(native / name) for name in ("applications.c", "regions.c")]
    subprocess.run([compiler, "-O2", "-Wall", "-Werror", "-o", path, *sources, "-lm"], check=True)
    return path


def _shown(name: str, result: Floats, data: Floats) -> float | None:
    """The number that the C program prints, from the result of the numpy program."""
    if name == "blackscholes":
        return float(result.sum())
    if name == "fft":
        return float(result[0, 0])
    if name == "inversek2j":
        return float(np.abs(np.diff(result, axis=0)).max())
    if name == "jmeint":
        return float(result.sum() / 2)
    if name == "kmeans":
        first = len(data.reshape(-1, 3)) // 12
        return float(result.reshape(-1, 3)[first, 0])
    return float(result[0, 0]) if name == "sobel" else None


@pytest.mark.parametrize("name", KERNELS)
def test_exact_regions_give_the_result_of_the_c_program(name: str, binary: Path) -> None:
    program = APPLICATIONS[name]
    data = program.make(np.random.default_rng(DATA_SEED))
    result = program.run(kernel_named(name).function, data)
    command = [str(binary), name, str(program.count(data)), "1"]
    printed = float(subprocess.run(command, input=data.tobytes(), capture_output=True, check=True).stdout)
    expected = _shown(name, result, data)
    assert printed > 0 if expected is None else printed == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", KERNELS)
def test_an_exact_replacement_is_perfect_and_a_bad_one_is_not(name: str) -> None:
    region = kernel_named(name).function
    same = compare(name, region)
    worse = compare(name, lambda inputs: region(inputs)[::-1])
    key = next(iter(same.quality))
    if key == "psnr_db":
        assert same.quality[key] > worse.quality[key]
    else:
        assert same.quality[key] < 1e-6 < worse.quality[key]
    assert picture(name, same).startswith(b"\x89PNG")


def test_the_transform_is_scipys() -> None:
    found = compare("fft", kernel_named("fft").function)
    expected = np.fft.fft(found.data)
    np.testing.assert_allclose(found.exact, np.column_stack([expected.real, expected.imag]), atol=1e-9)


def test_the_hand_follows_the_path() -> None:
    found = compare("inversek2j", kernel_named("inversek2j").function)
    np.testing.assert_allclose(forward(found.exact), found.data, atol=1e-9)


def test_decoded_pictures_resemble_the_original() -> None:
    found = compare("jpeg", kernel_named("jpeg").function)
    assert found.quality["psnr_db"] == found.quality["exact_psnr_db"] > 28
