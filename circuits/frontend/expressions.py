"""Verilog expressions as words of nets, by the width and sign rules of IEEE 1364-2005, 5.4 and 5.5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyverilog.vparser import ast

from mulsmith.circuits.frontend import arithmetic
from mulsmith.circuits.frontend.constants import (
    MAX_NESTING,
    MAX_WIDTH,
    Constant,
    describe,
    integer,
    literal,
)
from mulsmith.circuits.frontend.graph import Bits, NetGraph
from mulsmith.circuits.netlist import CONST0, CONST1, Op
from mulsmith.errors import NetlistError


class Behavioural(Exception):  # noqa: N818 - not an error: it sends the file to the second front end
    """A construct that the structural reader leaves to Yosys."""

    def __init__(self, construct: str, line: int) -> None:
        super().__init__(construct)
        self.construct = construct
        self.line = line


@dataclass(frozen=True, slots=True)
class Signal:
    """A declared net or port: its nets, least significant bit first, and its range."""

    nets: Bits
    msb: int
    lsb: int
    signed: bool
    line: int
    is_input: bool = False
    is_port: bool = False

    def position(self, index: int) -> int | None:
        """Return the position of bit ``index`` in ``nets``; None outside the range."""
        position = index - self.lsb if self.msb >= self.lsb else self.lsb - index
        return position if 0 <= position < len(self.nets) else None


@dataclass(slots=True)
class Scope:
    """The names of one module instance."""

    graph: NetGraph
    signals: dict[str, Signal] = field(default_factory=dict)
    parameters: dict[str, Constant] = field(default_factory=dict)

    def signal(self, node: Any) -> Signal:
        """Return the signal that an identifier names."""
        if type(node) is not ast.Identifier:
            raise NetlistError("only one index per signal is supported", line=node.lineno)
        if node.scope is not None:
            name = ".".join([*(label.name for label in node.scope.labellist), node.name])
            raise NetlistError(f"hierarchical name '{name}' is not supported", line=node.lineno)
        found = self.signals.get(node.name)
        if found is None:
            if node.name in self.parameters:
                raise NetlistError(f"parameter '{node.name}' is used like a signal", line=node.lineno)
            raise NetlistError(f"net '{node.name}' is not declared", line=node.lineno)
        return found

    def selected(self, node: Any) -> Bits:
        """Return the nets of an identifier, a bit select or a part select."""
        kind = type(node)
        if kind is ast.Identifier:
            return self.signal(node).nets
        if kind is ast.Pointer:
            return [self._bit(node)]
        return self._part(node)

    def _bit(self, node: Any) -> int:
        signal = self.signal(node.var)
        if not _is_constant(node.ptr, self.parameters):
            raise Behavioural("bit select with a variable index", node.lineno)
        index = integer(node.ptr, self.parameters)
        position = signal.position(index)
        if position is None:
            raise NetlistError(
                f"index {node.var.name}[{index}] is outside [{signal.msb}:{signal.lsb}]", line=node.lineno
            )
        return signal.nets[position]

    def _part(self, node: Any) -> Bits:
        signal = self.signal(node.var)
        if not _is_constant(node.msb, self.parameters):
            raise Behavioural("part select with a variable index", node.lineno)
        msb, lsb = self._part_bounds(node, signal)
        high, low = signal.position(msb), signal.position(lsb)
        if high is None or low is None:
            raise NetlistError(
                f"part select {node.var.name}[{msb}:{lsb}] is outside [{signal.msb}:{signal.lsb}]",
                line=node.lineno,
            )
        if high < low:
            raise NetlistError(
                f"part select {node.var.name}[{msb}:{lsb}] runs against its declaration "
                f"[{signal.msb}:{signal.lsb}]",
                line=node.lineno,
            )
        return signal.nets[low : high + 1]

    def _part_bounds(self, node: Any, signal: Signal) -> tuple[int, int]:
        base = integer(node.msb, self.parameters)
        # pyverilog writes [b +: n] as b and b + n with the very same node b in both places.
        indexed = type(node.lsb) in (ast.Plus, ast.Minus) and node.lsb.left is node.msb
        if not indexed:
            return base, integer(node.lsb, self.parameters)
        count = integer(node.lsb.right, self.parameters)
        if not 0 < count <= MAX_WIDTH:
            raise NetlistError(f"part select of {count} bits", line=node.lineno)
        low, high = (base, base + count - 1) if type(node.lsb) is ast.Plus else (base - count + 1, base)
        return (high, low) if signal.msb >= signal.lsb else (low, high)


_BITWISE = {ast.And: Op.AND, ast.Or: Op.OR, ast.Xor: Op.XOR, ast.Xnor: Op.XNOR}
_ARITHMETIC = (ast.Plus, ast.Minus, ast.Times, ast.Divide, ast.Mod)
_SHIFTS = (ast.Sll, ast.Srl, ast.Sla, ast.Sra)
_COMPARISONS = (
    ast.Eq, ast.NotEq, ast.Eql, ast.NotEql, ast.LessThan, ast.GreaterThan, ast.LessEq, ast.GreaterEq,
)  # fmt: skip
_LOGICAL = (ast.Land, ast.Lor)
_REDUCTIONS = {
    ast.Uand: (Op.AND, False), ast.Unand: (Op.AND, True), ast.Uor: (Op.OR, False), ast.Unor: (Op.OR, True),
    ast.Uxor: (Op.XOR, False), ast.Uxnor: (Op.XOR, True),
}  # fmt: skip
_BINARY = frozenset({*_BITWISE, *_ARITHMETIC, *_SHIFTS, *_COMPARISONS, *_LOGICAL, ast.Power})
_ONE_BIT = frozenset({*_COMPARISONS, *_LOGICAL, *_REDUCTIONS, ast.Ulnot})


def assigned(node: Any, scope: Scope, width: int) -> Bits:
    """Return an expression as it is assigned to ``width`` bits: extended or cut as Verilog does it."""
    own, signed = shape(node, scope)
    return evaluate(node, scope, max(width, own), signed)[:width]


def shape(node: Any, scope: Scope, depth: int = 0) -> tuple[int, bool]:
    """Return (width, signed) of an expression by itself."""
    _check_depth(node, depth)
    kind = type(node)
    if kind is ast.Rvalue:
        return shape(node.var, scope, depth)
    if kind in _BINARY:
        return _binary_shape(node, scope, depth)
    if kind is ast.Identifier:
        constant = scope.parameters.get(node.name)
        if constant is not None and node.scope is None:
            return constant.width, constant.signed
        signal = scope.signal(node)
        return len(signal.nets), signal.signed
    if kind is ast.Pointer or kind in _ONE_BIT:
        return 1, False
    if kind is ast.IntConst:
        constant = literal(node.value, node.lineno)
        return constant.width, constant.signed
    if kind is ast.Unot or kind is ast.Uminus:
        return shape(node.right, scope, depth + 1)
    if kind is ast.Partselect:
        return len(scope.selected(node)), False
    if kind is ast.Concat:
        return _checked(sum(_part_width(part, scope, depth) for part in node.list), node), False
    if kind is ast.Repeat:
        return _checked(_times(node, scope) * shape(node.value, scope, depth + 1)[0], node), False
    if kind is ast.Cond:
        one, one_signed = shape(node.true_value, scope, depth + 1)
        zero, zero_signed = shape(node.false_value, scope, depth + 1)
        return max(one, zero), one_signed and zero_signed
    if kind is ast.SystemCall and node.syscall in ("signed", "unsigned") and len(node.args) == 1:
        return shape(node.args[0], scope, depth + 1)[0], node.syscall == "signed"
    if kind is ast.SystemCall and node.syscall == "clog2":
        return 32, True
    if kind is ast.FunctionCall:
        raise Behavioural("function call", node.lineno)
    raise NetlistError(f"{describe(node)} is not possible here", line=node.lineno)


def evaluate(node: Any, scope: Scope, width: int, signed: bool, depth: int = 0) -> Bits:
    """Return an expression as a word of ``width`` bits, at least its own width.

    Args:
        node: the expression.
        scope: names of the module instance.
        width: width of the context.
        signed: whether the whole expression is signed, so that its parts are sign-extended.
        depth: nesting so far.
    """
    _check_depth(node, depth)
    kind = type(node)
    if kind is ast.Rvalue:
        return evaluate(node.var, scope, width, signed, depth)
    if kind in _BINARY:
        return _binary(node, scope, width, signed, depth)
    if kind is ast.Identifier and node.name in scope.parameters and node.scope is None:
        return _fixed(scope.parameters[node.name], width, signed)
    if kind is ast.Identifier or kind is ast.Pointer or kind is ast.Partselect:
        return _extend(scope.selected(node), width, signed)
    if kind is ast.IntConst:
        return _fixed(literal(node.value, node.lineno), width, signed)
    if kind is ast.Unot:
        return arithmetic.invert(scope.graph, evaluate(node.right, scope, width, signed, depth + 1))
    if kind is ast.Uminus:
        operand = evaluate(node.right, scope, width, signed, depth + 1)
        return arithmetic.subtract(scope.graph, [CONST0] * width, operand)[0]
    if kind is ast.Cond:
        condition = _truth(node.cond, scope, depth)
        if_1 = evaluate(node.true_value, scope, width, signed, depth + 1)
        if_0 = evaluate(node.false_value, scope, width, signed, depth + 1)
        return arithmetic.select(scope.graph, condition, if_1, if_0)
    if kind is ast.Ulnot:
        return _extend([scope.graph.gate(Op.NOT, _truth(node.right, scope, depth))], width, False)
    if kind in _REDUCTIONS:
        op, inverted = _REDUCTIONS[kind]
        bit = arithmetic.any_of(scope.graph, _own(node.right, scope, depth), op)
        return _extend([scope.graph.gate(Op.NOT, bit) if inverted else bit], width, False)
    if kind is ast.Concat:
        parts = [_own(part, scope, depth) for part in reversed(node.list)]
        return _extend([bit for part in parts for bit in part], width, signed)
    if kind is ast.Repeat:
        return _extend(_own(node.value, scope, depth) * _times(node, scope), width, signed)
    if kind is ast.SystemCall and node.syscall in ("signed", "unsigned"):
        return _extend(_own(node.args[0], scope, depth), width, signed)
    return _fixed(Constant(integer(node, scope.parameters), 32, True), width, signed)


def _binary_shape(node: Any, scope: Scope, depth: int) -> tuple[int, bool]:
    # Chains such as a | b | c | ... lean to the left; walking them here keeps their length off the stack.
    spine = [node]
    while type(spine[-1]) not in _ONE_BIT and type(spine[-1].left) in _BINARY:
        spine.append(spine[-1].left)
    innermost = spine[-1]
    width, signed = (1, False) if type(innermost) in _ONE_BIT else shape(innermost.left, scope, depth + 1)
    for item in reversed(spine):
        kind = type(item)
        if kind not in _ONE_BIT and kind not in _SHIFTS and kind is not ast.Power:
            right, right_signed = shape(item.right, scope, depth + 1)
            width, signed = max(width, right), signed and right_signed
    return width, signed


def _binary(node: Any, scope: Scope, width: int, signed: bool, depth: int) -> Bits:
    # Contexts go down the left-leaning chain first, then values come up it.
    chain: list[tuple[Any, int, bool]] = []
    while True:
        outer_width = width
        if type(node) in _COMPARISONS:
            left, left_signed = shape(node.left, scope, depth + 1)
            right, right_signed = shape(node.right, scope, depth + 1)
            width, signed = max(left, right), left_signed and right_signed
        elif type(node) in _LOGICAL:
            width, signed = shape(node.left, scope, depth + 1)
        chain.append((node, outer_width, signed))
        if type(node.left) not in _BINARY:
            break
        node = node.left
    value = evaluate(node.left, scope, width, signed, depth + 1)
    while chain:
        item, outer_width, operands_signed = chain.pop()
        if type(item) is ast.Plus:
            terms = [value, evaluate(item.right, scope, len(value), operands_signed, depth + 1)]
            while chain and type(chain[-1][0]) is ast.Plus:
                right = chain.pop()[0].right
                terms.append(evaluate(right, scope, len(value), operands_signed, depth + 1))
            value = arithmetic.total(scope.graph, terms)
        else:
            value = _extend(_apply(item, value, scope, operands_signed, depth), outer_width, False)
    return value


def _apply(node: Any, left: Bits, scope: Scope, signed: bool, depth: int) -> Bits:
    """Return ``left`` combined with the right operand; ``signed`` is the sign of the operands' context."""
    graph, kind, width = scope.graph, type(node), len(left)
    if kind in _LOGICAL:
        right_bit = _truth(node.right, scope, depth)
        return [graph.gate(Op.AND if kind is ast.Land else Op.OR, arithmetic.any_of(graph, left), right_bit)]
    if kind in _SHIFTS:
        right = kind in (ast.Srl, ast.Sra)
        fill = left[-1] if kind is ast.Sra and signed else CONST0
        return arithmetic.shift(graph, left, _own(node.right, scope, depth), right, fill)
    if kind in (ast.Divide, ast.Mod, ast.Power):
        if not _is_constant(node, scope.parameters):
            raise Behavioural("division, remainder or power of nets", node.lineno)
        return _fixed(Constant(integer(node, scope.parameters), width, signed), width, signed)
    right_bits = evaluate(node.right, scope, width, signed, depth + 1)
    if kind in _BITWISE:
        op = _BITWISE[kind]
        return [graph.gate(op, x, y) for x, y in zip(left, right_bits, strict=True)]
    if kind is ast.Minus:
        return arithmetic.subtract(graph, left, right_bits)[0]
    if kind is ast.Times:
        return arithmetic.multiply(graph, left, right_bits)
    return [_compare(graph, kind, left, right_bits, signed)]


