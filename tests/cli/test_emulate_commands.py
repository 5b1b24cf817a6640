"""``emulate train`` and ``emulate eval`` from files to figures, with a library made of two circuits."""

import json
from pathlib import Path

import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier
from mulsmith.characterize.statistics import error_stats
from mulsmith.cli import run
from mulsmith.energy.operands import Form, OperandHistograms


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = Lut.exact(8, 8, True)
    coarse = Lut((exact.table // 512 * 512).astype("int32"), 8, 8, True)
    records = {
        name: Multiplier(name, "", lut, error_stats(lut), None, {}, "test", {})
        for name, lut in (("exact", exact), ("coarse", coarse))
    }
    monkeypatch.setattr("mulsmith.cli.emulate_options.Subject.library", lambda subject: records)


def _json(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    code = run([*arguments, "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    document: dict[str, object] = json.loads(captured.out)
    return document


@pytest.mark.usefixtures("library")
def test_train_then_evaluate_then_correct(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["--network", "digits-cnn"]
    weights = str(tmp_path / "w.pt")
    trained = _json(
        ["emulate", "train", *base, "--epochs", "6", "--learning-rate", "0.003", "--out", weights], capsys
    )
    assert trained["test_accuracy"] > 0.8
    evaluate = ["emulate", "eval", *base, "--weights", weights]
    same = _json([*evaluate, "--circuit", "exact"], capsys)
    assert same["agreement"] == 1.0
    assert set(same["layers"]) == {"conv1", "conv2", "conv3", "fc"}
    assert all(error == {"mean": 0.0, "std": 0.0} for error in same["layers"].values())
    plain = _json([*evaluate, "--circuit", "coarse"], capsys)
    corrected = _json(
        [*evaluate, "--circuit", "coarse", "--map-weights", "histogram", "--correct-bias"], capsys
    )
    assert plain["agreement"] < corrected["agreement"] <= 1.0
    assert plain["float_accuracy"] == trained["test_accuracy"]
    state = str(tmp_path / "q.pt")
    retrain = ["emulate", "train", *base, "--weights", weights, "--circuit", "coarse", "--epochs", "1"]
    retrained = _json([*retrain, "--out", state], capsys)
    again = _json(["emulate", "eval", *base, "--weights", state, "--circuit", "coarse"], capsys)
    assert again["accuracy"] == retrained["test_accuracy"]


@pytest.mark.usefixtures("library")
def test_assignments_from_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = str(tmp_path / "w.pt")
    _json(["emulate", "train", "--network", "digits-cnn", "--epochs", "1", "--out", weights], capsys)
    evaluate = ["emulate", "eval", "--network", "digits-cnn", "--weights", weights]
    path = tmp_path / "assignment.json"
    path.write_text('{"conv*": "coarse", "conv1": null}')
    document = _json([*evaluate, "--assign", str(path)], capsys)
    assert document["converted"] == {"conv2": "coarse", "conv3": "coarse"}
    assert document["kept"]["fc"] == "not in the assignment"
    for text, message in (
        ("[1]", 'an assignment is {"layer or pattern": "multiplier" or null}'),
        ('{"conv9": "coarse"}', "no layer matches 'conv9' (did you mean"),
        ('{"conv1": "coarser"}', "no multiplier is named 'coarser' (did you mean 'coarse'?)"),
    ):
        path.write_text(text)
        assert run([*evaluate, "--assign", str(path)]) == 2
        assert message in capsys.readouterr().err
    assert run(evaluate) == 2
    assert "give --circuit or --assign" in capsys.readouterr().err
    wrong = ["emulate", "eval", "--network", "lenet", "--weights", weights, "--circuit", "exact"]
    assert run(wrong) == 3
    assert "the weights do not fit" in capsys.readouterr().err


@pytest.mark.usefixtures("library")
def test_operands_of_a_trained_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["--network", "digits-cnn"]
    weights, state, output = (str(tmp_path / name) for name in ("w.pt", "q.pt", "operands.npz"))
    train = ["emulate", "train", *base, "--epochs", "1", "--out"]
    _json([*train, weights], capsys)
    command = ["emulate", "operands", *base, "--images", "16", "-o", output, "--weights"]
    assert run([*command, weights]) == 0
    assert "4 layers, operands 8x8s" in capsys.readouterr().err
    found = OperandHistograms.read(Path(output))
    assert set(found.forms[Form(8, 8, True)]) == {"conv1", "conv2", "conv3", "fc"}
    assert run([*train, state, "--weights", weights, "--circuit", "coarse"]) == 0
    capsys.readouterr()
    assert run([*command, state]) == 2
    assert "name them by --circuit or --assign" in capsys.readouterr().err
    assert run([*command, state, "--circuit", "coarse"]) == 0
    path = tmp_path / "assignment.json"
    path.write_text('{"conv*": null}')
    assert run([*command, weights, "--assign", str(path)]) == 2
    assert "no multiplier is named" in capsys.readouterr().err
