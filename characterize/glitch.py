"""Glitches: an event-driven, bit-parallel simulation of sampled operand pairs with the delays of the cells.

Each pair of successive operand values is one bit of a machine word. A net's waveform is a list of times with
the values of all pairs from then on. Outputs follow each input after that arc's delay; a pulse shorter than
the fastest arc of its output dies in the cell (inertial delay).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.activity import Glitch, Operands, Uniform
from mulsmith.characterize.cell_states import CellStates
from mulsmith.characterize.instances import instances, n_inputs, n_nets
from mulsmith.characterize.liberty import Liberty, Pin, Sense
from mulsmith.characterize.liberty_functions import BooleanFunction
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.simulate import Words
from mulsmith.characterize.switching import NetActivity
from mulsmith.characterize.timing import FALL, RISE, Timing
from mulsmith.circuits.netlist import CONST0, CONST1, FIRST_INPUT
from mulsmith.errors import NetlistError

# Times in steps of the resolution, rising; the first entry holds from before the operands change.
Waveform = list[tuple[int, Words]]

_BEFORE = -1


def glitch_activity(mapped: MappedNetlist, liberty: Liberty, timing: Timing, activity: Glitch) -> NetActivity:
    """Return the activity with glitches, estimated from sampled pairs; equal seeds give equal results.

    Raises:
        NetlistError: a broken structure, or other than two operands for operand histograms.
        ConfigError: a histogram that does not fit its operand.
    """
    first, second = sampled_pairs(mapped, activity)
    cells = instances(mapped, liberty)
    zeros = np.zeros_like(first[0])
    waveforms: dict[int, Waveform] = {CONST0: [(_BEFORE, zeros)], CONST1: [(_BEFORE, ~zeros)]}
    for bit, (before, after) in enumerate(zip(first, second, strict=True)):
        waveforms[FIRST_INPUT + bit] = _without_repeats([(_BEFORE, before), (0, after)])
    step_ns = activity.resolution_ps * 1e-3
    for cell, inputs, outputs in cells:
        net_of = dict(zip(cell.inputs, inputs, strict=True))
        for name, net in zip(cell.outputs, outputs, strict=True):
            pin = cell.pins[name]
            if net is None or pin.function is None:
                continue
            delays = {
                source: max(1, round(_mean_delay(pin, source, net_of[source], net, timing) / step_ns))
                for source in pin.function.pins
            }
            sources = {source: waveforms[net_of[source]] for source in pin.function.pins}
            waveforms[net] = _respond(pin.function, sources, delays, ~zeros)
    toggles = np.zeros(n_nets(mapped))
    settled = np.zeros((n_nets(mapped), len(zeros)), dtype=np.uint64)
    for net, waveform in waveforms.items():
        settled[net] = waveform[-1][1]
        changes = [np.bitwise_count(new ^ old) for (_, old), (_, new) in pairwise(waveform)]
        toggles[net] = sum(int(change.sum()) for change in changes) / activity.pairs
    return NetActivity(toggles, CellStates.of(cells).counted(settled))


def sampled_pairs(mapped: MappedNetlist, activity: Glitch) -> tuple[list[Words], list[Words]]:
    """Return successive values of every input bit, bit-parallel over the sampled pairs."""
    rng = np.random.default_rng(activity.seed)
    base = activity.base
    if isinstance(base, Operands):
        if len(mapped.inputs) != 2:
            raise NetlistError(f"the circuit has {len(mapped.inputs)} operands, but histograms take two")
        widths = [port.width for port in mapped.inputs]
        distributions = base.distributions(widths[0], widths[1])
        moments: list[list[Words]] = [[], []]
        for operand, distribution, width in zip("ab", distributions, widths, strict=True):
            codes = rng.choice(distribution.size, size=(2, activity.pairs), p=distribution)
            if operand == base.stationary:
                codes[1] = codes[0]
            for moment in (0, 1):
                moments[moment] += [_packed(codes[moment] >> bit & 1) for bit in range(width)]
        return moments[0], moments[1]
    probability = 0.5 if isinstance(base, Uniform) else base.probability
    first, second = [], []
    for _ in range(n_inputs(mapped)):
        before = _packed(rng.random(activity.pairs) < 0.5)
        first.append(before)
        second.append(before ^ _packed(rng.random(activity.pairs) < probability))
    return first, second


def _packed(bits: npt.NDArray[np.generic]) -> Words:
    return np.packbits(bits.astype(np.uint8), bitorder="little").view("<u8").astype(np.uint64)


def _mean_delay(pin: Pin, source: str, source_net: int, net: int, timing: Timing) -> float:
    """Return the delay from a pin to an output in ns, the mean over its edges."""
    delays = []
    for arc in pin.arcs:
        if arc.related_pin != source:
            continue
        for edge, table, load in (
            (RISE, arc.cell_rise, timing.loads.rise[net]),
            (FALL, arc.cell_fall, timing.loads.fall[net]),
        ):
            if table is None:
                continue
            causes = {Sense.POSITIVE: (edge,), Sense.NEGATIVE: (1 - edge,)}.get(arc.sense, (RISE, FALL))
            delays += [table(timing.slew_ns[cause, source_net], float(load)) for cause in causes]
    return sum(delays) / len(delays) if delays else 0.0


def _respond(
    function: BooleanFunction, sources: dict[str, Waveform], delays: dict[str, int], ones: Words
) -> Waveform:
    """Return the waveform of an output for the waveforms of its inputs."""
    times = sorted({time + delays[pin] for pin, wave in sources.items() for time, _ in wave[1:]})
    position = dict.fromkeys(sources, 0)
    current = {pin: wave[0][1] for pin, wave in sources.items()}
    result = [(_BEFORE, function.evaluate(current, ones))]
    for time in times:
        for pin, wave in sources.items():
            while position[pin] + 1 < len(wave) and wave[position[pin] + 1][0] + delays[pin] <= time:
                position[pin] += 1
                current[pin] = wave[position[pin]][1]
        result.append((time, function.evaluate(current, ones)))
    return _without_repeats(_inertial(result, min(delays.values(), default=1)))


def _inertial(waveform: Waveform, shortest: int) -> Waveform:
    """Return a waveform without pulses shorter than ``shortest``, pair by pair."""
    times = [time for time, _ in waveform]
    values = [value.copy() for _, value in waveform]
    for start in range(1, len(values)):
        # Pairs that leave the value before ``start`` and come back to it too soon never left it.
        before = values[start - 1]
        for end in range(start + 1, len(values)):
            if times[end] - times[start] >= shortest:
                break
            returned = (values[start] ^ before) & ~(values[end] ^ before)
            for middle in range(start, end):
                values[middle] = (values[middle] & ~returned) | (before & returned)
    return list(zip(times, values, strict=True))


def _without_repeats(waveform: Sequence[tuple[int, Words]]) -> Waveform:
    result = [waveform[0]]
    for time, value in waveform[1:]:
        if not np.array_equal(value, result[-1][1]):
            result.append((time, value))
    return result
