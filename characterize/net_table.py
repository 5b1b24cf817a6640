"""Values of all nets of a circuit over all operand pairs, and their activity under operand histograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.activity import Operands
from mulsmith.characterize.cell_states import CellStates
from mulsmith.characterize.instances import instances, simulate_mapped
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.switching import NetActivity, structural_supports
from mulsmith.circuits.netlist import CONST1
from mulsmith.errors import NetlistError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class _Group(NamedTuple):
    """Nets that depend on equally many bits of A and of B, though not on the same ones.

    Attributes:
        nets: their numbers, [n].
        a_places: where the distribution of each net's A bits stands in the flat marginals, [n, 2**bits of A].
        b_places: the same for B.
        values: of the nets over these bits, float32 [n, 2**bits of A, 2**bits of B].
    """

    nets: Ints
    a_places: Ints
    b_places: Ints
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class NetTable:
    """Values of all nets of a circuit over all operand pairs, over no more operand bits than each depends on.

    Attributes:
        a_bits: width of operand A.
        b_bits: width of operand B.
        n_nets: number of nets.
        states: the states of its cells.
        a_marginals: 0/1 matrix from the distribution of A to those of all needed subsets of its bits.
        b_marginals: the same for B.
        groups: the nets, by the number of operand bits that they depend on.
    """

    a_bits: int
    b_bits: int
    n_nets: int
    states: CellStates
    a_marginals: Floats
    b_marginals: Floats
    groups: tuple[_Group, ...]

    def activity(self, operands: Operands) -> NetActivity:
        """Return the activity of every net and cell for operands drawn from histograms.

        Raises:
            ConfigError: a histogram that does not fit its operand.
        """
        a, b = operands.distributions(self.a_bits, self.b_bits)
        a, b = self.a_marginals @ a, self.b_marginals @ b
        a32, b32 = a.astype(np.float32), b.astype(np.float32)
        ones, toggles = np.zeros(self.n_nets), np.zeros(self.n_nets)
        ones[CONST1] = 1.0
        for nets, a_places, b_places, values in self.groups:
            if operands.stationary == "a":
                given, held = (values @ b32[b_places][:, :, None])[:, :, 0], a[a_places]
            else:
                given, held = (a32[a_places][:, None, :] @ values)[:, 0], b[b_places]
            # Sums of float32 may pass 1 in the last digit, and probabilities must not.
            given = np.minimum(given.astype(np.float64), 1.0)
            probability = np.minimum((given * held).sum(axis=1), 1.0)
            ones[nets] = probability
            if operands.stationary is None:
                toggles[nets] = 2 * probability * (1 - probability)
            else:
                toggles[nets] = (2 * given * (1 - given) * held).sum(axis=1)
        return NetActivity(toggles, self.states.independent(ones))


def net_table(mapped: MappedNetlist, liberty: Liberty) -> NetTable:
    """Return the values of all nets of a circuit of two operands over all operand pairs.

    Raises:
        NetlistError: other than two operands, or a broken structure.
        LibertyError: a cell that the library lacks.
    """
    if len(mapped.inputs) != 2:
        raise NetlistError(f"the circuit has {len(mapped.inputs)} operands, but histograms take two")
    a_bits, b_bits = (port.width for port in mapped.inputs)
    cells = instances(mapped, liberty)
    values = simulate_mapped(mapped, liberty)
    supports = structural_supports(mapped, cells)
    by_size: dict[tuple[int, int], list[int]] = {}
    masks: dict[int, tuple[int, int]] = {}
    for net in range(CONST1 + 1, len(values)):
        support = int(supports[net])
        a_mask, b_mask = support >> b_bits, support & ((1 << b_bits) - 1)
        masks[net] = a_mask, b_mask
        by_size.setdefault((a_mask.bit_count(), b_mask.bit_count()), []).append(net)
    a_marginals, a_start = _marginals({a_mask for a_mask, _ in masks.values()}, a_bits)
    b_marginals, b_start = _marginals({b_mask for _, b_mask in masks.values()}, b_bits)
    groups = []
    for (a_size, b_size), nets in sorted(by_size.items()):
        a_first = np.array([a_start[masks[net][0]] for net in nets])
        b_first = np.array([b_start[masks[net][1]] for net in nets])
        tables = np.empty((len(nets), 1 << (a_size + b_size)), dtype=np.float32)
        for row, net in enumerate(nets):
            tables[row] = _over_support(values[net], int(supports[net]), a_bits + b_bits)
        groups.append(
            _Group(
                np.array(nets),
                a_first[:, None] + np.arange(1 << a_size),
                b_first[:, None] + np.arange(1 << b_size),
                tables.reshape(len(nets), 1 << a_size, 1 << b_size),
            )
        )
    states = CellStates.of(cells)
    return NetTable(a_bits, b_bits, len(values), states, a_marginals, b_marginals, tuple(groups))


def _over_support(words: npt.NDArray[np.uint64], support: int, n_bits: int) -> npt.NDArray[np.uint8]:
    """Return a net's values over the operand bits in ``support``, the others held at 0."""
    bits = np.unpackbits(words.astype("<u8", copy=False).view(np.uint8), bitorder="little")[: 1 << n_bits]
    cube = bits.reshape([2] * n_bits)
    return cube[tuple(slice(None) if support >> k & 1 else 0 for k in reversed(range(n_bits)))].reshape(-1)


def _marginals(masks: set[int], n_bits: int) -> tuple[Floats, dict[int, int]]:
    """Return the matrix from a distribution to its marginals, and the first row of each mask's marginal."""
    codes = np.arange(1 << n_bits)
    blocks, start, rows = [], {}, 0
    for mask in sorted(masks):
        bits = [bit for bit in range(n_bits) if mask >> bit & 1]
        seen = sum(((codes >> bit & 1) << place for place, bit in enumerate(bits)), np.zeros_like(codes))
        blocks.append((np.arange(1 << len(bits))[:, None] == seen).astype(np.float64))
        start[mask] = rows
        rows += 1 << len(bits)
    return np.concatenate(blocks) if blocks else np.zeros((0, 1 << n_bits)), start
