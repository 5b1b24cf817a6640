"""The command in processes forked from one that has torch loaded: quick to start, and to kill with -9."""

import multiprocessing
import os
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.context import ForkServerContext

from mulsmith.characterize.library import Library
from mulsmith.cli import run

LOADED = (
    "mulsmith.codesign",
    "mulsmith.codesign.nas_run",
    "mulsmith.report",
    "sklearn.datasets",
)


@lru_cache
def _context() -> ForkServerContext:
    with Library.embedded():
        pass
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LOADED])
    return context


def _command(arguments: list[str], prepare: Callable[[], None] | None) -> None:
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    if prepare is not None:
        prepare()
    os._exit(run(arguments))


def run_forked(
    arguments: list[str], lives_s: float | None = None, prepare: Callable[[], None] | None = None
) -> int:
    """Run the command in a process, killed after a while, and return its exit code; -9 where it was killed.

    Args:
        arguments: of ``mulsmith``.
        lives_s: seconds after which it is killed; without it the process runs to its end.
        prepare: called in the process before the command; picklable.
    """
    process = _context().Process(target=_command, args=(arguments, prepare))
    process.start()
    process.join(lives_s)
    process.kill()
    process.join()
    assert process.exitcode is not None
    return process.exitcode
