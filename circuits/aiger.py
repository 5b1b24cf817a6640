"""AIGER, and-inverter graphs in ASCII (aag) and binary (aig) form: writing and reading combinational ones.

Format: A. Biere, The AIGER And-Inverter Graph Format, version 20071012, JKU Linz.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mulsmith.circuits.bit_names import bit_names, ports_of_bits
from mulsmith.circuits.frontend.graph import MAX_GATES, NetGraph
from mulsmith.circuits.frontend.source import MAX_BYTES
from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT, IDENTIFIER, Netlist, Op
from mulsmith.errors import MulsmithError, NetlistError


def write_aiger(netlist: Netlist, *, binary: bool = True) -> bytes:
    """Return the AIGER file of a netlist, with a symbol table; the same netlist always gives the same bytes.

    Args:
        netlist: the circuit; its adders and other gates are taken apart.
        binary: the binary form (``.aig``) or the ASCII form (``.aag``).
    """
    graph = _AndGraph(netlist.n_inputs)
    literal = {CONST0: 0, CONST1: 1}
    literal.update({FIRST_INPUT + i: 2 * (i + 1) for i in range(netlist.n_inputs)})
    for gate in netlist.gates:
        for net, value in zip(
            gate.outputs, graph.gate(gate.op, [literal[i] for i in gate.inputs]), strict=True
        ):
            literal[net] = value
    outputs = [literal[net] for net in netlist.output_nets]
    n, ands = netlist.n_inputs, graph.ands
    header = f"{'aig' if binary else 'aag'} {n + len(ands)} {n} 0 {len(outputs)} {len(ands)}\n"
    body = "" if binary else "".join(f"{2 * (i + 1)}\n" for i in range(n))
    data = (header + body + "".join(f"{value}\n" for value in outputs)).encode()
    for number, (high, low) in enumerate(ands):
        this = 2 * (n + 1 + number)
        data += _delta(this - high) + _delta(high - low) if binary else f"{this} {high} {low}\n".encode()
    symbols = [f"i{i} {name}\n" for i, name in enumerate(bit_names(netlist.inputs))]
    symbols += [f"o{i} {name}\n" for i, name in enumerate(bit_names(netlist.outputs))]
    return data + "".join([*symbols, "c\n", f"{netlist.name}\n"]).encode()


def read_aiger(path: Path) -> Netlist:
    """Return the circuit of an AIGER file, ASCII or binary.

    Raises:
        NetlistError: not readable, not AIGER, or with latches.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise NetlistError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path
        ) from None
    if len(data) > MAX_BYTES:
        raise NetlistError(f"is larger than {MAX_BYTES // 1024} KiB", path=path)
    return parse_aiger(data, path=str(path))


def parse_aiger(data: bytes, *, path: str = "<data>") -> Netlist:
    """Return the circuit of the bytes of an AIGER file; ``path`` is what errors call it.

    Without a symbol table every input and output is a port of one bit, ``i0``, ``i1``, ... and ``o0``, ...

    Raises:
        NetlistError: as for ``read_aiger``.
    """
    try:
        return _netlist(_parse(data))
    except MulsmithError as error:
        raise error.at(path) from None


class _AndGraph:
    """And-inverter nodes in creation order, each once; literals as in the format."""

    def __init__(self, n_inputs: int) -> None:
        self.ands: list[tuple[int, int]] = []
        self._known: dict[tuple[int, int], int] = {}
        self._next = 2 * (n_inputs + 1)

    def both(self, a: int, b: int) -> int:
        """Return the literal of a AND b."""
        high, low = max(a, b), min(a, b)
        if low == 0 or high == low ^ 1:
            return 0
        if low == 1 or high == low:
            return high
        if (high, low) not in self._known:
            self._known[high, low] = self._next
            self.ands.append((high, low))
            self._next += 2
        return self._known[high, low]

    def differ(self, a: int, b: int) -> int:
        """Return the literal of a XOR b."""
        return self.both(self.both(a, b) ^ 1, self.both(a ^ 1, b ^ 1) ^ 1)

    def gate(self, op: Op, x: list[int]) -> list[int]:
        """Return the literals of a gate's outputs."""
        if op is Op.NOT:
            return [x[0] ^ 1]
        if op is Op.MUX:
            return [self.both(self.both(x[0] ^ 1, x[1]) ^ 1, self.both(x[0], x[2]) ^ 1) ^ 1]
        if op is Op.HA:
            return [self.differ(*x), self.both(*x)]
        if op is Op.FA:
            half = self.differ(x[0], x[1])
            carry = self.both(self.both(x[0], x[1]) ^ 1, self.both(half, x[2]) ^ 1) ^ 1
            return [self.differ(half, x[2]), carry]
        if op in (Op.AND, Op.NAND):
            return [self.both(*x) ^ (op is Op.NAND)]
        if op in (Op.OR, Op.NOR):
            return [self.both(x[0] ^ 1, x[1] ^ 1) ^ (op is Op.OR)]
        return [self.differ(*x) ^ (op is Op.XNOR)]