def _compare(graph: NetGraph, kind: type, left: Bits, right: Bits, signed: bool) -> int:
    if kind in (ast.Eq, ast.Eql):
        return arithmetic.equal(graph, left, right)
    if kind in (ast.NotEq, ast.NotEql):
        return graph.gate(Op.NOT, arithmetic.equal(graph, left, right))
    if kind is ast.LessThan:
        return arithmetic.less(graph, left, right, signed)
    if kind is ast.GreaterThan:
        return arithmetic.less(graph, right, left, signed)
    if kind is ast.LessEq:
        return graph.gate(Op.NOT, arithmetic.less(graph, right, left, signed))
    return graph.gate(Op.NOT, arithmetic.less(graph, left, right, signed))


def _is_constant(node: Any, parameters: Mapping[str, Constant]) -> bool:
    stack = [node] if type(node) is not ast.IntConst else []
    while stack:
        item = stack.pop()
        if isinstance(item, ast.Identifier) and item.name not in parameters:
            return False
        stack.extend(item.children())
    return True


def _own(node: Any, scope: Scope, depth: int) -> Bits:
    width, signed = shape(node, scope, depth + 1)
    return evaluate(node, scope, width, signed, depth + 1)


def _truth(node: Any, scope: Scope, depth: int) -> int:
    return arithmetic.any_of(scope.graph, _own(node, scope, depth))


