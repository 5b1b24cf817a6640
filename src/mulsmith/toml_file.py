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

    model_config = ConfigDict(extra="forbid", frozen=True)


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
        first = error.errors()[0]
        place = tuple(str(part) for part in first["loc"])
        raise _explain(kind, first["type"], first["msg"], place, text, path) from error


def _explain(
    kind: type[BaseModel], what: str, message: str, place: tuple[str, ...], text: str, path: Path
) -> ConfigError:
    name, line = ".".join(place), _line(text, place)
    if what != "extra_forbidden":
        return ConfigError(f"{name}: {message.removeprefix('Value error, ')}", path=path, line=line)
    known = _keys(kind, place[:-1])
    near = difflib.get_close_matches(place[-1], known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"
    return ConfigError(f"{name}: unknown key", path=path, line=line, remedy=remedy)


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
