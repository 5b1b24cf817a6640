"""A run folder: whose it is, what may change in it, and what is said when a stage fails."""

import json
from pathlib import Path

import pytest

from mulsmith.cli import run
from mulsmith.codesign import Step, load_result, run_codesign
from mulsmith.codesign.config import Config, Constraints, Export, Sources
from mulsmith.codesign.run_folder import read_manifest
from mulsmith.codesign.sections import Training
from mulsmith.errors import ConfigError, StoreError
from mulsmith.search.store import Store

CONFIG = Config.model_validate(
    {
        "training": Training(epochs=1),
        "circuits": Sources(names=("mul8x8u_dadda", "mul8x8u_trunc8")),
        "search": {"method": "uniform"},
        "constraints": Constraints(max_loss_pp=100),
    }
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    run_codesign(CONFIG, folder)
    return folder


def _changed(**sections: object) -> Config:
    return CONFIG.model_copy(update=sections)


def test_other_constraints_choose_anew_without_evaluating_anew(finished: Path) -> None:
    cheap = load_result(finished)["chosen"]["assignment"]
    assert set(cheap.values()) == {"mul8x8u_trunc8"}
    with Store(finished / "search", CONFIG.search_config().identity("uniform")) as store:
        evaluated = len(store)
    strict = _changed(constraints=Constraints(max_loss_pp=0, max_energy_percent=1))
    with pytest.raises(ConfigError, match=r"none of the 2 candidates keeps constraints") as refused:
        run_codesign(strict, finished)
    assert "stopped in stage 'choice'" in refused.value.__notes__[0]
    assert not (finished / "result.json").exists()
    exact = _changed(constraints=Constraints(max_loss_pp=0))
    steps: list[Step] = []
    result = run_codesign(exact, finished, on_progress=steps.append)
    assert set(result["chosen"]["assignment"].values()) == {"mul8x8u_dadda"}
    assert read_manifest(finished) == exact
    assert not any("training" in step.stage for step in steps)
    assert run_codesign(CONFIG, finished)["chosen"]["assignment"] == cheap
    with Store(finished / "search", CONFIG.search_config().identity("uniform")) as store:
        assert len(store) == evaluated


def test_what_the_evaluations_depend_on_may_not_change(finished: Path) -> None:
    for name, other in (
        ("network", {"network": CONFIG.network.model_copy(update={"name": "lenet5"})}),
        ("circuits", {"circuits": Sources(names=("mul8x8u_dadda",))}),
        ("search", {"search": CONFIG.search.model_copy(update={"method": "alwann"})}),
    ):
        with pytest.raises(StoreError, match=rf"differs in {name}"):
            run_codesign(_changed(**other), finished)
    greedy = CONFIG.model_copy(update={"search": CONFIG.search.model_copy(update={"method": "greedy"})})
    with pytest.raises(StoreError, match="differs in search"):
        run_codesign(greedy, finished)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the manifest is damaged: Expecting property name"),
        ("[]", "the manifest is damaged: no JSON object"),
        ('{"format": 99}', r"is of format 99, but this version writes 1 \(use the newer version that wrote"),
        (
            '{"format": 1, "mulsmith": "9.9", "configuration": {"data": {"shuffle": true}}}',
            r"damaged or of another version: data.shuffle: Extra inputs .* the run is of 9.9",
        ),
    ],
)
def test_a_damaged_or_newer_manifest_is_said(
    text: str, message: str, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "manifest.json").write_text(text)
    (copy / "result.json").write_text((finished / "result.json").read_text())
    for function in (lambda: run_codesign(CONFIG, copy), lambda: read_manifest(copy)):
        with pytest.raises(StoreError, match=message):
            function()
    assert run(["codesign", "--from", str(copy), "--run", str(tmp_path / "again")]) == 3
    assert run(["export", str(copy), "--to", "csv", str(tmp_path / "tables")]) == 3
    assert "Traceback" not in capsys.readouterr().err


