"""The registry of generator families: typed parameters, their ranges, and the call that makes a netlist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from typing import Protocol

from mulsmith.circuits.builder import MultiplierBuilder
from mulsmith.circuits.netlist import Netlist
from mulsmith.errors import ConfigError

ENTRY_POINTS = "mulsmith.generators"
MIN_OPERAND_BITS = 2
MAX_OPERAND_BITS = 12

Value = int | bool | str


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths and signedness of a multiplier to be generated."""

    a_bits: int
    b_bits: int
    signed: bool


class Parameter(Protocol):
    """One parameter of a family: its name, its default, and which values it takes for a shape."""

    @property
    def name(self) -> str:
        """Name in ``generate`` and on the command line."""

    @property
    def meaning(self) -> str:
        """What it does, in a few words."""

    def default(self, shape: Shape) -> Value:
        """Return the value taken when none is given."""

    def domain(self) -> str:
        """Return the allowed values for any shape, as text."""

    def check(self, value: object, shape: Shape) -> Value:
        """Return the value if it is allowed for the shape, else raise ``ValueError`` naming the range."""

    def parse(self, text: str) -> Value:
        """Return the value that the text of a command line or a file header means."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that may depend on the widths: ``value(shape)``, written ``text``."""

    text: str
    value: Callable[[Shape], int]


A_BITS = Limit("a_bits", lambda shape: shape.a_bits)
B_BITS = Limit("b_bits", lambda shape: shape.b_bits)
OUT_BITS = Limit("a_bits + b_bits", lambda shape: shape.a_bits + shape.b_bits)
LAST_COLUMN = Limit("a_bits + b_bits - 1", lambda shape: shape.a_bits + shape.b_bits - 1)
MIN_BITS = Limit("min(a_bits, b_bits)", lambda shape: min(shape.a_bits, shape.b_bits))
MAX_BITS = Limit("max(a_bits, b_bits)", lambda shape: max(shape.a_bits, shape.b_bits))


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer from ``low`` to ``high``, both included."""

    name: str
    meaning: str
    low: int
    high: int | Limit
    start: int | Limit

    def default(self, shape: Shape) -> int:
        """Return the value taken when none is given."""
        return _bound(self.start, shape)

    def domain(self) -> str:
        """Return the range as text."""
        return f"{self.low}..{self.high.text if isinstance(self.high, Limit) else self.high}"

    def check(self, value: object, shape: Shape) -> int:
        """Return an integer in the range, else raise ``ValueError``."""
        high = _bound(self.high, shape)
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= high:
            raise ValueError(f"an integer in {self.low}..{high}")
        return value

    def parse(self, text: str) -> Value:
        """Return the integer, or the text itself where it is none."""
        return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else text


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; the first is the default."""

    name: str
    meaning: str
    words: tuple[str, ...]

    def default(self, shape: Shape) -> str:
        """Return the first word, whatever the shape."""
        return self.words[0]

    def domain(self) -> str:
        """Return the words as text."""
        return " | ".join(self.words)

    def check(self, value: object, shape: Shape) -> str:
        """Return one of the words, else raise ``ValueError``; every shape takes all of them."""
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(f"one of {', '.join(self.words)}")
        return value

    def parse(self, text: str) -> Value:
        """Return the word."""
        return text


