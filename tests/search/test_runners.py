"""Runners: workers that are kept, lost, abandoned or orphaned, and the configuration that names them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mulsmith.errors import ConfigError, ToolError
from mulsmith.search.runner import ProcessRunner, Runner, SerialRunner
from mulsmith.search.runner_choice import RunnerOptions, open_runner
from mulsmith.search.trial import Candidate, Trial
from tests.search.problem import LAYERS, MULTIPLIERS, ToyEvaluator

ROOT = Path(__file__).resolve().parent.parent.parent
TRIALS = [Trial(Candidate({"layers": {**dict.fromkeys(LAYERS, "exact"), "fc": m}})) for m in MULTIPLIERS]
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Pids:
    """Evaluates to the process that it runs in, after a while."""

    seconds: float = 0.0
    identity: Mapping[str, Any] = field(default_factory=dict)

    def evaluate(self, trial: Trial) -> Mapping[str, float]:
        time.sleep(self.seconds)
        return {"pid": float(os.getpid())}


def _pids(runner: Runner, evaluator: Pids) -> set[int]:
    return {int(outcome.metrics["pid"]) for _, outcome in runner.run(evaluator, TRIALS)}


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _wait_until_gone(pids: set[int]) -> set[int]:
    """Return those that are still there after a while."""
    end = time.monotonic() + PATIENCE_S
    while any(_is_alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    return {pid for pid in pids if _is_alive(pid)}


def test_workers_are_kept_between_batches_and_end_with_the_runner() -> None:
    evaluator = Pids(0.05)
    with ProcessRunner(2) as runner:
        first, second = _pids(runner, evaluator), _pids(runner, evaluator)
        assert len(first) <= 2
        assert first & second
        assert not _pids(runner, Pids(0.01)) & first
    assert not _wait_until_gone(first | second)


def test_an_idle_worker_that_is_killed_costs_no_trial() -> None:
    evaluator = Pids()
    with ProcessRunner(1) as runner:
        (first,) = _pids(runner, evaluator)
        os.kill(first, signal.SIGKILL)
        assert not _wait_until_gone({first})
        outcomes = [outcome for _, outcome in runner.run(evaluator, TRIALS)]
    assert [outcome.error for outcome in outcomes] == [None] * len(TRIALS)


def test_an_abandoned_batch_ends_its_workers_at_once() -> None:
    start = time.monotonic()
    with ProcessRunner(2) as runner:
        pids = _pids(runner, Pids())
        slow = Pids(600)
        batch = runner.run(slow, TRIALS)
        with pytest.raises(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            previous = signal.signal(signal.SIGALRM, _interrupt)
            try:
                next(batch)
            finally:
                signal.signal(signal.SIGALRM, previous)
    assert not _wait_until_gone(pids)
    assert time.monotonic() - start < 300


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


ORPHANS = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from mulsmith.search.runner import ProcessRunner
from tests.search.test_runners import Pids, TRIALS, _pids
if __name__ == "__main__":
    with ProcessRunner(2) as runner:
        evaluator = Pids(0.05)
        print(*_pids(runner, evaluator), flush=True)
        list(runner.run(Pids(600), TRIALS))
"""


def test_workers_of_a_killed_run_do_not_stay(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    run = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    children = {int(pid) for pid in run.stdout.readline().split()}
    assert children
    children |= _children(run.pid)
    run.kill()
    run.stdout.close()
    run.wait()
    assert not _wait_until_gone(children)


def _children(pid: int) -> set[int]:
    """Return the processes that a process started."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(entry.name))
    return found


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, SerialRunner),
        ({"workers": 2}, ProcessRunner),
        ({"kind": "processes"}, ProcessRunner),
        ({"kind": "serial"}, SerialRunner),
    ],
)
def test_the_configuration_names_the_runner(options: dict[str, Any], kind: type, tmp_path: Path) -> None:
    with open_runner(RunnerOptions(**options), tmp_path) as runner:
        assert isinstance(runner, kind)


def test_several_workers_in_one_process_are_refused(tmp_path: Path) -> None:
    options = RunnerOptions(kind="serial", workers=2)
    with pytest.raises(ConfigError, match="'serial' has one worker, not 2"), open_runner(options, tmp_path):
        pass


def test_slurms_jobs_give_the_serial_result(tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    from mulsmith.search.slurm_runner import SlurmRunner

    evaluator = ToyEvaluator(fail_on="medium")
    found = dict(SlurmRunner(tmp_path, workers=2, cluster="local").run(evaluator, TRIALS[1:3]))
    assert found[0].metrics == dict(SerialRunner().run(evaluator, TRIALS[1:2]))[0].metrics
    assert "this layer cannot be evaluated" in str(found[1].error)


@pytest.mark.nightly  # submitit gives a lost job a quarter of a minute to show up again.
def test_a_job_that_dies_is_marked(tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    from mulsmith.search.slurm_runner import SlurmRunner

    found = dict(SlurmRunner(tmp_path, cluster="local").run(ToyEvaluator(kill_on="coarse"), TRIALS[3:]))
    assert "lost by Slurm" in str(found[0].error)


def test_a_machine_without_slurm_says_so(tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    options = RunnerOptions(kind="slurm")
    with pytest.raises(ToolError, match="no Slurm answers here"), open_runner(options, tmp_path):
        pass
