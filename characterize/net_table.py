"""Values of all nets of a circuit over all operand pairs, and their activity under operand histograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.activity import Operands
from mulsmith.characterize.cell_states import independent_states
from mulsmith.characterize.instances import Instance, instances, simulate_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.switching import NetActivity, structural_supports
from mulsmith.circuits.netlist import CONST1
from mulsmith.errors import NetlistError

Floats = npt.NDArray[np.float64]


class _Group(NamedTuple):
    """Nets that depend on the same operand bits.

    ``values`` is float32 [2**bits of a_mask, n_nets, 2**bits of b_mask], the nets' values over these bits.
    """

    nets: npt.NDArray[np.int64]
    a_mask: int
    b_mask: int
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class NetTable:
    """Values of all nets of a circuit over all operand pairs, over no more operand bits than each depends on.

    Attributes:
        a_bits: width of operand A.
        b_bits: width of operand B.
        n_nets: number of nets.
        cells: the instances in topological order.
        groups: the nets, by the operand bits that they depend on.
    """

    a_bits: int
    b_bits: int
    n_nets: int
    cells: tuple[Instance, ...]
    groups: tuple[_Group, ...]

    def activity(self, operands: Operands) -> NetActivity:
        """Return the activity of every net and cell for operands drawn from histograms.

        Raises:
            ConfigError: a histogram that does not fit its operand.
        """
        a, b = operands.distributions(self.a_bits, self.b_bits)
        ones, toggles = np.zeros(self.n_nets), np.zeros(self.n_nets)
        ones[CONST1] = 1.0
        for nets, a_mask, b_mask, values in self.groups:
            p_a, p_b = _marginal(a, a_mask), _marginal(b, b_mask)
            if operands.stationary == "a":
                given = (values @ p_b.astype(np.float32)).astype(np.float64).T
                held = p_a
            else:
                flat = values.reshape(len(p_a), -1)
                given = (p_a.astype(np.float32) @ flat).reshape(len(nets), -1).astype(np.float64)
                held = p_b
            # Histograms that sum to 1 only within float32 must not lead to probabilities above 1.
            given = np.clip(given, 0.0, 1.0)
            probability = np.clip(given @ held, 0.0, 1.0)
            ones[nets] = probability
            if operands.stationary is None:
                toggles[nets] = 2 * probability * (1 - probability)
            else:
                toggles[nets] = (2 * given * (1 - given)) @ held
        return NetActivity(toggles, independent_states(self.cells, ones))


def net_table(mapped: MappedNetlist, liberty: Liberty) -> NetTable:
    """Return the values of all nets of a circuit of two operands over all operand pairs.

    Raises:
        NetlistError: other than two operands, or a broken structure.
        LibertyError: a cell that the library lacks.
    """
    if len(mapped.inputs) != 2:
        raise NetlistError(f"the circuit has {len(mapped.inputs)} operands, but histograms take two")
    a_bits, b_bits = (port.width for port in mapped.inputs)
    cells = tuple(instances(mapped, liberty))
    values = simulate_mapped(mapped, liberty)
    supports = structural_supports(mapped, cells)
    groups = []
    for support in np.unique(supports[CONST1 + 1 :]).tolist():
        nets = np.flatnonzero(supports == support)
        nets = nets[nets > CONST1]
        a_mask, b_mask = support >> b_bits, support & ((1 << b_bits) - 1)
        bits = np.unpackbits(values[nets].astype("<u8", copy=False).view(np.uint8), axis=1, bitorder="little")
        cube = bits[:, : 1 << (a_bits + b_bits)].reshape(len(nets), *[2] * (a_bits + b_bits))
        index = tuple(slice(None) if support >> k & 1 else 0 for k in reversed(range(a_bits + b_bits)))
        small = cube[(slice(None), *index)].reshape(len(nets), 1 << a_mask.bit_count(), -1)
        packed = np.ascontiguousarray(small.transpose(1, 0, 2), dtype=np.float32)
        groups.append(_Group(nets, a_mask, b_mask, packed))
    return NetTable(a_bits, b_bits, len(values), cells, tuple(groups))


def _marginal(distribution: Floats, mask: int) -> Floats:
    """Return the distribution of the bits in ``mask``."""
    n_bits = distribution.size.bit_length() - 1
    if mask == (1 << n_bits) - 1:
        return distribution
    axes = tuple(axis for axis, bit in enumerate(reversed(range(n_bits))) if not mask >> bit & 1)
    result: Floats = distribution.reshape([2] * n_bits).sum(axis=axes).reshape(-1)
    return result
