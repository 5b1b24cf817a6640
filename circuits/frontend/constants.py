"""Values that are known before there is a circuit: literals, parameters, widths and indices."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyverilog.vparser import ast

from mulsmith.errors import NetlistError

MAX_WIDTH = 4096
MAX_VALUE_BITS = 4096
MAX_NESTING = 100
UNSIZED_BITS = 32

_LITERAL = re.compile(r"(\d*)'([sS]?)([bBoOdDhH])([0-9a-fA-FxXzZ?_]+)")
_BASE = {"b": 2, "o": 8, "d": 10, "h": 16}


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of ``width`` bits; ``value`` is negative only where it is signed."""

    value: int
    width: int
    signed: bool
    sized: bool = True


Parameters = Mapping[str, Constant]


def literal(text: str, line: int) -> Constant:
    """Return the constant that a Verilog number stands for.

    Raises:
        NetlistError: x or z digits, digits outside the base, or a width of 0 or beyond ``MAX_WIDTH``.
    """
    match = _LITERAL.fullmatch(text)
    if match is None:
        value = int(text.replace("_", ""))
        if value.bit_length() > UNSIZED_BITS:
            raise NetlistError(f"number {text} needs more than {UNSIZED_BITS} bits", line=line)
        return Constant(value, UNSIZED_BITS, signed=True, sized=False)
    size, sign, base, digits = match.groups()
    digits = digits.replace("_", "")
    if re.search("[xXzZ?]", digits):
        raise NetlistError(f"constant {text} holds x or z", line=line)
    try:
        value = int(digits, _BASE[base.lower()])
    except ValueError:
        raise NetlistError(f"constant {text} has digits outside its base", line=line) from None
    width = int(size) if size else max(UNSIZED_BITS, value.bit_length())
    if not 0 < width <= MAX_WIDTH:
        raise NetlistError(f"constant {text} has {width} bits, but 1 to {MAX_WIDTH} are possible", line=line)
    value &= (1 << width) - 1
    if sign and value >> (width - 1):
        value -= 1 << width
    return Constant(value, width, bool(sign), bool(size))


def _shift_left(a: int, b: int) -> int:
    return a << _limited(b)


def _power(a: int, b: int) -> int:
    if abs(a) > 1:
        _limited(a.bit_length() * b)
    return int(a ** _limited(b))


def _limited(amount: int) -> int:
    if not 0 <= amount <= MAX_VALUE_BITS:
        raise OverflowError
    return amount


def _divide(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(a: int, b: int) -> int:
    return a - b * _divide(a, b)


_BINARY: dict[type, Callable[[int, int], int]] = {
    ast.Plus: operator.add,
    ast.Minus: operator.sub,
    ast.Times: operator.mul,
    ast.Divide: _divide,
    ast.Mod: _remainder,
    ast.Power: _power,
    ast.Sll: _shift_left,
    ast.Sla: _shift_left,
    ast.Srl: lambda a, b: a >> _limited(b),
    ast.Sra: lambda a, b: a >> _limited(b),
    ast.And: operator.and_,
    ast.Or: operator.or_,
    ast.Xor: operator.xor,
    ast.Eq: lambda a, b: int(a == b),
    ast.NotEq: lambda a, b: int(a != b),
    ast.LessThan: lambda a, b: int(a < b),
    ast.GreaterThan: lambda a, b: int(a > b),
    ast.LessEq: lambda a, b: int(a <= b),
    ast.GreaterEq: lambda a, b: int(a >= b),
    ast.Land: lambda a, b: int(bool(a) and bool(b)),
    ast.Lor: lambda a, b: int(bool(a) or bool(b)),
}


def integer(node: Any, parameters: Parameters, depth: int = 0) -> int:
    """Return the value of a constant expression: a width, an index, a parameter's value.

    Raises:
        NetlistError: not constant, an unknown name, a division by zero, or beyond the limits.
    """
    if depth > MAX_NESTING:
        raise NetlistError(f"expression nested more than {MAX_NESTING} levels", line=node.lineno)
    kind = type(node)
    if kind is ast.IntConst:
        return literal(node.value, node.lineno).value
    if kind is ast.Rvalue:
        return integer(node.var, parameters, depth)
    if kind is ast.Identifier:
        if node.name in parameters and node.scope is None:
            return parameters[node.name].value
        raise NetlistError(f"'{node.name}' is not a constant", line=node.lineno)
    if kind is ast.Uminus:
        return -integer(node.right, parameters, depth + 1)
    if kind is ast.Ulnot:
        return int(not integer(node.right, parameters, depth + 1))
    if kind is ast.Cond:
        chosen = node.true_value if integer(node.cond, parameters, depth + 1) else node.false_value
        return integer(chosen, parameters, depth + 1)
    if kind is ast.SystemCall and node.syscall == "clog2" and len(node.args) == 1:
        return max(0, integer(node.args[0], parameters, depth + 1) - 1).bit_length()
    if kind in _BINARY:
        left = integer(node.left, parameters, depth + 1)
        right = integer(node.right, parameters, depth + 1)
        try:
            value = _BINARY[kind](left, right)
        except ZeroDivisionError:
            raise NetlistError("division by zero", line=node.lineno) from None
        except OverflowError:
            value = 1 << (MAX_VALUE_BITS + 1)
        if value.bit_length() > MAX_VALUE_BITS:
            raise NetlistError(f"constant of more than {MAX_VALUE_BITS} bits", line=node.lineno)
        return value
    raise NetlistError(f"{describe(node)} is not possible in a constant expression", line=node.lineno)


def bounds(width: Any, parameters: Parameters) -> tuple[int, int]:
    """Return (msb, lsb) of a range; (0, 0) without one.

    Raises:
        NetlistError: not constant, or wider than ``MAX_WIDTH``.
    """
    if width is None:
        return 0, 0
    msb, lsb = integer(width.msb, parameters), integer(width.lsb, parameters)
    if abs(msb - lsb) >= MAX_WIDTH:
        raise NetlistError(f"range [{msb}:{lsb}] is wider than {MAX_WIDTH} bits", line=width.lineno)
    return msb, lsb


def describe(node: Any) -> str:
    """Return what an error calls a syntax node."""
    names = {
        ast.FloatConst: "a real number",
        ast.StringConst: "a string",
        ast.FunctionCall: "a function call",
        ast.SystemCall: "a system function",
        ast.Pointer: "a bit select",
        ast.Partselect: "a part select",
        ast.Concat: "a concatenation",
        ast.LConcat: "a concatenation",
        ast.Repeat: "a replication",
    }
    return names.get(type(node), f"operator {type(node).__name__}")
