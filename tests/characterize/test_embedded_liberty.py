"""The embedded Liberty file: complete, attributed, and exactly what the tool derives from the full one."""

import importlib.util
from pathlib import Path

from mulsmith.characterize.cell_kinds import CellKind
from mulsmith.characterize.liberty import Liberty

TOOL = Path(__file__).resolve().parents[2] / "tools" / "derive_liberty.py"


def test_fourteen_cells_of_every_needed_kind():
    library = Liberty.embedded()
    assert len(library.cells) == 14
    assert all(cell.combinational and cell.recognition is not None for cell in library.cells.values())
    shapes = {(cell.recognition.kind, cell.recognition.fan_in) for cell in library.cells.values()}
    assert shapes == {
        (CellKind.INVERTER, 1), (CellKind.NAND, 2), (CellKind.NOR, 2), (CellKind.AND, 2), (CellKind.OR, 2),
        (CellKind.XOR, 2), (CellKind.XNOR, 2), (CellKind.AND_OR_INVERT, 3), (CellKind.OR_AND_INVERT, 3),
        (CellKind.NAND, 3), (CellKind.AND_OR_INVERT, 4), (CellKind.INVERTING_MUX, 3),
        (CellKind.FULL_ADDER, 3), (CellKind.HALF_ADDER, 2),
    }  # fmt: skip


def test_states_its_origin_and_licence():
    head = Liberty.embedded().text[:1200].decode()
    for words in ("gscl45nm", "FreePDK45", "Oklahoma State", "Apache License, Version 2.0", "Changed"):
        assert words in head
    assert "FreePDK45" in (TOOL.parents[1] / "NOTICE").read_text()


def test_same_figures_outside_the_tables(gscl45nm):
    full = Liberty.read(gscl45nm)
    for cell in Liberty.embedded().cells.values():
        source = full.cells[cell.name]
        assert (cell.area_um2, cell.leakage_nw) == (source.area_um2, source.leakage_nw)
        assert cell.tables == source.tables
        for name in cell.inputs:
            pin, original = cell.pins[name], source.pins[name]
            assert pin.rise_capacitance_pf == original.rise_capacitance_pf
            assert pin.fall_capacitance_pf == original.fall_capacitance_pf


def test_is_what_the_tool_derives(gscl45nm):
    spec = importlib.util.spec_from_file_location("derive_liberty", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.derive(Liberty.read(gscl45nm)).encode() == Liberty.embedded().text
