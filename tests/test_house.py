"""The house rules that tools can check: lint, format, types, import order, lean start, packaged files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _run(*command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)],
    ids=["lint", "format", "types"],
)
def test_tool_is_content(arguments: tuple[str, ...]) -> None:
    _run(sys.executable, "-m", *arguments)


def test_rooms_import_one_way() -> None:
    _run(str(Path(sys.executable).with_name("lint-imports")))


def test_rooms_are_linked_into_the_package() -> None:
    for room in ("circuits", "characterize", "emulate", "energy", "search"):
        assert (ROOT / "src" / "mulsmith" / room).resolve() == ROOT / room


@pytest.mark.parametrize("heavy", ["torch", "numpy", "pyosys", "pyverilog", "matplotlib", "sklearn", "rich"])
def test_help_imports_nothing_heavy(heavy: str) -> None:
    code = f"import sys; from mulsmith.cli import run; run(['--help']); sys.exit({heavy!r} in sys.modules)"
    _run(sys.executable, "-c", code)


def test_files_stay_short() -> None:
    too_long = []
    for room in ("src", "circuits", "characterize", "emulate", "energy", "search"):
        for path in (ROOT / room).rglob("*.py"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > 500:
                too_long.append(f"{path.relative_to(ROOT)}: {lines}")
    assert not too_long
