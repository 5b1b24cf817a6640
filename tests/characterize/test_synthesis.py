"""Synthesis: the mapped circuit computes what the netlist computes, small, and the same every time."""

import multiprocessing
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mulsmith.characterize import synthesis
from mulsmith.characterize.equivalence import check_equivalent
from mulsmith.characterize.instances import area_um2, simulate_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.synthesis import synthesize
from mulsmith.circuits.generators import generate
from mulsmith.circuits.netlist import FAN_IN, FAN_OUT, Gate, Netlist, Op, Port
from mulsmith.circuits.verilog import read_verilog
from mulsmith.circuits.yosys import Limits
from mulsmith.errors import LibertyError, NetlistError, ToolError

OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")


@pytest.fixture(scope="module")
def embedded() -> Liberty:
    return Liberty.embedded()


def products(mapped: MappedNetlist, liberty: Liberty) -> np.ndarray:
    """Return table[a, b] by decoding a simulation bit by bit."""
    values = simulate_mapped(mapped, liberty)
    a_bits, b_bits = (port.width for port in mapped.inputs)
    size = 1 << (a_bits + b_bits)
    total = np.zeros(size, dtype=np.int64)
    for position, net in enumerate(mapped.output_nets):
        bits = np.unpackbits(values[net].view(np.uint8), bitorder="little")[:size]
        total += bits.astype(np.int64) << position
    return total.reshape(1 << a_bits, 1 << b_bits)


@pytest.fixture(scope="module")
def multiplier() -> Netlist:
    return generate("array", a_bits=4, b_bits=4)


def test_an_exact_multiplier_stays_exact(multiplier: Netlist, embedded: Liberty) -> None:
    mapped = synthesize(multiplier, embedded)
    assert np.array_equal(products(mapped, embedded), np.multiply.outer(np.arange(16), np.arange(16)))


def test_adders_become_adder_cells_by_function(multiplier: Netlist, embedded: Liberty) -> None:
    """A 4 x 4 array multiplier holds eight full and four half adders."""
    used = [cell for cell, _ in synthesize(multiplier, embedded).cells]
    kinds = [embedded.cells[name].recognition.kind.value for name in used]
    assert kinds.count("full adder") == 8
    renamed = Liberty.parse(re.sub(rb"cell *\((\w+)\)", rb"cell (x_\1)", embedded.text))
    assert [cell for cell, _ in synthesize(multiplier, renamed).cells] == [f"x_{name}" for name in used]


def test_says_where_a_library_has_no_full_adder(multiplier: Netlist, embedded: Liberty) -> None:
    cells = {
        name: cell
        for name, cell in embedded.cells.items()
        if cell.recognition is None or "adder" not in cell.recognition.kind.value
    }
    plain = replace(embedded, cells=cells)
    mapped = synthesize(multiplier, plain)
    assert mapped.flow.startswith("mulsmith plain ")
    assert area_um2(mapped, plain) > area_um2(synthesize(multiplier, embedded), embedded)


def test_dont_use_is_respected(multiplier: Netlist, embedded: Liberty) -> None:
    forbidden = {"FAX1", "NAND2X1"}
    cells = {
        name: replace(cell, dont_use=True) if name in forbidden else cell
        for name, cell in embedded.cells.items()
    }
    mapped = synthesize(multiplier, replace(embedded, cells=cells))
    assert not forbidden & {cell for cell, _ in mapped.cells}


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ({"NAND2X1"}, "has no usable inverter"),
        ({"INVX1", "FAX1"}, "has no usable AND, NAND, OR or NOR gate of two inputs"),
        (set(), "has no usable inverter and no AND, NAND, OR or NOR gate of two inputs"),
    ],
)
def test_an_incomplete_library_is_refused(
    kept: set[str], message: str, multiplier: Netlist, embedded: Liberty
) -> None:
    cells = {name: cell for name, cell in embedded.cells.items() if name in kept}
    with pytest.raises(LibertyError, match=message):
        synthesize(multiplier, replace(embedded, cells=cells))


def test_two_kinds_of_cells_are_enough(embedded: Liberty) -> None:
    small = generate("array", a_bits=2, b_bits=2)
    cells = {name: embedded.cells[name] for name in ("INVX1", "NAND2X1")}
    liberty = replace(embedded, cells=cells)
    mapped = synthesize(small, liberty)
    assert {cell for cell, _ in mapped.cells} <= set(cells)


def test_outputs_without_logic(embedded: Liberty) -> None:
    """Constants and copies of inputs need no cell."""
    netlist = Netlist("wires", (Port("A", 2), Port("B", 2)), (Port("O", 4),), (), (0, 1, 3, 3))
    mapped = synthesize(netlist, embedded)
    assert mapped.cells == ()
    assert mapped.output_nets == (0, 1, 3, 3)


