"""Cell libraries: typed cells, pins, timing arcs and power tables in ns, pF, pJ, nW and µm²."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources
from pathlib import Path

from mulsmith.characterize.cell_kinds import CellKind, Recognition
from mulsmith.characterize.liberty_functions import BooleanFunction
from mulsmith.characterize.liberty_parser import Source, parse_liberty
from mulsmith.characterize.nldm import Table
from mulsmith.errors import LibertyError
from mulsmith.provenance import sha256_hex

MAX_BYTES = 256 << 20
EMBEDDED = "mulsmith14.lib"


class Direction(StrEnum):
    """Direction of a pin."""

    INPUT = "input"
    OUTPUT = "output"
    INOUT = "inout"
    INTERNAL = "internal"


class Sense(StrEnum):
    """How an output follows an input: with it, against it, or depending on the other inputs."""

    POSITIVE = "positive_unate"
    NEGATIVE = "negative_unate"
    NON_UNATE = "non_unate"


@dataclass(frozen=True, slots=True)
class TimingArc:
    """Delay from ``related_pin`` to the output pin that holds the arc; tables in ns, or None."""

    related_pin: str
    sense: Sense
    when: BooleanFunction | None
    cell_rise: Table | None
    cell_fall: Table | None
    rise_transition: Table | None
    fall_transition: Table | None


@dataclass(frozen=True, slots=True)
class InternalPower:
    """Energy in pJ that the cell itself takes per edge of the pin that holds it.

    ``related_pin`` is the input that caused the edge of an output pin; None for an input pin's own energy.
    """

    related_pin: str | None
    when: BooleanFunction | None
    rise: Table | None
    fall: Table | None


@dataclass(frozen=True, slots=True)
class LeakageState:
    """Leakage power in nW while ``when`` holds."""

    when: BooleanFunction
    power_nw: float


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin of a cell; capacitances in pF.

    Attributes:
        name: its name.
        direction: input, output, inout or internal.
        capacitance_pf: for power.
        rise_capacitance_pf: for the timing of a rising edge.
        fall_capacitance_pf: for the timing of a falling edge.
        function: of an output.
        three_state: whether the output can be switched off.
        arcs: timing arcs that end here.
        internal_power: energy per edge of this pin.
    """

    name: str
    direction: Direction
    capacitance_pf: float
    rise_capacitance_pf: float
    fall_capacitance_pf: float
    function: BooleanFunction | None
    three_state: bool
    arcs: tuple[TimingArc, ...]
    internal_power: tuple[InternalPower, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the library.

    Attributes:
        name: its name.
        line: where the file defines it.
        area_um2: its area; Liberty states no unit, µm² is the custom.
        leakage_nw: leakage power without regard to the state.
        leakage_states: leakage power by state, where the file gives it.
        pins: by name.
        inputs: names of the input pins, in file order.
        outputs: names of the output pins, in file order.
        combinational: whether every output is a function of the inputs, and nothing else.
        dont_use: whether the file forbids its use in synthesis.
        tables: output pin -> truth table over ``inputs`` (bit i: pin number k has bit k of i); empty for
            a cell that is not combinational.
        recognition: what the cell is, by its functions; None for a cell that is not combinational.
    """

    name: str
    line: int
    area_um2: float
    leakage_nw: float
    leakage_states: tuple[LeakageState, ...]
    pins: Mapping[str, Pin]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    combinational: bool
    dont_use: bool
    tables: Mapping[str, int]
    recognition: Recognition | None


@dataclass(frozen=True, slots=True)
class Liberty:
    """A cell library.

    Attributes:
        name: the library's own name.
        path: the file it was read from.
        text: the bytes of that file.
        sha256: their hash.
        voltage: supply voltage in V.
        cells: by name, in file order.
    """

    name: str
    path: str
    text: bytes = field(repr=False)
    sha256: str
    voltage: float
    cells: Mapping[str, Cell] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Liberty:
        """Read a Liberty file.

        Raises:
            LibertyError: the file is missing, unreadable, too large, not UTF-8, broken or incomplete.
        """
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise LibertyError(
                    f"the file has {size >> 20} MiB, but {MAX_BYTES >> 20} are the most", path=path
                )
            data = path.read_bytes()
        except FileNotFoundError:
            raise LibertyError("there is no such Liberty file", path=path) from None
        except OSError as error:
            raise LibertyError(f"cannot be read: {error.strerror}", path=path) from None
        return cls.parse(data, path=str(path))

    @classmethod
    def parse(cls, data: bytes, *, path: str = "<text>") -> Liberty:
        """Return the library that the bytes of a Liberty file describe; ``path`` is named in errors.

        Raises:
            LibertyError: not UTF-8, broken syntax, unknown units, or inconsistent tables.
        """
        from mulsmith.characterize.liberty_reader import read_library

        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise LibertyError(
                f"byte {data[error.start]:#04x} is not UTF-8",
                path=path,
                line=data.count(b"\n", 0, error.start) + 1,
                remedy="give an uncompressed Liberty file in UTF-8 or ASCII",
            ) from None
        source = Source(text, path)
        name, voltage, cells = read_library(source, parse_liberty(source))
        return cls(name, path, data, sha256_hex(data), voltage, cells)

    @classmethod
    def embedded(cls) -> Liberty:
        """Return the library of 14 cells that comes with the package, derived from FreePDK45's gscl45nm."""
        data = resources.files("mulsmith.characterize").joinpath("data", EMBEDDED).read_bytes()
        return cls.parse(data, path=EMBEDDED)

    def cell(self, name: str) -> Cell:
        """Return a cell that can be evaluated.

        Raises:
            LibertyError: there is none of this name, or it is sequential or lacks a function.
        """
        cell = self.cells.get(name)
        if cell is None:
            raise LibertyError(f"the library '{self.name}' has no cell '{name[:80]}'", path=self.path)
        if not cell.combinational:
            raise LibertyError(
                f"cell '{name}' is not combinational or an output of it has no function",
                path=self.path,
                line=cell.line,
            )
        return cell

    def find(self, kind: CellKind, fan_in: int | None = None, groups: tuple[int, ...] = ()) -> Cell | None:
        """Return the smallest usable cell of a kind, or None; ``fan_in`` None stands for any."""
        found = [
            cell
            for cell in self.cells.values()
            if cell.recognition is not None
            and not cell.dont_use
            and cell.recognition.kind is kind
            and cell.recognition.groups == groups
            and fan_in in (None, cell.recognition.fan_in)
        ]
        return min(found, key=lambda cell: (cell.area_um2, cell.name), default=None)

    def require(self, kind: CellKind, fan_in: int | None = None) -> Cell:
        """Return the smallest usable cell of a kind.

        Raises:
            LibertyError: the library has none.
        """
        cell = self.find(kind, fan_in)
        if cell is None:
            inputs = "" if fan_in is None else f" with {fan_in} inputs"
            raise LibertyError(
                f"the library '{self.name}' has no usable {kind.value}{inputs}",
                path=self.path,
                remedy="give a Liberty file of a complete standard-cell library",
            )
        return cell
