"""Architecture searches from the command line: wrong configurations are explained, divergence is marked."""

import json
from pathlib import Path

import pytest
from PIL import Image

from mulsmith.characterize.library import Library
from mulsmith.cli import EXIT_OK, EXIT_REJECTED, EXIT_USAGE, run

CIRCUITS = '[circuits]\nnames = ["mul8x8u_dadda", "mul8x8u_trunc8_cc"]\n[run]\naccelerator = ""\n'
INEXACT = '[circuits]\nnames = ["mul8x8u_trunc8_cc"]\n'
FOLDER = '[data]\nname = "imagefolder"\nfolder = "images"\n'
EVOLVED = CIRCUITS + "[evoapproxnas]\n"
CELLS = CIRCUITS + "[approxdarts]\n"
DEVICE = CIRCUITS.replace("accelerator =", "device =").replace('""', '"gpu"')
ACCELERATOR = CIRCUITS.replace('""', '"tpu"')
FRONT = '[circuits]\npareto = ["mae", "powr"]\n'
GRADIENT = EVOLVED + '[evoapproxnas.training]\ngradient = "3-d"\n'
BLOCKS = CIRCUITS + '[phoenix]\nsuggestions = [["max_pool", "max_pool", "max_pool", "max_pool", "flatten"]]\n'
SMALL_CELLS = """
[approxdarts.cells]
channels = 2
cells = 1
epochs = 1
images = 48
batch = 24
learning_rate = {rate}
[approxdarts.network]
channels = 2
cells = 1
cutout = 2
[approxdarts.training]
learning_rate = {final_rate}
[approxdarts.final]
epochs = 1
table_epochs = 0
images = 64
"""


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    with Library.embedded():
        pass


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with templates and one image per class, as the working folder."""
    nodes = '[nodes]\nconv = { kind = "conv", channels = 4 }\nmax = { kind = "max" }\n'
    ends = {"out": "10", "hundred": "100"}
    nodes += "".join(f'{name} = {{ kind = "fc", channels = {units} }}\n' for name, units in ends.items())
    for name, columns in {
        "spatial": '[["conv"], ["out"], ["conv"], ["out"]]',
        "classes": '[["conv"], ["hundred"]]',
        "pools": '[["max"], ["max"], ["max"], ["max"], ["out"]]',
    }.items():
        (tmp_path / f"{name}.toml").write_text(f"levels_back = 2\ncolumns = {columns}\n{nodes}")
    for split in ("train", "val"):
        for label in ("a", "b", "c"):
            place = tmp_path / "images" / split / label
            place.mkdir(parents=True)
            Image.new("RGB", (8, 8)).save(place / "0.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("method", "text", "message"),
    [
        ("evoapproxnas", EVOLVED + 'template = "spatial.toml"\n', "conv in column 3 can take the output"),
        ("evoapproxnas", EVOLVED + 'template = "classes.toml"\n', "100 units, but the data have 10 classes"),
        ("evoapproxnas", EVOLVED + 'template = "pools.toml"\n', "images of 8 x 8 are too small"),
        ("evoapproxnas", EVOLVED + 'scenario = "S3"\nmultiplier = "x"\n', "needs one of the circuits"),
        ("evoapproxnas", EVOLVED + "populaton = 4\n", "did you mean 'population'?"),
        ("evoapproxnas", EVOLVED + 'template = "none.toml"\n', "cannot read: No such file"),
        ("evoapproxnas", DEVICE + "[evoapproxnas]\n", "nas.toml:4: run.device"),
        ("evoapproxnas", GRADIENT, "nas.toml:7: evoapproxnas.training.gradient"),
        ("phoenix", ACCELERATOR + "[phoenix]\n", "there is no accelerator named tpu "),
        ("phoenix", FRONT + "[phoenix]\n", "there is no figure 'powr'"),
        ("phoenix", BLOCKS, "images of 8 x 8 become too small or channels too many for block 4"),
        ("phoenix", CIRCUITS + "[data]\ntest_images = 9999\n[phoenix]\n", "cannot take 9999 of the 3"),
        ("approxdarts", CELLS + 'choices = "all"\n', "nas.toml:6: approxdarts.choices"),
        ("approxdarts", CELLS + "[approxdarts.cells]\norder = 3\n", "nas.toml:7: approxdarts.cells.order"),
        ("approxdarts", CELLS + "[approxdarts.cells]\nimages = 9999\n", "cannot take 9999 of the"),
        (
            "approxdarts",
            CELLS + 'energy_weights = [0.1]\n[approxdarts.cells]\nledger = "accelerator"\n',
            "the expected energy of an accelerator needs one",
        ),
        (
            "approxdarts",
            '[circuits]\nnames = ["mul8x8u_dadda"]\n[approxdarts]\nchoices = "relaxed"\n',
            "a relaxed choice needs several circuits",
        ),
    ],
)  # fmt: skip
def test_wrong_configurations_are_explained(
    method: str, text: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("nas.toml").write_text(text)
    assert run(["search", method, "nas.toml", "--run", "run"]) == EXIT_USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("method", ["approxdarts", "evoapproxnas", "phoenix"])
def test_every_method_wants_an_exact_multiplier_and_enough_images(
    method: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("nas.toml").write_text(f"{INEXACT}[{method}]\n")
    assert run(["search", method, "nas.toml", "--run", "run"]) == EXIT_USAGE
    assert "no exact 8x8 multiplier among the circuits" in capsys.readouterr().err
    Path("nas.toml").write_text(f"{FOLDER}{CIRCUITS}[{method}]\n")
    assert run(["search", method, "nas.toml", "--run", "few"]) == EXIT_REJECTED
    assert "is too small to split" in capsys.readouterr().err


def test_folders_of_images_can_be_searched_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, label in enumerate("abc"):
        for copy in range(1, 10):
            image = Image.new("RGB", (8, 8), (80 * number, 10 * copy, 0))
            image.save(folder / "images" / "train" / label / f"{copy}.png")
    blocks = ["avg_pool"] * 4 + ["flatten"]
    short = "[phoenix.search]\nepochs = 1\ntable_epochs = 1\n[phoenix.final]\nepochs = 0\ntable_epochs = 1\n"
    Path("nas.toml").write_text(f"{FOLDER}{CIRCUITS}[phoenix]\nsuggestions = [{blocks}]\ntrials = 1\n{short}")
    assert run(["search", "phoenix", "nas.toml", "--run", "run", "--json"]) == EXIT_OK
    found = json.loads(capsys.readouterr().out)
    assert found["failed"] == []
    assert found["exact"]["metrics"]["parameters"] == 3 * (3 * 14 * 14 + 1)


def test_images_that_cannot_be_halved_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("nas.toml").write_text(CELLS + "[approxdarts.cells]\nimages = 3\n")
    assert run(["search", "approxdarts", "nas.toml", "--run", "run"]) == EXIT_REJECTED
    assert "3 training images are too few for two halves" in capsys.readouterr().err


def test_diverging_cell_searches_and_trainings_are_marked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("nas.toml").write_text(CELLS + SMALL_CELLS.format(rate=1e38, final_rate=1e-3))
    assert run(["search", "approxdarts", "nas.toml", "--run", "run"]) == EXIT_USAGE
    assert "every candidate failed, the first one so: diverged: " in capsys.readouterr().err
    Path("nas.toml").write_text(CELLS + SMALL_CELLS.format(rate=0.025, final_rate=1e30))
    assert run(["search", "approxdarts", "nas.toml", "--run", "final"]) == EXIT_OK
    assert "candidates diverged and are marked in the run" in capsys.readouterr().out


def test_a_population_that_diverges_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = (
        "population = 2\ngenerations = 0\n[evoapproxnas.search]\nepochs = 1\ntable_epochs = 0\nimages = 64\n"
    )
    Path("nas.toml").write_text(f"{EVOLVED}{few}[evoapproxnas.training]\nlearning_rate = 1e30\n")
    assert run(["search", "evoapproxnas", "nas.toml", "--run", "run"]) == EXIT_USAGE
    assert "every candidate of the initial population failed" in capsys.readouterr().err
