"""Liberty files: units, axes and figures read back, and every way in which a file can be broken."""

import itertools
from pathlib import Path

import pytest

from mulsmith.characterize.cell_kinds import CellKind
from mulsmith.characterize.liberty import Liberty, Sense
from mulsmith.errors import LibertyError

OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")

SMALL = """library (small) {
  delay_model : table_lookup;
  time_unit : "1ns";
  voltage_unit : "1V";
  leakage_power_unit : "1nW";
  capacitive_load_unit (1, pf);
  nom_voltage : 1.1;
  lu_table_template (by_load_slew) {
    variable_1 : total_output_net_capacitance;
    variable_2 : input_net_transition;
    index_1 ("0.1, 0.2");
    index_2 ("1, 2, 4");
  }
  cell (NAND) {
    area : 2.5; /* a comment */
    cell_leakage_power : 7;
    leakage_power () { when : "A B"; value : 9; }
    pin (A) { direction : input; capacitance : 0.002; rise_capacitance : 0.003; }
    pin (B) { direction : input; capacitance : 0.004; }
    pin (Y) {
      direction : output;
      function : "!(A B)";
      timing () {
        related_pin : "A B";
        cell_rise (by_load_slew) { values ("10, 20, 40", \\
                                           "30, 40, 60"); }
        rise_transition (scalar) { values ("0.5"); }
      }
      internal_power () { related_pin : A; power (scalar) { values ("0.25"); } }
    }
  }
}
"""


def parse(text: str) -> Liberty:
    return Liberty.parse(text.encode(), path="x.lib")


def test_figures():
    library = parse(SMALL)
    assert (library.name, library.voltage) == ("small", 1.1)
    cell = library.cell("NAND")
    assert (cell.area_um2, cell.leakage_nw, cell.line) == (2.5, 7.0, 14)
    assert cell.leakage_states[0].power_nw == 9.0
    assert (cell.inputs, cell.outputs, cell.tables["Y"]) == (("A", "B"), ("Y",), 0b0111)
    a, y = cell.pins["A"], cell.pins["Y"]
    assert (a.capacitance_pf, a.rise_capacitance_pf, a.fall_capacitance_pf) == (0.002, 0.003, 0.002)
    assert [(arc.related_pin, arc.sense) for arc in y.arcs] == [("A", Sense.NEGATIVE), ("B", Sense.NEGATIVE)]
    assert y.arcs[0].cell_fall is None
    power = y.internal_power[0]
    assert power.rise is power.fall
    assert power.rise(3.0, 5.0) == 0.25


def test_tables_interpolate_and_extrapolate():
    table = parse(SMALL).cell("NAND").pins["Y"].arcs[0].cell_rise
    assert table.slews_ns == (1, 2, 4)
    assert table.loads_pf == (0.1, 0.2)
    for slew, load in itertools.product((0.0, 1.5, 3.0, 8.0), (0.0, 0.1, 0.15, 0.4)):
        assert table(slew, load) == pytest.approx(10 * slew + 200 * (load - 0.1))


def test_either_order_of_axes():
    swapped = SMALL.replace("variable_1 : total_output_net_capacitance", "variable_1 : input_net_transition")
    swapped = swapped.replace(
        "variable_2 : input_net_transition", "variable_2 : total_output_net_capacitance"
    )
    table = parse(swapped).cell("NAND").pins["Y"].arcs[0].cell_rise
    assert (table.slews_ns, table.loads_pf) == ((0.1, 0.2), (1, 2, 4))
    assert table.rows == ((10, 20, 40), (30, 40, 60))


def test_one_axis():
    text = SMALL.replace("variable_2 : input_net_transition;", "").replace('index_2 ("1, 2, 4");', "")
    text = text.replace('values ("10, 20, 40", \\\n', 'values ("10, 30"); }\n /*').replace('60"); }', "*/")
    table = parse(text).cell("NAND").pins["Y"].arcs[0].cell_rise
    assert table(99.0, 0.3) == pytest.approx(50)


