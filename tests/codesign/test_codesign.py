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
from mulsmith.codesign import Config, Progress, load_result, run_codesign
from mulsmith.codesign.config import Circuits, Search, Training
from mulsmith.errors import ConfigError, StoreError
from mulsmith.report import render
from mulsmith.toml_file import read_toml

CONFIG = Config(training=Training(epochs=3), search=Search(max_loss_pp=5.0, shortlist=3))


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
    assert chosen["savings"]["system_percent"] is None
    uniform = {c["name"]: c["accuracy"] for c in result["circuits"]}
    assert uniform["broken"] < uniform["rounded"]


def test_an_interrupted_run_goes_on_and_ends_like_an_uninterrupted_one(
    finished: Path, library: dict[str, Multiplier], tmp_path: Path
) -> None:
    for stage, step in (("training", 2), ("assignment", 3)):

        def interrupt(progress: Progress, stage: str = stage, step: int = step) -> None:
            if progress.stage == stage and progress.done == step:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_codesign(CONFIG, tmp_path, library, on_progress=interrupt)
        with pytest.raises(StoreError, match="there is no finished co-design run here"):
            load_result(tmp_path)
    steps: list[Progress] = []
    result = run_codesign(CONFIG, tmp_path, library, on_progress=steps.append)
    assert not [step for step in steps if step.stage == "training"]
    expected = load_result(finished)
    assert {**result, "run": ""} == {**expected, "run": ""}


def test_a_folder_of_another_configuration_is_refused(
    finished: Path, library: dict[str, Multiplier], tmp_path: Path
) -> None:
    other = Config(training=Training(epochs=4), search=CONFIG.search)
    with pytest.raises(StoreError, match=r"begun with another configuration \(differs in training\)"):
        run_codesign(other, finished, library)


def test_what_cannot_be_chosen_from_is_named(library: dict[str, Multiplier], tmp_path: Path) -> None:
    short = Training(epochs=1)
    with pytest.raises(StoreError, match="none of the 1 circuits has synthesis figures"):
        run_codesign(Config(training=short, circuits=Circuits(names=("lack*",))), tmp_path / "a", library)
    with pytest.raises(ConfigError, match="no exact 8x8 multiplier among the circuits"):
        run_codesign(Config(training=short, circuits=Circuits(names=("narrow",))), tmp_path / "b", library)
    with pytest.raises(ConfigError, match="no multiplier of the library matches 'mul12"):
        run_codesign(Config(training=short, circuits=Circuits(names=("mul12*",))), tmp_path / "c", library)


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
    assert "not of the network" in page
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
    monkeypatch.setattr("mulsmith.codesign.pipeline.open_library", lambda config: library)
    config = tmp_path / "small.toml"
    config.write_text("[training]\nepochs = 3\n\n[search]\nmax_loss_pp = 5.0\nshortlist = 3\n")
    assert run(["codesign", str(config), "--run", str(finished), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["chosen"]["assignment"] == load_result(finished)["chosen"]["assignment"]
    (finished / "report.html").unlink()
    assert run(["report", str(finished)]) == 0
    assert (finished / "report.html").exists()
    assert run(["report", str(tmp_path)]) == 3
    assert "there is no finished co-design run here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[serach]\n", r"wrong.toml:1: serach: unknown key \(did you mean 'search'\?\)"),
        (
            "[search]\n\nmax_los_pp = 1\n",
            r"wrong.toml:3: search.max_los_pp: unknown key \(did you mean 'max_l",
        ),
        ("[training]\nepochs = 0\n", r"wrong.toml:2: training.epochs: Input should be greater than or equal"),
        ("[training]\nepochs = \n", r"wrong.toml:2: not valid TOML"),
        (
            "[search]\nenergy = 'watt'\n",
            r"wrong.toml:2: search.energy: Input should be 'pdp' or 'shared_clock'",
        ),
    ],
)
def test_a_wrong_configuration_is_placed(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_toml(Config, path)
