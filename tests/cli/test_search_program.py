"""``mulsmith search program`` from the command line: files, resuming, and bad input."""

import copy
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from mulsmith.cli import EXIT_OK, EXIT_PARTIAL, EXIT_USAGE, run
from mulsmith.search.program.mlp import Mlp
from mulsmith.search.program.selection import Selector

SMALL = ["--evaluations", "4", "--epochs", "100", "--samples", "500", "--required", "0.2"]


def _json(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def test_a_kernel_is_searched_and_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["search", "program", "kmeans", "--run", str(tmp_path), *SMALL, "--json"]
    assert run(command) == EXIT_OK
    first = _json(capsys)
    bounds = copy.deepcopy(first["bounds"])
    assert isinstance(bounds, list) and [found["bound"] for found in bounds] == [0.05, 0.1]
    for found in bounds:
        assert all((tmp_path / name).stat().st_size > 100 for name in found["files"])
        assert found["reached"] and found["accuracy"] >= 0.2 and found["evaluations"] == 8
        for gain in found["gains"].values():
            assert 0 < gain.pop("share_in_region") < 1
            assert len(gain) == 4 and all(low <= high for low, high in gain.values())
    network = Mlp.from_bytes((tmp_path / "network-1.npz").read_bytes())
    assert network.topology.text == bounds[0]["network"]
    selector = Selector.from_bytes((tmp_path / "front-1.npz").read_bytes())
    selector.select("energy", accuracy=0.2)
    calls = np.random.default_rng(0).uniform(0.0, 1.0, (5, 6))
    np.testing.assert_array_equal(selector(calls), network(calls))
    assert run(command) == EXIT_OK
    again = capsys.readouterr()
    assert json.loads(again.out) == first and "evaluation" not in again.err
    assert json.loads((tmp_path / "result.json").read_text()) == first
    assert run([*command, "--fresh"]) == EXIT_OK
    fresh = capsys.readouterr()
    assert "evaluation 4 of 4" in fresh.err and json.loads(fresh.out) == first


def test_the_table_gives_bands_and_names_the_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "program", "sobel", "--run", str(tmp_path), *SMALL, "--bounds", "0.2"]) == EXIT_OK
    printed = capsys.readouterr().out
    assert "bound 0.2: processor over network, queue included: region time" in printed
    assert "stored counts (callgrind of valgrind-" in printed
    call = next(line for line in printed.splitlines() if line.startswith("bound 0.2: call: array"))
    dram = [float(value) for value in re.findall(r"([\d.]+) pJ (?:resident|batched|streamed)", call)]
    assert len(dram) == 3 and dram[0] == 0 < dram[1] < dram[2] and "queue" in call


def test_an_unreachable_bound_gives_the_best_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["search", "program", "fft", "--run", str(tmp_path), *SMALL, "--bounds", "1e-12"]
    assert run(command) == EXIT_PARTIAL
    assert "no network reached the required share" in capsys.readouterr().out


def test_without_valgrind_the_stored_counts_are_used_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    command = ["search", "program", "fft", "--run", str(tmp_path), *SMALL, "--bounds", "0.5", "--measure-cpu"]
    assert run([*command, "--json"]) == EXIT_OK
    source = _json(capsys)["counts"]
    assert "stored counts" in str(source) and "cc was not found" in str(source)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sobl"], "did you mean 'sobel'"),
        (["sobel", "--engine", "annealing"], "no engine is named 'annealing'"),
        (["sobel", "--bounds", "-1"], "each must be positive"),
        (["sobel", "--bounds", "nan"], "each must be positive"),
        (["jmeint", "--bounds", "0.1"], "has no error bound"),
        (["sobel", "--evaluations", "0"], "budget = 0"),
        (["sobel", "--required", "1.5"], "outside 0..1"),
        (["sobel", "--depth", "0"], "outside 1..8"),
        (["sobel", "--samples", "3"], "two calls at least"),
        (["sobel", "--workers", "0"], "at least one is needed"),
        (["sobel", "--bounds", "x"], "not a valid float"),
    ],
)
def test_bad_input_is_explained(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "program", *arguments, "--run", str(tmp_path / "run")]) == EXIT_USAGE
    assert message in capsys.readouterr().err


def test_a_folder_of_another_kernel_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kernel, code in (("fft", EXIT_OK), ("kmeans", 3)):
        command = ["search", "program", kernel, "--run", str(tmp_path), *SMALL]
        assert run([*command, *(["--bounds", "0.9"] if code == EXIT_OK else [])]) == code
    assert "configuration" in capsys.readouterr().err
