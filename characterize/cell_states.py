"""How often each cell of a circuit sees each combination of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.instances import Instance

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class _Group(NamedTuple):
    """Instances of equally many inputs: their input nets, [n, fan-in], and the places of their states."""

    nets: Ints
    places: Ints


@dataclass(frozen=True, slots=True, eq=False)
class CellStates:
    """The states of all instances of a circuit in one flat array.

    State m of an instance has input pin number k at bit k of m.

    Attributes:
        offsets: where the states of each instance begin, and the length of the array last.
        groups: the instances by their number of inputs.
    """

    offsets: tuple[int, ...]
    groups: tuple[_Group, ...]

    @classmethod
    def of(cls, cells: Sequence[Instance]) -> CellStates:
        """Return the states of these instances."""
        offsets = (0, *accumulate(1 << len(cell.inputs) for cell in cells))
        members: dict[int, list[int]] = {}
        for index, cell in enumerate(cells):
            members.setdefault(len(cell.inputs), []).append(index)
        groups = []
        for fan_in, chosen in sorted(members.items()):
            nets = np.array([cells[i].inputs for i in chosen], dtype=np.int64).reshape(len(chosen), fan_in)
            starts = np.array([offsets[i] for i in chosen], dtype=np.int64)
            groups.append(_Group(nets, starts[:, None] + np.arange(1 << fan_in)))
        return cls(offsets, tuple(groups))

    def counted(self, values: npt.NDArray[np.uint64]) -> Floats:
        """Return the share of every state among simulated vectors, each equally likely.

        Args:
            values: value of every net, uint64 [n_nets, n_words], 64 vectors per word.
        """
        result = np.zeros(self.offsets[-1])
        n_vectors = 64 * values.shape[1]
        for nets, places in self.groups:
            counts = np.empty((places.shape[1], len(nets)))
            counts[0] = n_vectors
            joint: dict[int, npt.NDArray[np.uint64]] = {}
            # First the vectors with at least the pins of m at 1, then, by inclusion-exclusion, those alone.
            for m in range(1, len(counts)):
                top = m.bit_length() - 1
                column, rest = values[nets[:, top]], m ^ (1 << top)
                joint[m] = column if rest == 0 else column & joint[rest]
                counts[m] = np.bitwise_count(joint[m]).sum(axis=1, dtype=np.int64)
            result[places] = _exactly(counts, nets.shape[1]).T / n_vectors
        return result

    def independent(self, ones: Floats) -> Floats:
        """Return the probability of every state as if the pins of a cell were independent of each other.

        Args:
            ones: probability that each net is 1, [n_nets].
        """
        result = np.zeros(self.offsets[-1])
        for nets, places in self.groups:
            probability = np.ones((len(nets), 1))
            for pin in range(nets.shape[1]):
                p = ones[nets[:, pin], None]
                probability = np.concatenate([probability * (1 - p), probability * p], axis=1)
            result[places] = probability
        return result


def _exactly(counts: Floats, fan_in: int) -> Floats:
    cube = counts.reshape(*[2] * fan_in, -1)
    for axis in range(fan_in):
        without, with_pin = (tuple([slice(None)] * axis + [bit]) for bit in (0, 1))
        cube[without] -= cube[with_pin]
    return cube.reshape(counts.shape)
