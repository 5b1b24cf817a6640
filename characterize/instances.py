"""A mapped netlist joined with its library: instances, loads, area and simulation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.liberty import Cell, Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.simulate import Words, counting_words
from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT
from mulsmith.errors import NetlistError


class Instance(NamedTuple):
    """One cell of a mapped netlist.

    ``inputs`` and ``outputs`` are nets in the order of ``cell.inputs`` and ``cell.outputs``; an output that
    drives nothing is None.
    """

    cell: Cell
    inputs: tuple[int, ...]
    outputs: tuple[int | None, ...]


def instances(mapped: MappedNetlist, liberty: Liberty) -> list[Instance]:
    """Return the instances in topological order.

    Raises:
        LibertyError: a cell that the library lacks or that is not combinational.
        NetlistError: an unknown or unconnected pin, or a net that is used before it is driven.
    """
    known = set(range(FIRST_INPUT + n_inputs(mapped)))
    result = []
    for name, pins in mapped.cells:
        cell = liberty.cell(name)
        for pin in pins:
            if pin not in cell.pins:
                raise NetlistError(f"cell '{name}' has no pin '{pin}'")
        for pin in cell.inputs:
            if pins.get(pin) not in known:
                raise NetlistError(f"pin '{pin}' of a cell '{name}' has no driver among the earlier cells")
        outputs = tuple(pins.get(pin) for pin in cell.outputs)
        for net in outputs:
            if net in known:
                raise NetlistError(f"net {net} has several drivers")
        known.update(net for net in outputs if net is not None)
        result.append(Instance(cell, tuple(pins[pin] for pin in cell.inputs), outputs))
    return result


def n_inputs(mapped: MappedNetlist) -> int:
    """Return the number of input bits."""
    return sum(port.width for port in mapped.inputs)


def n_nets(mapped: MappedNetlist) -> int:
    """Return the number of nets: one more than the highest one, constants and inputs included."""
    driven = [net for cell in mapped.cells for net in cell.pins.values()]
    return max([FIRST_INPUT + n_inputs(mapped), *(net + 1 for net in driven)])


def area_um2(mapped: MappedNetlist, liberty: Liberty) -> float:
    """Return the sum of the cell areas in µm²."""
    return sum(liberty.cell(name).area_um2 for name, _ in mapped.cells)


class Loads(NamedTuple):
    """Capacitance in pF on every net, [n_nets]: for power, and for rising and falling edges in timing."""

    power: npt.NDArray[np.float64]
    rise: npt.NDArray[np.float64]
    fall: npt.NDArray[np.float64]


def net_loads(mapped: MappedNetlist, liberty: Liberty, output_load_pf: float = 0.0) -> Loads:
    """Return the load of every net: its input pins and ``output_load_pf`` for each output bit; no wires.

    Raises:
        LibertyError: a cell that the library lacks or that is not combinational.
        NetlistError: a broken structure.
    """
    loads = Loads(*(np.zeros(n_nets(mapped)) for _ in range(3)))
    for cell, inputs, _ in instances(mapped, liberty):
        for pin, net in zip(cell.inputs, inputs, strict=True):
            figures = cell.pins[pin]
            loads.power[net] += figures.capacitance_pf
            loads.rise[net] += figures.rise_capacitance_pf
            loads.fall[net] += figures.fall_capacitance_pf
    for load in loads:
        np.add.at(load, list(mapped.output_nets), output_load_pf)
    return loads


def exhaustive_stimulus(mapped: MappedNetlist) -> list[Words]:
    """Return every combination of the input bits, the last port counting fastest, as in ``simulate_lut``.

    One uint64 array per input bit, ports in order, least significant bit first; with two operands, pair
    (a, b) sits at position a * 2**b_bits + b.
    """
    counter = counting_words(n_inputs(mapped))
    stimulus: list[Words] = []
    for port in mapped.inputs:
        end = len(counter) - len(stimulus)
        stimulus += counter[end - port.width : end]
    return stimulus


def simulate_mapped(
    mapped: MappedNetlist, liberty: Liberty, stimulus: Sequence[Words] | None = None
) -> npt.NDArray[np.uint64]:
    """Return the bit-parallel value of every net, uint64 [n_nets, n_words].

    Args:
        mapped: the circuit.
        liberty: its cells.
        stimulus: one uint64 array per input bit, ports in order, least significant bit first; without it
            every combination of input bits.

    Raises:
        LibertyError: a cell that the library lacks or that is not combinational.
        NetlistError: a broken structure.
    """
    words = exhaustive_stimulus(mapped) if stimulus is None else stimulus
    values = np.zeros((n_nets(mapped), words[0].size), dtype=np.uint64)
    values[CONST1] = ~values[CONST0]
    for bit, word in enumerate(words):
        values[FIRST_INPUT + bit] = word
    ones = values[CONST1]
    for cell, inputs, outputs in instances(mapped, liberty):
        by_pin = {pin: values[net] for pin, net in zip(cell.inputs, inputs, strict=True)}
        for pin, net in zip(cell.outputs, outputs, strict=True):
            function = cell.pins[pin].function
            if net is not None and function is not None:
                values[net] = function.evaluate(by_pin, ones)
    return values
