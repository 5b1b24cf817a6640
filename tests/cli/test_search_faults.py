"""``mulsmith search`` with what goes wrong: bad input, full disks, failing evaluations, Ctrl-C."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mulsmith.characterize.library import Library
from mulsmith.cli import EXIT_INTERRUPTED, EXIT_PARTIAL, EXIT_REJECTED, EXIT_USAGE, run
from mulsmith.emulate.training import save_state
from mulsmith.emulate.zoo import build
from mulsmith.search.assignment import EmulatedAssignment

NAMES = ("mul8x8u_dadda", "mul8x8u_trunc8", "mul8x8u_or2_c12_cut9")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that stand for a trained network, so that no run has to train one."""
    with Library.embedded():
        pass
    path = tmp_path_factory.mktemp("weights") / "weights.pt"
    save_state(path, build("digits-cnn", 10, 1).state_dict())
    return path


def _command(folder: Path, weights: Path, method: str = "uniform", text: str = "") -> list[str]:
    config = folder / "config.toml"
    names = ", ".join(f'"{name}"' for name in NAMES)
    network = f'[network]\nweights = "{weights}"\n'
    circuits = "" if "[circuits]" in text else f"[circuits]\nnames = [{names}]\n"
    images = "" if "[evaluation]" in text else "[evaluation]\nimages = 60\n"
    config.write_text(network + circuits + images + text)
    return ["search", method, str(config), "--run", str(folder / "run")]


