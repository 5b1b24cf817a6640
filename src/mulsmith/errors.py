"""The errors that a user can cause, each with file, line, cause and remedy, and the exit code it leads to."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class MulsmithError(Exception):
    """Root of every error that a user can cause.

    Args:
        cause: what is wrong, one sentence without a final full stop.
        path: the file or folder concerned.
        line: 1-based line in ``path``.
        remedy: what the user can do about it, one sentence without a final full stop.
    """

    exit_code: ClassVar[int] = 3

    def __init__(
        self,
        cause: str,
        *,
        path: str | Path | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        self.cause = cause
        self.path = None if path is None else str(path)
        self.line = line
        self.remedy = remedy
        super().__init__(cause)

    def __str__(self) -> str:
        place = ""
        if self.path is not None:
            place = f"{self.path}:{self.line}: " if self.line is not None else f"{self.path}: "
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.cause}{remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.cause, self.path, self.line, self.remedy)

    def at(self, path: str | Path) -> MulsmithError:
        """Return the same error, placed in ``path`` where it names no file yet."""
        if self.path is not None:
            return self
        return type(self)(self.cause, path=path, line=self.line, remedy=self.remedy)


def _rebuild(
    kind: type[MulsmithError], cause: str, path: str | None, line: int | None, remedy: str | None
) -> MulsmithError:
    return kind(cause, path=path, line=line, remedy=remedy)


class NetlistError(MulsmithError):
    """A circuit that cannot be read or is not a combinational multiplier."""


class LutError(MulsmithError):
    """A look-up table of the wrong shape, type, range or dialect."""


class EmulationError(MulsmithError):
    """Tensors, a network or a quantisation that cannot run on a table."""


class DataError(MulsmithError):
    """A data set that is missing, truncated or not of the stated format."""


class LibertyError(MulsmithError):
    """A Liberty file that is missing, broken or lacks a needed function."""


class ReportError(MulsmithError):
    """A report of another tool that is not understood, incomplete, or contradicts another one."""


class StoreError(MulsmithError):
    """A library or run folder that cannot be read or written."""


class ConfigError(MulsmithError):
    """A wrong option, configuration key or value."""

    exit_code = 2


class ToolError(MulsmithError):
    """An external tool that is missing, too old, or was ended by a limit."""

    exit_code = 4
