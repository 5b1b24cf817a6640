"""Yosys in a fresh child process for every job, with time and memory limits.

An error inside pyosys ends its whole process, and results depend on what the process ran before; so each
job gets a process of its own and a temporary folder of its own, and only generated file names reach Yosys.
The children are forked from one server per process (``yosys_server.py``) that has pyosys imported already.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mulsmith.circuits.yosys_server import ABC, EXIT_MEMORY, LOG, SCRIPT, YOSYS
from mulsmith.errors import ToolError
from mulsmith.provenance import tool_version

_WORD = re.compile(r"[A-Za-z0-9_.,:$%*+=&-]+")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_FORBIDDEN = frozenset({"exec", "plugin", "script", "shell", "tcl", "history"})
_OUT_OF_MEMORY = re.compile(
    r"bad_alloc|out of memory|Cannot allocate memory|failed to map segment|libgcc_s\.so\.1 must be",
    re.IGNORECASE,
)
# "a.v:3: ERROR: ...", in newer versions "a.v:3.1-3.9: ERROR: ...", or without a place.
_ERROR = re.compile(r"^(?:([^\s:]+):(\d+)[\d.-]*: )?ERROR: *(.+)", re.MULTILINE)
_GRACE_SECONDS = 30.0
_START_SECONDS = 60.0


class TimeLimitError(ToolError):
    """A job that was ended by its time limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one Yosys job may use: wall-clock ``seconds`` and ``memory_mb`` of address space."""

    seconds: float = 60.0
    memory_mb: int = 4096


def run_yosys(
    commands: Sequence[str],
    files: Mapping[str, bytes],
    results: Sequence[str],
    limits: Limits | None = None,
) -> dict[str, bytes]:
    """Run Yosys passes in a fresh child and return the files that they wrote.

    Args:
        commands: passes in order; the only file names in them are those of ``files`` and ``results``.
        files: name -> content of each file laid into the job's folder beforehand.
        results: names of the files to return.
        limits: time and memory of the job.

    Raises:
        ToolError: pyosys is missing, a pass failed (with Yosys's own message; ``path`` and ``line`` name the
            place in ``files`` where Yosys says it), or a limit was reached.
    """
    return _run(YOSYS, commands, files, results, limits or Limits())


def run_abc(
    commands: Sequence[str],
    files: Mapping[str, bytes],
    results: Sequence[str],
    limits: Limits | None = None,
) -> dict[str, bytes]:
    """Run commands of the ABC that comes with Yosys in a fresh child; arguments as for ``run_yosys``.

    Raises:
        ToolError: pyosys is missing, a result was not written, ABC crashed, or a limit was reached.
    """
    return _run(ABC, commands, files, results, limits or Limits())


def _run(
    program: str, commands: Sequence[str], files: Mapping[str, bytes], results: Sequence[str], limits: Limits
) -> dict[str, bytes]:
    _check(program, commands, [*files, *results])
    server = _HOLDER.get()
    try:
        folder = Path(tempfile.mkdtemp(dir=server.folder))
        try:
            for name, content in files.items():
                (folder / name).write_bytes(content)
            reply = server.ask(
                {
                    "program": program,
                    "commands": list(commands),
                    "folder": str(folder),
                    "seconds": limits.seconds,
                    "memory_mb": limits.memory_mb,
                },
                limits.seconds + _GRACE_SECONDS,
            )
            _raise_failure(program, reply, limits)
            return {name: _result(program, folder / name, reply["log"]) for name in results}
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise ToolError(
            f"the temporary folder of Yosys cannot be used: {error.strerror or error}",
            remedy="make room in it, or set TMPDIR to another folder",
        ) from error


def yosys_version() -> str:
    """Return the version of pyosys, which is that of its Yosys, or ``"absent"``."""
    return tool_version("pyosys")


def _check(program: str, commands: Sequence[str], names: Sequence[str]) -> None:
    for name in names:
        if not _FILE_NAME.fullmatch(name) or name in (LOG, SCRIPT):
            raise ToolError(f"{name!r} is no file name that may be given to {program}")
    for command in commands:
        words = command.split(" ")
        if words[0] in _FORBIDDEN or not all(_WORD.fullmatch(word) for word in words):
            raise ToolError(f"{command!r} is no command that may be given to {program}")


def _raise_failure(program: str, reply: Mapping[str, Any], limits: Limits) -> None:
    if reply["timed_out"]:
        raise TimeLimitError(f"{program} was ended by its time limit of {limits.seconds:g} s")
    if reply["code"] == 0:
        return
    log = str(reply["log"])
    errors = list(_ERROR.finditer(log))
    # A program short of memory may also just crash, ABC as well as Yosys.
    crashed = not errors or "return code" in errors[-1][3]
    large = reply["max_rss_kb"] > 512 * limits.memory_mb
    if reply["code"] == EXIT_MEMORY or _OUT_OF_MEMORY.search(log) or (crashed and large):
        raise ToolError(f"{program} was ended by its memory limit of {limits.memory_mb} MB")
    if errors:
        path, line, cause = errors[-1].groups()
        raise ToolError(f"{program} failed: {cause.strip()}", path=path, line=int(line) if line else None)
    ending = f"signal {-reply['code']}" if reply["code"] < 0 else f"exit code {reply['code']}"
    last = log.strip().rpartition("\n")[2]
    raise ToolError(f"{program} was ended by {ending}; its last line: '{last}'")


def _result(program: str, path: Path, log: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        # ABC goes on after a failed command and leaves with exit code 0.
        said = [line.strip() for line in log.splitlines() if "rror" in line]
        cause = f": {said[0]}" if said else ""
        raise ToolError(f"{program} wrote no '{path.name}'{cause}") from error


class _Server:
    """One running ``yosys_server.py``; any thread may ask it."""

    def __init__(self) -> None:
        self.folder = ""
        ours, theirs = socket.socketpair()
        script = Path(__file__).with_name("yosys_server.py")
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  no shell, no foreign text
                [sys.executable, "-P", str(script), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C reaches the asking process; its closed sockets then end the jobs.
                start_new_session=True,
            )
        self._control = ours
        self._sending = threading.Lock()
        try:
            greeting = _read_reply(ours, _START_SECONDS)
        except ToolError:
            self.close()
            raise
        if "folder" not in greeting:
            self.close()
            raise ToolError(
                f"pyosys cannot be imported: {greeting['missing']}", remedy="install it: pip install pyosys"
            )
        self.folder = str(greeting["folder"])

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Mapping[str, object], seconds: float) -> dict[str, Any]:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._sending:
                socket.send_fds(self._control, [b"j"], [theirs.fileno()])
            ours.sendall(json.dumps(request).encode() + b"\n")
            return _read_reply(ours, seconds)

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def forget(self) -> None:
        """Let go of it in a forked child, where it belongs to the parent."""
        self._control.close()
        self._process.returncode = 0


def _read_reply(channel: socket.socket, seconds: float) -> dict[str, Any]:
    channel.settimeout(seconds)
    data = bytearray()
    while not data.endswith(b"\n"):
        try:
            piece = channel.recv(65536)
        except TimeoutError as error:
            raise ToolError("the Yosys server does not answer") from error
        except ConnectionError:
            piece = b""
        if not piece:
            raise ToolError("the Yosys server ended unexpectedly", remedy="run it again")
        data += piece
    reply: dict[str, Any] = json.loads(data)
    return reply


class _Holder:
    """The server of this process, started at the first job."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.server: _Server | None = None
        self.registered = False

    def get(self) -> _Server:
        with self.lock:
            if not self.registered:
                atexit.register(self.close)
                os.register_at_fork(after_in_child=self.forget)
                self.registered = True
            if self.server is not None and not self.server.alive():
                self.server.close()
                self.server = None
            if self.server is None:
                self.server = _Server()
            return self.server

    def close(self) -> None:
        server, self.server = self.server, None
        if server is not None:
            server.close()

    def forget(self) -> None:
        self.lock = threading.Lock()
        server, self.server = self.server, None
        if server is not None:
            with contextlib.suppress(OSError):
                server.forget()


_HOLDER = _Holder()
