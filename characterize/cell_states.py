"""How often each cell of a circuit sees each combination of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.instances import Instance

Floats = npt.NDArray[np.float64]


def state_offsets(cells: Sequence[Instance]) -> list[int]:
    """Return where the states of each instance begin in a flat array over all of them, and its length last.

    State m of an instance has input pin number k at bit k of m.
    """
    return [0, *accumulate(1 << len(cell.inputs) for cell in cells)]


def counted_states(cells: Sequence[Instance], values: npt.NDArray[np.uint64], n_vectors: int) -> Floats:
    """Return the share of every state of every instance among simulated vectors, flat.

    Args:
        cells: the instances.
        values: uint64 [n_nets, n_words], each vector equally likely; a word may repeat fewer than 64 of them.
        n_vectors: number of vectors in ``values``, repetitions included.
    """
    offsets = state_offsets(cells)
    result = np.zeros(offsets[-1])
    for k, members in _by_fan_in(cells).items():
        nets = np.array([cells[i].inputs for i in members], dtype=np.int64).reshape(len(members), k)
        # First the vectors in which at least the pins of m are 1, then, by inclusion-exclusion, those alone.
        counts = np.empty((1 << k, len(members)))
        joint: dict[int, npt.NDArray[np.uint64]] = {}
        counts[0] = n_vectors
        for m in range(1, 1 << k):
            top = m.bit_length() - 1
            column = values[nets[:, top]]
            rest = m ^ (1 << top)
            joint[m] = column if rest == 0 else column & joint[rest]
            counts[m] = np.bitwise_count(joint[m]).sum(axis=1, dtype=np.int64)
        _place(result, offsets, members, _exactly(counts, k) / n_vectors)
    return result


def independent_states(cells: Sequence[Instance], ones: Floats) -> Floats:
    """Return the probability of every state, flat, as if the pins of a cell were independent of each other.

    Args:
        cells: the instances.
        ones: probability that each net is 1, [n_nets].
    """
    offsets = state_offsets(cells)
    result = np.zeros(offsets[-1])
    for k, members in _by_fan_in(cells).items():
        nets = np.array([cells[i].inputs for i in members], dtype=np.int64).reshape(len(members), k)
        probability = np.ones((1 << k, len(members)))
        for m in range(1 << k):
            for pin in range(k):
                p = ones[nets[:, pin]]
                probability[m] *= p if m >> pin & 1 else 1 - p
        _place(result, offsets, members, probability)
    return result


def _by_fan_in(cells: Sequence[Instance]) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for index, cell in enumerate(cells):
        groups.setdefault(len(cell.inputs), []).append(index)
    return groups


def _exactly(counts: Floats, k: int) -> Floats:
    cube = counts.reshape(*[2] * k, -1)
    for axis in range(k):
        without, with_pin = (tuple([slice(None)] * axis + [bit]) for bit in (0, 1))
        cube[without] -= cube[with_pin]
    return cube.reshape(counts.shape)


def _place(result: Floats, offsets: Sequence[int], members: Sequence[int], states: Floats) -> None:
    starts = np.array([offsets[i] for i in members])
    result[starts[:, None] + np.arange(len(states))] = states.T
