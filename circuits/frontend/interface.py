"""What a module declares: ports in order, parameters and signals, from pyverilog's two styles of header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyverilog.vparser import ast

from mulsmith.circuits.frontend.constants import Constant, Parameters, bounds, integer
from mulsmith.circuits.frontend.expressions import Behavioural, Scope, Signal, shape
from mulsmith.circuits.frontend.graph import NetGraph
from mulsmith.circuits.netlist import CONST0, CONST1, check_identifier
from mulsmith.errors import NetlistError


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration: a port or an inner signal with its range."""

    name: str
    direction: str
    msb: int
    lsb: int
    ranged: bool
    signed: bool
    line: int

    @property
    def width(self) -> int:
        """Number of bits."""
        return abs(self.msb - self.lsb) + 1


def check_constructs(module: Any) -> None:
    """Refuse what no combinational circuit contains; note what only the second front end reads.

    Raises:
        NetlistError: clocked logic, latches, initial blocks, memories, inout, tri-state or real signals.
        Behavioural: always blocks, functions, tasks, generate loops.
    """
    behavioural: Behavioural | None = None
    for item in module.items:
        kind = type(item)
        if kind is ast.Assign or kind is ast.InstanceList or kind is ast.Pragma:
            continue
        if kind is ast.Decl:
            for declared in item.list:
                _check_declared(declared)
                if getattr(declared, "dimensions", None) is not None:
                    behavioural = behavioural or Behavioural("array of nets", declared.lineno)
        elif kind is ast.AlwaysFF or (isinstance(item, ast.Always) and _clocked(item)):
            raise NetlistError("clocked logic (always at a clock edge) is not supported", line=item.lineno)
        elif kind is ast.AlwaysLatch:
            raise NetlistError("latch (always_latch) is not supported", line=item.lineno)
        elif kind is ast.Initial:
            raise NetlistError("initial block is not supported", line=item.lineno)
        else:
            behavioural = behavioural or Behavioural(_construct(kind), item.lineno)
    for port in module.portlist.ports:
        if type(port) is ast.Ioport:
            _check_declared(port.first)
    if behavioural is not None:
        raise behavioural


def parameters(module: Any, overrides: list[tuple[str | None, int, int]]) -> dict[str, Constant]:
    """Return the parameters of a module instance.

    Args:
        module: the module definition.
        overrides: (name or None by position, value, line) of each parameter that the instance sets.
    """
    declared = [p for decl in module.paramlist.params for p in decl.list]
    for item in module.items:
        if type(item) is ast.Decl:
            declared += [p for p in item.list if type(p) in (ast.Parameter, ast.Localparam)]
    settable = [p.name for p in declared if type(p) is ast.Parameter]
    given: dict[str, int] = {}
    for position, (name, value, line) in enumerate(overrides):
        if name is None and position >= len(settable):
            raise NetlistError(
                f"{len(overrides)} parameters are given to '{module.name}', which takes {len(settable)}",
                line=line,
            )
        key = settable[position] if name is None else name
        if key not in settable:
            raise NetlistError(f"module '{module.name}' has no parameter '{key}'", line=line)
        given[key] = value
    values: dict[str, Constant] = {}
    for parameter in declared:
        if parameter.name in values:
            raise NetlistError(f"parameter '{parameter.name}' is declared twice", line=parameter.lineno)
        values[parameter.name] = _parameter(parameter, given.get(parameter.name), values)
    return values


def ports(module: Any, known: Parameters) -> list[Declared]:
    """Return the ports of a module in the order of its header.

    Raises:
        NetlistError: a port without or with several directions, or a declaration of no port.
    """
    declared: dict[str, Declared] = {}
    order: list[tuple[str, int]] = []
    for port in module.portlist.ports:
        if type(port) is ast.Ioport:
            order.append((port.first.name, port.first.lineno))
            declared[port.first.name] = _declared(port.first, known)
        else:
            order.append((port.name, port.lineno))
    if len(declared) != len(order):
        _declare_by_items(module, known, declared, {name for name, _ in order})
    seen = set()
    for name, line in order:
        if name in seen:
            raise NetlistError(f"port '{name}' is listed twice", line=line)
        seen.add(name)
        if name not in declared:
            raise NetlistError(f"port '{name}' has no direction", line=line)
    return [declared[name] for name, _ in order]


