"""Worker processes that answer JSON requests; one that dies costs one reply, not the run.

The children are plain interpreters of their own: nothing is forked from a process that may hold threads, and
a script that calls the library needs no ``__main__`` guard.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Hashable, Mapping
from types import TracebackType
from typing import Any, Self

Reply = dict[str, Any]
Tag = Hashable

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from mulsmith.characterize.worker import main; main()"
)


class WorkerPool:
    """A fixed number of worker processes, each started with its first request.

    Args:
        size: how many.
    """

    def __init__(self, size: int) -> None:
        self._requests: queue.SimpleQueue[tuple[Tag, str] | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[tuple[Tag, Reply]] = queue.SimpleQueue()
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._closed = False
        self._threads = [threading.Thread(target=self._serve, args=(i,), daemon=True) for i in range(size)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for _ in self._threads:
            self._requests.put(None)
        if kind is not None:
            for process in list(self._processes.values()):
                _kill(process)
        for thread in self._threads:
            thread.join()

    def submit(self, tag: Tag, request: Mapping[str, Any]) -> None:
        """Queue a request; its reply comes back with the same tag."""
        self._requests.put((tag, json.dumps(request)))

    def next_reply(self) -> tuple[Tag, Reply]:
        """Wait for a reply: its tag, and ``{"ok"}``, ``{"error"}``, ``{"internal"}`` or ``{"died"}``."""
        return self._replies.get()

    def _serve(self, index: int) -> None:
        while (item := self._requests.get()) is not None and not self._closed:
            tag, request = item
            try:
                reply = self._ask(index, request)
            except Exception:
                reply = {"internal": traceback.format_exc()}
            self._replies.put((tag, reply))
        if index in self._processes:
            _end(self._processes[index])

    def _ask(self, index: int, request: str) -> Reply:
        process = self._processes.get(index)
        if process is None:
            process = self._processes[index] = _start()
        reply = _exchange(process, request)
        if reply is None:
            del self._processes[index]
            reply = {"died": _end(process)}
        return reply


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 -- this interpreter, a constant program
        [sys.executable, "-c", _START, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="ascii",
        start_new_session=True,
    )


def _exchange(process: subprocess.Popen[str], request: str) -> Reply | None:
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(request + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except OSError:
        return None
    if not line.endswith("\n"):
        return None
    reply: Reply = json.loads(line)
    return reply


def _end(process: subprocess.Popen[str]) -> int:
    """Let a worker end by itself; return its exit status."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    if process.stdout is not None:
        process.stdout.close()
    return process.wait()


def _kill(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
