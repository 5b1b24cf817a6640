"""Proven bounds on the worst-case error of multipliers that are too wide for exhaustive simulation.

ABC's SAT solver refutes, or shows by an example, that the error exceeds a value; bisection closes the
interval. Sampled operands and their neighbours give the first example.
"""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mulsmith.characterize.simulate import Words, simulate
from mulsmith.circuits.aiger import write_aiger
from mulsmith.circuits.miter import ErrorMiter
from mulsmith.circuits.netlist import CONST0, Netlist
from mulsmith.circuits.yosys import Limits, TimeLimitError, run_abc
from mulsmith.errors import ConfigError, ToolError

PROVE = "iprove -M 1000000000"
"""Rewriting, SAT sweeping and SAT in turns; at last SAT without a limit but that of time."""

SAMPLES = 1 << 14
SHARE_OF_TIME = 0.4
"""Of the time that is left, which one question may take before a looser one is asked."""

EAGER_EXAMPLES = 3
"""After so many the interval is halved at once."""

_VALUE = re.compile(rb"^(\w+?)(?:\[(\d+)\])?@0=([01])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What is known of a worst-case error.

    Attributes:
        lower: an error that occurs.
        upper: no error is larger; that is proven.
        operands: raw codes of A and B at which ``lower`` occurs.
        questions: how often the solver was asked.
        timed_out: whether time ran out before both bounds met.
    """

    lower: int
    upper: int
    operands: tuple[int, int]
    questions: int
    timed_out: bool

    def to_json(self) -> dict[str, Any]:
        """Return all as JSON."""
        return asdict(self)


def worst_case(netlist: Netlist, seconds: float, seed: int = 0) -> WorstCase:
    """Return bounds on the worst-case absolute error of a multiplier.

    Args:
        netlist: the multiplier, its signedness stated.
        seconds: time for all questions together.
        seed: of the sampled operands.

    Raises:
        NetlistError: the circuit is no multiplier, or does not say whether it is signed.
        ConfigError: no time.
        ToolError: pyosys is missing, or an example of the solver is wrong.
    """
    if not seconds > 0:
        raise ConfigError(f"seconds = {seconds:g}, but more than 0 is needed")
    miter, end = ErrorMiter(netlist), time.monotonic() + seconds
    random = np.random.Generator(np.random.PCG64(seed))
    lower, operands = _climbed(netlist, *_sampled(netlist, random))
    floor, upper = lower, miter.largest_error
    questions, examples, eager = 0, 0, True
    while floor < upper and (left := end - time.monotonic()) > 0:
        # The best example so far is often the worst case; else the interval is halved.
        bound = floor if eager else (floor + upper) // 2
        eager = False
        questions += 1
        try:
            example = _example(miter, bound, left * SHARE_OF_TIME)
        except TimeLimitError:
            floor = bound + 1
            continue
        if example is None:
            upper = bound
            continue
        found = _error(netlist, *example)
        if found <= bound:
            raise ToolError(
                f"the solver's example errs by {found}, not by more than {bound}",
                remedy="please report this with the circuit",
            )
        lower, operands = _climbed(netlist, found, example)
        floor = max(floor, lower)
        examples += 1
        eager = examples <= EAGER_EXAMPLES
    return WorstCase(lower, upper, operands, questions, lower < upper)


def _example(miter: ErrorMiter, bound: int, seconds: float) -> tuple[int, int] | None:
    """Return operands whose error exceeds ``bound``; None where there are proven to be none."""
    circuit = miter.exceeds(bound)
    if circuit.output_nets[0] == CONST0:
        return None
    results = run_abc(
        ["&read miter.aig", "&put", PROVE, "write_status status.txt", "write_cex -n example.txt"],
        # ABC writes an example only where it found one.
        {"miter.aig": write_aiger(circuit), "example.txt": b""},
        ["status.txt", "example.txt"],
        Limits(seconds=seconds),
    )
    if results["status.txt"].startswith(b"snl_UNSAT"):
        return None
    bits = _VALUE.findall(results["example.txt"])
    if not bits:
        raise TimeLimitError("the solver gave up")
    values = {port.name: 0 for port in circuit.inputs}
    for name, position, bit in bits:
        values[name.decode()] |= int(bit) << int(position or 0)
    a, b = values.values()
    return a, b


def _sampled(netlist: Netlist, random: np.random.Generator) -> tuple[int, tuple[int, int]]:
    """Return the largest error among random operands and such with few bits changed from all ones."""
    bits = netlist.a_bits + netlist.b_bits
    rare = random.random((bits, SAMPLES)) < random.random((1, SAMPLES))
    return _largest(netlist, rare)


def _climbed(netlist: Netlist, error: int, operands: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    """Change one or two operand bits at a time as long as the error grows."""
    a_bits, bits = netlist.a_bits, netlist.a_bits + netlist.b_bits
    single = np.eye(bits, dtype=bool)
    first, second = np.triu_indices(bits)
    changes = single[first] ^ single[second]
    changes[first == second] = single
    while True:
        code = operands[0] | operands[1] << a_bits
        here = np.array([code >> bit & 1 for bit in range(bits)], dtype=bool)
        found, place = _largest(netlist, (changes ^ here).T)
        if found <= error:
            return error, operands
        error, operands = found, place


def _largest(netlist: Netlist, columns: np.ndarray) -> tuple[int, tuple[int, int]]:
    """Return the largest error over operands, bits [operand bits, samples], and where it occurs."""
    a_bits = netlist.a_bits
    a, b = _numbers(columns[:a_bits], netlist.signed), _numbers(columns[a_bits:], netlist.signed)
    value = simulate(netlist, list(_packed(columns)))
    planes = np.stack([value[net] for net in netlist.output_nets])
    found = np.unpackbits(planes.view(np.uint8), axis=1, bitorder="little")[:, : columns.shape[1]]
    errors = np.abs(_numbers(found, netlist.signed) - a * b)
    place = int(errors.argmax())
    raw_a, raw_b = (int(_numbers(part, False)[place]) for part in (columns[:a_bits], columns[a_bits:]))
    return int(errors[place]), (raw_a, raw_b)


def _error(netlist: Netlist, a: int, b: int) -> int:
    code = a | b << netlist.a_bits
    column = np.array([[code >> bit & 1] for bit in range(netlist.a_bits + netlist.b_bits)], dtype=bool)
    return _largest(netlist, column)[0]


def _packed(columns: np.ndarray) -> Words:
    padded = np.zeros((len(columns), -(-columns.shape[1] // 64) * 64), dtype=np.uint8)
    padded[:, : columns.shape[1]] = columns
    words: Words = np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
    return words


def _numbers(columns: np.ndarray, signed: bool | None) -> np.ndarray:
    """Return columns of bits as numbers of any size, in Python's integers."""
    weights = [1 << bit for bit in range(len(columns))]
    if signed:
        weights[-1] = -weights[-1]
    numbers: np.ndarray = np.array(weights, dtype=object) @ columns.astype(object)
    return numbers