def test_a_failing_stage_says_what_is_kept_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, folder = tmp_path / "export.toml", tmp_path / "run"
    text = (
        "[training]\nepochs = 1\n[circuits]\nnames = ['mul8x8u_dadda', 'mul8x8u_trunc8']\n"
        "[search]\nmethod = 'uniform'\n[constraints]\nmax_loss_pp = 100\n[export]\nformats = ['c']\nimage = "
    )
    config.write_text(text + "359")
    assert run(["codesign", str(config), "--run", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "there is no test image 359 (use one of 0..358)" in said
    assert f"stopped in stage 'export: c'; what is finished is kept in {folder}" in said
    assert load_result(folder)["chosen"]["assignment"]
    config.write_text(text + "358")
    assert run(["codesign", str(config), "--run", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "training" not in said
    manifest = json.loads((folder / "handoff" / "c" / "manifest.json").read_text())
    assert manifest["run"]["image"] == 358


@pytest.mark.parametrize("kind", ["c", "csv", "onnx", "timeloop"])
def test_every_format_is_written_into_the_run(kind: str, finished: Path) -> None:
    run_codesign(_changed(export=Export.model_validate({"formats": (kind,)})), finished)
    manifest = json.loads((finished / "handoff" / kind / "manifest.json").read_text())
    assert manifest["kind"] == kind
    assert manifest["files"]
    assert manifest["run"]["candidate"] == load_result(finished)["chosen"]["id"]


def test_rtl_takes_its_sizes_from_the_configuration(finished: Path, tmp_path: Path) -> None:
    export = Export(formats=("rtl",), tiles=1, rows=2, cols=3, lanes=5, image=1)
    run_codesign(_changed(export=export), finished)
    by_command = ["--image", "1", "--tiles", "1", "--rows", "2", "--cols", "3", "--lanes", "5"]
    assert run(["export", str(finished), "--to", "rtl", str(tmp_path / "rtl"), *by_command]) == 0
    manifests = [folder / "manifest.json" for folder in (finished / "handoff" / "rtl", tmp_path / "rtl")]
    assert json.loads(manifests[0].read_text()) == json.loads(manifests[1].read_text())


def test_figures_are_kept_and_damaged_ones_written_anew(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = run_codesign(CONFIG, finished)
    (finished / "result.json").write_text("{")
    assert run_codesign(CONFIG, finished) == expected

    def computed(*arguments: object) -> None:
        raise AssertionError("the figures were computed again")

    monkeypatch.setattr("mulsmith.codesign.pipeline.summarise", computed)
    assert run_codesign(CONFIG, finished) == expected


def test_fresh_starts_over_and_comes_to_the_same(finished: Path) -> None:
    expected = run_codesign(CONFIG, finished)
    note = finished / "note.txt"
    note.write_text("mine")
    steps: list[Step] = []
    other = _changed(training=Training(epochs=1, seed=1))
    run_codesign(other, finished, fresh=True)
    assert run_codesign(CONFIG, finished, fresh=True, on_progress=steps.append) == expected
    assert any("training" in step.stage for step in steps)
    assert note.read_text() == "mine"


def test_every_assignment_counts_as_it_was_judged_last(tmp_path: Path) -> None:
    retraining = {"epochs": 1, "front_limit": 1, "images": 128}
    config = Config.model_validate({**CONFIG.model_dump(), "retraining": retraining})
    result = run_codesign(config, tmp_path)
    with Store(tmp_path / "search", config.search_config().identity("uniform")) as store:
        evaluations = list(store)
    assert len(evaluations) == 3
    last = {e.trial.candidate.id: e.metrics["accuracy"] for e in evaluations}
    assert {point["id"]: point["accuracy"] for point in result["points"]} == last
    assert len(result["points"]) == 2


def test_every_validation_figure_is_of_the_images_that_were_judged_on(tmp_path: Path) -> None:
    config = Config.model_validate({**CONFIG.model_dump(), "evaluation": {"images": 47}})
    result = run_codesign(config, tmp_path)
    assert result["data"]["judged"] == 47
    base = result["baseline"]
    for accuracy in (base["accuracy"], base["float_accuracy"], result["chosen"]["accuracy"]):
        assert 47 * accuracy == pytest.approx(round(47 * accuracy))
    assert result["accuracy_floor"] <= result["chosen"]["accuracy"]
    # 100 points may be lost, with a margin that is no larger than they are.
    assert result["accuracy_floor"] == pytest.approx(base["accuracy"] - 1)
