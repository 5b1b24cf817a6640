"""Programs on numbers: an option book, a spectrum, an arm's trajectory and a triangle soup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mulsmith.search.program.applications.application import Application
from mulsmith.search.program.kernel import Floats, Function
from mulsmith.search.program.kernels import blackscholes, inversek2j

OPTIONS, SIGNAL, PATH, TRIANGLES = 2000, 1024, 600, 60


def make_book(rng: np.random.Generator) -> Floats:
    """Return options as the region takes them and a quantity of each, [options, 7]."""
    return np.column_stack([blackscholes.sample(rng, OPTIONS), rng.integers(1, 50, OPTIONS)])


def run_book(region: Function, book: Floats) -> Floats:
    """Return the value of every position, [options]."""
    return np.asarray(blackscholes.SCALE * region(book[:, :6])[:, 0] * book[:, 6])


def book_quality(book: Floats, exact: Floats, approximate: Floats) -> Mapping[str, float]:
    """Return the error of the book's value and the mean error of a position, in percent of the exact one."""
    total = abs(approximate.sum() - exact.sum()) / exact.sum()
    return {
        "book_error_percent": 100.0 * float(total),
        "position_error_percent": 100.0 * float(np.abs(approximate - exact).sum() / exact.sum()),
    }


def draw_book(axes: Any, book: Floats, exact: Floats, approximate: Floats) -> None:
    """Draw positions against each other, the error over moneyness, and its distribution."""
    moneyness, error = book[:, 0] / book[:, 1], 100.0 * (approximate - exact) / exact
    axes[0].plot(exact, approximate, ".", markersize=2)
    axes[0].set(title="value of positions", xlabel="exact", ylabel="with the network")
    axes[1].plot(moneyness, error, ".", markersize=2)
    axes[1].set(title="error, %", xlabel="spot / strike", ylim=(-10, 10))
    axes[2].hist(np.clip(error, -10, 10), 60)
    axes[2].set(title="options by error, %")


def make_signal(rng: np.random.Generator) -> Floats:
    """Return three tones in noise, [samples]."""
    time = np.arange(SIGNAL)
    tones = [
        a * np.sin(2 * np.pi * f * time)
        for a, f in zip((1.0, 0.5, 0.2), rng.uniform(0.02, 0.45, 3), strict=True)
    ]
    return np.asarray(sum(tones) + 0.01 * rng.standard_normal(SIGNAL))


def run_transform(region: Function, signal: Floats) -> Floats:
    """Return the radix-2 transform, real and imaginary parts, [samples, 2], by the region's twiddles."""
    count = len(signal)
    bits = count.bit_length() - 1
    order = [int(f"{i:0{bits}b}"[::-1], 2) for i in range(count)]
    values = signal[order].astype(np.complex128)
    half = 1
    while half < count:
        sine, cosine = region(np.arange(half)[:, None] / (2 * half)).T
        pairs = values.reshape(-1, 2, half)
        turned = pairs[:, 1] * (cosine + 1j * sine)
        values = np.stack([pairs[:, 0] + turned, pairs[:, 0] - turned], axis=1).ravel()
        half *= 2
    return np.column_stack([values.real, values.imag])


def transform_quality(signal: Floats, exact: Floats, approximate: Floats) -> Mapping[str, float]:
    """Return the error of the spectrum relative to its length, in percent, and its signal-to-noise ratio."""
    ratio = max(float(np.linalg.norm(approximate - exact) / np.linalg.norm(exact)), 1e-10)
    return {"spectrum_error_percent": 100.0 * ratio, "snr_db": -20.0 * float(np.log10(ratio))}


def draw_transform(axes: Any, signal: Floats, exact: Floats, approximate: Floats) -> None:
    """Draw signal, both spectra and their difference."""
    axes[0].plot(signal[:200], linewidth=0.7)
    axes[0].set(title="signal, first 200 samples")
    half = len(signal) // 2
    for values, name in ((exact, "exact"), (approximate, "network")):
        axes[1].semilogy(np.hypot(*values[:half].T) + 1e-9, linewidth=0.7, label=name)
    axes[1].legend()
    axes[1].set(title="magnitude")
    axes[2].semilogy(np.hypot(*(approximate - exact)[:half].T) + 1e-12, linewidth=0.7)
    axes[2].set(title="magnitude of the difference")


