"""Named things that a user chooses by name: added once, looked up with a hint at what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TypeVar

from mulsmith.errors import ConfigError

Item = TypeVar("Item")


class Registry(Mapping[str, Item]):
    """Items by name, in the order in which they were added.

    Args:
        kind: what an item is called in messages, such as ``search method``.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._items: dict[str, Item] = {}

    def __getitem__(self, name: str) -> Item:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def register(self, name: str, item: Item) -> None:
        """Add an item.

        Raises:
            ConfigError: the name is taken.
        """
        if name in self._items:
            raise ConfigError(f"the {self._kind} '{name}' is registered already")
        self._items[name] = item

    def named(self, name: str) -> Item:
        """Return an item.

        Raises:
            ConfigError: unknown name.
        """
        if name not in self._items:
            raise ConfigError(f"no {self._kind} is named '{name}'", remedy=meant(name, self._items))
        return self._items[name]


def meant(name: str, known: Mapping[str, object] | list[str]) -> str:
    """Return the remedy for an unknown name: the one that is most like it, or all that there are."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(known)}"