@pytest.mark.parametrize(
    ("unit", "factor"), [('time_unit : "1ns"', 1), ('time_unit : "10ps"', 0.01), ('time_unit : "1ps"', 0.001)]
)
def test_time_units(unit, factor):
    table = parse(SMALL.replace('time_unit : "1ns"', unit)).cell("NAND").pins["Y"].arcs[0].cell_rise
    assert table(1.5 * factor, 0.15) == pytest.approx(25 * factor)


def test_capacitance_voltage_and_leakage_units():
    text = SMALL.replace("(1, pf)", "(10, ff)").replace('"1V"', '"100mV"').replace('"1nW"', '"1uW"')
    library = parse(text.replace("nom_voltage : 1.1", "nom_voltage : 11"))
    cell = library.cell("NAND")
    assert library.voltage == pytest.approx(1.1)
    assert cell.pins["A"].capacitance_pf == pytest.approx(0.00002)
    assert cell.leakage_nw == pytest.approx(7000)
    assert cell.pins["Y"].internal_power[0].rise(0, 0) == pytest.approx(0.25 * 0.01 * 0.01)


def test_dont_use_and_find():
    library = parse(SMALL)
    assert library.find(CellKind.NAND, 2) is library.cells["NAND"]
    forbidden = parse(SMALL.replace("area : 2.5;", "area : 2.5; dont_use : true;"))
    assert forbidden.find(CellKind.NAND, 2) is None
    with pytest.raises(LibertyError, match=r"x\.lib: the library 'small' has no usable inverter"):
        library.require(CellKind.INVERTER)
    with pytest.raises(LibertyError, match=r"x\.lib: the library 'small' has no cell 'AND9'"):
        library.cell("AND9")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("area : 2.5;", "area : ;", "x.lib:15: attribute 'area' has no value"),
        ("area : 2.5;", "area : two;", "x.lib:15: area is 'two', which is no number"),
        ("area : 2.5;", "area : nan;", "x.lib:15: area is 'nan', which is not finite"),
        ("area : 2.5;", "area 2.5;", "x.lib:15: expected ':' or '(' behind 'area'"),
        ("/* a comment */", "/* a comment", "x.lib:15: a comment is not closed"),
        ('"!(A B)"', '"!(A B"', "x.lib:22: function '!(A B' lacks a closing parenthesis"),
        ('"!(A B)"', '"!(A C)"', "x.lib:14: cell 'NAND', pin 'Y': function '!(A C)' names 'C', which is no"),
        ('"10, 20, 40"', '"10, 20"', "x.lib:25: the table has 5 values, but its axes ask for 6"),
        ('"10, 20, 40"', '"10, 20, x"', "x.lib:25: values is 'x', which is no number"),
        ('"1, 2, 4"', '"1, 4, 2"', "x.lib:25: the slew axis of a table does not rise"),
        (
            "cell_rise (by_load_slew)",
            "cell_rise (other)",
            "x.lib:25: the table template 'other' is not defined",
        ),
        ("variable_2 : input_net_transition", "variable_2 : moon", "x.lib:25: a table over 'moon' is not"),
        ("direction : output", "direction : outer", "x.lib:21: direction is 'outer', which is no such thing"),
        ("direction : output;", "direction ();", "x.lib:21: direction is '', which is no such thing"),
        ('related_pin : "A B";', 'related_pin : "A Q";', "x.lib:14: cell 'NAND', pin 'Y': timing from 'Q'"),
        ("area : 2.5;", "area ();", "x.lib:15: area is '', which is no number"),
        ("direction : output;", "", "x.lib:20: 'pin (Y)' has no direction"),
        ('time_unit : "1ns";', "", "x.lib:1: the library states no time_unit"),
        ('"1ns"', '"1parsec"', "x.lib:3: time_unit is '1parsec', which is no such unit"),
        (
            "(1, pf)",
            "(1, farad)",
            "x.lib:6: capacitive_load_unit is not of the form (number, pf) or (number, ff)",
        ),
        ("capacitive_load_unit (1, pf);", "", "x.lib:1: the library states no capacitive_load_unit"),
        ("nom_voltage : 1.1;", "", "x.lib:1: the library states no nom_voltage"),
        ("nom_voltage : 1.1;", "nom_voltage : 0;", "x.lib:7: nom_voltage is not positive"),
        ('leakage_power_unit : "1nW";', "", "x.lib:17: leakage power is given, but the library states no"),
        ("table_lookup", "generic_cmos", "x.lib:2: delay model 'generic_cmos' is not supported"),
        (
            'function : "!(A B)";',
            "",
            "x.lib:1: the library has no combinational cell whose outputs have functions",
        ),
        ("library (small)", "cell (small)", "x.lib:1: the file starts with 'cell', not with 'library'"),
        ("delay_model : table_lookup;", "include_file (x.inc);", "x.lib:2: include_file is not supported"),
        ("delay_model : table_lookup;", "}", "x.lib:3: the library is closed, but text follows"),
        ('"1V"', '"1V', "x.lib:4: a string is not closed"),
        ("pin (A) {", "pin (A; {", "x.lib:18: unexpected ';' in the parentheses of 'pin'"),
        (
            "area : 2.5;",
            "area : 2.5; \x00",
            "x.lib:15: character '\\x00' does not belong into a Liberty file",
        ),
    ],
)
def test_broken_files(before, after, message):
    assert before in SMALL
    with pytest.raises(LibertyError) as error:
        parse(SMALL.replace(before, after, 1))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("lines", range(1, SMALL.count("\n")))
