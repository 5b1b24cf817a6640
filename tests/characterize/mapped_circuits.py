"""Mapped circuits for tests: random ones over every cell of a library, and array multipliers."""

import random

from mulsmith.characterize.cell_kinds import CellKind
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.circuits.netlist import CONST0, FIRST_INPUT, Port


def random_circuit(liberty: Liberty, seed: int, a_bits: int = 4, b_bits: int = 4, n_cells: int = 60):
    """Return a random circuit over all combinational cells; every net that drives nothing is an output."""
    rng = random.Random(seed)
    choice = [cell for cell in liberty.cells.values() if cell.combinational and cell.inputs]
    nets = list(range(FIRST_INPUT, FIRST_INPUT + a_bits + b_bits))
    following, cells, used = nets[-1] + 1, [], set()
    for _ in range(n_cells):
        cell = rng.choice(choice)
        recent = nets[-24:]
        inputs = rng.sample(recent, len(cell.inputs)) if len(recent) >= len(cell.inputs) else None
        pins = dict(zip(cell.inputs, inputs, strict=True))
        used.update(inputs)
        for pin in cell.outputs:
            pins[pin] = following
            nets.append(following)
            following += 1
        cells.append(MappedCell(cell.name, pins))
    outputs = tuple(net for net in nets[a_bits + b_bits :] if net not in used)
    return MappedNetlist(
        f"random{seed}",
        (Port("A", a_bits), Port("B", b_bits)),
        (Port("O", len(outputs)),),
        tuple(cells),
        outputs,
    )


def array_multiplier(liberty: Liberty, a_bits: int, b_bits: int):
    """Return an unsigned carry-ripple array multiplier of AND, half-adder and full-adder cells."""
    builder = _Builder(liberty, a_bits, b_bits)
    a = [FIRST_INPUT + i for i in range(a_bits)]
    b = [FIRST_INPUT + a_bits + i for i in range(b_bits)]
    outputs, row = [], [builder.add(CellKind.AND, x, b[0]) for x in a] + [CONST0]
    for y in b[1:]:
        outputs.append(row[0])
        carry, following = CONST0, []
        for x, above in zip(a, row[1:], strict=True):
            total, carry = builder.adder(builder.add(CellKind.AND, x, y), above, carry)
            following.append(total)
        row = [*following, carry]
    outputs += row
    ports = (Port("A", a_bits), Port("B", b_bits))
    return MappedNetlist("array", ports, (Port("O", len(outputs)),), tuple(builder.cells), tuple(outputs))


class _Builder:
    def __init__(self, liberty, a_bits, b_bits):
        self.liberty, self.cells, self.following = liberty, [], FIRST_INPUT + a_bits + b_bits

    def add(self, kind, *inputs):
        cell = self.liberty.require(kind, len(inputs))
        pins = dict(zip(cell.inputs, inputs, strict=True))
        pins[cell.outputs[0]] = self.following
        self.following += 1
        self.cells.append(MappedCell(cell.name, pins))
        return self.following - 1

    def adder(self, *operands):
        live = [net for net in operands if net != CONST0]
        if len(live) < 2:
            return live[0], CONST0
        cell = self.liberty.require(CellKind.HALF_ADDER if len(live) == 2 else CellKind.FULL_ADDER)
        pins = dict(zip(cell.inputs, live, strict=True))
        total, carry = self.following, self.following + 1
        self.following += 2
        pins[cell.recognition.roles["sum"]], pins[cell.recognition.roles["carry"]] = total, carry
        self.cells.append(MappedCell(cell.name, pins))
        return total, carry
