"""The text of a Verilog file: read, checked, and freed of comments, attributes and harmless directives."""

from __future__ import annotations

import re
from pathlib import Path

from mulsmith.circuits.netlist import MAX_IDENTIFIER
from mulsmith.errors import NetlistError

MAX_BYTES = 2 * 1024 * 1024
MAX_DIGITS = 1024

# Directives without any influence on a circuit of one file.
_HARMLESS = (
    r"(?:timescale[ \t]+\d+[ \t]*[munpf]?s[ \t]*/[ \t]*\d+[ \t]*[munpf]?s|default_nettype[ \t]+\w+"
    r"|resetall|celldefine|endcelldefine)\b"
)
SYSTEM_FUNCTIONS = ("$signed", "$unsigned", "$clog2")

_SPECIAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|/\*|"(?:\\.|[^"\\\n])*"|"'
    rf"|`({_HARMLESS})|`[ \t]*(\w*)|\\\S*|\(\*(?!\s*\))[^;()]*?\*\)|\^~",
    re.DOTALL,
)
_TOO_LONG = re.compile(rf"[A-Za-z_][\w$]{{{MAX_IDENTIFIER}}}|[\da-fA-F_]{{{MAX_DIGITS}}}")
_SYSTEM = re.compile(r"(?<![\w$])\$\w+")
_FORBIDDEN = re.compile(r"[^\n\t\x20-\x7e]")
_NATIVE = re.compile(r"\b(?:import|export|bind|extern)\b")


def read_source(path: Path) -> str:
    """Return the text of a Verilog file.

    Raises:
        NetlistError: no such file, not a file, not readable, empty, too large, binary, or not UTF-8.
    """
    try:
        if path.is_dir():
            raise NetlistError("is a folder, not a Verilog file", path=path)
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NetlistError("no such file", path=path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NetlistError(f"cannot be read: {reason}", path=path) from None
    if len(data) > MAX_BYTES:
        raise NetlistError(f"is larger than {MAX_BYTES // 1024} KiB", path=path)
    if b"\0" in data:
        raise NetlistError("is a binary file, not Verilog text", path=path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NetlistError(
            f"is not UTF-8 text (byte 0x{data[error.start]:02x})",
            path=path,
            line=line,
            remedy="save the file as UTF-8",
        ) from None
    if not text.strip():
        raise NetlistError("is empty", path=path)
    return text


def clean(text: str) -> str:
    """Return the text with comments, attributes and harmless directives blanked, line numbers unchanged.

    The reduction and binary operator ``^~`` becomes its synonym ``~^``.

    Raises:
        NetlistError: other directives, escaped identifiers, unknown system tasks, foreign functions,
            unterminated comments or strings, characters outside ASCII, names or numbers beyond the limits.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", " ").replace("\v", " ")
    if len(text) > MAX_BYTES:
        raise NetlistError(f"is larger than {MAX_BYTES // 1024} KiB")
    text = _SPECIAL.sub(_replace, text)
    for pattern, describe in (
        (_FORBIDDEN, _describe_character),
        (_TOO_LONG, _describe_length),
        (_SYSTEM, _describe_system),
        (_NATIVE, _describe_native),
    ):
        for match in pattern.finditer(text):
            cause = describe(match.group())
            if cause is not None:
                raise NetlistError(cause, line=_line(text, match.start()))
    return text


def _replace(match: re.Match[str]) -> str:
    found = match.group()
    if found == "^~":
        return "~^"
    if found[:2] in ("//", "(*") or (found[:2] == "/*" and len(found) > 2) or match.group(1):
        return " " + "\n" * found.count("\n")
    if found[0] == '"' and len(found) > 1:
        return found
    # Only here: counting lines for every comment would make long files slow.
    line = _line(match.string, match.start())
    if found == "/*":
        raise NetlistError("comment without an end", line=line)
    if found == '"':
        raise NetlistError("string without an end", line=line)
    if found[0] == "`":
        raise NetlistError(
            f"compiler directive `{match.group(2)} is not supported",
            line=line,
            remedy="preprocess the file first, for example with iverilog -E",
        )
    shown = found if len(found) <= MAX_IDENTIFIER else found[:MAX_IDENTIFIER] + "..."
    raise NetlistError(
        f"escaped identifier {shown!r} is not a plain Verilog identifier",
        line=line,
        remedy="use letters, digits, '_' and '$' only",
    )


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _describe_character(found: str) -> str:
    return f"character {found!r} outside a comment"


def _describe_length(found: str) -> str:
    if found[0].isdigit() or len(found) >= MAX_DIGITS:
        return f"number of more than {MAX_DIGITS} digits"
    return f"identifier '{found[:20]}...' is longer than {MAX_IDENTIFIER} characters"


def _describe_system(found: str) -> str | None:
    return None if found in SYSTEM_FUNCTIONS else f"system task {found} is not supported"


def _describe_native(found: str) -> str:
    return f"'{found}' is not supported"