def test_truncated_files(lines):
    text = "".join(SMALL.splitlines(keepends=True)[:lines])
    with pytest.raises(
        LibertyError, match=r"x\.lib:\d+: (the file ends inside '.*', opened in line|a string)"
    ):
        parse(text)


def test_empty_text_and_twice_defined_cell():
    with pytest.raises(LibertyError, match=r"x\.lib:1: the file holds no library"):
        parse("")
    cell = SMALL[SMALL.index("  cell (NAND)") : SMALL.rindex("}")]
    with pytest.raises(LibertyError, match=r"x\.lib:32: cell 'NAND' is defined twice"):
        parse(SMALL[: SMALL.rindex("}")] + cell + "}")


def test_deep_nesting_is_refused():
    with pytest.raises(LibertyError, match="nested more than 32 deep"):
        parse("library (x) {" + "a () {" * 5000)


def test_missing_unreadable_and_not_utf8(tmp_path):
    with pytest.raises(LibertyError, match=r"absent\.lib: there is no such Liberty file"):
        Liberty.read(tmp_path / "absent.lib")
    with pytest.raises(LibertyError, match="cannot be read: Is a directory"):
        Liberty.read(tmp_path)
    broken = tmp_path / "latin.lib"
    broken.write_bytes(b"library (x) {\n/* \xe9 */ }")
    with pytest.raises(LibertyError, match=r"latin\.lib:2: byte 0xe9 is not UTF-8 \(give an uncompressed"):
        Liberty.read(broken)
    huge = tmp_path / "huge.lib"
    with huge.open("wb") as file:
        file.truncate((256 << 20) + (1 << 20))
    with pytest.raises(LibertyError, match="the file has 257 MiB, but 256 are the most"):
        Liberty.read(huge)


def test_gscl45nm(gscl45nm):
    library = Liberty.read(gscl45nm)
    assert (library.name, library.voltage, len(library.cells)) == ("gscl45nm", 1.1, 31)
    adder = library.find(CellKind.FULL_ADDER)
    assert adder is not None
    assert (adder.name, adder.area_um2) == ("FAX1", 8.9167)
    assert dict(adder.recognition.roles) == {"sum": "YS", "carry": "YC"}
    assert not library.cells["DFFSR"].combinational
    assert not library.cells["TBUFX1"].combinational
    rise = library.cell("AND2X1").pins["Y"].arcs[0].cell_rise
    assert rise(0.06, 0.1) == 0.335241
    assert rise(0.24, 5.0) == 15.5624


@pytest.mark.skipif(not OSU018.exists(), reason="qflow-tech-osu018 is not installed")
def test_osu018():
    library = Liberty.read(OSU018)
    assert library.voltage == 1.8
    for kind in (CellKind.INVERTER, CellKind.FULL_ADDER, CellKind.HALF_ADDER, CellKind.INVERTING_MUX):
        assert library.find(kind) is not None
