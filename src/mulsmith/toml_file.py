"""Read TOML and check it against a pydantic schema, so that errors name file, line and nearest key."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from mulsmith.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
MAX_BYTES = 1 << 20
_BROKEN_LINE = re.compile(r"\(at line (\d+)")


class Section(BaseModel):
    """Base of every configuration schema: immutable, unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def read_toml(kind: type[Model], path: Path) -> Model:
    """Return the checked configuration in a TOML file.

    Raises:
        ConfigError: it cannot be read, is no TOML, or a key or value is wrong; with line and nearest key.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"the file has more than {MAX_BYTES} bytes", path=path)
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read: {error.strerror}", path=path) from error
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8 text", path=path) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _BROKEN_LINE.search(str(error))
        line = int(found[1]) if found else None
        raise ConfigError(f"not valid TOML: {error}", path=path, line=line) from error
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise _explain(kind, error, text, path) from error


def _explain(kind: type[BaseModel], error: ValidationError, text: str, path: Path) -> ConfigError:
    """Return the first fault, an unknown key before all others: a missing one is often the same, misspelt."""
    found = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    unknown = found[0]["type"] == "extra_forbidden"
    place = _place(kind, found[0]["loc"])
    name, line = ".".join(place), _line(text, place)
    if not unknown:
        messages = [_words(fault["msg"]) for fault in found if _place(kind, fault["loc"]) == place]
        return ConfigError(f"{name}: {_joined(messages)}", path=path, line=line)
    known = _keys(kind, place[:-1])
    near = difflib.get_close_matches(place[-1], known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"
    return ConfigError(f"{name}: unknown key", path=path, line=line, remedy=remedy)


def _place(kind: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return where a fault is, without the names that the alternatives of a type have in its place."""
    section: type[BaseModel] | None = kind
    kept = []
    for part in loc:
        if section is not None:
            field = section.model_fields.get(str(part))
            section = None if field is None else _section_in(field.annotation)
        elif not isinstance(part, int):
            continue
        kept.append(str(part))
    return tuple(kept)


def _words(message: str) -> str:
    """Return a message of pydantic in TOML's words."""
    message = re.sub(
        r"a valid dictionary or instance of \w+", "a table", message.removeprefix("Value error, ")
    )
    return message.replace("a valid tuple", "a list").replace("a valid dictionary", "a table")


def _joined(messages: list[str]) -> str:
    """Return what the alternatives of a type ask for as one sentence."""
    start = "Input should be "
    first, *others = dict.fromkeys(messages)
    return " or ".join([first, *(message.removeprefix(start) for message in others)])


def _keys(kind: type[BaseModel], place: tuple[str, ...]) -> list[str]:
    """Return the keys that a schema knows at a place."""
    for part in place:
        field = kind.model_fields.get(part)
        section = None if field is None else _section_in(field.annotation)
        if section is None:
            return []
        kind = section
    return list(kind.model_fields)


def _section_in(annotation: object) -> type[BaseModel] | None:
    """Return the schema that an annotation is, or that it allows beside None."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _line(text: str, place: tuple[str, ...]) -> int | None:
    """Return the line of ``[section]`` or of ``key =`` inside it; None where it is written another way."""
    section: tuple[str, ...] = ()
    found = None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if header := re.fullmatch(r"\[([^\[\]]+)\]\s*(#.*)?", stripped):
            section = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            if section == place:
                return number
        key = re.match(r"([A-Za-z0-9_\-\"']+)\s*=", stripped)
        if key and (*section, key[1].strip("\"'")) == place:
            return number
        if key and place[: len(section) + 1] == (*section, key[1].strip("\"'")):
            found = number
    return found
