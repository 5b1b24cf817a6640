"""The cache of the embedded circuits' library: made once, kept current, safe for several processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mulsmith
from mulsmith.characterize import cache
from mulsmith.circuits.embedded import embedded_files
from mulsmith.errors import StoreError

FEW = ("mul8x2u_dadda", "mul8x3u_dadda")
SCRIPT = """
import sys
from pathlib import Path
import mulsmith.circuits.embedded as embedded
files = [path for path in embedded.embedded_files() if path.stem in sys.argv[1:]]
embedded.embedded_files = lambda: files
import mulsmith
library = mulsmith.Library.embedded()
print(*library)
"""


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    files = [path for path in embedded_files() if path.stem in FEW]
    assert len(files) == len(FEW)
    monkeypatch.setattr("mulsmith.circuits.embedded.embedded_files", lambda: files)
    monkeypatch.setenv("MULSMITH_CACHE", str(tmp_path / "cache"))
    return files


def test_it_is_made_once_and_says_so(few: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    with mulsmith.Library.embedded() as library:
        assert list(library) == sorted(FEW)
        assert library[FEW[0]].errors.mae == 0
        assert library[FEW[0]].source == f"mulsmith/circuits/rtl/{FEW[0]}.v"
    assert capsys.readouterr().err.startswith("mulsmith: characterizing the embedded circuits once into ")
    mulsmith.Library.embedded().close()
    assert capsys.readouterr().err == ""


def test_a_circuit_that_is_embedded_no_more_is_removed(few: list[Path]) -> None:
    mulsmith.Library.embedded().close()
    few.pop()
    with mulsmith.Library.embedded() as library:
        assert list(library) == [few[0].stem]


def test_two_processes_make_it_together(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "MULSMITH_CACHE": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, "-c", SCRIPT, *FEW]
    both = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert out.split() == sorted(FEW)


def test_a_cache_that_cannot_be_written_names_the_variable(few: list[Path], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(StoreError, match="MULSMITH_CACHE"):
        mulsmith.Library.embedded()


def test_the_folder_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MULSMITH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / "mulsmith"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.cache_folder().is_relative_to(tmp_path)


def test_a_complete_cache_needs_no_writing(few: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    mulsmith.Library.embedded().close()
    monkeypatch.setattr("mulsmith.characterize.cache.characterize", None)
    mulsmith.Library.embedded().close()
