"""``mulsmith emulate bench``: one figure per layer, circuit and backend, and clear errors."""

import json
from pathlib import Path

import pytest

from mulsmith.cli import run
from mulsmith.emulate.native_library import find_library


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--layers", "smoke", "--circuit", "random", "--backend", "reference", "--repeats", "1"]
    assert run(["emulate", "bench", *options, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["threads"] == 1
    assert len(document["rows"]) == 2
    for row in document["rows"]:
        assert {"shape", "circuit", "backend", "ratio_to_native", "lookups_per_s"} <= set(row)
        assert row["ratio_to_native"] > 0
    mean = document["means"][0]
    ratios = [row["ratio_to_native"] for row in document["rows"]]
    assert mean["ratio_to_native"] == pytest.approx((ratios[0] * ratios[1]) ** 0.5)


@pytest.mark.skipif(find_library()[0] is None, reason="no compiled kernels")
def test_chosen_kernels(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--layers", "smoke", "--circuit", "random", "--repeats", "1"]
    assert run(["emulate", "bench", *options, "--backend", "native:base", "--backend", "native:gather"]) == 0
    out = capsys.readouterr().out
    assert "native:base" in out
    assert "native:gather" in out


@pytest.mark.parametrize(("options", "work"), [([], "inference"), (["--train"], "training step")])
def test_networks(options: list[str], work: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["emulate", "bench", "--network", "digits-cnn", "--repeats", "1", "--batch", "2"]
    circuits = ["--circuit", "mul8x8s_dadda", "--circuit", "random"]
    assert run([*command, *circuits, *options, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["circuit"] for row in document["rows"]] == ["mul8x8s_dadda", "random"]
    for row in document["rows"]:
        assert (row["network"], row["work"], row["batch"]) == ("digits-cnn", work, 2)
        assert row["backend"] == "auto"
        ratio = row["native_images_per_s"] / row["images_per_s"]
        assert row["ratio_to_native"] == pytest.approx(ratio)


def test_networks_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["emulate", "bench", "--network", "digits-cnn", "--repeats", "1", "--batch", "2"]
    assert run([*command, "--circuit", "mul8x8s_dadda", "--backend", "reference"]) == 0
    assert "digits-cnn, inference" in capsys.readouterr().out


def test_layers_and_networks_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--circuit", "random", "--layers", "smoke"]
    assert run(["emulate", "bench", *options, "--network", "digits-cnn"]) == 2
    assert "exclude each other" in capsys.readouterr().err
    assert run(["emulate", "bench", *options, "--train"]) == 2
    assert "--network" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--network", "resnet8", "no network is named"),
        ("--layers", "nothing", "no set of layers"),
        ("--backend", "native:sse9", "no set of kernels"),
        ("--device", "moon", "no device 'moon'"),
    ],
)
def test_errors(option: str, value: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["emulate", "bench", "--circuit", "random", "--repeats", "1", option, value]) == 2
    assert message in capsys.readouterr().err


def test_planes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["emulate", "planes", "--circuit", "mul8x8s_dadda", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["planes"] == document["ranks"] == {"mul8x8s_dadda": 1}
    assert document["summary"]["below 8"] == 1


def test_slow_factorisation_is_left_out(
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path))
    options = ["--layers", "smoke", "--circuit", "random", "--backend", "factor", "--repeats", "1"]
    assert run(["emulate", "bench", *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []
    assert "not timed with 'factor'" in caplog.text