def _said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("initial", "message"),
    [
        ('{conv9 = "mul8x8u_dadda"}', "unknown layers ['conv9'] and lacks layers ['conv1', 'conv2', 'conv3'"),
        (
            ", ".join(f'{layer} = "mul8u_none"' for layer in ("conv1", "conv2", "conv3", "fc")),
            "unknown multipliers ['mul8u_none']",
        ),
    ],
)
def test_assignments_with_unknown_names(
    initial: str, message: str, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"[alwann]\ninitial = [{{{initial.strip('{}')}}}]\n"
    assert run(_command(tmp_path, weights, "alwann", text)) == EXIT_USAGE
    assert message in _said(capsys)


def test_a_library_without_synthesis_figures(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rtl, library = Path(__file__).parents[2] / "circuits" / "rtl", tmp_path / "library"
    sources = [str(next(rtl.rglob(f"{name}.v"))) for name in NAMES[:2]]
    assert run(["characterize", *sources, "--no-synth", "--library", str(library)]) == 0
    command = _command(tmp_path, weights, text=f'[circuits]\nlibrary = "{library}"\n')
    assert run(command) == EXIT_REJECTED
    assert "none of the 2 circuits has synthesis figures" in _said(capsys)


@pytest.mark.parametrize(
    ("method", "text", "message"),
    [
        ("uniform", '[circuits]\nnames = ["mul8x8u_trunc8"]\n', "no exact 8x8 multiplier among the circuits"),
        ("assign", "[assign]\nbudget = 4\n", "a budget of 4 evaluations is too small for 1 probes of each"),
        ("alwann", "[alwann]\ntiles = 5\n", "tiles = 5 is outside 1..4 (the number of layers)"),
        ("qos", "[qos]\nsizes = [0]\n[retraining]\nepochs = 0\n", "a subset of 0 multipliers is empty"),
        ("uniform", '[evaluation]\nlayers = ["pool*"]\n', "evaluation.layers: no layer matches 'pool*'"),
        (
            "assign",
            "[evaluation]\nreference_saving_percent = 99.9\n",
            "evaluation.reference_saving_percent: no assignment saves 99.9 %, the cheapest multiplier in",
        ),
    ],
)
def test_constraints_that_leave_nothing_are_named(
    method: str, text: str, message: str, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(_command(tmp_path, weights, method, text)) == EXIT_USAGE
    assert message in _said(capsys)


def test_a_run_folder_of_another_version(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    with closing(sqlite3.connect(tmp_path / "run" / "run.sqlite")) as database:
        database.execute("PRAGMA user_version = 99")
    assert run(_command(tmp_path, weights)) == EXIT_REJECTED
    assert "is of format 99, but this mulsmith writes format 1" in _said(capsys)


def test_a_damaged_run_folder(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.sqlite").write_bytes(b"no database at all, but long enough to be read" * 9)
    assert run(_command(tmp_path, weights)) == EXIT_REJECTED
    assert "file is not a database" in _said(capsys)


def test_candidates_that_raise_or_give_nan_are_marked_and_the_run_goes_on(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = EmulatedAssignment.judge

    def broken(self: Any, network: Any, layers: Any, fidelity: Any) -> dict[str, float]:
        found = judge(self, network, layers, fidelity)
        if layers["fc"] == NAMES[1]:
            raise ZeroDivisionError("a fault of this candidate")
        return {**found, "loss": float("nan")} if layers["fc"] == NAMES[2] else found

    monkeypatch.setattr(EmulatedAssignment, "judge", broken)
    assert run([*_command(tmp_path, weights), "--json"]) == EXIT_PARTIAL
    result = json.loads(capsys.readouterr().out)
    assert result["evaluations"] == 3
    assert [set(point["assignment"].values()) for point in result["front"]] == [{NAMES[0]}]
    reasons = {failure["error"] for failure in result["failed"]}
    assert reasons == {"ZeroDivisionError: a fault of this candidate", "not finite: loss"}
    stored = (tmp_path / "run" / "evaluations.jsonl").read_text()
    assert "Traceback (most recent call last)" in stored
    assert "in broken" in stored


def _process(command: list[str], **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mulsmith", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def _small_files() -> None:
    """Let no file grow beyond what the database has at its start, as on a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))


def test_a_full_disk_stops_the_run_and_room_lets_it_go_on(weights: Path, tmp_path: Path) -> None:
    command = [*_command(tmp_path, weights, "alwann", "[alwann]\ngenerations = 2\n"), "--json"]
    full = _process(command, preexec_fn=_small_files)
    _, said = full.communicate(timeout=300)
    assert full.returncode == EXIT_REJECTED, said
    assert "cannot use the database" in said or "cannot write" in said
    assert "Traceback" not in said
    room = _process(command)
    document, said = room.communicate(timeout=300)
    assert room.returncode == 0, said
    assert json.loads(document)["failed"] == []


def test_a_disk_that_fills_up_in_an_evaluation_fails_no_candidate(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "[retraining]\nepochs = 1\nimages = 64\n"
    command = _command(tmp_path, weights, text=text)

    def full(path: Path, state: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        assert run(command) == EXIT_REJECTED
    assert "cannot write: No space left on device (free space or name another folder)" in _said(capsys)
    assert run([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == []


@pytest.fixture(params=["loading", "working"])
def started(weights: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A long search on two workers that load, or have made their first evaluations."""
    text = "[alwann]\ngenerations = 500\n[runner]\nworkers = 2\n"
    process = _process(_command(tmp_path, weights, "alwann", text), start_new_session=True)
    database = tmp_path / "run" / "run.sqlite"
    while process.poll() is None and not (
        len(_alive_in_group(process.pid)) > 2 if request.param == "loading" else _count(database)
    ):
        time.sleep(0.1)
    if request.param == "loading":
        time.sleep(0.3)
    yield process
    process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _count(database: Path) -> int:
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT COUNT(*) FROM evaluation").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@pytest.mark.parametrize("whole_group", [True, False])
def test_ctrl_c_ends_the_run_and_its_workers(started: subprocess.Popen[str], whole_group: bool) -> None:
    if whole_group:
        os.killpg(started.pid, signal.SIGINT)
    else:
        started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=120)
    assert started.returncode == EXIT_INTERRUPTED, said
    assert said.rstrip().endswith("interrupted")
    assert "Traceback" not in said
    end = time.monotonic() + 30
    while _alive_in_group(started.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert not _alive_in_group(started.pid)


def _alive_in_group(group: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, own_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(own_group) == group and state != "Z":
            found.append(int(entry.name))
    return found
