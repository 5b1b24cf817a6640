"""Random netlists for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from mulsmith.circuits.netlist import FAN_IN, FAN_OUT, FIRST_INPUT, Gate, Netlist, Op, Port


@st.composite
def netlists(draw: st.DrawFn, max_gates: int = 25) -> Netlist:
    """Any small netlist: up to three input and two output ports of up to four bits, every kind of gate."""
    n_inputs, n_outputs = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    inputs = tuple(Port(name, draw(st.integers(1, 4))) for name in ("a", "b", "c0")[:n_inputs])
    outputs = tuple(Port(name, draw(st.integers(1, 4))) for name in ("z", "n7")[:n_outputs])
    count = FIRST_INPUT + sum(port.width for port in inputs)
    gates = []
    for op in draw(st.lists(st.sampled_from(list(Op)), max_size=max_gates)):
        nets = tuple(draw(st.integers(0, count - 1)) for _ in range(FAN_IN[op]))
        driven = tuple(range(count, count + FAN_OUT[op]))
        gates.append(Gate(op, nets, driven))
        count += len(driven)
    bits = tuple(draw(st.integers(0, count - 1)) for port in outputs for _ in range(port.width))
    return Netlist("m", inputs, outputs, tuple(gates), bits)
