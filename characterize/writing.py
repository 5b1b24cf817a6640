"""Open a library for writing: one writer at a time, leftovers of killed ones removed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from mulsmith.characterize.lut_files import remove_leftovers
from mulsmith.characterize.store import Store
from mulsmith.errors import StoreError
from mulsmith.storage import storage_errors, writer_lock

OnWait = Callable[[], None] | None
LOCK_TIMEOUT_S = 3600.0


@contextlib.contextmanager
def writing(folder: Path, on_wait: OnWait = None) -> Iterator[Store]:
    """Hold the one writer's place of a library, made where there is none, and give its index.

    Args:
        folder: the library.
        on_wait: called once where another process has the place; it is waited for.

    Raises:
        StoreError: the folder cannot be written, or the other process does not end within an hour.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(writer_lock(folder))
        except StoreError as error:
            if not error.cause.startswith("another process"):
                raise
            if on_wait is not None:
                on_wait()
            held.enter_context(writer_lock(folder, wait_s=LOCK_TIMEOUT_S))
        remove_leftovers(folder)
        yield held.enter_context(contextlib.closing(Store.create(folder)))
