"""Static timing against OpenSTA and against delays worked out by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
from mapped_circuits import array_multiplier, random_circuit
from opensta import longest_path, needs_opensta

from mulsmith.characterize.instances import area_um2, simulate_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.characterize.timing import FALL, RISE, analyze
from mulsmith.circuits.netlist import Port
from mulsmith.errors import LibertyError, NetlistError

OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
PORTS = (Port("A", 1), Port("B", 1)), (Port("O", 1),)


def two_inverters() -> MappedNetlist:
    cells = (MappedCell("INVX1", {"A": 2, "Y": 4}), MappedCell("NAND2X1", {"A": 4, "B": 3, "Y": 5}))
    return MappedNetlist("chain", *PORTS, cells, (5,))


def test_chain_by_hand():
    library = Liberty.embedded()
    timing = analyze(two_inverters(), library, input_slew_ns=0.05, output_load_pf=0.004)
    nand, inverter = library.cell("NAND2X1"), library.cell("INVX1")
    arc = inverter.pins["Y"].arcs[0]
    load = nand.pins["A"].fall_capacitance_pf
    fall = arc.cell_fall(0.05, load)
    slew = max(0.0, arc.fall_transition(0.05, load))
    assert timing.arrival_ns[FALL, 4] == pytest.approx(fall)
    through_a, through_b = nand.pins["Y"].arcs
    rise = max(fall + through_a.cell_rise(slew, 0.004), through_b.cell_rise(0.05, 0.004))
    assert timing.arrival_ns[RISE, 5] == pytest.approx(rise)
    assert timing.delay_ns == pytest.approx(timing.arrival_ns[:, 5].max())
    assert [step.cell for step in timing.critical_path] == ["", "INVX1", "NAND2X1"]
    assert timing.critical_path[-1].arrival_ns == timing.delay_ns
    assert timing.critical_path[0].arrival_ns == 0


def test_constant_and_wired_outputs():
    wired = MappedNetlist("wired", *PORTS, (), (2,))
    assert analyze(wired, Liberty.embedded()).delay_ns == 0
    constant = MappedNetlist("constant", *PORTS, (), (0,))
    timing = analyze(constant, Liberty.embedded())
    assert (timing.delay_ns, timing.critical_path) == (0, ())
    tied = MappedNetlist("tied", *PORTS, (MappedCell("NAND2X1", {"A": 0, "B": 1, "Y": 4}),), (4,))
    assert analyze(tied, Liberty.embedded()).arrival_ns[RISE, 4] == -math.inf


@pytest.mark.parametrize(
    ("cell", "error", "message"),
    [
        (MappedCell("NOSUCH", {}), LibertyError, "has no cell 'NOSUCH'"),
        (MappedCell("INVX1", {"A": 2, "Q": 4}), NetlistError, "cell 'INVX1' has no pin 'Q'"),
        (MappedCell("INVX1", {"Y": 4}), NetlistError, "pin 'A' of a cell 'INVX1' has no driver"),
        (MappedCell("INVX1", {"A": 9, "Y": 4}), NetlistError, "pin 'A' of a cell 'INVX1' has no driver"),
        (MappedCell("INVX1", {"A": 2, "Y": 3}), NetlistError, "net 3 has several drivers"),
    ],
)
def test_broken_structures(cell, error, message):
    mapped = MappedNetlist("broken", *PORTS, (cell,), (2,))
    for judge in (simulate_mapped, analyze):
        with pytest.raises(error, match=message):
            judge(mapped, Liberty.embedded())


def test_array_multiplier_multiplies():
    library = Liberty.embedded()
    mapped = array_multiplier(library, 4, 3)
    values = simulate_mapped(mapped, library)
    bits = np.unpackbits(values.view(np.uint8), axis=1, bitorder="little")[list(mapped.output_nets)]
    products = sum(bit.astype(int) << k for k, bit in enumerate(bits))
    assert products.reshape(16, 8).tolist() == [[a * b for b in range(8)] for a in range(16)]
    counted = sum(library.cells[cell.cell].area_um2 for cell in mapped.cells)
    assert area_um2(mapped, library) == pytest.approx(counted)


@needs_opensta
@pytest.mark.parametrize("seed", range(3))
def test_random_circuits_against_opensta(tmp_path, gscl45nm, seed):
    _compare(tmp_path, Liberty.read(gscl45nm), seed)


@needs_opensta
def test_embedded_library_against_opensta(tmp_path):
    library = Liberty.embedded()
    mapped = random_circuit(library, 7)
    delay, path = longest_path(tmp_path, library.text, mapped)
    timing = analyze(mapped, library)
    assert timing.delay_ns == pytest.approx(delay, rel=1e-4)
    assert [step.instance for step in timing.critical_path[1:]] == path


@needs_opensta
@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(3, 40))
def test_many_random_circuits_against_opensta(tmp_path, gscl45nm, seed):
    _compare(tmp_path, Liberty.read(gscl45nm), seed)


@needs_opensta
@pytest.mark.skipif(not OSU018.exists(), reason="qflow-tech-osu018 is not installed")
@pytest.mark.parametrize("seed", range(2))
def test_osu018_against_opensta(tmp_path, seed):
    _compare(tmp_path, Liberty.read(OSU018), seed)


def _compare(folder, library, seed):
    mapped = random_circuit(library, seed, n_cells=40 + 5 * seed)
    delay, _ = longest_path(folder, library.text, mapped)
    assert analyze(mapped, library).delay_ns == pytest.approx(delay, rel=1e-3)
