"""Boolean functions of Liberty pins: parsed to postfix programs that run on bit-parallel values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mulsmith.errors import LibertyError

Words = npt.NDArray[np.uint64]
Value = TypeVar("Value", int, Words)

MAX_TABLE_PINS = 12

_TOKEN = re.compile(r"""\s*(?:([A-Za-z_][\w.\[\]]*)|\\?"([^"\\]+)\\?"|([01])|([!&|^+*'()])|(\S))""")


@dataclass(frozen=True, slots=True)
class BooleanFunction:
    """A Boolean function of pins.

    Attributes:
        text: as the file writes it.
        pins: the pins it names, in order of first mention.
        program: postfix steps: a pin's name pushes its value, ``0`` and ``1`` a constant, ``!`` negates the
            top, and ``&``, ``|``, ``^`` join the two topmost values.
    """

    text: str
    pins: tuple[str, ...]
    program: tuple[str, ...]

    def evaluate(self, values: Mapping[str, Value], ones: Value) -> Value:
        """Return the function of bit-parallel pin values.

        Args:
            values: pin -> value, ints or uint64 arrays.
            ones: the value that is true everywhere; its complement within it is false.
        """
        stack: list[Value] = []
        for step in self.program:
            if step == "!":
                stack[-1] = stack[-1] ^ ones
            elif step == "&":
                top = stack.pop()
                stack[-1] = stack[-1] & top
            elif step == "|":
                top = stack.pop()
                stack[-1] = stack[-1] | top
            elif step == "^":
                top = stack.pop()
                stack[-1] = stack[-1] ^ top
            elif step == "1":
                stack.append(ones)
            elif step == "0":
                stack.append(ones ^ ones)
            else:
                stack.append(values[step])
        return stack[0]

    def table(self, pins: Sequence[str]) -> int:
        """Return the truth table over ``pins``: bit i is the value where pin number k has bit k of i.

        Raises:
            LibertyError: the function names a pin that is not among ``pins``, or there are too many of them.
        """
        for pin in self.pins:
            if pin not in pins:
                raise LibertyError(f"function '{self.text}' names '{pin}', which is no input pin of the cell")
        if len(pins) > MAX_TABLE_PINS:
            raise LibertyError(f"a cell has {len(pins)} input pins, but {MAX_TABLE_PINS} are the most")
        ones = (1 << (1 << len(pins))) - 1
        return self.evaluate({pin: counting_bits(k, len(pins)) for k, pin in enumerate(pins)}, ones)


@cache
def counting_bits(variable: int, n_variables: int) -> int:
    """Return the truth table of one variable among ``n_variables``."""
    ones = (1 << (1 << n_variables)) - 1
    return ones // ((1 << (1 << variable)) + 1) << (1 << variable)


def parse_function(text: str) -> BooleanFunction:
    """Return the function that a Liberty expression describes.

    The operators are ``!`` and postfix ``'`` (not), ``^`` (xor), ``&``, ``*`` and white space (and), ``|``
    and ``+`` (or), in falling precedence (Liberty User Guide, "function" attribute).

    Raises:
        LibertyError: no such expression.
    """
    parser = _Parser(text)
    parser.disjunction()
    if parser.peek() is not None:
        raise LibertyError(f"function '{text[:80]}' has an unexpected '{parser.peek()}'")
    pins = tuple(dict.fromkeys(step for step in parser.program if step not in _STEPS))
    return BooleanFunction(text, pins, tuple(parser.program))


_STEPS = frozenset("!&|^01")
_MAX_DEPTH = 64


class _Parser:
    """Recursive descent over the tokens, writing the postfix program."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        self.position = 0
        self.depth = 0
        self.program: list[str] = []
        for name, quoted, constant, operator, bad in _TOKEN.findall(text):
            if bad:
                raise LibertyError(f"function '{text[:80]}' has an unexpected '{bad}'")
            kind = "operator" if operator else "constant" if constant else "pin"
            self.tokens.append((kind, name or quoted or constant or operator))

    def peek(self) -> str | None:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else None

    def accept(self, *operators: str) -> bool:
        if self.position < len(self.tokens) and self.tokens[self.position] in _operators(*operators):
            self.position += 1
            return True
        return False

    def disjunction(self) -> None:
        self.conjunction()
        while self.accept("|", "+"):
            self.conjunction()
            self.program.append("|")

    def conjunction(self) -> None:
        self.exclusive()
        while self.accept("&", "*") or self.starts_operand():
            self.exclusive()
            self.program.append("&")

    def starts_operand(self) -> bool:
        if self.position == len(self.tokens):
            return False
        kind, text = self.tokens[self.position]
        return kind != "operator" or text in "(!"

    def exclusive(self) -> None:
        self.operand()
        while self.accept("^"):
            self.operand()
            self.program.append("^")

    def operand(self) -> None:
        negations = 0
        while self.accept("!"):
            negations += 1
        if self.accept("("):
            self.depth += 1
            if self.depth > _MAX_DEPTH:
                raise LibertyError(f"a function nests more than {_MAX_DEPTH} parentheses")
            self.disjunction()
            self.depth -= 1
            if not self.accept(")"):
                raise LibertyError(f"function '{self.text[:80]}' lacks a closing parenthesis")
        elif self.position < len(self.tokens) and self.tokens[self.position][0] != "operator":
            self.program.append(self.tokens[self.position][1])
            self.position += 1
        else:
            found = self.peek()
            raise LibertyError(
                f"function '{self.text[:80]}' lacks an operand "
                + (f"before '{found}'" if found else "at its end")
            )
        while self.accept("'"):
            negations += 1
        if negations % 2:
            self.program.append("!")


def _operators(*texts: str) -> tuple[tuple[str, str], ...]:
    return tuple(("operator", text) for text in texts)
