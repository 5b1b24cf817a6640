"""The seven regions: C against numpy, and both against formulas and solvers of other origin."""

from pathlib import Path

import numpy as np
import pytest
from scipy.fft import dctn
from scipy.ndimage import sobel as scipy_sobel
from scipy.optimize import linprog
from scipy.stats import norm

from mulsmith.errors import ConfigError, ToolError
from mulsmith.search.program.c_library import c_function, compiled_region
from mulsmith.search.program.kernels import KERNELS, kernel_named
from mulsmith.search.program.kernels.inversek2j import forward
from mulsmith.search.program.kernels.jpeg import LUMINANCE, decode
from mulsmith.search.program.kernels.scene import colour_scene, grey_scene
from mulsmith.search.program.quality import call_errors, share_within


def _inputs(name: str, count: int) -> np.ndarray:
    return KERNELS[name].sampler(np.random.default_rng(5), count)


@pytest.mark.parametrize("name", list(KERNELS))
def test_c_and_numpy_agree(name: str) -> None:
    kernel = KERNELS[name]
    inputs = _inputs(name, 300)
    assert inputs.shape == (300, kernel.inputs)
    compiled = compiled_region(name, kernel.inputs, kernel.outputs)(inputs)
    expected = kernel.function(inputs)
    assert expected.shape == (300, kernel.outputs)
    if name == "jpeg":
        # A coefficient of exactly half a level may round either way.
        apart = np.abs(compiled - expected) > 1e-12
        assert apart.mean() < 1e-3 and np.abs(compiled - expected).max() <= 1 / 256
    else:
        np.testing.assert_allclose(compiled, expected, rtol=0, atol=1e-14)


def test_blackscholes_is_the_textbook_price() -> None:
    inputs = _inputs("blackscholes", 500)
    spot, strike, rate, volatility, years, put = inputs.T
    d1 = (np.log(spot / strike) + (rate + volatility**2 / 2) * years) / (volatility * np.sqrt(years))
    d2 = d1 - volatility * np.sqrt(years)
    call = spot * norm.cdf(d1) - strike * np.exp(-rate * years) * norm.cdf(d2)
    parity = call - spot + strike * np.exp(-rate * years)
    expected = np.where(put > 0.5, parity, call)
    np.testing.assert_allclose(KERNELS["blackscholes"].function(inputs)[:, 0], expected, rtol=0, atol=2e-7)


def test_inversek2j_reaches_the_position() -> None:
    inputs = _inputs("inversek2j", 500)
    np.testing.assert_allclose(forward(KERNELS["inversek2j"].function(inputs)), inputs, atol=1e-12)


def test_fft_gives_roots_of_unity() -> None:
    k = np.arange(8) / 16
    found = KERNELS["fft"].function(k[:, None])
    np.testing.assert_allclose(found[:, 1] + 1j * found[:, 0], np.exp(-2j * np.pi * k), atol=1e-15)


def test_jmeint_agrees_with_linear_programming() -> None:
    inputs = _inputs("jmeint", 60)
    for pair, found in zip(inputs.reshape(-1, 2, 3, 3), KERNELS["jmeint"].function(inputs), strict=True):
        equations = np.vstack([np.hstack([pair[0].T, -pair[1].T]), np.repeat(np.eye(2), 3, axis=1)])
        meets = linprog(np.zeros(6), A_eq=equations, b_eq=[0, 0, 0, 1, 1], bounds=(0, None)).status == 0
        assert (found[0] == 1.0) == meets


def test_jmeint_decides_coplanar_triangles() -> None:
    flat = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=float)
    near, far = flat + np.array([0.2, 0.2, 0]), flat + np.array([2, 0, 0])
    pairs = np.array([[flat, near], [flat, far]]).reshape(2, 18)
    assert KERNELS["jmeint"].function(pairs).tolist() == [[1, 0], [0, 1]]
    assert compiled_region("jmeint", 18, 2)(pairs).tolist() == [[1, 0], [0, 1]]


def test_jpeg_is_the_orthonormal_transform() -> None:
    inputs = _inputs("jpeg", 50)
    blocks = 256 * inputs.reshape(-1, 8, 8) - 128
    levels = np.rint(dctn(blocks, axes=(1, 2), norm="ortho") / LUMINANCE)
    found = 256 * KERNELS["jpeg"].function(inputs)
    assert np.abs(found - levels.reshape(-1, 64)).max() <= 1
    assert np.abs(decode(found / 256) - inputs).mean() < 0.05


def test_sobel_is_scipys() -> None:
    picture = grey_scene(np.random.default_rng(1), 20, 24)
    view = np.lib.stride_tricks.sliding_window_view(picture, (3, 3)).reshape(-1, 9)
    gradient = np.hypot(scipy_sobel(picture, 0), scipy_sobel(picture, 1))[1:-1, 1:-1]
    np.testing.assert_allclose(
        KERNELS["sobel"].function(view)[:, 0], np.minimum(gradient, 1).ravel(), atol=1e-14
    )


def test_kmeans_is_a_distance() -> None:
    inputs = _inputs("kmeans", 50)
    expected = [np.linalg.norm(row[:3] - row[3:]) for row in inputs]
    np.testing.assert_allclose(KERNELS["kmeans"].function(inputs)[:, 0], expected, atol=1e-15)


def test_scenes_are_pictures() -> None:
    picture = colour_scene(np.random.default_rng(2), 16, 24)
    assert picture.shape == (16, 24, 3) and 0 <= picture.min() <= picture.max() < 1


def test_errors_by_hand() -> None:
    exact = np.array([[2.0, 0.0], [0.0, 0.0], [3.0, 4.0]])
    found = np.array([[1.0, 0.0], [1.0, 0.0], [3.0, 9.0]])
    assert call_errors("relative_l2", exact, found).tolist() == [0.5, 1.0, 1.0]
    assert call_errors("relative", exact, found).tolist() == [1.0, 1.0, 1.0]
    assert call_errors("pixel", exact, found).tolist() == [0.5, 0.5, 2.5]
    assert call_errors("miss", exact[:, ::-1], found).tolist() == [1.0, 0.0, 1.0]
    assert call_errors("output", exact, np.full((3, 2), np.nan)).tolist() == [1.0] * 3
    assert share_within(np.array([0.1, 0.2, 0.3]), 0.2) == pytest.approx(1 / 3)


def test_unknown_names_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no kernel is named 'sobl'") as caught:
        kernel_named("sobl")
    assert "did you mean 'sobel'" in str(caught.value)
    with pytest.raises(ToolError, match="cannot be loaded"):
        c_function(tmp_path / "nothing.so", "f", 1, 1)
