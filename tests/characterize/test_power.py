"""Power against a recount by hand and against OpenSTA's report_power with the same activities."""

import re
from pathlib import Path

import numpy as np
import pytest
from mapped_circuits import array_multiplier, random_circuit
from opensta import needs_opensta, run

from mulsmith.characterize.activity import Glitch, Operands, Toggle, Uniform
from mulsmith.characterize.cell_states import CellStates
from mulsmith.characterize.instances import instances, n_inputs, n_nets
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedCell, MappedNetlist
from mulsmith.characterize.power import Power, energy_model, estimate_power
from mulsmith.characterize.power_table import power_table
from mulsmith.characterize.switching import NetActivity
from mulsmith.characterize.timing import FALL, RISE, analyze
from mulsmith.circuits.netlist import FIRST_INPUT, Port
from mulsmith.errors import ConfigError

OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
LIBRARY = Liberty.embedded()
PORTS = (Port("A", 1), Port("B", 1)), (Port("O", 1),)


def test_two_cells_by_hand():
    cells = (MappedCell("NAND2X1", {"A": 2, "B": 3, "Y": 4}), MappedCell("INVX1", {"A": 4, "Y": 5}))
    mapped = MappedNetlist("and", *PORTS, cells, (5,))
    timing = analyze(mapped, LIBRARY)
    power = estimate_power(mapped, LIBRARY, timing, Uniform(), clock_ghz=2.0)
    nand, inverter = LIBRARY.cell("NAND2X1"), LIBRARY.cell("INVX1")
    load, toggles = inverter.pins["A"].capacitance_pf, 2 * 0.25 * 0.75
    assert power.switching_mw == pytest.approx(2.0 * toggles * 0.5 * load * 1.1**2)
    assert power.leakage_mw == pytest.approx((nand.leakage_nw + inverter.leakage_nw) * 1e-6)
    internal = 0.0
    for entry in nand.pins["Y"].internal_power:
        internal += 0.5 * toggles * 0.5 * (entry.rise(0.0, load) + entry.fall(0.0, load))
    entry = inverter.pins["Y"].internal_power[0]
    rise = entry.rise(timing.slew_ns[FALL, 4], 0.0)
    fall = entry.fall(timing.slew_ns[RISE, 4], 0.0)
    internal += toggles * 0.5 * (rise + fall)
    assert power.internal_mw == pytest.approx(2.0 * internal)
    assert power.dynamic_mw == power.switching_mw + power.internal_mw
    assert power.total_mw == power.dynamic_mw + power.leakage_mw


def test_state_dependent_leakage_and_conditions():
    text = """library (x) { delay_model : table_lookup; time_unit : "1ns"; leakage_power_unit : "1nW";
      capacitive_load_unit (1, pf); nom_voltage : 1;
      cell (N) { cell_leakage_power : 1;
        leakage_power () { when : "A B"; value : 5; }
        leakage_power () { when : "A !B"; value : 3; }
        pin (A) { direction : input; internal_power () { when : "!Y"; power (scalar) { values ("0.5"); } } }
        pin (B) { direction : input; }
        pin (Y) { direction : output; function : "A B";
          timing () { related_pin : "A B"; cell_rise (scalar) { values ("1"); }
            rise_transition (scalar) { values ("1"); } }
          internal_power () { related_pin : "A"; when : "!B"; power (scalar) { values ("7"); } }
          internal_power () { related_pin : "A"; when : "B"; power (scalar) { values ("2"); } }
          internal_power () { related_pin : "B"; power (scalar) { values ("4"); } } } } }"""
    library = Liberty.parse(text.encode())
    mapped = MappedNetlist("and", *PORTS, (MappedCell("N", {"A": 2, "B": 3, "Y": 4}),), (4,))
    power = estimate_power(mapped, library, analyze(mapped, library), Uniform())
    assert power.leakage_mw == pytest.approx((5 + 3 + 1 + 1) / 4 * 1e-6)
    # A's own edges count while Y = 0 (3 of 4 states); Y's come through A only while B is 1.
    assert power.internal_mw == pytest.approx(0.5 * 0.75 * 0.5 + 0.375 * (2 + 4) / 2)
    assert power.switching_mw == 0


@needs_opensta
@pytest.mark.parametrize("seed", range(3))
def test_switching_against_opensta(tmp_path, gscl45nm, seed):
    _compare(tmp_path, Liberty.read(gscl45nm), random_circuit(Liberty.read(gscl45nm), seed))


@needs_opensta
@pytest.mark.skipif(not OSU018.exists(), reason="qflow-tech-osu018 is not installed")
def test_osu018_against_opensta(tmp_path):
    library = Liberty.read(OSU018)
    _compare(tmp_path, library, array_multiplier(library, 4, 4))


