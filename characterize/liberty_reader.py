"""The parsed tree of a Liberty file to typed cells, with every figure converted to ns, pF, pJ and nW."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from mulsmith.characterize.cell_kinds import recognise
from mulsmith.characterize.liberty import (
    Cell,
    Direction,
    InternalPower,
    LeakageState,
    Pin,
    Sense,
    TimingArc,
)
from mulsmith.characterize.liberty_functions import (
    MAX_TABLE_PINS,
    BooleanFunction,
    counting_bits,
    parse_function,
)
from mulsmith.characterize.liberty_parser import Group, Source
from mulsmith.characterize.nldm import Table
from mulsmith.errors import LibertyError

_SLEW_VARIABLES = frozenset({"input_net_transition", "input_transition_time"})
_LOAD_VARIABLES = frozenset({"total_output_net_capacitance"})
_COMBINATIONAL = frozenset({"combinational", "combinational_rise", "combinational_fall"})
_SEQUENTIAL = ("ff", "ff_bank", "latch", "latch_bank", "statetable", "bus", "bundle", "memory")
_PREFIX = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
_UNIT = re.compile(r"\s*(1|10|100)?\s*([munpf]?)([a-z]+)\s*", re.IGNORECASE)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Units:
    """Factors from the file's units to ns, pF, pJ and nW; None where the file does not state the unit."""

    time: float
    capacitance: float
    energy: float
    leakage: float | None


@dataclass(frozen=True, slots=True)
class _Template:
    """A table template: its variables and their default axes in the file's units."""

    variables: tuple[str, ...]
    axes: tuple[tuple[float, ...], ...]


def read_library(source: Source, library: Group) -> tuple[str, float, Mapping[str, Cell]]:
    """Return name, supply voltage in V and cells of a parsed library.

    Raises:
        LibertyError: a unit, voltage, table, function or number is missing or wrong.
    """
    if len(library.arguments) != 1:
        source.fail("the library has no name", library.start)
    _check_delay_model(source, library)
    reader = _Reader(source, library)
    cells: dict[str, Cell] = {}
    for group in library.of("cell"):
        cell = reader.cell(group)
        if cell.name in cells:
            source.fail(f"cell '{cell.name}' is defined twice", group.start)
        cells[cell.name] = cell
    if not any(cell.combinational for cell in cells.values()):
        source.fail(
            "the library has no combinational cell whose outputs have functions",
            library.start,
            remedy="give a Liberty file with 'function' attributes",
        )
    return library.arguments[0], reader.voltage, MappingProxyType(cells)


def _check_delay_model(source: Source, library: Group) -> None:
    model = library.attributes.get("delay_model")
    if model is not None and model.text != "table_lookup":
        source.fail(f"delay model '{model.text}' is not supported, only table_lookup", model.start)


