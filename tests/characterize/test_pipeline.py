"""Characterization runs: what is computed again, what stands in the records, what one bad file does."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mulsmith.characterize import versions
from mulsmith.characterize.library import Library
from mulsmith.characterize.pipeline import Options, Outcome, characterize
from mulsmith.circuits.embedded import embedded_files
from mulsmith.errors import ConfigError, StoreError

SMALL = "mul8x4u_dadda"
PLAIN = """// mulsmith: signed = false
module {name}(input [1:0] A, input [1:0] B, output [3:0] O);
  assign O = {{2'b00, A & B}};
endmodule
"""


def _embedded(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for path in embedded_files():
        if path.stem in names:
            shutil.copy(path, folder)
    return folder


def _plain(folder: Path, file: str, module: str = "plain", body: str = PLAIN) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_text(body.format(name=module))
    return path


def _documents(library: Path) -> str:
    with Library.open(library) as opened:
        return json.dumps(opened.documents(), sort_keys=True)


def test_a_second_run_computes_nothing(tmp_path: Path) -> None:
    circuits = _embedded(tmp_path / "in", SMALL, "mul8x8u_dadda")
    first = characterize([circuits], tmp_path / "lib")
    assert (first.computed, first.unchanged, first.failures) == (2, 0, [])
    before = _documents(tmp_path / "lib")
    second = characterize([circuits], tmp_path / "lib")
    assert (second.computed, second.unchanged) == (0, 2)
    assert second.names == first.names
    assert _documents(tmp_path / "lib") == before


def test_a_changed_file_is_computed_again_and_replaces_its_record(tmp_path: Path) -> None:
    file = _plain(tmp_path / "in", "plain.v")
    other = _plain(tmp_path / "in", "other.v", "other")
    characterize([tmp_path / "in"], tmp_path / "lib")
    file.write_text(PLAIN.replace("A & B", "A | B").format(name="plain"))
    outcome = characterize([tmp_path / "in"], tmp_path / "lib")
    assert (outcome.computed, outcome.unchanged) == (1, 1)
    with Library.open(tmp_path / "lib") as library:
        assert library["plain"].lut.table[1, 2] == 3
        assert library["other"].lut.table[1, 2] == 0
    assert other.exists()


def test_a_changed_tool_version_computes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _plain(tmp_path / "in", "plain.v")
    characterize([tmp_path / "in"], tmp_path / "lib")
    monkeypatch.setattr("mulsmith.characterize.run.reading_tools", lambda: {"pyverilog": "99"})
    assert characterize([tmp_path / "in"], tmp_path / "lib").computed == 1


def test_the_own_version_names_the_code_that_computes() -> None:
    assert versions.own_version().count("+") == 1


def test_another_option_computes_again(tmp_path: Path) -> None:
    _plain(tmp_path / "in", "plain.v")
    characterize([tmp_path / "in"], tmp_path / "lib")
    assert characterize([tmp_path / "in"], tmp_path / "lib", Options(signed=True)).computed == 1
    with Library.open(tmp_path / "lib") as library:
        assert library["plain"].lut.signed
        assert library["plain"].provenance["signed_because"] == "asked for by option"
    assert characterize([tmp_path / "in"], tmp_path / "lib", Options(signed=True, force=True)).computed == 1


def test_records_are_the_same_for_any_order_and_number_of_workers(tmp_path: Path) -> None:
    names = (SMALL, "mul8x8u_dadda", "mul8x8s_dadda", "mul8x8u_loa6", "mul8x8u_bam8_2")
    circuits = _embedded(tmp_path / "in", *names)
    characterize([circuits], tmp_path / "one", Options(jobs=1))
    characterize([circuits], tmp_path / "two", Options(jobs=2))
    for path in sorted(circuits.glob("*.v"), reverse=True):
        characterize([path], tmp_path / "reverse", Options(jobs=1))
    assert _documents(tmp_path / "one") == _documents(tmp_path / "two") == _documents(tmp_path / "reverse")
    assert _contents(tmp_path / "one") == _contents(tmp_path / "two") == _contents(tmp_path / "reverse")


def _contents(library: Path) -> dict[str, bytes]:
    files = {str(path.relative_to(library)): path.read_bytes() for path in library.rglob("*.npz")}
    with sqlite3.connect(library / "library.sqlite") as index:
        files |= dict(index.execute("SELECT sha256, body FROM netlists"))
    index.close()
    return files


def test_a_bad_file_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    _plain(tmp_path / "in", "good.v", "good")
    _plain(tmp_path / "in", "bad.v", body="module bad(input [1:0] A, output O); assign O = A[0] endmodule")
    seen = []
    outcome = characterize([tmp_path / "in"], tmp_path / "lib", on_progress=seen.append)
    assert outcome.names == ["good"]
    [failure] = outcome.failures
    assert failure.path.endswith("bad.v")
    assert "bad.v" in str(failure.error)
    assert failure.traceback is None
    assert [(p.done, p.total, p.label, p.status) for p in seen] == [
        (1, 2, "bad.v", "failed"),
        (2, 2, "good.v", "computed"),
    ]


def test_missing_paths_and_empty_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    outcome = characterize([tmp_path / "empty", tmp_path / "missing"], tmp_path / "lib")
    assert [str(failure.error).split(": ")[1] for failure in outcome.failures] == [
        "the folder holds no .v file",
        "there is no such file or folder",
    ]


def test_file_names_that_are_no_identifiers_take_the_module_name(tmp_path: Path) -> None:
    _plain(tmp_path / "in dir; rm", "my mul; exec -- x.v", "mine")
    outcome = characterize([tmp_path / "in dir; rm"], tmp_path / "lib dir; rm")
    assert (outcome.names, outcome.failures) == (["mine"], [])
    with Library.open(tmp_path / "lib dir; rm") as library:
        assert library["mine"].source == "my mul; exec -- x.v"


def test_equal_functions_keep_all_names_and_one_table(tmp_path: Path) -> None:
    _plain(tmp_path / "in", "one.v", "one")
    _plain(tmp_path / "in", "two.v", "two", PLAIN.replace("A & B", "~(~A | ~B)"))
    characterize([tmp_path / "in"], tmp_path / "lib")
    with Library.open(tmp_path / "lib") as library:
        assert list(library) == ["one", "two"]
        assert library.functions() == [["one", "two"]]
        assert library["one"].netlist_sha256 != library["two"].netlist_sha256
        assert library["one"].lut == library["two"].lut
    assert len(list((tmp_path / "lib").rglob("*.npz"))) == 1


def test_the_same_circuit_in_two_folders_is_one_record(tmp_path: Path) -> None:
    _plain(tmp_path / "in" / "a", "plain.v")
    _plain(tmp_path / "in" / "b", "plain.v")
    outcome = characterize([tmp_path / "in"], tmp_path / "lib")
    assert (outcome.names, outcome.computed, outcome.failures) == (["plain"], 2, [])
    assert characterize([tmp_path / "in"], tmp_path / "lib").unchanged == 2
    with Library.open(tmp_path / "lib") as library:
        assert library["plain"].source == "a/plain.v"


def test_one_name_for_two_circuits_is_refused(tmp_path: Path) -> None:
    _plain(tmp_path / "in" / "a", "plain.v")
    _plain(tmp_path / "in" / "b", "plain.v", body=PLAIN.replace("A & B", "A | B"))
    refused: Callable[[Outcome], str] = lambda outcome: str(outcome.failures[0].error)  # noqa: E731
    outcome = characterize([tmp_path / "in"], tmp_path / "lib")
    assert "the name 'plain' already stands for another circuit, from a/plain.v" in refused(outcome)
    later = characterize([tmp_path / "in" / "b"], tmp_path / "lib2")
    assert later.names == ["plain"]
    other = _plain(tmp_path / "c" / "deep", "plain.v").parent.parent
    assert "already stands for another circuit" in refused(characterize([other], tmp_path / "lib2"))
    assert characterize([other], tmp_path / "lib2", Options(force=True)).failures == []
    with Library.open(tmp_path / "lib2") as library:
        assert library["plain"].source == "deep/plain.v"


def test_jobs_below_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        characterize([tmp_path], tmp_path / "lib", Options(jobs=0))


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lib").write_text("")
    with pytest.raises(StoreError):
        characterize([], tmp_path / "lib")


def test_a_rejected_file_is_called_as_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "module m(input [1:0] A, output [1:0] O);\nassign O = A;\nendmodule\n"
    _plain(tmp_path / "in", "odd; name.v", body=text)
    monkeypatch.chdir(tmp_path)
    [failure] = characterize([Path("in")], tmp_path / "lib").failures
    assert failure.path == "in/odd; name.v"
    assert str(failure.error).startswith("in/odd; name.v: module 'm' has 1 inputs and 1 outputs")
