"""Named items: their order, and what is said of a name that is taken or unknown."""

import pytest

from mulsmith.errors import ConfigError
from mulsmith.search.registry import Registry


def _fruits() -> Registry[int]:
    fruits = Registry[int]("fruit")
    fruits.register("pear", 3)
    fruits.register("apple", 1)
    return fruits


def test_items_keep_the_order_in_which_they_came() -> None:
    fruits = _fruits()
    assert list(fruits.items()) == [("pear", 3), ("apple", 1)]
    assert fruits.named("apple") == fruits["apple"] == 1


def test_taken_and_unknown_names_are_refused() -> None:
    fruits = _fruits()
    with pytest.raises(ConfigError, match="the fruit 'pear' is registered already"):
        fruits.register("pear", 4)
    with pytest.raises(ConfigError, match=r"no fruit is named 'appel' \(did you mean 'apple'\?\)"):
        fruits.named("appel")
    with pytest.raises(ConfigError, match=r"no fruit is named 'x' \(use one of pear, apple\)"):
        fruits.named("x")