def make_path(rng: np.random.Generator) -> Floats:
    """Return positions of the hand on a closed curve within reach, [points, 2]."""
    turn = 2 * np.pi * np.arange(PATH) / PATH
    first = np.pi / 4 + 0.6 * np.sin(turn + rng.uniform(0, np.pi))
    second = np.pi / 4 + 0.6 * np.cos(2 * turn + rng.uniform(0, np.pi))
    return inversek2j.forward(np.column_stack([first, second]))


def run_path(region: Function, path: Floats) -> Floats:
    """Return the joint angles along the path, [points, 2]."""
    return region(path)


def path_quality(path: Floats, exact: Floats, approximate: Floats) -> Mapping[str, float]:
    """Return how far the hand is from the path, mean and greatest, in percent of the arm's length."""
    away = np.linalg.norm(inversek2j.forward(approximate) - path, axis=1) / (2 * inversek2j.LINK)
    return {
        "mean_deviation_percent": 100.0 * float(away.mean()),
        "greatest_percent": 100.0 * float(away.max()),
    }


def draw_path(axes: Any, path: Floats, exact: Floats, approximate: Floats) -> None:
    """Draw the path and the hand's way, the angles, and the deviation."""
    found = inversek2j.forward(approximate)
    axes[0].plot(*path.T, label="path", linewidth=2, alpha=0.5)
    axes[0].plot(*found.T, label="hand", linewidth=0.8)
    axes[0].legend()
    axes[0].set(title="hand", aspect="equal")
    axes[1].plot(exact, linewidth=2, alpha=0.5)
    axes[1].plot(approximate, linewidth=0.8)
    axes[1].set(title="joint angles", xlabel="point")
    axes[2].plot(100 * np.linalg.norm(found - path, axis=1), linewidth=0.8)
    axes[2].set(title="deviation, % of the arm", xlabel="point")


def make_soup(rng: np.random.Generator) -> Floats:
    """Return triangles with corners uniform in the unit cube, [triangles, 9]."""
    return rng.uniform(0.0, 1.0, (TRIANGLES, 9))


def run_soup(region: Function, soup: Floats) -> Floats:
    """Return which pairs intersect, 0 or 1, [triangles, triangles]."""
    first, second = np.triu_indices(len(soup), 1)
    found = region(np.hstack([soup[first], soup[second]]))
    meets = np.zeros((len(soup), len(soup)))
    meets[first, second] = found[:, 0] > found[:, 1]
    return meets + meets.T


def soup_quality(soup: Floats, exact: Floats, approximate: Floats) -> Mapping[str, float]:
    """Return the share of wrong pairs, and the mean error of a triangle's number of partners, in percent."""
    wrong = np.triu(exact != approximate).sum() / (len(soup) * (len(soup) - 1) / 2)
    partners = np.abs(exact.sum(axis=0) - approximate.sum(axis=0)).mean() / exact.sum(axis=0).mean()
    return {"wrong_pairs_percent": 100.0 * float(wrong), "partners_error_percent": 100.0 * float(partners)}


def draw_soup(axes: Any, soup: Floats, exact: Floats, approximate: Floats) -> None:
    """Draw which pairs meet, exact and found, and the wrong ones."""
    for axis, values, title in zip(
        axes, (exact, approximate, exact != approximate), ("pairs that meet", "network", "wrong"), strict=True
    ):
        axis.imshow(values, cmap="gray_r", interpolation="nearest")
        axis.set(title=title, xlabel="triangle")


OPTION_BOOK = Application(
    "blackscholes", "value of an option book", make_book, len, run_book, book_quality, draw_book
)
SPECTRUM = Application(
    "fft", "spectrum of a signal", make_signal, len, run_transform, transform_quality, draw_transform
)
TRAJECTORY = Application(
    "inversek2j", "joint angles along a path", make_path, len, run_path, path_quality, draw_path
)
SOUP = Application(
    "jmeint", "pairs that meet in a triangle soup", make_soup, len, run_soup, soup_quality, draw_soup
)
