"""The commands on a library: what they print, their JSON, and how damage and refusals show."""

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_vendor_reports import SETS

from mulsmith.characterize.figures import parse_width, select
from mulsmith.characterize.library import Library
from mulsmith.characterize.lut_files import lut_path
from mulsmith.characterize.pareto import compare
from mulsmith.characterize.pipeline import characterize
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.verify import verify
from mulsmith.circuits.embedded import embedded_files
from mulsmith.circuits.verilog import read_verilog
from mulsmith.cli import run
from mulsmith.errors import ConfigError

NAMES = ("mul8x2u_dadda", "mul8x8s_dadda", "mul8x8s_loa7", "mul8x8u_dadda", "mul8x8u_loa6")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("library")
    outcome = characterize([path for path in embedded_files() if path.stem in NAMES], library)
    assert outcome.names == list(NAMES)
    return library


def _json(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict:  # type: ignore[type-arg]
    assert run([str(argument) for argument in arguments] + ["--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_list_filters_and_sorts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--width", "8x8", "--signed", "--sort", "mae")
    document = _json(capsys, "library", "list", "--library", folder, *options)
    assert [circuit["name"] for circuit in document["circuits"]] == ["mul8x8s_dadda", "mul8x8s_loa7"]
    assert run(["library", "list", "--library", str(folder), "--unsigned"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["name", "mul8x2u_dadda", "mul8x8u_dadda", "mul8x8u_loa6"]


def test_show_prints_the_agreed_form(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = _json(capsys, "library", "show", "mul8x8s_loa7", "--library", folder)
    assert list(document) == [
        "name", "a_bits", "b_bits", "signed", "source", "netlist_sha256", "lut_sha256",
        "errors", "synthesis", "reported", "provenance",
    ]  # fmt: skip
    assert list(document["errors"]) == [
        "mae", "mae_percent", "wce", "wce_percent", "wcre_percent", "ep_percent", "mre_percent", "mse",
        "mean_error", "error_std",
    ]  # fmt: skip
    with Library.open(folder) as library:
        assert library["mul8x8s_loa7"].to_json() == document


def test_unknown_names_and_figures_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["library", "show", "mul8x8s_loa9", "--library", str(folder)]) == 3
    assert "there is no multiplier 'mul8x8s_loa9' (did you mean mul8x8s_loa7" in capsys.readouterr().err
    assert run(["library", "list", "--library", str(folder), "--sort", "beauty"]) == 2
    assert "there is no figure 'beauty'" in capsys.readouterr().err
    assert run(["library", "list", "--library", str(folder / "no")]) == 3
    assert "there is no library here (make one with" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="no pair of operand widths"):
        parse_width("8by8")
    assert select([]) == []


def test_the_front_is_what_no_other_of_its_kind_beats() -> None:
    def document(name: str, a_bits: int, mae: float, wce: int) -> dict:  # type: ignore[type-arg]
        errors = {"mae": mae, "wce": wce}
        return {"name": name, "a_bits": a_bits, "b_bits": 4, "signed": False, "errors": errors,
                "synthesis": None, "reported": {}}  # fmt: skip

    rng = np.random.default_rng(5)
    documents = [
        document(f"m{i}", int(rng.integers(7, 9)), float(rng.integers(0, 12)), int(rng.integers(0, 12)))
        for i in range(60)
    ]
    front = {point.name for point in compare(documents, "mae", "wce").front}

    def beats(a: dict, b: dict) -> bool:  # type: ignore[type-arg]
        x, y = ((d["errors"]["mae"], d["errors"]["wce"]) for d in (a, b))
        return a["a_bits"] == b["a_bits"] and x[0] <= y[0] and x[1] <= y[1] and x != y

    assert front == {d["name"] for d in documents if not any(beats(other, d) for other in documents)}
    assert compare(documents, "mae", "area_um2").left_out == tuple(d["name"] for d in documents)


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_picture_is_drawn_the_same_each_time(
    folder: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        picture = tmp_path / f"{name}.{ending}"
        options = ("--x", "mae", "--y", "ep_percent", "--picture", picture, "--library", folder)
        document = _json(capsys, "library", "pareto", *options)
        assert (document["points"], document["left_out"]) == (5, [])
        assert document["picture"] == str(picture)
    assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()


def test_pareto_draws_on_the_terminal_and_refuses_other_pictures(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["library", "pareto", "--library", str(folder), "--x", "mae", "--y", "wce"]
    assert run([*base, "--plot"]) == 0
    assert "o" in capsys.readouterr().out.splitlines()[-3]
    assert run([*base, "--picture", str(tmp_path / "x.gif")]) == 2
    assert "let it end in .svg, .png or .pdf" in capsys.readouterr().err


def test_figures_are_exported_for_every_reader(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pyarrow import parquet

    for form in ("csv", "json", "parquet"):
        output = tmp_path / f"out.{form}"
        _json(capsys, "library", "export", "--library", folder, "--to", form, "--output", output)
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    table = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    documents = json.loads((tmp_path / "out.json").read_text())["circuits"]
    assert [row["name"] for row in rows] == [row["name"] for row in table] == list(NAMES)
    for row, other, document in zip(rows, table, documents, strict=True):
        assert float(row["mae"]) == other["mae"] == document["errors"]["mae"]
        assert row["area_um2"] == ""
        assert other["area_um2"] is None


def test_parquet_without_pyarrow_says_what_to_install(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    arguments = ["library", "export", "--library", str(folder), "--to", "parquet", "--output", "x"]
    assert run([*arguments, "--output", str(tmp_path / "x")]) == 4
    assert "pip install 'mulsmith[parquet]'" in capsys.readouterr().err


def test_an_exported_circuit_reads_back_as_the_same_function(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("mul8x8s_loa7", "--to", "verilog", "--output", tmp_path)
    _json(capsys, "library", "export", "--library", folder, *options)
    netlist = read_verilog(tmp_path / "mul8x8s_loa7.v")
    with Library.open(folder) as library:
        assert simulate_lut(netlist.with_signed(True)) == library["mul8x8s_loa7"].lut
        assert library.netlist("mul8x8s_loa7").name == "mul8x8s_loa7"


@pytest.mark.parametrize("dialect", ["tf-approximate", "torch-approx", "approxtorch", "c-header", "readmemh"])
def test_a_table_leaves_and_comes_back(
    folder: Path, tmp_path: Path, dialect: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ("mul8x8s_loa7", "--to", dialect, "--output", tmp_path / "tables")
    [file] = _json(capsys, "library", "export", "--library", folder, *out)["files"]
    back = ("--dialect", dialect, "--name", "back", "--signed", "--library", tmp_path / "lib")
    document = _json(capsys, "library", "import-lut", file, *back)
    assert document["failed"] == []
    with Library.open(folder) as library, Library.open(tmp_path / "lib") as other:
        assert other["back"].lut == library["mul8x8s_loa7"].lut
        assert other["back"].netlist_sha256 == ""
        assert other["back"].errors == library["mul8x8s_loa7"].errors


def test_an_import_replaces_no_other_circuit_unasked(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("mul8x8u_dadda", "mul8x8u_loa6")
    options = (*names, "--to", "tf-approximate", "--output", tmp_path)
    files = _json(capsys, "library", "export", "--library", folder, *options)["files"]
    into = ["--dialect", "tf-approximate", "--name", "m", "--library", str(tmp_path / "lib")]
    assert run(["library", "import-lut", files[0], *into]) == 2
    assert "a table does not say whether it is signed" in capsys.readouterr().err
    assert run(["library", "import-lut", files[0], *into, "--unsigned"]) == 0
    assert run(["library", "import-lut", files[1], *into, "--unsigned"]) == 3
    assert "the name 'm' already stands for another circuit" in capsys.readouterr().err
    assert run(["library", "import-lut", files[1], *into, "--unsigned", "--force"]) == 0
    with Library.open(tmp_path / "lib") as library:
        assert library["m"].errors.mae > 0


def test_verify_finds_nothing_in_a_sound_library(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = _json(capsys, "library", "verify", "--library", folder)
    assert document == {"checked": 5, "damaged": [], "unreferenced": []}


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (
            "UPDATE records SET body = replace(body, 'mae', 'mea') WHERE a_bits + b_bits = 10",
            "differs from its hash",
        ),
        (
            "UPDATE records SET a_bits = 7 WHERE b_bits = 2",
            "the index and the record differ in 'a_bits'",
        ),
        ("DELETE FROM netlists WHERE sha256 = ?", "the netlist is missing"),
        ("UPDATE netlists SET body = x'00' WHERE sha256 = ?", "a stored netlist is damaged"),
        ("DELETE table", "the table is missing"),
        ("CUT table", "the table cannot be read"),
        ("SWAP table", "the table differs from its hash"),
    ],
)
def test_verify_names_what_is_damaged(folder: Path, tmp_path: Path, change: str, cause: str) -> None:
    shutil.copytree(folder, tmp_path / "lib")
    with Library.open(folder) as library:
        entry = library.entry("mul8x2u_dadda")
    table = lut_path(tmp_path / "lib", 8, 2, entry.lut_sha256)
    if change.startswith(("UPDATE", "DELETE FROM")):
        with sqlite3.connect(tmp_path / "lib" / "library.sqlite") as index:
            index.execute(change, (entry.netlist_sha256,) if "?" in change else ())
        index.close()
    elif change == "DELETE table":
        table.unlink()
    elif change == "CUT table":
        table.write_bytes(table.read_bytes()[:-300])
    else:
        np.savez(table, table=np.zeros((256, 4), np.int32))
    damaged = verify(tmp_path / "lib").damaged
    assert list(damaged) == ["mul8x2u_dadda"]
    assert cause in damaged["mul8x2u_dadda"]


def test_a_damaged_table_is_repaired_by_force(tmp_path: Path) -> None:
    source = next(p for p in embedded_files() if p.stem == "mul8x2u_dadda")
    assert run(["characterize", "--no-synth", str(source), "--library", str(tmp_path)]) == 0
    [table] = (tmp_path / "luts").glob("*/*.npz")
    table.write_bytes(b"")
    assert run(["library", "verify", "--library", str(tmp_path)]) == 3
    assert run(["characterize", "--no-synth", str(source), "--library", str(tmp_path), "--force"]) == 0
    assert run(["library", "verify", "--library", str(tmp_path)]) == 0


def test_characterize_prints_records_and_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = next(p for p in embedded_files() if p.stem == "mul8x2u_dadda")
    arguments = ["characterize", "--no-synth", "--json", "--library", str(tmp_path / "lib")]
    assert run([*arguments, str(good), str(tmp_path / "no.v")]) == 5
    document = json.loads(capsys.readouterr().out)
    assert [circuit["name"] for circuit in document["circuits"]] == ["mul8x2u_dadda"]
    [failure] = document["failed"]
    assert failure["path"] == str(tmp_path / "no.v")
    assert failure["error"].endswith("there is no such file or folder")
    assert run([*arguments, str(tmp_path / "no.v")]) == 3


def test_the_library_is_the_packages_own_name() -> None:
    code = "import mulsmith, sys; assert 'numpy' not in sys.modules; print(mulsmith.Library.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "Library", done.stderr


@pytest.mark.parametrize("tool", sorted(SETS))
def test_an_engineers_own_reports_stand_in_a_record(
    folder: Path, tmp_path: Path, tool: str, capsys: pytest.CaptureFixture[str]
) -> None:
    library = shutil.copytree(folder, tmp_path / "lib")
    files = [tmp_path / f"{number}.rpt" for number in range(len(SETS[tool]))]
    for file, text in zip(files, SETS[tool], strict=True):
        file.write_text(text)
    options = ("--clock-ghz", "0.5", "--activity", "vectors of layer 3", "--library", library)
    document = _json(capsys, "library", "import-reports", "mul8x8u_loa6", *files, *options)
    assert document["synthesis"]["flow"] == f"imported: {tool}"
    assert document["synthesis"]["activity"] == "vectors of layer 3"
    assert document["synthesis"]["clock_ghz"] == 0.5
    assert document["provenance"]["synthesis"]["imported"] is True
    with Library.open(library) as opened:
        assert opened["mul8x8u_loa6"].to_json() == document
    unknown = ["library", "import-reports", "nobody", str(files[0]), "--clock-ghz", "1"]
    assert run([*unknown, "--library", str(library)]) == 3
