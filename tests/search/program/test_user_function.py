"""Users' own functions: approximation, selection at run time, and everything that can be wrong with them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError, DataError, ToolError
from mulsmith.search.program import TrainingPlan, approximate, c_function
from mulsmith.search.program.kernel import Floats
from mulsmith.search.program.multipliers import NetworkMultiplier

SHORT = TrainingPlan(epochs=60, batch=25)
SPLIT = (500, 300, 300)


def _square(inputs: Floats) -> Floats:
    return inputs**2


def _unit(rng: np.random.Generator, count: int) -> Floats:
    return rng.uniform(0.0, 1.0, (count, 1))


def test_a_user_function_is_approximated(tmp_path: Path) -> None:
    found = approximate(np.sin, _unit, "output", 0.05, folder=tmp_path, budget=6, plan=SHORT, samples=SPLIT)
    assert found.reached and found.note == ""
    assert np.abs(found.network(np.array([[0.5]])) - np.sin(0.5)).max() < 0.15
    # The front is there for use at run time: the most accurate, and the cheapest.
    selector = found.selector()
    best = max(found.front, key=lambda e: e.metrics["accuracy_1"])
    assert selector.points[selector.select("quality")].accuracy == best.metrics["accuracy_1"]
    selector.select("energy")
    assert selector.points[selector.active].energy_reduction == max(
        p.energy_reduction for p in selector.points
    )


def test_without_a_folder_nothing_is_kept_and_the_result_is_the_same(tmp_path: Path) -> None:
    results = [
        approximate(_square, _unit, "output", 0.05, folder=folder, budget=3, plan=SHORT, samples=SPLIT)
        for folder in (None, tmp_path / "run")
    ]
    assert results[0].chosen == results[1].chosen


def test_an_unreachable_bound_gives_the_best_and_says_so(tmp_path: Path) -> None:
    found = approximate(_square, _unit, "output", 1e-9, folder=tmp_path, budget=3, plan=SHORT, samples=SPLIT)
    assert not found.reached and "most accurate" in found.note


def test_the_multiplier_of_a_user_function_is_searched_too(tmp_path: Path) -> None:
    table = np.outer(np.arange(256), np.arange(256)).astype(np.int32)
    circuits = {
        name: NetworkMultiplier(
            name, Lut(table >> drop << drop, 8, 8, False), energy, 2.0**drop - 1, not drop
        )
        for name, drop, energy in (("exact", 0, 0.5), ("coarse", 3, 0.3))
    }
    found = approximate(
        _square,
        _unit,
        "output",
        0.1,
        folder=tmp_path,
        budget=4,
        plan=SHORT,
        samples=SPLIT,
        multipliers=circuits,
    )
    assert found.chosen.trial.candidate.genome["multiplier"] in circuits
    with pytest.raises(ConfigError, match="not quantised ones"):
        found.selector()


def _raise(*_: object) -> Floats:
    raise ZeroDivisionError("no")


def _overwrite(inputs: Floats) -> Floats:
    inputs *= inputs
    return inputs


def test_a_function_may_overwrite_its_inputs(tmp_path: Path) -> None:
    results = [
        approximate(
            f, _unit, "output", 0.05, folder=tmp_path / f.__name__, budget=2, plan=SHORT, samples=SPLIT
        )
        for f in (_square, _overwrite)
    ]
    assert results[0].test == results[1].test


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_raise, "mine raised ZeroDivisionError: no"),
        (lambda x: _raise() if len(x) > 2 else x, "mine raised ZeroDivisionError: no"),
        (lambda x: np.where(x > 0.5, np.nan, x), "not finite for .* of 500 samples"),
        (lambda x: np.full_like(x, np.inf), "not finite for 500 of 500 samples"),
        (lambda x: x if len(x) < 3 else x[:-1], r"returned shape \(499, 1\), but \(500, 1\) is expected"),
        (lambda x: x if len(x) < 3 else np.hstack([x, x]), "returned shape"),
        (lambda x: x[:, 0], "returned shape"),
        (lambda x: [["a"]] * len(x), "mine raised ValueError"),
        (lambda x: np.ones_like(x), "all outputs of mine are constant"),
    ],
)
def test_bad_functions_are_named(function: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        approximate(function, _unit, "output", 0.1, folder=tmp_path, name="mine", samples=SPLIT)


@pytest.mark.parametrize(
    ("sampler", "message"),
    [
        (_raise, "the sampler of mine raised ZeroDivisionError"),
        (lambda rng, n: rng.uniform(0, 1, n), "gave shape"),
        (lambda rng, n: rng.uniform(0, 1, (5, 1)), "gave shape"),
        (lambda rng, n: np.full((n, 1), np.nan), "not finite"),
        (lambda rng, n: rng.uniform(0, 1, (n, 1 if n == 2 else 3)), "gave 3 inputs, not 1"),
    ],
)
def test_bad_samplers_are_named(sampler: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        approximate(_square, sampler, "output", 0.1, folder=tmp_path, name="mine", samples=SPLIT)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"bound": 0.0}, "must be positive"),
        ({"bound": float("nan")}, "must be positive"),
        ({"bound": float("inf")}, "must be positive and finite"),
        ({"error": "distance"}, "no error metric is named 'distance'"),
        ({"required": 1.5}, r"outside 0\.\.1"),
        ({"budget": 0}, "budget = 0"),
        ({"depth": 9}, r"outside 1\.\.8"),
        ({"samples": (500, 1, 300)}, "two calls at least"),
    ],
)
def test_bad_settings_are_refused(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    settings = {"error": "output", "bound": 0.1, "samples": SPLIT, **changed}
    error, bound = settings.pop("error"), settings.pop("bound")
    with pytest.raises(ConfigError, match=message):
        approximate(_square, _unit, error, bound, folder=tmp_path, **settings)


def test_bad_libraries_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be loaded"):
        c_function(tmp_path / "nothing.so", "f", 1, 1)
    (tmp_path / "text.so").write_text("text")
    with pytest.raises(ToolError, match="compile it with -shared"):
        c_function(tmp_path / "text.so", "f", 1, 1)
