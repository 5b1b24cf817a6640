"""The cells of a Liberty library in the form that ABC maps to, under generated names."""

from __future__ import annotations

from dataclasses import dataclass

from mulsmith.characterize.cell_kinds import CellKind
from mulsmith.characterize.liberty import Cell, Liberty
from mulsmith.errors import LibertyError

MAX_FAN_IN = 6
OUTPUT_PIN = "Y"
WIRE = "wire"
CONSTANTS = {"zero": "n0", "one": "n1"}
INPUT_PINS = "ABCDEF"
_TIMING = "PIN * UNKNOWN 1 999 1 0 1 0"
_OPERATOR = {"&": "*", "|": "+", "^": "^"}


@dataclass(frozen=True, slots=True)
class GateLibrary:
    """What synthesis maps to.

    Attributes:
        text: the one-output cells in ABC's genlib format; cell number k is called ``ck``, its inputs
            ``A``, ``B``... in the order of ``Cell.inputs`` and its output ``Y``.
        cells: those cells by number.
            ``zero``, ``one`` and ``wire`` stand for nets without a cell.
        full_adder: the smallest full adder, if there is one.
        half_adder: the smallest half adder, if there is one.
    """

    text: bytes
    cells: tuple[Cell, ...]
    full_adder: Cell | None
    half_adder: Cell | None


def gate_library(liberty: Liberty) -> GateLibrary:
    """Return the cells of a library that synthesis may use: of each function the smallest.

    Sequential and three-state cells, cells marked dont_use, buffers and cells of more than six inputs are
    left out. Every cell counts as one unit of delay, so that area decides.

    Raises:
        LibertyError: the library has no inverter, or no AND, NAND, OR or NOR of two inputs.
    """
    smallest: dict[tuple[int, int], Cell] = {}
    for cell in sorted(liberty.cells.values(), key=lambda cell: (cell.area_um2, cell.name)):
        if _usable(cell):
            key = (len(cell.inputs), cell.tables[cell.outputs[0]])
            smallest.setdefault(key, cell)
    cells = tuple(sorted(smallest.values(), key=lambda cell: cell.name))
    _require_complete(liberty, cells)
    # ABC needs constants and a buffer to describe outputs that repeat an input; none of them becomes a cell.
    lines = ["GATE zero 0 Y=CONST0;", "GATE one 0 Y=CONST1;", f"GATE {WIRE} 1 Y=A; {_TIMING}"]
    lines += [
        f"GATE c{number} {cell.area_um2:.6f} {OUTPUT_PIN}={_expression(cell)}; {_TIMING}"
        for number, cell in enumerate(cells)
    ]
    return GateLibrary(
        "\n".join([*lines, ""]).encode(),
        cells,
        liberty.find(CellKind.FULL_ADDER, 3),
        liberty.find(CellKind.HALF_ADDER, 2),
    )


def _usable(cell: Cell) -> bool:
    if not cell.combinational or cell.dont_use or len(cell.outputs) != 1 or cell.recognition is None:
        return False
    idle = (CellKind.BUFFER, CellKind.CONSTANT)
    return 1 <= len(cell.inputs) <= MAX_FAN_IN and cell.recognition.kind not in idle


def _require_complete(liberty: Liberty, cells: tuple[Cell, ...]) -> None:
    kinds = {(cell.recognition.kind, cell.recognition.fan_in) for cell in cells if cell.recognition}
    missing = []
    if (CellKind.INVERTER, 1) not in kinds:
        missing.append("inverter")
    if not kinds & {(kind, 2) for kind in (CellKind.AND, CellKind.NAND, CellKind.OR, CellKind.NOR)}:
        missing.append("AND, NAND, OR or NOR gate of two inputs")
    if missing:
        raise LibertyError(
            f"the library '{liberty.name}' has no usable {' and no '.join(missing)}",
            path=liberty.path,
            remedy="synthesis needs at least these; cells marked dont_use do not count",
        )


def _expression(cell: Cell) -> str:
    name = dict(zip(cell.inputs, INPUT_PINS, strict=False))
    function = cell.pins[cell.outputs[0]].function
    stack: list[str] = []
    for step in function.program if function else ():
        if step == "!":
            stack.append(f"!{stack.pop()}")
        elif step in _OPERATOR:
            right = stack.pop()
            stack.append(f"({stack.pop()}{_OPERATOR[step]}{right})")
        else:
            stack.append({"0": "CONST0", "1": "CONST1"}.get(step) or name[step])
    return stack[0]
