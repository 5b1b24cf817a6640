"""Modules and their instances, unfolded into one graph of nets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyverilog.vparser import ast

from mulsmith.circuits.frontend import cells
from mulsmith.circuits.frontend.constants import integer, literal
from mulsmith.circuits.frontend.expressions import Behavioural, Scope, Signal, assigned, shape
from mulsmith.circuits.frontend.graph import Bits, NetGraph
from mulsmith.circuits.frontend.interface import (
    Declared,
    check_constructs,
    declare_signals,
    parameters,
    ports,
)
from mulsmith.circuits.netlist import Netlist, Port, check_identifier
from mulsmith.errors import NetlistError

MAX_DEPTH = 64
MAX_INSTANCES = 20_000


@dataclass(slots=True)
class Design:
    """The modules of a file; ``adders`` remembers which of them are half or full adders."""

    modules: dict[str, Any]
    adders: dict[str, tuple[int, int] | None] = field(default_factory=dict)
    instances: int = 0


def collect(definitions: list[Any]) -> Design:
    """Return the design of a file's module definitions.

    Raises:
        NetlistError: what no combinational circuit contains, or a name that is no plain identifier.
        Behavioural: a module that the structural reader leaves to Yosys.
    """
    modules: dict[str, Any] = {}
    for module in definitions:
        check_identifier(module.name)
        modules[module.name] = module
    behavioural: Behavioural | None = None
    for module in definitions:
        try:
            check_constructs(module)
        except Behavioural as construct:
            behavioural = behavioural or construct
    if behavioural is not None:
        raise behavioural
    return Design(modules)


def choose_top(definitions: list[Any], top: str | None, stem: str) -> str:
    """Return the name of the top module: ``top``, or the one that no other module instantiates.

    Of several such modules the one named like the file counts.

    Raises:
        NetlistError: no such module, a module defined twice, or the choice is open.
    """
    names: list[str] = [module.name for module in definitions]
    for number, module in enumerate(definitions):
        if module.name in names[:number]:
            raise NetlistError(f"module '{module.name}' is defined twice", line=module.lineno)
    if top is not None:
        if top not in names:
            raise NetlistError(f"there is no module '{top}'", remedy=f"the modules are {', '.join(names)}")
        return top
    used = {item.module for m in definitions for item in m.items if type(item) is ast.InstanceList}
    candidates = [name for name in names if name not in used]
    if not candidates:
        raise NetlistError("every module is instantiated by another one, so there is no top module")
    if len(candidates) > 1 and stem in candidates:
        return stem
    if len(candidates) > 1:
        raise NetlistError(
            f"several modules could be the top: {', '.join(candidates)}", remedy="name the top module"
        )
    return candidates[0]


def build(design: Design, top: str) -> Netlist:
    """Return the netlist of module ``top``; its parameters take their defaults.

    Raises:
        NetlistError: anything that is not a combinational circuit with driven nets.
        Behavioural: a construct that the structural reader leaves to Yosys.
    """
    module = design.modules[top]
    graph = NetGraph()
    scope = Scope(graph, {}, parameters(module, []))
    declared = ports(module, scope.parameters)
    inputs = [port for port in declared if port.direction == "input"]
    outputs = [port for port in declared if port.direction == "output"]
    for port in (*inputs, *outputs):
        nets = graph.declare(port.name, port.width, port.line, port.msb, port.lsb)
        _add_port(scope, port, nets)
    _fill(design, module, scope, (top,))
    bits = [net for port in outputs for net in scope.signals[port.name].nets]
    signs = {port.signed for port in declared}
    return graph.netlist(
        top,
        tuple(Port(port.name, port.width) for port in inputs),
        tuple(Port(port.name, port.width) for port in outputs),
        bits,
        True if signs == {True} else None,
    )


def _add_port(scope: Scope, port: Declared, nets: Bits) -> None:
    if port.name in scope.parameters:
        raise NetlistError(f"'{port.name}' is a parameter and a port", line=port.line)
    check_identifier(port.name)
    scope.signals[port.name] = Signal(
        nets, port.msb, port.lsb, port.signed, port.line, port.direction == "input", True
    )


def _fill(design: Design, module: Any, scope: Scope, path: tuple[str, ...]) -> None:
    """Add the contents of a module instance; ``path`` names the modules from the top down to it."""
    prefix = "".join(f"{name}." for name in path[1:])
    declare_signals(module, scope, prefix)
    for item in module.items:
        kind = type(item)
        if kind is ast.Assign:
            _assign(item, scope)
        elif kind is ast.Decl:
            for inner in item.list:
                if type(inner) is ast.Assign:
                    _assign(inner, scope)
        elif kind is ast.InstanceList:
            for instance in item.instances:
                _instance(design, instance, scope, path)


def _assign(node: Any, scope: Scope) -> None:
    target = driven_nets(node.left.var, scope)
    bits = assigned(node.right.var, scope, len(target))
    connect = scope.graph.connect
    for net, source in zip(target, bits, strict=True):
        connect(net, source, node.lineno)


def driven_nets(node: Any, scope: Scope) -> Bits:
    """Return the nets on the left of an assignment, or of what an instance drives.

    Raises:
        NetlistError: not a net, a bit or part of one, or a concatenation of them; or an input port.
    """
    if type(node) in (ast.Concat, ast.LConcat):
        return [net for part in reversed(node.list) for net in driven_nets(part, scope)]
    if type(node) not in (ast.Identifier, ast.Pointer, ast.Partselect):
        raise NetlistError("an output drives an expression instead of a net", line=node.lineno)
    named = node if type(node) is ast.Identifier else node.var
    if scope.signal(named).is_input:
        raise NetlistError(f"input '{named.name}' is driven inside its module", line=node.lineno)
    return scope.selected(node)


def _instance(design: Design, node: Any, scope: Scope, path: tuple[str, ...]) -> None:
    design.instances += 1
    if design.instances > MAX_INSTANCES:
        raise NetlistError(f"the circuit has more than {MAX_INSTANCES} instances", line=node.lineno)
    if node.array is not None:
        raise Behavioural("array of instances", node.lineno)
    if node.module in design.modules:
        _module_instance(design, design.modules[node.module], node, scope, path)
    elif node.module in cells.PRIMITIVES:
        _primitive(node, scope)
    else:
        _library_cell(node, scope)


def _module_instance(design: Design, module: Any, node: Any, scope: Scope, path: tuple[str, ...]) -> None:
    if module.name in path:
        raise NetlistError(f"module '{module.name}' instantiates itself", line=node.lineno)
    if len(path) >= MAX_DEPTH:
        raise NetlistError(f"hierarchy deeper than {MAX_DEPTH} levels", line=node.lineno)
    overrides = [(p.paramname, integer(p.argname, scope.parameters), p.lineno) for p in node.parameterlist]
    inner = Scope(scope.graph, {}, parameters(module, overrides))
    declared = ports(module, inner.parameters)
    arguments = _arguments(node, [port.name for port in declared])
    adder = _adder(design, module) if not overrides else None
    if adder is not None:
        _adder_instance(adder, declared, arguments, node, scope)
        return
    targets = []
    for port in declared:
        argument = arguments.get(port.name)
        if port.direction == "input" and argument is not None:
            nets = _input_bits(argument, port.name, port.width, node, scope)
        else:
            shown = "".join(f"{name}." for name in (*path[1:], node.name)) + port.name
            nets = scope.graph.declare(shown, port.width, node.lineno, port.msb, port.lsb)
            if argument is not None:
                targets.append((argument, port, nets))
        _add_port(inner, port, nets)
    _fill(design, module, inner, (*path, module.name))
    for argument, port, nets in targets:
        _drive(argument, port.name, nets, node, scope)


def _adder(design: Design, module: Any) -> tuple[int, int] | None:
    """Return the positions of (sum, carry) among the outputs of a half or full adder module."""
    if module.name not in design.adders:
        design.adders[module.name] = None
        declared = ports(module, parameters(module, []))
        if len(declared) in (4, 5) and all(port.width == 1 for port in declared):
            design.adders[module.name] = cells.adder_outputs(build(design, module.name))
    return design.adders[module.name]


def _adder_instance(
    adder: tuple[int, int], declared: list[Declared], arguments: dict[str, Any], node: Any, scope: Scope
) -> None:
    bits = []
    for port in declared:
        if port.direction == "input":
            argument = arguments.get(port.name)
            if argument is None:
                raise NetlistError(
                    f"input '{port.name}' of '{node.module}' is not connected", line=node.lineno
                )
            bits += _input_bits(argument, port.name, 1, node, scope)
    graph = scope.graph
    results = graph.full_adder(*bits) if len(bits) == 3 else graph.half_adder(*bits)
    outputs = [port.name for port in declared if port.direction == "output"]
    for position, net in zip(adder, results, strict=True):
        if arguments.get(outputs[position]) is not None:
            _drive(arguments[outputs[position]], outputs[position], [net], node, scope)


def _arguments(node: Any, names: list[str]) -> dict[str, Any]:
    """Return what an instance connects to each port, None where it leaves the port open."""
    given = [port for port in node.portlist if port.portname is not None or port.argname is not None]
    arguments: dict[str, Any] = {}
    for position, port in enumerate(given):
        if port.portname is None and position >= len(names):
            raise NetlistError(
                f"instance of '{node.module}' connects {len(given)} ports, but it has {len(names)}",
                line=port.lineno,
            )
        name = names[position] if port.portname is None else port.portname
        if name not in names:
            raise NetlistError(f"'{node.module}' has no port '{name}'", line=port.lineno)
        if name in arguments:
            raise NetlistError(f"port '{name}' of '{node.module}' is connected twice", line=port.lineno)
        arguments[name] = port.argname
    if given and given[0].portname is None and len(given) != len(names):
        raise NetlistError(
            f"instance of '{node.module}' connects {len(given)} ports, but it has {len(names)}",
            line=node.lineno,
        )
    return arguments


def _input_bits(argument: Any, port: str, width: int, node: Any, scope: Scope) -> Bits:
    own, _ = shape(argument, scope)
    unsized = type(argument) is ast.IntConst and not literal(argument.value, argument.lineno).sized
    if own > width and not unsized:
        raise NetlistError(
            f"{own} bits are connected to port '{port}' of '{node.module}', which is {width} wide",
            line=argument.lineno,
        )
    return assigned(argument, scope, width)


def _drive(argument: Any, port: str, nets: Bits, node: Any, scope: Scope) -> None:
    target = driven_nets(argument, scope)
    if len(target) < len(nets):
        raise NetlistError(
            f"port '{port}' of '{node.module}' is {len(nets)} wide but drives {len(target)}",
            line=argument.lineno,
        )
    for net, source in zip(target, nets, strict=False):
        scope.graph.connect(net, source, argument.lineno)


def _primitive(node: Any, scope: Scope) -> None:
    if any(port.portname is not None or port.argname is None for port in node.portlist):
        raise NetlistError(f"gate '{node.module}' takes its connections by position", line=node.lineno)
    arguments = [port.argname for port in node.portlist]
    single = node.module in ("not", "buf")
    if len(arguments) < (2 if single else 3):
        raise NetlistError(f"gate '{node.module}' has too few connections", line=node.lineno)
    driven, read = (arguments[:-1], arguments[-1:]) if single else (arguments[:1], arguments[1:])
    bits = [_input_bits(argument, f"{i + 1}", 1, node, scope)[0] for i, argument in enumerate(read)]
    output = cells.primitive(scope.graph, node.module, bits)
    for argument in driven:
        _drive(argument, "out", [output], node, scope)


def _library_cell(node: Any, scope: Scope) -> None:
    cell = cells.library_cell(node.module)
    if cell is None:
        raise NetlistError(f"module '{node.module}' is not defined in this file", line=node.lineno)
    inputs, outputs, make = cell
    if any(port.portname is None for port in node.portlist):
        raise NetlistError(
            f"cell '{node.module}' is not defined in this file, so its pins are connected by name only",
            line=node.lineno,
        )
    arguments = _arguments(node, [*inputs, *outputs])
    bits = []
    for pin in inputs:
        if arguments.get(pin) is None:
            raise NetlistError(f"input '{pin}' of '{node.module}' is not connected", line=node.lineno)
        bits += _input_bits(arguments[pin], pin, 1, node, scope)
    for pin, net in zip(outputs, make(scope.graph, bits), strict=True):
        if arguments.get(pin) is not None:
            _drive(arguments[pin], pin, [net], node, scope)