class _Reader:
    """Reads cells with the units, templates and defaults of one library."""

    def __init__(self, source: Source, library: Group) -> None:
        self.source = source
        self.library = library
        voltage_unit = self.unit("voltage_unit", "v", 1.0) if "voltage_unit" in library.attributes else 1.0
        self.voltage = self._voltage(voltage_unit)
        capacitance = self._capacitance_unit()
        leakage = self.unit("leakage_power_unit", "w", 1e-9) if self._has("leakage_power_unit") else None
        self.units = _Units(
            time=self.unit("time_unit", "s", 1e-9),
            capacitance=capacitance,
            energy=capacitance * voltage_unit * voltage_unit,
            leakage=leakage,
        )
        self.templates = {
            group.arguments[0]: self._template(group)
            for group in library.of("lu_table_template", "power_lut_template")
            if group.arguments
        }
        self.functions: dict[str, BooleanFunction] = {}

    def _has(self, name: str) -> bool:
        return name in self.library.attributes

    def unit(self, name: str, base: str, scale: float) -> float:
        """Return how many ``scale`` one unit of the file's attribute ``name`` is."""
        attribute = self.library.attributes.get(name)
        if attribute is None:
            self.source.fail(f"the library states no {name}", self.library.start)
        match = _UNIT.fullmatch(attribute.text)
        if match is None or match[3].lower() != base:
            self.source.fail(f"{name} is '{attribute.text[:40]}', which is no such unit", attribute.start)
        return float(match[1] or 1) * _PREFIX[match[2].lower()] / scale

    def _capacitance_unit(self) -> float:
        attribute = self.library.attributes.get("capacitive_load_unit")
        if attribute is None:
            self.source.fail("the library states no capacitive_load_unit", self.library.start)
        names = {"pf": 1.0, "ff": 1e-3}
        if len(attribute.values) != 2 or attribute.values[1].lower() not in names:
            self.source.fail(
                "capacitive_load_unit is not of the form (number, pf) or (number, ff)", attribute.start
            )
        factor = self.source.number(attribute.text, attribute.start, "capacitive_load_unit")
        if factor <= 0:
            self.source.fail("capacitive_load_unit is not positive", attribute.start)
        return factor * names[attribute.values[1].lower()]

    def _voltage(self, unit: float) -> float:
        attribute = self.library.attributes.get("nom_voltage")
        if attribute is None:
            self.source.fail("the library states no nom_voltage", self.library.start)
        value = self.source.number(attribute.text, attribute.start, "nom_voltage") * unit
        if value <= 0:
            self.source.fail("nom_voltage is not positive", attribute.start)
        return value

    def _template(self, group: Group) -> _Template:
        variables, axes = [], []
        for number in (1, 2, 3):
            variable = group.attributes.get(f"variable_{number}")
            if variable is None:
                break
            variables.append(variable.text)
            axis = group.attributes.get(f"index_{number}")
            axes.append(tuple(self.source.numbers(axis, f"index_{number}")) if axis else ())
        return _Template(tuple(variables), tuple(axes))

    def cell(self, group: Group) -> Cell:
        if len(group.arguments) != 1:
            self.source.fail("a cell has no name", group.start)
        name = group.arguments[0]
        ground = {
            pin.arguments[0]
            for pin in group.of("pg_pin")
            if pin.arguments and "ground" in self.text(pin, "pg_type", "")
        }
        pins = {
            pin_name: self.pin(pin, pin_name, ground) for pin in group.of("pin") for pin_name in pin.arguments
        }
        inputs = tuple(pin.name for pin in pins.values() if pin.direction is Direction.INPUT)
        outputs = tuple(pin.name for pin in pins.values() if pin.direction is Direction.OUTPUT)
        combinational = (
            bool(outputs)
            and not group.of(*_SEQUENTIAL)
            and len(inputs) <= MAX_TABLE_PINS
            and all(pins[pin].function is not None and not pins[pin].three_state for pin in outputs)
            and not any(pin.direction in (Direction.INOUT, Direction.INTERNAL) for pin in pins.values())
        )
        tables = self._tables(group, pins, inputs, outputs) if combinational else {}
        if combinational:
            self._check_causes(group, pins, inputs)
        states = self._leakage_states(group, ground)
        return Cell(
            name=name,
            line=self.source.text.count("\n", 0, group.start) + 1,
            area_um2=self.figure(group, "area", 0.0),
            leakage_nw=self._leakage(group, states),
            leakage_states=states,
            pins=MappingProxyType(pins),
            inputs=inputs,
            outputs=outputs,
            combinational=combinational,
            dont_use=any(self.text(group, key, "") == "true" for key in ("dont_use", "pad_cell")),
            tables=MappingProxyType(tables),
            recognition=recognise(inputs, tables) if combinational else None,
        )

    def _tables(
        self, group: Group, pins: Mapping[str, Pin], inputs: tuple[str, ...], outputs: tuple[str, ...]
    ) -> dict[str, int]:
        tables = {}
        for output in outputs:
            function = pins[output].function
            if function is None:
                continue
            try:
                tables[output] = function.table(inputs)
            except LibertyError as error:
                self.source.fail(f"cell '{group.arguments[0]}', pin '{output}': {error.cause}", group.start)
        return tables

    def _check_causes(self, group: Group, pins: Mapping[str, Pin], inputs: tuple[str, ...]) -> None:
        for pin in pins.values():
            for arc in pin.arcs:
                if arc.related_pin not in inputs:
                    self.source.fail(
                        f"cell '{group.arguments[0]}', pin '{pin.name}': timing from '{arc.related_pin}', "
                        "which is no input pin of the cell",
                        group.start,
                    )

    def _leakage_states(self, group: Group, ground: set[str]) -> tuple[LeakageState, ...]:
        states = []
        for leakage in group.of("leakage_power"):
            if "when" in leakage.attributes and self.text(leakage, "related_pg_pin", "") not in ground:
                power = self.figure(leakage, "value", 0.0) * self._leakage_unit(leakage)
                states.append(LeakageState(self.function(leakage, "when"), power))
        return tuple(states)

    def _leakage(self, group: Group, states: tuple[LeakageState, ...]) -> float:
        if "cell_leakage_power" in group.attributes:
            return self.figure(group, "cell_leakage_power", 0.0) * self._leakage_unit(group)
        if states:
            return sum(state.power_nw for state in states) / len(states)
        if self._has("default_cell_leakage_power"):
            return self.figure(self.library, "default_cell_leakage_power", 0.0) * self._leakage_unit(group)
        return 0.0

    def _leakage_unit(self, group: Group) -> float:
        if self.units.leakage is None:
            self.source.fail(
                "leakage power is given, but the library states no leakage_power_unit", group.start
            )
        return self.units.leakage

    def pin(self, group: Group, name: str, ground: set[str]) -> Pin:
        direction = self.choice(group, "direction", Direction)
        default = {Direction.INPUT: "default_input_pin_cap", Direction.OUTPUT: "default_output_pin_cap"}
        fallback = self.figure(self.library, default.get(direction, ""), 0.0)
        capacitance = self.figure(group, "capacitance", fallback)
        function = self.function(group, "function") if "function" in group.attributes else None
        return Pin(
            name=name,
            direction=direction,
            capacitance_pf=capacitance * self.units.capacitance,
            rise_capacitance_pf=self.figure(group, "rise_capacitance", capacitance) * self.units.capacitance,
            fall_capacitance_pf=self.figure(group, "fall_capacitance", capacitance) * self.units.capacitance,
            function=function,
            three_state="three_state" in group.attributes,
            arcs=tuple(arc for timing in group.of("timing") for arc in self._arcs(timing, function)),
            internal_power=tuple(
                power
                for inner in group.of("internal_power")
                if self.text(inner, "related_pg_pin", "") not in ground
                for power in self._internal_power(inner)
            ),
        )

    def _arcs(self, group: Group, function: BooleanFunction | None) -> list[TimingArc]:
        if self.text(group, "timing_type", "combinational") not in _COMBINATIONAL:
            return []
        tables: dict[str, Table | None] = dict.fromkeys(
            ("cell_rise", "cell_fall", "rise_transition", "fall_transition")
        )
        for inner in group.groups:
            if inner.kind in tables:
                tables[inner.kind] = self.table(inner, self.units.time)
        when = self.function(group, "when") if "when" in group.attributes else None
        arcs = []
        for related in self.text(group, "related_pin", "").split():
            if "timing_sense" in group.attributes:
                sense = self.choice(group, "timing_sense", Sense)
            else:
                sense = _sense(function, related)
            arcs.append(TimingArc(related, sense, when, **tables))
        return arcs

    def _internal_power(self, group: Group) -> list[InternalPower]:
        tables: dict[str, Table] = {
            inner.kind: self.table(inner, self.units.energy)
            for inner in group.of("rise_power", "fall_power", "power")
        }
        when = self.function(group, "when") if "when" in group.attributes else None
        both = tables.get("power")
        rise, fall = tables.get("rise_power", both), tables.get("fall_power", both)
        related: list[str | None] = [*self.text(group, "related_pin", "").split()]
        return [InternalPower(pin, when, rise, fall) for pin in related or [None]]

    def table(self, group: Group, scale: float) -> Table:
        """Return a table in either order of its axes, its values times ``scale``."""
        if "values" not in group.attributes:
            self.source.fail(f"the table '{group.kind}' has no values", group.start)
        values = [value * scale for value in self.source.numbers(group.attributes["values"], "values")]
        template = self._used_template(group, values)
        factors = {**dict.fromkeys(_SLEW_VARIABLES, self.units.time)}
        factors.update(dict.fromkeys(_LOAD_VARIABLES, self.units.capacitance))
        axes: list[tuple[float, ...]] = []
        for number, (variable, default) in enumerate(zip(template.variables, template.axes, strict=True), 1):
            if variable not in factors:
                self.source.fail(f"a table over '{variable[:60]}' is not supported", group.start)
            own = group.attributes.get(f"index_{number}")
            axis = self.source.numbers(own, f"index_{number}") if own else default
            axes.append(tuple(value * factors[variable] for value in axis))
        if len(axes) > 2 or len({v in _SLEW_VARIABLES for v in template.variables}) != len(axes):
            self.source.fail("a table has other axes than one slew and one load", group.start)
        size = 1
        for axis in axes:
            size *= len(axis)
        if size != len(values):
            self.source.fail(f"the table has {len(values)} values, but its axes ask for {size}", group.start)
        return self._arranged(group, template.variables, axes, values)

    def _used_template(self, group: Group, values: list[float]) -> _Template:
        name = group.arguments[0] if group.arguments else "scalar"
        if name == "scalar" or (len(values) == 1 and name not in self.templates):
            return _Template((), ())
        if name not in self.templates:
            self.source.fail(f"the table template '{name[:60]}' is not defined", group.start)
        return self.templates[name]

    def _arranged(
        self,
        group: Group,
        variables: tuple[str, ...],
        axes: list[tuple[float, ...]],
        values: list[float],
    ) -> Table:
        slews: tuple[float, ...] = (0.0,)
        loads: tuple[float, ...] = (0.0,)
        load_first = False
        for position, (variable, axis) in enumerate(zip(variables, axes, strict=True)):
            if variable in _SLEW_VARIABLES:
                slews = axis
            else:
                loads, load_first = axis, position == 0
        if load_first:
            n = len(slews)
            rows = tuple(tuple(values[i::n]) for i in range(n))
        else:
            n = len(loads)
            rows = tuple(tuple(values[i * n : (i + 1) * n]) for i in range(len(slews)))
        try:
            return Table(slews, loads, rows)
        except LibertyError as error:
            self.source.fail(error.cause, group.start)

    def figure(self, group: Group, name: str, default: float) -> float:
        attribute = group.attributes.get(name)
        if attribute is None:
            return default
        return self.source.number(attribute.text, attribute.start, name)

    def text(self, group: Group, name: str, default: str) -> str:
        attribute = group.attributes.get(name)
        return default if attribute is None else attribute.text

    def function(self, group: Group, name: str) -> BooleanFunction:
        attribute = group.attributes[name]
        text = attribute.text
        if text not in self.functions:
            try:
                self.functions[text] = parse_function(text)
            except LibertyError as error:
                self.source.fail(error.cause, attribute.start)
        return self.functions[text]

    def choice(self, group: Group, name: str, kind: type[_T]) -> _T:
        attribute = group.attributes.get(name)
        if attribute is None:
            self.source.fail(f"'{group.kind} ({', '.join(group.arguments)})' has no {name}", group.start)
        try:
            return kind(attribute.text)  # type: ignore[call-arg]  # StrEnum looks a value up
        except ValueError:
            self.source.fail(f"{name} is '{attribute.text[:40]}', which is no such thing", attribute.start)


def _sense(function: BooleanFunction | None, pin: str) -> Sense:
    """Return how a function follows one of its pins."""
    if function is None or pin not in function.pins or len(function.pins) > MAX_TABLE_PINS:
        return Sense.NON_UNATE
    pins = function.pins
    table = function.table(pins)
    high = counting_bits(pins.index(pin), len(pins))
    shift = 1 << pins.index(pin)
    when_low, when_high = table & ~high, (table & high) >> shift
    if not when_low & ~when_high:
        return Sense.POSITIVE
    if not when_high & ~when_low:
        return Sense.NEGATIVE
    return Sense.NON_UNATE
