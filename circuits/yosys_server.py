"""The process that holds an imported pyosys and forks one supervised child per Yosys job.

``circuits/yosys.py`` starts this file as a script and passes it one end of a socket. Every job arrives there
as a socket of its own. A supervisor is forked for it; that one forks the job into a process group of its own,
and kills the whole group, yosys-abc included, when the job is over, when its time is up, or when the asking
process has gone. Only the standard library and pyosys are imported.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import math
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, NoReturn

YOSYS = "Yosys"
ABC = "ABC"
LOG = "yosys.log"
SCRIPT = "abc.script"
MAX_FILE_BYTES = 1 << 30
EXIT_MEMORY = 77
_LOG_TAIL = 65536
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve jobs until the process that started this one closes its end of the socket."""
    control = socket.socket(fileno=int(sys.argv[1]))
    os.umask(0o077)
    base = tempfile.mkdtemp(prefix="mulsmith-yosys-")
    try:
        _serve(control, base)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _serve(control: socket.socket, base: str) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    try:
        from pyosys import libyosys
    except (ImportError, OSError) as error:
        _send(control, {"missing": str(error)})
        return
    _send(control, {"folder": base})
    supervisors: set[int] = set()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            break
        supervisors -= {pid for pid in supervisors if os.waitpid(pid, os.WNOHANG)[0] == pid}
        if not descriptors:
            continue
        with socket.socket(fileno=descriptors[0]) as asker:
            pid = os.fork()
            if pid == 0:
                control.close()
                _supervise(asker, libyosys)
        supervisors.add(pid)
    for pid in supervisors:
        os.waitpid(pid, 0)


def _supervise(asker: socket.socket, libyosys: Any) -> NoReturn:
    # Leaves by os._exit, whatever happens: nothing of the server's own clean-up may run here.
    _die_with_parent()
    try:
        request = json.loads(_receive_line(asker))
        pid = os.fork()
        if pid == 0:
            asker.close()
            _run_job(request, libyosys)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        # The asker sends nothing after its request, so that anything readable means that it has gone.
        reason = _watch(pid, asker, float(request["seconds"]))
        # Not yet waited for, the job's number cannot belong to another group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        reply = {
            "code": os.waitstatus_to_exitcode(status),
            "timed_out": reason == "timeout",
            "max_rss_kb": usage.ru_maxrss,
            "log": _tail(Path(request["folder"]) / LOG),
        }
        with contextlib.suppress(OSError):
            _send(asker, reply)
    finally:
        os._exit(0)


def _watch(pid: int, asker: socket.socket, seconds: float) -> str:
    """Return "done", "timeout" or "gone", whichever comes first; the job stays unreaped."""
    events: list[str] = []
    first = threading.Event()

    def report(event: str) -> None:
        events.append(event)
        first.set()

    def job_end() -> None:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        report("done")

    def asker_end() -> None:
        with contextlib.suppress(OSError):
            asker.recv(1)
        report("gone")

    for target in (job_end, asker_end):
        threading.Thread(target=target, daemon=True).start()
    return events[0] if first.wait(seconds) else "timeout"


def _run_job(request: dict[str, Any], libyosys: Any) -> NoReturn:
    code = 1
    try:
        os.setpgid(0, 0)
        _die_with_parent()
        folder = str(request["folder"])
        os.chdir(folder)
        log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        # ABC keeps a cache of the Liberty in the temporary folder: each job its own.
        os.environ["TMPDIR"] = folder
        _limit(float(request["seconds"]), int(request["memory_mb"]))
        if request["program"] == ABC:
            Path(SCRIPT).write_text("\n".join([*request["commands"], "quit", ""]))
            os.execv(_abc(libyosys), [ABC, "-f", SCRIPT])  # noqa: S606  a fixed program without shell
        code = _passes(request["commands"], libyosys)
    except OSError as error:
        os.write(2, f"\nERROR: {error}\n".encode())
    finally:
        os._exit(code)


def _abc(libyosys: Any) -> str:
    return str(Path(libyosys.__file__).with_name("yosys-abc"))


def _passes(commands: list[str], libyosys: Any) -> int:
    try:
        design = libyosys.Design()
        for command in commands:
            libyosys.run_pass(command, design)
        libyosys.log_flush()
    except MemoryError:
        return EXIT_MEMORY
    except Exception as error:
        os.write(2, f"\nERROR: {error}\n".encode())
        return 1
    return 0


def _limit(seconds: float, memory_mb: int) -> None:
    # The processor time only catches what outlives a killed supervisor.
    cpu = math.ceil(seconds) + 5
    for kind, value in (
        (resource.RLIMIT_AS, memory_mb << 20),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _LOG_TAIL))
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _send(channel: socket.socket, message: dict[str, object]) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


def _receive_line(channel: socket.socket) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        data = channel.recv(65536)
        if not data:
            raise EOFError
        line += data
    return bytes(line)


if __name__ == "__main__":
    main()