Generator = Callable[..., Netlist]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of multipliers.

    Attributes:
        name: name in ``generate``.
        summary: what it computes, one sentence.
        source: the paper.
        signed_by: how signed operands are handled (``Baugh-Wooley``, ``sign-magnitude``...), or None where
            the family is unsigned only.
        unsigned: whether it takes unsigned operands; a family that does not is signed by default.
        parameters: besides a_bits, b_bits and signed.
        function: takes a ``MultiplierBuilder`` and every parameter by name, returns the netlist.
    """

    name: str
    summary: str
    source: str
    signed_by: str | None
    unsigned: bool
    parameters: tuple[Parameter, ...]
    function: Generator


_FAMILIES: dict[str, Family] = {}

_MODULES = (
    "exact",
    "booth",
    "truncated",
    "broken_array",
    "omission",
    "row_or",
    "lower_or",
    "compressors",
    "kulkarni",
    "segments",
    "logarithmic",
    "roba",
)


def register(
    name: str,
    *,
    summary: str,
    source: str,
    signed_by: str | None,
    unsigned: bool = True,
    parameters: tuple[Parameter, ...] = (),
) -> Callable[[Generator], Generator]:
    """Return the decorator that makes a function the generator of family ``name``.

    Raises:
        ConfigError: the name is taken or is no identifier.
    """

    def add(function: Generator) -> Generator:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ConfigError(f"generator name {name!r} is not lower_case_with_underscores")
        if name in _FAMILIES:
            raise ConfigError(
                f"generator '{name}' is registered twice",
                remedy=f"rename the one in {function.__module__} or the one in "
                f"{_FAMILIES[name].function.__module__}",
            )
        _FAMILIES[name] = Family(name, summary, source, signed_by, unsigned, parameters, function)
        return function

    return add


def families() -> dict[str, Family]:
    """Return every family by name: the built-in ones in their order, then those of installed entry points."""
    _load()
    places = {f"mulsmith.circuits.generators.{module}": place for place, module in enumerate(_MODULES)}

    def place(family: Family) -> int:
        # Not the order of registration: whoever imports a built-in module first registers it.
        return places.get(family.function.__module__, len(places))

    return {family.name: family for family in sorted(_FAMILIES.values(), key=place)}


def family_of(name: str) -> Family:
    """Return one family; ``ConfigError`` names the known ones."""
    known = families()
    if name not in known:
        raise ConfigError(
            f"there is no generator '{name}'", remedy=f"choose one of {', '.join(sorted(known))}"
        )
    return known[name]


def generate(family: str, *, name: str | None = None, **parameters: Value) -> Netlist:
    """Generate a multiplier.

    Args:
        family: name of the family.
        name: module name; without it one made of the widths, the family and its parameters.
        parameters: ``a_bits`` and ``b_bits`` (default 8), ``signed`` (default False where the family takes
            unsigned operands), and the family's own.

    Raises:
        ConfigError: unknown family or parameter, or a value outside its range, which the message names.
    """
    chosen = family_of(family)
    shape, own = resolve(chosen, parameters)
    module = name or default_name(chosen, shape, own)
    return chosen.function(MultiplierBuilder(module, shape.a_bits, shape.b_bits, signed=shape.signed), **own)


def resolve(family: Family, parameters: dict[str, Value]) -> tuple[Shape, dict[str, Value]]:
    """Return the shape and every parameter of a call, checked, defaults filled in, in the family's order."""
    given: dict[str, object] = dict(parameters)
    shape = _shape(family, given)
    own: dict[str, Value] = {}
    for parameter in family.parameters:
        value = given.pop(parameter.name, None)
        if value is None:
            value = parameter.default(shape)
        try:
            own[parameter.name] = parameter.check(value, shape)
        except ValueError as error:
            raise ConfigError(
                f"{family.name}: {parameter.name} = {value} is not allowed",
                remedy=f"for {shape.a_bits} x {shape.b_bits} bits it is {error}",
            ) from None
    if given:
        known = ", ".join(["a_bits", "b_bits", "signed", *own])
        raise ConfigError(f"{family.name} has no parameter '{next(iter(given))}'", remedy=f"it takes {known}")
    return shape, own


def default_name(family: Family, shape: Shape, own: dict[str, Value]) -> str:
    """Return the module name of a call: widths, signedness, family, and what differs from the defaults."""
    parts = [f"mul{shape.a_bits}x{shape.b_bits}{'s' if shape.signed else 'u'}", family.name]
    for parameter in family.parameters:
        value = own[parameter.name]
        if value != parameter.default(shape):
            parts.append(f"{parameter.name}{value}" if isinstance(value, int) else str(value))
    return "_".join(parts)


def _shape(family: Family, given: dict[str, object]) -> Shape:
    bits = {}
    for operand in ("a_bits", "b_bits"):
        value = given.pop(operand, 8)
        valid = isinstance(value, int) and not isinstance(value, bool)
        if not isinstance(value, int) or not valid or not MIN_OPERAND_BITS <= value <= MAX_OPERAND_BITS:
            raise ConfigError(
                f"{family.name}: {operand} = {value} is not allowed",
                remedy=f"it is an integer in {MIN_OPERAND_BITS}..{MAX_OPERAND_BITS}",
            )
        bits[operand] = value
    signed = given.pop("signed", not family.unsigned)
    if not isinstance(signed, bool):
        raise ConfigError(f"{family.name}: signed = {signed} is not allowed", remedy="it is true or false")
    if signed and family.signed_by is None:
        raise ConfigError(f"{family.name} is unsigned only", remedy="leave out signed")
    if not signed and not family.unsigned:
        raise ConfigError(f"{family.name} is signed only", remedy="leave out signed or set it to true")
    return Shape(bits["a_bits"], bits["b_bits"], signed)


def _bound(limit: int | Limit, shape: Shape) -> int:
    return limit if isinstance(limit, int) else limit.value(shape)


@cache
def _load() -> None:
    for module in _MODULES:
        import_module(f"mulsmith.circuits.generators.{module}")
    for entry in _entry_points():
        try:
            entry.load()
        except (ImportError, AttributeError) as error:
            raise ConfigError(
                f"the generator package '{entry.name}' cannot be loaded: {error}",
                remedy="repair or uninstall it",
            ) from error


def _entry_points() -> Iterator[metadata.EntryPoint]:
    yield from sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name)