def _compare(folder, library, mapped):
    """Compare switching and leakage power with OpenSTA's, our model fed with OpenSTA's own activities."""
    timing = analyze(mapped, library)
    power = energy_model(mapped, library, timing).power(_propagated(mapped, library))
    # The clock of the script has a period of 1 ps, and activities are per clock cycle.
    commands = ["set_power_activity -input -activity 0.0001 -duty 0.5", "report_power -digits 8"]
    out = run(folder, library.text, mapped, commands)
    total = re.search(r"^Total\s+(\S+)\s+(\S+)\s+(\S+)", out, re.MULTILINE)
    switching, leakage = (float(total[k]) * 1e3 for k in (2, 3))
    assert power.switching_mw == pytest.approx(switching, rel=1e-3)
    assert power.leakage_mw == pytest.approx(leakage, rel=1e-3)


def _propagated(mapped, library):
    """Return the activity that OpenSTA 2.0 propagates from inputs that toggle with 0.1 and are 1 with 0.5.

    It takes the operands of every operator for independent, and a change of one operand of an exclusive or
    to show only while the other is 0; later versions differ, so the comparison is about energies alone.
    """
    cells = instances(mapped, library)
    known = dict.fromkeys(range(FIRST_INPUT, FIRST_INPUT + n_inputs(mapped)), (0.5, 0.1))
    for cell, sources, outputs in cells:
        pins = {pin: known[net] for pin, net in zip(cell.inputs, sources, strict=True)}
        for pin, net in zip(cell.outputs, outputs, strict=True):
            stack = []
            for step in cell.pins[pin].function.program:
                if step == "!":
                    p, d = stack.pop()
                    stack.append((1 - p, d))
                elif step in "&|^":
                    (p, d), (q, e) = stack.pop(), stack.pop()
                    stack.append({
                        "&": (p * q, d * q + e * p),
                        "|": (p + q - p * q, d * (1 - q) + e * (1 - p)),
                        "^": (p + q - 2 * p * q, d * p * (1 - q) + e * q * (1 - p)),
                    }[step])  # fmt: skip
                else:
                    stack.append(pins[step])
            known[net] = stack[0]
    ones, toggles = np.zeros(n_nets(mapped)), np.zeros(n_nets(mapped))
    for net, (p, d) in known.items():
        ones[net], toggles[net] = p, d
    return NetActivity(toggles, CellStates.of(cells).independent(ones))


def test_power_table_is_the_operands_model():
    mapped = array_multiplier(LIBRARY, 5, 4)
    timing = analyze(mapped, LIBRARY)
    table = power_table(mapped, LIBRARY, timing)
    a, b = np.arange(32.0), np.arange(16.0)[::-1]
    for stationary in (None, "a", "b"):
        expected = estimate_power(mapped, LIBRARY, timing, Operands(a, b, stationary), 0.5)
        assert table.power(a, b, stationary, 0.5) == expected
    uniform = estimate_power(mapped, LIBRARY, timing, Uniform())
    flat = table.power(np.ones(32), np.ones(16))
    assert flat.switching_mw == pytest.approx(uniform.switching_mw, rel=1e-5)
    assert flat.internal_mw == pytest.approx(uniform.internal_mw, rel=0.01)
    assert table.power(a, b, "b").total_mw < table.power(a, b).total_mw


def test_constant_operands_take_leakage_alone():
    mapped = array_multiplier(LIBRARY, 4, 4)
    one = np.eye(16)[5]
    power = power_table(mapped, LIBRARY, analyze(mapped, LIBRARY)).power(one, one)
    assert power.dynamic_mw == 0
    assert power.leakage_mw > 0


def test_glitches_cost_power():
    mapped = array_multiplier(LIBRARY, 5, 5)
    timing = analyze(mapped, LIBRARY)
    still, glitching = (
        estimate_power(mapped, LIBRARY, timing, model) for model in (Uniform(), Glitch(Uniform()))
    )
    assert 1.1 < glitching.dynamic_mw / still.dynamic_mw < 3
    assert glitching.leakage_mw == pytest.approx(still.leakage_mw)


def test_empty_circuit_and_wrong_clock():
    wired = MappedNetlist("wired", *PORTS, (), (2,))
    assert estimate_power(wired, LIBRARY, analyze(wired, LIBRARY), Toggle()) == Power(0.0, 0.0, 0.0)
    with pytest.raises(ConfigError, match="the clock is 0 GHz, but must be positive"):
        estimate_power(wired, LIBRARY, analyze(wired, LIBRARY), Toggle(), clock_ghz=0)
