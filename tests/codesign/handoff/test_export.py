"""``mulsmith export`` from run folders: co-design, search and operating points; wrong input by name."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mulsmith.cli import run
from mulsmith.codesign import Config, load_result, run_codesign
from mulsmith.codesign.config import Constraints, Sources
from mulsmith.codesign.handoff import open_run, record
from mulsmith.codesign.search_config import SearchConfig
from mulsmith.codesign.search_run import run_search
from mulsmith.codesign.sections import Circuits, Training
from mulsmith.emulate.training import accuracy
from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.store import Store

CIRCUITS = Circuits(names=("mul8x8u_dadda", "mul8x8u_trunc7_cc", "mul8x4u_drum3"))
TRAINING = Training(epochs=2)


@pytest.fixture(scope="module")
def codesign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("codesign")
    run_codesign(
        Config(
            training=TRAINING,
            circuits=Sources(names=CIRCUITS.names),
            constraints=Constraints(max_loss_pp=20),
        ),
        folder,
    )
    return folder


@pytest.fixture(scope="module")
def uniform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uniform")
    run_search("uniform", SearchConfig(training=TRAINING, circuits=CIRCUITS), folder)
    return folder


def test_the_network_of_a_run_is_the_one_that_it_reported(codesign: Path) -> None:
    chosen, result = open_run(codesign), load_result(codesign)
    assert chosen.assignments == (result["chosen"]["assignment"],)
    assert accuracy(chosen.points[0], chosen.data.test) == result["chosen"]["test_accuracy"]


def test_a_member_of_a_front_is_the_one_that_was_reported(uniform: Path) -> None:
    for member in load_result(uniform)["front"]:
        chosen = open_run(uniform, member["id"])
        assert chosen.assignments == (member["assignment"],)
        assert accuracy(chosen.points[0], chosen.data.test) == member["test_accuracy"]


def test_a_plan_of_operating_points_is_rebuilt_and_switched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = SearchConfig.model_validate(
        {
            "training": {"epochs": 2},
            "circuits": {"names": ["mul8x8u_dadda", "mul8x8u_trunc7_cc", "mul8x8u_drum4"]},
            "retraining": {"epochs": 1},
            "qos": {"scales": [0.1, 3.0], "sizes": [2], "noise_epochs": 1},
        }
    )
    run_search("qos", config, tmp_path)
    plan = load_result(tmp_path)["plans"][0]
    chosen = open_run(tmp_path)
    assert chosen.candidate == plan["id"]
    assert chosen.assignments == tuple(point["assignment"] for point in plan["points"])
    for network, point in zip(chosen.points, plan["points"], strict=True):
        assert accuracy(network, chosen.data.test) == point["test_accuracy"]
    network = record(chosen.name, chosen.points, chosen.image(0)[0])
    assert network.points == 2
    assert [layer.name for layer in network.layers] == list(plan["points"][0]["assignment"])
    assert set(network.multipliers) == {n for p in plan["points"] for n in p["assignment"].values()}
    if shutil.which("iverilog") is None:
        return
    assert plan["points"][0]["assignment"] != plan["points"][1]["assignment"]
    assert run(["export", str(tmp_path), "--to", "rtl", str(tmp_path / "rtl")]) == 0
    capsys.readouterr()
    assert run(["verify", str(tmp_path / "rtl")]) == 0
    said = capsys.readouterr().out
    assert "network: 20 outputs, as emulated" in said
    assert "4392 of 4392 outputs as emulated" in said


def test_tables_hold_the_integer_network(codesign: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    assert run(["export", str(codesign), "--to", "csv", str(folder), "--image", "3"]) == 0
    chosen = open_run(codesign)
    network = record(chosen.name, chosen.points, chosen.image(3)[0])
    document = json.loads((folder / "network.json").read_text())
    with (folder / "weights.csv").open(newline="") as file:
        weights = list(csv.DictReader(file))
    for layer, entry in zip(network.layers, document["layers"], strict=True):
        assert np.array_equal(np.array(entry["weights"]), layer.weights)
        assert entry["bias"] == layer.bias.tolist()
        assert np.allclose(entry["weight_scale"], layer.weight_scale, rtol=0)
        own = [int(row["code"]) for row in weights if row["layer"] == layer.name]
        assert own == layer.weights.ravel().tolist()
    assert run(["verify", str(folder)]) == 0


def test_what_cannot_be_exported_is_said(
    codesign: Path, uniform: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="the run has no candidate 'none'"):
        open_run(uniform, "none")
    with pytest.raises(ConfigError, match="a co-design run has one choice"):
        open_run(codesign, "any")
    with pytest.raises(ConfigError, match=r"there is no test image 99999 \(use one of 0\.\.358\)"):
        open_run(codesign).image(99999)
    assert run(["export", str(tmp_path), "--to", "rtl", str(tmp_path / "out")]) == 3
    assert "there is no finished co-design run here" in capsys.readouterr().err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert run(["export", str(codesign), "--to", "csv", str(tmp_path / "full")]) == 3
    assert "the folder is not empty" in capsys.readouterr().err
    assert run(["export", str(codesign), "--to", "vhdl", str(tmp_path / "out")]) == 2


def test_a_damaged_run_is_named(uniform: Path, tmp_path: Path) -> None:
    for name in ("result.json", "run.sqlite"):
        (tmp_path / name).write_bytes((uniform / name).read_bytes())
    with pytest.raises(StoreError, match=r"network\.pt is gone"):
        open_run(tmp_path)
    (tmp_path / "run.sqlite").unlink()
    with pytest.raises(StoreError, match="there is no run here"):
        open_run(tmp_path)


def test_every_kind_is_written(codesign: Path, tmp_path: Path) -> None:
    for kind, part in (
        ("onnx", "network.onnx"),
        ("timeloop", "timeloop/architecture.yaml"),
        ("c", "check.c"),
    ):
        folder = tmp_path / kind
        assert run(["export", str(codesign), "--to", kind, str(folder)]) == 0
        assert (folder / part).exists()
        assert run(["verify", str(folder)]) == 0
    energies = sorted((tmp_path / "timeloop" / "accelergy").glob("ERT_*.yaml"))
    assert [path.stem.removeprefix("ERT_") for path in energies] == sorted(
        set(load_result(codesign)["chosen"]["assignment"].values())
    )


def test_a_run_of_an_older_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("{}")
    with Store(tmp_path, {"data": {"name": "digits"}}):
        pass
    with pytest.raises(StoreError, match=r"of an older mulsmith \(run it again"):
        open_run(tmp_path)