def _part_width(node: Any, scope: Scope, depth: int) -> int:
    if type(node) is ast.IntConst and not literal(node.value, node.lineno).sized:
        raise NetlistError(f"constant {node.value} without a width in a concatenation", line=node.lineno)
    return shape(node, scope, depth + 1)[0]


def _times(node: Any, scope: Scope) -> int:
    times = integer(node.times, scope.parameters)
    if not 0 < times <= MAX_WIDTH:
        raise NetlistError(f"replication of {times} times", line=node.lineno)
    return times


def _checked(width: int, node: Any) -> int:
    if width > MAX_WIDTH:
        raise NetlistError(f"expression of more than {MAX_WIDTH} bits", line=node.lineno)
    return width


def _fixed(constant: Constant, width: int, signed: bool) -> Bits:
    value = constant.value & ((1 << constant.width) - 1)
    bits = [CONST1 if value >> i & 1 else CONST0 for i in range(constant.width)]
    return _extend(bits, width, signed)


def _extend(bits: Bits, width: int, signed: bool) -> Bits:
    missing = width - len(bits)
    if missing <= 0:
        return bits
    return bits + [bits[-1] if signed else CONST0] * missing


def _check_depth(node: Any, depth: int) -> None:
    if depth > MAX_NESTING:
        raise NetlistError(f"expression nested more than {MAX_NESTING} levels", line=node.lineno)
