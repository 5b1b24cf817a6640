"""How often every net of a circuit toggles per cycle, where uniform operand bits toggle independently.

The probability follows from the Walsh spectrum of each net over all operand values, so it is exact; gates are
taken without delay: every net toggles at most once per cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.cell_states import CellStates
from mulsmith.characterize.instances import Instance, instances, n_inputs, n_nets, simulate_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.walsh import level_weights, toggle_probabilities
from mulsmith.circuits.netlist import FIRST_INPUT

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class NetActivity:
    """Activity of every net and cell of one circuit.

    Attributes:
        toggles: transitions per cycle of every net, [n_nets].
        states: probability of every state of every instance, flat (``CellStates``).
    """

    toggles: Floats
    states: Floats


def toggling_activity(mapped: MappedNetlist, liberty: Liberty, probability: float) -> NetActivity:
    """Return the activity where every operand bit is uniform and toggles with ``probability`` per cycle.

    Raises:
        LibertyError: a cell that the library lacks.
        NetlistError: a broken structure.
    """
    cells = instances(mapped, liberty)
    values = simulate_mapped(mapped, liberty)
    supports = structural_supports(mapped, cells)
    toggles = np.zeros(len(values))
    start = FIRST_INPUT + n_inputs(mapped)
    toggles[FIRST_INPUT:start] = probability
    # An inverter or buffer toggles with its input, so only the other nets need a transform.
    followers = {
        net: cell.inputs[0]
        for cell in cells
        for net in cell.outputs
        if len(cell.inputs) == 1 and net is not None
    }
    nets = [net for cell in cells for net in cell.outputs if net is not None and net not in followers]
    weights = level_weights(values[nets], n_inputs(mapped), supports[nets])
    toggles[nets] = toggle_probabilities(weights, probability)
    for net, source in followers.items():
        toggles[net] = toggles[source]
    return NetActivity(toggles, CellStates.of(cells).counted(values))


def structural_supports(mapped: MappedNetlist, cells: Sequence[Instance]) -> npt.NDArray[np.int64]:
    """Return which input bits each net can depend on, [n_nets]; bit k is variable k of ``simulate_lut``."""
    supports = np.zeros(n_nets(mapped), dtype=np.int64)
    position = n_inputs(mapped)
    net = FIRST_INPUT
    for port in mapped.inputs:
        position -= port.width
        for bit in range(port.width):
            supports[net] = 1 << (position + bit)
            net += 1
    masks: list[int] = supports.tolist()
    for cell, inputs, outputs in cells:
        mask = 0
        for net in inputs:
            mask |= masks[net]
        for output in outputs:
            if output is not None:
                masks[output] = mask if cell.inputs else 0
    return np.array(masks, dtype=np.int64)
