"""Write a netlist as structural Verilog that a hardware engineer can read: adders stand as additions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mulsmith.circuits.netlist import CONST0, CONST1, Gate, Netlist, Op, Port
from mulsmith.errors import NetlistError

# IEEE 1364-2005, annex B.
_KEYWORDS = """
    always and assign automatic begin buf bufif0 bufif1 case casex casez cell cmos config deassign
    default defparam design disable edge else end endcase endconfig endfunction endgenerate
    endmodule endprimitive endspecify endtable endtask event for force forever fork function
    generate genvar highz0 highz1 if ifnone incdir include initial inout input instance integer join
    large liblist library localparam macromodule medium module nand negedge nmos nor noshowcancelled
    not notif0 notif1 or output parameter pmos posedge primitive pull0 pull1 pulldown pullup
    pulsestyle_ondetect pulsestyle_onevent rcmos real realtime reg release repeat rnmos rpmos rtran
    rtranif0 rtranif1 scalared showcancelled signed small specify specparam strong0 strong1 supply0
    supply1 table task time tran tranif0 tranif1 tri tri0 tri1 triand trior trireg unsigned use
    vectored wait wand weak0 weak1 while wire wor xnor xor
"""
_RESERVED = frozenset(_KEYWORDS.split())

_INFIX = {Op.AND: "&", Op.OR: "|", Op.XOR: "^"}
_INVERTED = {Op.NAND: "&", Op.NOR: "|", Op.XNOR: "^"}


def write_verilog(netlist: Netlist, header: Sequence[str] = ()) -> str:
    """Return the Verilog text of a netlist; the same netlist always gives the same text.

    Half and full adders are written ``assign {carry, sum} = a + b + c;``. A net that is the AND of one bit of
    each of two input ports is named ``p<i>_<j>``, sum and carry of adder k are ``s<k>`` and ``c<k>``.

    Args:
        netlist: the circuit.
        header: comment lines put first, without their ``//``.

    Raises:
        NetlistError: the module or a port is called like a reserved word, as BLIF and AIGER allow.
    """
    for name in (netlist.name, *(port.name for port in (*netlist.inputs, *netlist.outputs))):
        if name in _RESERVED:
            raise NetlistError(f"'{name}' is a reserved word of Verilog", remedy="rename the port or module")
    names = _net_names(netlist)
    lines = [f"// {line}".rstrip() for line in header]
    ports = ", ".join(port.name for port in (*netlist.inputs, *netlist.outputs))
    lines.append(f"module {netlist.name}({ports});")
    lines += [f"  input {_range(port)}{port.name};" for port in netlist.inputs]
    lines += [f"  output {_range(port)}{port.name};" for port in netlist.outputs]
    lines += [f"  wire {', '.join(names[net] for net in gate.outputs)};" for gate in netlist.gates]
    lines += [f"  assign {_assignment(gate, names)};" for gate in netlist.gates]
    targets = [bit for port in netlist.outputs for bit in _bits(port)]
    lines += [
        f"  assign {target} = {names[net]};" for target, net in zip(targets, netlist.output_nets, strict=True)
    ]
    return "\n".join([*lines, "endmodule", ""])


def _net_names(netlist: Netlist) -> dict[int, str]:
    names = {CONST0: "1'b0", CONST1: "1'b1"}
    position: dict[int, tuple[int, int]] = {}
    for number, port in enumerate(netlist.inputs):
        for bit, (net, name) in enumerate(zip(netlist.input_nets(number), _bits(port), strict=True)):
            names[net] = name
            position[net] = (number, bit)
    taken = {port.name for port in (*netlist.inputs, *netlist.outputs)}
    adders = 0
    for gate in netlist.gates:
        if gate.op in (Op.HA, Op.FA):
            proposals = [f"s{adders}", f"c{adders}"]
            adders += 1
        else:
            proposals = [_product_name(gate, position) or f"n{gate.outputs[0]}"]
        for net, proposal in zip(gate.outputs, proposals, strict=True):
            name = proposal
            while name in taken:
                name += "_"
            taken.add(name)
            names[net] = name
    return names


def _product_name(gate: Gate, position: Mapping[int, tuple[int, int]]) -> str | None:
    if gate.op not in (Op.AND, Op.NAND) or not all(net in position for net in gate.inputs):
        return None
    (first, i), (second, j) = sorted(position[net] for net in gate.inputs)
    if (first, second) != (0, 1):
        return None
    return f"p{i}_{j}" if gate.op is Op.AND else f"np{i}_{j}"


def _assignment(gate: Gate, names: Mapping[int, str]) -> str:
    inputs = [names[net] for net in gate.inputs]
    outputs = [names[net] for net in gate.outputs]
    if gate.op in (Op.HA, Op.FA):
        return f"{{{outputs[1]}, {outputs[0]}}} = {' + '.join(inputs)}"
    if gate.op is Op.NOT:
        return f"{outputs[0]} = ~{inputs[0]}"
    if gate.op is Op.MUX:
        return f"{outputs[0]} = {inputs[0]} ? {inputs[2]} : {inputs[1]}"
    if gate.op in _INFIX:
        return f"{outputs[0]} = {inputs[0]} {_INFIX[gate.op]} {inputs[1]}"
    return f"{outputs[0]} = ~({inputs[0]} {_INVERTED[gate.op]} {inputs[1]})"


def _range(port: Port) -> str:
    return f"[{port.width - 1}:0] " if port.width > 1 else ""


def _bits(port: Port) -> list[str]:
    return [f"{port.name}[{bit}]" for bit in range(port.width)] if port.width > 1 else [port.name]
