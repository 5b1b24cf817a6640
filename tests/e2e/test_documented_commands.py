"""Every ``$ mulsmith ...`` command in README and docs runs and leaves with the exit code it is shown with."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CONSOLE = re.compile(r"^```console(?P<note>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
TIME_LIMIT_S = 600


def _pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def _sessions() -> list[object]:
    """One parameter per page that shows commands: its console blocks run in order in one folder."""
    cases = []
    for page in _pages():
        blocks = list(CONSOLE.finditer(page.read_text(encoding="utf-8")))
        for note in ("", " nightly"):
            bodies = [block["body"] for block in blocks if block["note"] == note]
            if bodies:
                marks = [pytest.mark.nightly] if note else []
                cases.append(pytest.param(bodies, id=f"{page.name}{note}", marks=marks))
        strange = {block["note"] for block in blocks} - {"", " nightly"}
        assert not strange, f"{page}: unknown console note {strange}"
    return cases


def _commands(body: str) -> list[str]:
    lines = body.replace("\\\n", " ").splitlines()
    return [line[2:] for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("bodies", _sessions())
def test_documented_commands_run(bodies: list[str], tmp_path: Path, cache: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name, module in (("mulsmith", " -m mulsmith"), ("python", "")):
        launcher = bin_folder / name
        launcher.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{module} "$@"\n')
        launcher.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    (work / "examples").symlink_to(ROOT / "examples")
    environment = {
        **os.environ,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "MULSMITH_CACHE": str(cache),
    }
    for body in bodies:
        for command in _commands(body):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=work,
                env=environment,
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT_S,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
