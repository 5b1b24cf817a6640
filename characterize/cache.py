"""The user's cache folder, and the library of the embedded circuits that is made in it once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mulsmith import __version__
from mulsmith.characterize.pipeline import Options, SynthesisOptions, characterize, is_current
from mulsmith.errors import StoreError

VARIABLE = "MULSMITH_CACHE"


def cache_folder() -> Path:
    """Return where mulsmith keeps what it can compute again: ``$MULSMITH_CACHE`` or the platform's place.

    Raises:
        StoreError: the platform names no home folder.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32" and "LOCALAPPDATA" in os.environ:
        return Path(os.environ["LOCALAPPDATA"]) / "mulsmith" / "Cache"
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "mulsmith"
    try:
        home = Path.home()
    except RuntimeError:
        raise StoreError("there is no home folder", remedy=f"set {VARIABLE} to a folder") from None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "mulsmith"


def embedded_library() -> Path:
    """Return the folder of the embedded circuits' library, characterizing what is missing or outdated in it.

    Several processes may call this at once: one computes, the others wait for it. What is done is said on
    standard error.

    Raises:
        StoreError: the cache folder cannot be written.
    """
    folder = cache_folder() / f"embedded-{__version__}"
    options = Options(prune=True, synthesis=SynthesisOptions())
    if is_current((), folder, options):
        return folder
    _say(f"characterizing the embedded circuits once into {folder}")
    try:
        outcome = characterize(
            (), folder, options, on_wait=lambda: _say("waiting for another process that does it")
        )
    except StoreError as error:
        remedy = f"set {VARIABLE} to a folder that can be written"
        raise StoreError(error.cause, path=error.path, line=error.line, remedy=remedy) from error
    for failure in outcome.failures:
        raise failure.error
    return folder


def _say(text: str) -> None:
    sys.stderr.write(f"mulsmith: {text}\n")
    sys.stderr.flush()