def _delta(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


@dataclass(slots=True)
class _Aig:
    inputs: list[int]
    outputs: list[int]
    ands: list[tuple[int, int, int]]
    names: dict[str, str]
    name: str


def _parse(data: bytes) -> _Aig:
    first, _, rest = data.partition(b"\n")
    words = first.split()
    if len(words) < 6 or words[0] not in (b"aag", b"aig") or not all(w.isdigit() for w in words[1:]):
        raise NetlistError("is not AIGER: no header 'aag M I L O A' or 'aig M I L O A'", line=1)
    if any(len(word) > 9 for word in words[1:]):
        raise NetlistError("AIGER header with numbers out of range", line=1)
    maximum, n_inputs, n_latches, n_outputs, n_ands, *extensions = (int(word) for word in words[1:])
    if n_latches:
        raise NetlistError("clocked logic (AIGER latches)", line=1)
    if any(extensions):
        raise NetlistError("AIGER properties are not supported", line=1)
    if n_ands > MAX_GATES or n_inputs + n_ands > maximum or max(n_inputs, n_outputs) > MAX_GATES:
        raise NetlistError("AIGER header with numbers out of range", line=1)
    if words[0] == b"aag":
        lines = rest.split(b"\n")
        inputs = [row[0] for row in _numbers(lines[:n_inputs], 1, n_inputs, 2)]
        at = n_inputs
        outputs = [row[0] for row in _numbers(lines[at : at + n_outputs], 1, n_outputs, 2 + at)]
        at += n_outputs
        rows = _numbers(lines[at : at + n_ands], 3, n_ands, 2 + at)
        ands = [(row[0], row[1], row[2]) for row in rows]
        tail = lines[at + n_ands :]
    else:
        inputs = [2 * (i + 1) for i in range(n_inputs)]
        parts = rest.split(b"\n", n_outputs)
        outputs = [row[0] for row in _numbers(parts[:n_outputs], 1, n_outputs, 2)]
        ands, used = _binary_ands(parts[n_outputs] if len(parts) > n_outputs else b"", n_inputs, n_ands)
        tail = parts[n_outputs][used:].split(b"\n") if len(parts) > n_outputs else []
    names, name = _symbols(tail)
    return _Aig(inputs, outputs, ands, names, name)


def _numbers(lines: list[bytes], per_line: int, count: int, first_line: int) -> list[list[int]]:
    rows = []
    for number, line in enumerate(lines, start=first_line):
        words = line.split()
        if len(words) != per_line or not all(word.isdigit() and len(word) < 10 for word in words):
            raise NetlistError(f"AIGER line with {per_line} numbers expected", line=number)
        rows.append([int(word) for word in words])
    if len(rows) != count:
        raise NetlistError("AIGER file ends too early", line=first_line + len(rows))
    return rows


def _binary_ands(data: bytes, n_inputs: int, count: int) -> tuple[list[tuple[int, int, int]], int]:
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(data) or shift > 28:
                raise NetlistError("binary AIGER file ends too early or is damaged")
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    ands = []
    for i in range(count):
        this = 2 * (n_inputs + 1 + i)
        high = this - number()
        low = high - number()
        if not 0 <= low <= high < this:
            raise NetlistError("binary AIGER file ends too early or is damaged")
        ands.append((this, high, low))
    return ands, at


def _symbols(lines: list[bytes]) -> tuple[dict[str, str], str]:
    names: dict[str, str] = {}
    for position, raw in enumerate(lines):
        if raw.strip() == b"c":
            first = (
                lines[position + 1].decode("ascii", "replace").strip() if position + 1 < len(lines) else ""
            )
            return names, first if IDENTIFIER.fullmatch(first) and len(first) <= 100 else "aig"
        key, _, name = raw.decode("ascii", "replace").partition(" ")
        if name:
            names[key] = name.strip()
    return names, "aig"


def _netlist(aig: _Aig) -> Netlist:
    input_names = [aig.names.get(f"i{i}", f"i{i}") for i in range(len(aig.inputs))]
    output_names = [aig.names.get(f"o{i}", f"o{i}") for i in range(len(aig.outputs))]
    inputs, input_order = ports_of_bits(input_names)
    outputs, output_order = ports_of_bits(output_names)
    graph = NetGraph()
    nets = {0: CONST0, 1: CONST1}

    def declare(literal: int, name: str) -> None:
        if literal & 1 or literal in nets:
            raise NetlistError(f"AIGER literal {literal} is negated or defined twice")
        nets[literal] = graph.declare(name, 1, 1, 0, 0)[0]

    for position in input_order:
        declare(aig.inputs[position], input_names[position])
    for this, _, _ in aig.ands:
        declare(this, f"literal {this}")

    def net(literal: int) -> int:
        if literal & ~1 not in nets:
            raise NetlistError(f"AIGER literal {literal} is not defined")
        return graph.gate(Op.NOT, nets[literal & ~1]) if literal & 1 else nets[literal]

    for this, high, low in aig.ands:
        graph.connect(nets[this], graph.gate(Op.AND, net(high), net(low)), 1)
    bits = [net(aig.outputs[position]) for position in output_order]
    return graph.netlist(aig.name, inputs, outputs, bits, None)