def declare_signals(module: Any, scope: Scope, prefix: str) -> None:
    """Declare the inner signals of a module in ``scope``, which holds its ports already."""
    for item in module.items:
        if type(item) is not ast.Decl:
            continue
        for node in item.list:
            kind = type(node)
            if kind in (ast.Wire, ast.Reg):
                _declare_net(_declared(node, scope.parameters), scope, prefix)
            elif kind is ast.Supply:
                declared = _declared(node, scope.parameters)
                level = CONST1 if node.value.value == "1" else CONST0
                nets = [level] * declared.width
                scope.signals[node.name] = Signal(
                    nets, declared.msb, declared.lsb, False, declared.line, True
                )


def _declare_net(declared: Declared, scope: Scope, prefix: str) -> None:
    before = scope.signals.get(declared.name)
    if before is not None:
        if before.is_port and (
            not declared.ranged or (before.msb, before.lsb) == (declared.msb, declared.lsb)
        ):
            return
        raise NetlistError(f"net '{declared.name}' is declared twice", line=declared.line)
    if declared.name in scope.parameters:
        raise NetlistError(f"'{declared.name}' is a parameter and a net", line=declared.line)
    check_identifier(declared.name)
    nets = scope.graph.declare(
        prefix + declared.name, declared.width, declared.line, declared.msb, declared.lsb
    )
    scope.signals[declared.name] = Signal(nets, declared.msb, declared.lsb, declared.signed, declared.line)


def _declare_by_items(
    module: Any, known: Parameters, declared: dict[str, Declared], listed: set[str]
) -> None:
    for item in module.items:
        if type(item) is not ast.Decl:
            continue
        for node in item.list:
            if type(node) not in (ast.Input, ast.Output):
                continue
            if node.name not in listed:
                raise NetlistError(
                    f"'{node.name}' is declared as a port but is not in the header of '{module.name}'",
                    line=node.lineno,
                )
            if node.name in declared:
                raise NetlistError(f"port '{node.name}' is declared twice", line=node.lineno)
            declared[node.name] = _declared(node, known)


def _declared(node: Any, known: Parameters) -> Declared:
    msb, lsb = bounds(node.width, known)
    direction = {ast.Input: "input", ast.Output: "output"}.get(type(node), "")
    return Declared(node.name, direction, msb, lsb, node.width is not None, bool(node.signed), node.lineno)


def _parameter(node: Any, given: int | None, known: dict[str, Constant]) -> Constant:
    if type(node.value.var) in (ast.FloatConst, ast.StringConst):
        raise NetlistError(f"parameter '{node.name}' is not an integer", line=node.lineno)
    value = integer(node.value, known) if given is None else given
    if node.width is not None:
        msb, lsb = bounds(node.width, known)
        width, signed = abs(msb - lsb) + 1, bool(node.signed)
    elif given is None:
        width, signed = shape(node.value, Scope(NetGraph(), {}, known))
    else:
        width, signed = max(32, value.bit_length() + 1), True
    value &= (1 << width) - 1
    if signed and value >> (width - 1):
        value -= 1 << width
    return Constant(value, width, signed)


def _check_declared(node: Any) -> None:
    kind = type(node)
    if kind is ast.Assign:
        return
    if kind is ast.Inout:
        raise NetlistError(f"inout port '{node.name}' is not supported", line=node.lineno)
    if kind is ast.Tri:
        raise NetlistError(f"tri-state net '{node.name}' is not supported", line=node.lineno)
    if kind is ast.Real:
        raise NetlistError("real variable is not supported", line=node.lineno)
    if node.dimensions is not None and kind in (ast.Input, ast.Output):
        raise NetlistError(f"port '{node.name}' is an array, which is not supported", line=node.lineno)


def _clocked(always: Any) -> bool:
    return any(sense.type in ("posedge", "negedge") for sense in always.sens_list.list)


def _construct(kind: type) -> str:
    names = {
        ast.Always: "always block", ast.AlwaysComb: "always_comb block", ast.Function: "function",
        ast.Task: "task", ast.GenerateStatement: "generate block",
    }  # fmt: skip
    return names.get(kind, kind.__name__)
