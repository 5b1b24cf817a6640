"""Read YAML with line numbers and check it against a pydantic schema, so that errors name their line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    import yaml

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]
MAX_BYTES = 4 << 20


class FaultError(ValueError):
    """A fault in a document whose place a validator knows better than its caller.

    Args:
        message: what is wrong.
        place: keys and indices below the place that the validator checks.
    """

    def __init__(self, message: str, *place: str | int) -> None:
        super().__init__(message)
        self.place = place


class Strict(BaseModel):
    """Base of every schema of this room: immutable, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def read_document(kind: type[Model], source: Path) -> Model:
    """Return the checked document in a YAML file.

    Raises:
        ConfigError: the file cannot be read, is not YAML, or does not fit the schema; with its line.
    """
    try:
        if source.stat().st_size > MAX_BYTES:
            raise ConfigError(f"the file has more than {MAX_BYTES} bytes", path=source)
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read: {error}", path=source) from error
    return parse_document(kind, text, path=str(source))


def parse_document(kind: type[Model], text: str, *, path: str = "<text>") -> Model:
    """Return the checked document in a YAML text."""
    data, lines = _load(text, path)
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        fault = first.get("ctx", {}).get("error")
        place = (*first["loc"], *(fault.place if isinstance(fault, FaultError) else ()))
        where = ".".join(str(part) for part in place) or "the document"
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{where}: {message}", path=path, line=_line(lines, place)) from error


def builtin_names(folder: str) -> list[str]:
    """Return the names of the YAML files that are shipped in a folder of this room."""
    root = resources.files("mulsmith.energy").joinpath(folder)
    return sorted(
        entry.name.removesuffix(".yaml") for entry in root.iterdir() if entry.name.endswith(".yaml")
    )


def builtin_or_file(kind: type[Model], folder: str, what: str, name: str | Path) -> Model:
    """Return a shipped document by name, or the one in a file."""
    if str(name) in builtin_names(folder):
        shipped: Model = _shipped(kind, folder, str(name))
        return shipped
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return read_document(kind, path)
    raise ConfigError(
        f"there is no {what} named {name}",
        remedy=f"choose one of {', '.join(builtin_names(folder))}, or name a .yaml file",
    )


@cache
def _shipped(kind: type[Model], folder: str, name: str) -> Model:
    """Return a shipped document; it is read once, and shared because documents are frozen."""
    resource = resources.files("mulsmith.energy").joinpath(folder, f"{name}.yaml")
    return parse_document(kind, resource.read_text(encoding="utf-8"), path=f"{folder}/{name}.yaml")


def _load(text: str, path: str) -> tuple[object, Mapping[Location, int]]:
    import yaml

    lines: dict[Location, int] = {}
    try:
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise ConfigError("the document is empty", path=path)
            _index(node, (), lines, set(), path)
            return loader.construct_document(node), lines
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        cause = getattr(error, "problem", None) or str(error)
        line = None if mark is None else mark.line + 1
        raise ConfigError(f"not valid YAML: {cause}", path=path, line=line) from error
    except RecursionError as error:
        raise ConfigError("the document is nested too deeply", path=path) from error


def _index(node: yaml.Node, place: Location, lines: dict[Location, int], seen: set[int], path: str) -> None:
    """Note the line of every key; refuse duplicate keys and aliases, which YAML would let pass."""
    import yaml

    line = node.start_mark.line + 1
    if place in lines:
        raise ConfigError(f"the key {place[-1]} appears twice", path=path, line=line)
    if id(node) in seen:
        raise ConfigError("YAML aliases are not supported here", path=path, line=line, remedy="write it out")
    lines[place] = line
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _index(value, (*place, str(key.value)), lines, seen, path)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _index(value, (*place, number), lines, seen, path)


def _line(lines: Mapping[Location, int], place: Location) -> int | None:
    """Return the line of the deepest known part of a place; pydantic's union tags are skipped."""
    known: Location = ()
    for part in place:
        if (*known, part) in lines:
            known = (*known, part)
    return lines.get(known)
