"""The pipeline over a run folder: result, resumption, refusals and the report, with invented energies."""

import dataclasses
import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from mulsmith.characterize.lut import Lut
from mulsmith.characterize.record import Multiplier, SynthesisReport
from mulsmith.characterize.statistics import error_stats
from mulsmith.cli import run
from mulsmith.codesign import Config, Step, load_result, run_codesign
from mulsmith.codesign.choice import choose
from mulsmith.codesign.config import Constraints, Sources
from mulsmith.codesign.sections import Training
from mulsmith.errors import ConfigError, StoreError
from mulsmith.report import render
from mulsmith.search.methods import GreedyOptions
from mulsmith.search.trial import Candidate, Evaluation, Trial
from mulsmith.toml_file import read_toml

CONFIG = Config(
    training=Training(epochs=3), constraints=Constraints(max_loss_pp=5.0), greedy=GreedyOptions(shortlist=3)
)


def _multiplier(name: str, lut: Lut, power_mw: float) -> Multiplier:
    report = SynthesisReport(100.0, 1.5, power_mw, power_mw, 0.0, {}, "invented", 1.0, "none", "none")
    return Multiplier(name, "", lut, error_stats(lut), report, {}, "test", {})


@pytest.fixture(scope="module")
def library() -> dict[str, Multiplier]:
    exact = Lut.exact(8, 8, True)
    rounded = Lut((exact.table // 64 * 64).astype(np.int32), 8, 8, True)
    noise = np.random.default_rng(0).integers(-4000, 4000, (256, 256), dtype=np.int32)
    broken = Lut(exact.table + noise, 8, 8, True)
    lacking = dataclasses.replace(_multiplier("lacking", exact, 1.0), synthesis=None)
    return {
        "exact": _multiplier("exact", exact, 0.4),
        "rounded": _multiplier("rounded", rounded, 0.1),
        "narrow": _multiplier("narrow", Lut.exact(8, 4, False), 0.2),
        "broken": _multiplier("broken", broken, 0.01),
        "lacking": lacking,
    }


@pytest.fixture(scope="module")
def finished(library: dict[str, Multiplier], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run with a space")
    run_codesign(CONFIG, folder, library)
    return folder


def test_the_result_holds_what_was_measured(finished: Path) -> None:
    result = load_result(finished)
    base, chosen = result["baseline"], result["chosen"]
    assert base["multiplier"] == "exact"
    assert base["float_test_accuracy"] > 0.5
    assert chosen["accuracy"] >= base["accuracy"] - 0.05
    assert "rounded" in chosen["assignment"].values()
    assert result["left_out"] == {"lacking": "no synthesis figures"}
    counts = {layer["name"]: layer["multiplications"] for layer in result["layers"]}
    assert counts == {"conv1": 6912, "conv2": 110592, "conv3": 55296, "fc": 960}
    prices = {"exact": 0.6, "rounded": 0.15, "narrow": 0.3, "broken": 0.015}
    energy = sum(counts[layer] * prices[name] for layer, name in chosen["assignment"].items())
    assert chosen["energy_pj"] == pytest.approx(energy)
    saved = 100 * (1 - energy / (sum(counts.values()) * 0.6))
    assert chosen["savings"]["pdp"]["multiplier_percent"] == pytest.approx(saved)
    system = chosen["savings"]["system_percent"]
    low, high = chosen["savings"]["system_percent_band"]
    assert 0 < low <= system <= high < saved
    share = result["accelerator"]["exact"]["multiplier_share"]
    assert system == pytest.approx(saved * share, rel=0.2)
    test = sum(sum(row) for row in chosen["confusion"])
    assert test == result["data"]["test"]
    right = sum(row[index] for index, row in enumerate(chosen["confusion"]))
    assert chosen["test_accuracy"] == right / test
    for layer in result["layers"]:
        error = layer["error"]
        assert error["predicted"] == pytest.approx(error["measured"], rel=0.35, abs=1e-9)
    uniform = {c["name"]: c["accuracy"] for c in result["circuits"]}
    assert uniform["broken"] < uniform["rounded"]


@pytest.mark.parametrize("stage", ["training: epoch 2", "operands", "search", "choice", "figures"])
def test_a_run_cut_off_in_any_stage_ends_like_an_uninterrupted_one(
    stage: str, finished: Path, library: dict[str, Multiplier], tmp_path: Path
) -> None:
    def interrupt(step: Step) -> None:
        if step.stage.startswith(stage) and (step.search is None or step.search.finished == 3):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_codesign(CONFIG, tmp_path, library, on_progress=interrupt)
    with pytest.raises(StoreError, match="there is no finished co-design run here"):
        load_result(tmp_path)
    result = run_codesign(CONFIG, tmp_path, library)
    expected = load_result(finished)
    assert json.loads(json.dumps({**result, "run": ""})) == {**expected, "run": ""}


def test_a_folder_of_another_configuration_is_refused(
    finished: Path, library: dict[str, Multiplier], tmp_path: Path
) -> None:
    other = CONFIG.model_copy(update={"training": Training(epochs=4)})
    with pytest.raises(StoreError, match=r"begun with another configuration \(differs in training\)"):
        run_codesign(other, finished, library)


def test_what_cannot_be_chosen_from_is_named(library: dict[str, Multiplier], tmp_path: Path) -> None:
    short = Training(epochs=1)
    with pytest.raises(StoreError, match="none of the 1 circuits has synthesis figures"):
        run_codesign(Config(training=short, circuits=Sources(names=("lack*",))), tmp_path / "a", library)
    with pytest.raises(ConfigError, match="no exact 8x8 multiplier among the circuits"):
        run_codesign(Config(training=short, circuits=Sources(names=("narrow",))), tmp_path / "b", library)
    with pytest.raises(ConfigError, match="no multiplier of the library matches 'mul12"):
        run_codesign(Config(training=short, circuits=Sources(names=("mul12*",))), tmp_path / "c", library)


class _Balance(HTMLParser):
    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.circles = 0
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.circles += tag == "circle"
        self.fetched += [v or "" for k, v in attrs if k in ("src", "href")]
        if tag not in self.VOID and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.get_starttag_text().endswith("/>") or self.open[-1:] == [tag]:
            assert self.open.pop() == tag


def test_the_report_is_one_well_formed_page(finished: Path) -> None:
    result = load_result(finished)
    result["layers"][0]["name"] = "<script>alert(1)</script>"
    page = render(result)
    assert "<script>" not in page
    assert "Everything was chosen on validation images" in page
    reader = _Balance()
    reader.feed(page)
    assert reader.open == []
    assert reader.fetched == []
    assert reader.circles >= 3


def test_the_commands(
    finished: Path,
    library: dict[str, Multiplier],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("mulsmith.codesign.run_folder.open_library", lambda config: library)
    config = tmp_path / "small.toml"
    config.write_text(
        "[training]\nepochs = 3\n\n[constraints]\nmax_loss_pp = 5.0\n\n[greedy]\nshortlist = 3\n"
    )
    assert run(["codesign", str(config), "--run", str(finished), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["chosen"]["assignment"] == load_result(finished)["chosen"]["assignment"]
    (finished / "report.html").unlink()
    assert run(["report", str(finished)]) == 0
    assert (finished / "report.html").exists()
    again = ["codesign", "--from", str(finished), "--run", str(tmp_path / "again")]
    assert run(again) == 0
    assert " 0 differ" in capsys.readouterr().err
    kept = finished / "result.json"
    whole = kept.read_text()
    kept.write_text(whole.replace('"test": 359', '"test": 358'))
    assert run(again) == 3
    assert "1 differ\n  data.test: 359 here, 358 there" in capsys.readouterr().err
    kept.write_text(whole)
    assert run([*again, str(config)]) == 2
    assert run(["report", str(tmp_path)]) == 3
    assert "there is no finished co-design run here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[serach]\n", r"wrong.toml:1: serach: unknown key \(did you mean 'search'\?\)"),
        (
            "[constraints]\n\nmax_los_pp = 1\n",
            r"wrong.toml:3: constraints.max_los_pp: unknown key \(did you mean 'max_l",
        ),
        ("[training]\nepochs = 0\n", r"wrong.toml:2: training.epochs: Input should be greater than or equal"),
        ("[training]\nepochs = \n", r"wrong.toml:2: not valid TOML"),
        (
            "[evaluation]\nenergy = 'watt'\n",
            r"wrong.toml:2: evaluation.energy: Input should be 'pdp' or 'shared_clock'",
        ),
        ("[circuits]\nlibrary = 'a'\nfiles = ['b.v']\n", r"files and library are both given"),
        (
            "[retraining]\nepochs = -1\n",
            r"wrong.toml:2: retraining.epochs: Input should be 'auto' or greater than or equal to 0$",
        ),
        (
            "[evoapproxnas]\npopulation = 4\n[evoapproxnas.search]\nepoch = 1\n",
            r"wrong.toml:4: evoapproxnas.search.epoch: unknown key \(did you mean 'epochs'\?\)",
        ),
        ("[export]\nformats = 'rtl'\n", r"wrong.toml:2: export.formats: Input should be a list$"),
        (
            "[export]\nformats = ['v']\n",
            r"wrong.toml:2: export.formats.0: Input should be 'rtl', 'c', 'onnx'",
        ),
        ("data = 3\n", r"wrong.toml:1: data: Input should be a table$"),
        (
            "[constraints]\nmax_area_um2 = 'small'\n",
            r"wrong.toml:2: constraints.max_area_um2: .*valid number",
        ),
        ("[training]\nlearning_rate = inf\n", r"wrong.toml:2: training.learning_rate: .*a finite number"),
    ],
)
def test_a_wrong_configuration_is_placed(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_toml(Config, path)


def test_a_bound_in_two_places_and_an_unknown_method_are_refused(tmp_path: Path) -> None:
    twice = Config.model_validate({"greedy": {"max_loss_pp": 3.0}})
    with pytest.raises(ConfigError, match=r"greedy.max_loss_pp contradicts constraints.max_loss_pp"):
        run_codesign(twice, tmp_path)
    strange = Config.model_validate({"search": {"method": "alwan"}})
    with pytest.raises(ConfigError, match=r"no search method is named 'alwan' \(did you mean 'alwann'"):
        run_codesign(strange, tmp_path)


def _candidate(accuracy: float, energy: float, *multipliers: str) -> Evaluation:
    layers = {f"layer{n}": name for n, name in enumerate(multipliers)}
    return Evaluation(Trial(Candidate({"layers": layers})), {"accuracy": accuracy, "energy": energy})


CANDIDATES = [
    _candidate(0.90, 100.0, "exact", "exact"),
    _candidate(0.895, 60.0, "exact", "small"),
    _candidate(0.88, 30.0, "small", "small"),
    _candidate(0.70, 10.0, "tiny", "tiny"),
]
AREAS = {"exact": 600.0, "small": 200.0, "tiny": 50.0}


@pytest.mark.parametrize(
    ("constraints", "chosen"),
    [
        ({"max_loss_pp": 1.0}, 1),
        ({"max_loss_pp": 2.5}, 2),
        ({"max_loss_pp": 1.0, "max_multipliers": 1}, 0),
        ({"max_loss_pp": 100.0}, 3),
        ({"max_loss_pp": 2.5, "max_area_um2": 300.0}, 2),
    ],
)
def test_the_cheapest_candidate_within_all_constraints_is_chosen(
    constraints: dict[str, float], chosen: int
) -> None:
    kept = Constraints.model_validate({"margin": 0.0, **constraints})
    assert choose(CANDIDATES, kept, CANDIDATES[0].metrics, "energy", 1000, AREAS) is CANDIDATES[chosen]


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        (
            {"max_loss_pp": 1.0, "max_energy_percent": 40.0, "max_multipliers": 2},
            r"none of the 4 candidates keeps constraints.max_loss_pp = 1 and "
            r"constraints.max_energy_percent = 40 together \(loosen one",
        ),
        ({"max_area_um2": 20.0}, r"none of the 4 candidates keeps constraints.max_area_um2 = 20 \(loosen"),
    ],
)
def test_constraints_that_contradict_are_named(constraints: dict[str, float], message: str) -> None:
    kept = Constraints.model_validate({"margin": 0.0, **constraints})
    with pytest.raises(ConfigError, match=message):
        choose(CANDIDATES, kept, CANDIDATES[0].metrics, "energy", 1000, AREAS)


def test_circuits_may_be_files_and_the_hand_off_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, family, *more in (("exact", "dadda"), ("cut", "truncated", "-p", "cut=6")):
        assert (
            run(
                [
                    "circuits",
                    "generate",
                    family,
                    *more,
                    "--name",
                    name,
                    "-o",
                    str(tmp_path / "rtl" / f"{name}.v"),
                ]
            )
            == 0
        )
    config = tmp_path / "own.toml"
    config.write_text(
        f"[training]\nepochs = 1\n[circuits]\nfiles = ['{tmp_path / 'rtl'}']\n"
        "[search]\nmethod = 'uniform'\n[constraints]\nmax_loss_pp = 100\n[export]\nformats = ['csv']\n"
    )
    folder = tmp_path / "run"
    assert run(["codesign", str(config), "--run", str(folder)]) == 0
    result = load_result(folder)
    assert {circuit["name"] for circuit in result["circuits"]} == {"exact", "cut"}
    assert (folder / "handoff" / "csv" / "manifest.json").exists()
    moved = folder.rename(tmp_path / "moved")
    assert run(["codesign", str(config), "--run", str(moved)]) == 0
    (moved / "manifest.json").write_text('{"format": 99}')
    capsys.readouterr()
    assert run(["codesign", str(config), "--run", str(moved)]) == 3
    assert "the run is of format 99, but this version writes 1" in capsys.readouterr().err
    (tmp_path / "rtl" / "bad.v").write_text("module bad(input [7:0] a")
    assert run(["codesign", str(config), "--run", str(tmp_path / "third")]) == 2
    assert "1 circuits could not be characterized, the first: " in capsys.readouterr().err
