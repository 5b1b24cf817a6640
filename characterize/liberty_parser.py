"""Text of a Liberty file to a tree of groups and attributes, each with its place in the text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from mulsmith.errors import LibertyError

MAX_DEPTH = 32

_TOKEN = re.compile(
    r"""
    (?: \s+ | /\*.*?\*/ | //[^\n]* | \\\r?\n )*
    (?: (?P<punctuation> [(){}:;,] )
      | "(?P<string> (?: [^"\\\n] | \\\r?\n | \\. )* )"
      | (?P<word> (?: [^\s(){}:;,"\\/\x00-\x1f] | /(?![*/]) )+ )
      | (?P<end> \Z )
      | (?P<bad> . )
    )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A token: its kind (``punctuation``, ``string``, ``word`` or ``end``), text and first offset."""

    kind: str
    text: str
    start: int


class Attribute(NamedTuple):
    """An attribute: ``name : value`` has one value, ``name (v1, v2)`` any number of them."""

    values: tuple[str, ...]
    start: int

    @property
    def text(self) -> str:
        """The first value; empty where there is none."""
        return self.values[0] if self.values else ""


@dataclass(slots=True)
class Group:
    """A group ``kind (arguments) { ... }``; a repeated attribute keeps its last value.

    Attributes:
        kind: its keyword, e.g. ``cell``.
        arguments: what stands in the parentheses.
        start: its offset in the text.
        attributes: by name.
        groups: the groups inside, in order.
    """

    kind: str
    arguments: tuple[str, ...]
    start: int
    attributes: dict[str, Attribute] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Group]:
        """Return the inner groups of these kinds."""
        return [group for group in self.groups if group.kind in kinds]


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a Liberty file and its name, which every error about it states."""

    text: str
    path: str

    def fail(self, cause: str, start: int, remedy: str | None = None) -> NoReturn:
        """Raise ``LibertyError`` at the line of offset ``start``."""
        line = self.text.count("\n", 0, start) + 1
        raise LibertyError(cause, path=self.path, line=line, remedy=remedy)

    def number(self, text: str, start: int, what: str) -> float:
        """Return ``text`` as a finite number, or raise ``LibertyError``."""
        try:
            value = float(text)
        except ValueError:
            self.fail(f"{what} is {text[:40]!r}, which is no number", start)
        if not math.isfinite(value):
            self.fail(f"{what} is {text[:40]!r}, which is not finite", start)
        return value

    def numbers(self, attribute: Attribute, what: str) -> list[float]:
        """Return all numbers of an attribute such as ``values ("1, 2", "3, 4")``."""
        words = ",".join(attribute.values).replace("\\\n", " ").replace(",", " ").split()
        try:
            result = list(map(float, words))
        except ValueError:
            for word in words:
                self.number(word, attribute.start, what)
            raise
        if not all(map(math.isfinite, result)):
            self.fail(f"{what} holds a number that is not finite", attribute.start)
        return result


def parse_liberty(source: Source) -> Group:
    """Return the ``library`` group of a Liberty text.

    Raises:
        LibertyError: broken syntax, a text that ends too early, or no ``library`` group.
    """
    parser = _Parser(source)
    library = parser.run()
    if library.kind != "library":
        source.fail(f"the file starts with '{library.kind[:40]}', not with 'library'", library.start)
    return library


class _Parser:
    """One pass over the tokens; the open groups stand on a stack, so nesting costs no recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tokens = _tokens(source)
        self.position = 0
        self.open: list[Group] = []

    def run(self) -> Group:
        while True:
            token = self.take()
            if token.kind == "end":
                self.truncated(token)
            if token.text == ";" and token.kind == "punctuation":
                continue
            if token.text == "}" and token.kind == "punctuation" and self.open:
                closed = self.open.pop()
                if not self.open:
                    self.expect_end()
                    return closed
                continue
            if token.kind == "punctuation":
                self.source.fail(f"unexpected '{token.text}'", token.start)
            self.statement(token)

    def statement(self, name: Token) -> None:
        token = self.take()
        if token.kind == "punctuation" and token.text == "(":
            self.parenthesised(name)
        elif token.kind == "punctuation" and token.text == ":":
            self.simple(name)
        elif token.kind == "end":
            self.truncated(token)
        else:
            self.source.fail(f"expected ':' or '(' behind '{name.text[:40]}'", token.start)

    def parenthesised(self, name: Token) -> None:
        arguments: list[str] = []
        while (token := self.take()).kind != "punctuation" or token.text != ")":
            if token.kind == "end":
                self.truncated(token)
            if token.kind != "punctuation":
                arguments.append(token.text)
            elif token.text in "{};":
                self.source.fail(
                    f"unexpected '{token.text}' in the parentheses of '{name.text}'", token.start
                )
        following = self.tokens[self.position]
        if following.kind == "punctuation" and following.text == "{":
            self.position += 1
            group = Group(name.text, tuple(arguments), name.start)
            if self.open:
                self.open[-1].groups.append(group)
            self.open.append(group)
            if len(self.open) > MAX_DEPTH:
                self.source.fail(f"groups are nested more than {MAX_DEPTH} deep", name.start)
            return
        if name.text == "include_file":
            self.source.fail(
                "include_file is not supported", name.start, remedy="paste the included text into the file"
            )
        self.add(name, tuple(arguments))

    def simple(self, name: Token) -> None:
        """Take the value up to ';', to the end of the line or to the group's '}'."""
        words: list[str] = []
        end = name.start
        while True:
            token = self.tokens[self.position]
            if token.kind == "end":
                self.truncated(token)
            if token.kind == "punctuation" and token.text in ";}":
                break
            if words and "\n" in self.source.text[end : token.start]:
                break
            words.append(token.text)
            end = token.start + len(token.text)
            self.position += 1
        if not words:
            self.source.fail(f"attribute '{name.text}' has no value", name.start)
        self.add(name, (" ".join(words),))

    def add(self, name: Token, values: tuple[str, ...]) -> None:
        if not self.open:
            self.source.fail(f"attribute '{name.text[:40]}' stands outside the library", name.start)
        self.open[-1].attributes[name.text] = Attribute(values, name.start)

    def take(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def expect_end(self) -> None:
        token = self.take()
        if token.kind != "end":
            self.source.fail("the library is closed, but text follows", token.start)

    def truncated(self, token: Token) -> NoReturn:
        if not self.open:
            self.source.fail("the file holds no library", token.start)
        group = self.open[-1]
        line = self.source.text.count("\n", 0, group.start) + 1
        name = f"{group.kind} ({', '.join(group.arguments)})"
        self.source.fail(f"the file ends inside '{name[:80]}', opened in line {line}", token.start)


def _tokens(source: Source) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(source.text):
        kind = match.lastgroup or ""
        if kind == "bad":
            _bad_character(source, match.start("bad"))
        tokens.append(Token(kind, match[kind], match.start(kind)))
        if kind == "end":
            break
    return tokens


def _bad_character(source: Source, start: int) -> NoReturn:
    character = source.text[start]
    if character == '"':
        source.fail("a string is not closed", start)
    if source.text.startswith("/*", start):
        source.fail("a comment is not closed", start)
    source.fail(f"character {character!r} does not belong into a Liberty file", start)