def test_redundant_gates_cost_nothing(embedded: Liberty) -> None:
    """Copies, double inversions and constants hidden in logic disappear."""
    gates = (
        Gate(Op.AND, (2, 4), (6,)), Gate(Op.NAND, (4, 2), (7,)), Gate(Op.NOT, (7,), (8,)),
        Gate(Op.XOR, (6, 8), (9,)), Gate(Op.OR, (9, 6), (10,)),
    )  # fmt: skip
    netlist = Netlist("m", (Port("A", 2), Port("B", 2)), (Port("O", 4),), gates, (6, 8, 9, 10))
    mapped = synthesize(netlist, embedded)
    assert len(mapped.cells) == 1
    assert mapped.output_nets[2] == 0


@st.composite
def netlists(draw: st.DrawFn) -> Netlist:
    """Random circuits over every gate function."""
    a_bits, b_bits = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    net = 2 + a_bits + b_bits
    gates = []
    for _ in range(draw(st.integers(0, 25))):
        op = draw(st.sampled_from(list(Op)))
        inputs = tuple(draw(st.integers(0, net - 1)) for _ in range(FAN_IN[op]))
        gates.append(Gate(op, inputs, tuple(range(net, net + FAN_OUT[op]))))
        net += FAN_OUT[op]
    outputs = draw(st.lists(st.integers(0, net - 1), min_size=1, max_size=6))
    ports = (Port("A", a_bits), Port("B", b_bits))
    return Netlist("random", ports, (Port("O", len(outputs)),), tuple(gates), tuple(outputs))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(netlists())
def test_random_circuits_are_mapped_and_proved(netlist: Netlist) -> None:
    liberty = Liberty.embedded()
    check_equivalent(netlist, synthesize(netlist, liberty), liberty)


def test_a_wrong_result_is_found(multiplier: Netlist, embedded: Liberty) -> None:
    mapped = synthesize(multiplier, embedded)
    swapped = (*mapped.output_nets[:5], *mapped.output_nets[:4:-1])
    with pytest.raises(ToolError, match=r"gave a wrong circuit: output bit 5 differs for input code 0x"):
        check_equivalent(multiplier, replace(mapped, output_nets=swapped), embedded)


def test_wide_circuits_are_proved_in_pieces(embedded: Liberty) -> None:
    """20 input bits; the only vector that differs is the last one."""
    n = 20
    gates, nets, following = [], list(range(2, 2 + n)), 2 + n
    while len(nets) > 1:
        gates.append(Gate(Op.AND, (nets[0], nets[1]), (following,)))
        nets = [*nets[2:], following]
        following += 1
    ports = (Port("A", 10), Port("B", 10))
    netlist = Netlist("wide", ports, (Port("O", 1),), tuple(gates), (nets[0],))
    mapped = synthesize(netlist, embedded)
    with pytest.raises(ToolError, match="input code 0xfffff"):
        check_equivalent(replace(netlist, output_nets=(0,)), mapped, embedded)


def test_too_many_inputs_are_refused(embedded: Liberty) -> None:
    netlist = Netlist("m", (Port("A", 13), Port("B", 12)), (Port("O", 1),), (), (2,))
    with pytest.raises(
        NetlistError, match="has 25 input bits, but synthesis proves its result for at most 24"
    ):
        synthesize(netlist, embedded)


def test_limits_are_passed_on(multiplier: Netlist, embedded: Liberty) -> None:
    with pytest.raises(ToolError, match=r"was ended by its time limit of 0\.001 s"):
        synthesize(multiplier, embedded, limits=Limits(seconds=0.001))


def synthesized(size: int) -> MappedNetlist:
    return synthesize(generate("array", a_bits=size, b_bits=size), Liberty.embedded())


def test_the_same_in_any_order_and_process() -> None:
    sizes = [2, 3, 4, 5]
    expected = [synthesized(size) for size in sizes]
    assert [synthesized(size) for size in sizes[::-1]] == expected[::-1]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(synthesized, sizes) == expected


def test_the_script_hash_covers_the_recipes() -> None:
    assert re.fullmatch("[0-9a-f]{64}", synthesis.SCRIPT_SHA256)


@pytest.mark.skipif(not OSU018.exists(), reason="qflow-tech-osu018 is not installed")
def test_a_second_real_library(multiplier: Netlist) -> None:
    liberty = Liberty.read(OSU018)
    mapped = synthesize(multiplier, liberty)
    assert np.array_equal(products(mapped, liberty), np.multiply.outer(np.arange(16), np.arange(16)))
    assert any("adder" in liberty.cells[cell].recognition.kind.value for cell, _ in mapped.cells)


PUBLISHED_UM2 = {"mul8x2u_0SJ": 15.0, "mul8x3u_1A4": 30.0, "mul8x3u_0TM": 25.8, "mul8u_1JFF": 709.6}


def test_never_above_the_published_area(evoapproxlib: Path, gscl45nm: Path) -> None:
    """Areas of the headers, to their printed precision, on the circuits where single recipes miss them."""
    liberty = Liberty.read(gscl45nm)
    for name, published in PUBLISHED_UM2.items():
        (path,) = evoapproxlib.glob(f"*/{name}.v")
        assert area_um2(synthesize(read_verilog(path), liberty), liberty) <= published + 0.05
