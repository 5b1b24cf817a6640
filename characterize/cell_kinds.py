"""What a library cell is, recognised by the functions of its output pins and never by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

from mulsmith.characterize.liberty_functions import counting_bits

MAX_PINS = 6


class CellKind(StrEnum):
    """Function of a cell; ``AND_OR`` and its relatives join several groups of pins in a second level."""

    CONSTANT = "constant"
    BUFFER = "buffer"
    INVERTER = "inverter"
    AND = "and"
    NAND = "nand"
    OR = "or"
    NOR = "nor"
    XOR = "xor"
    XNOR = "xnor"
    AND_OR = "ao"
    AND_OR_INVERT = "aoi"
    OR_AND = "oa"
    OR_AND_INVERT = "oai"
    MUX = "mux"
    INVERTING_MUX = "muxi"
    HALF_ADDER = "half adder"
    FULL_ADDER = "full adder"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a cell is.

    Attributes:
        kind: its function.
        fan_in: number of input pins.
        groups: sizes of the first-level groups of AO, AOI, OA and OAI cells, falling; AOI21 has (2, 1).
        roles: role -> pin, where pins differ in role: ``sum`` and ``carry`` of adders; ``select``, ``if_0``
            and ``if_1`` of multiplexers.
    """

    kind: CellKind
    fan_in: int
    groups: tuple[int, ...]
    roles: Mapping[str, str]


def recognise(inputs: Sequence[str], outputs: Mapping[str, int]) -> Recognition:
    """Return what a combinational cell is.

    Args:
        inputs: its input pins.
        outputs: output pin -> truth table over ``inputs`` (bit i: pin number k has bit k of i).
    """
    n = len(inputs)
    if n > MAX_PINS:
        return Recognition(CellKind.OTHER, n, (), {})
    if len(outputs) == 2 and n in (2, 3):
        return _adder(n, outputs)
    if len(outputs) != 1:
        return Recognition(CellKind.OTHER, n, (), {})
    (table,) = outputs.values()
    if table in (0, _ones(n)):
        return Recognition(CellKind.CONSTANT, n, (), {})
    if n == 1:
        kind = CellKind.BUFFER if table == 0b10 else CellKind.INVERTER
        return Recognition(kind, n, (), {})
    return _simple(n, table) or _multiplexer(inputs, table) or _two_level(n, table)


def _ones(n: int) -> int:
    return (1 << (1 << n)) - 1


def _adder(n: int, outputs: Mapping[str, int]) -> Recognition:
    x = [counting_bits(k, n) for k in range(n)]
    if n == 2:
        kind, total, carry = CellKind.HALF_ADDER, x[0] ^ x[1], x[0] & x[1]
    else:
        kind = CellKind.FULL_ADDER
        total, carry = x[0] ^ x[1] ^ x[2], (x[0] & x[1]) | (x[1] & x[2]) | (x[0] & x[2])
    by_table = {table: pin for pin, table in outputs.items()}
    if set(by_table) == {total, carry}:
        return Recognition(kind, n, (), {"sum": by_table[total], "carry": by_table[carry]})
    return Recognition(CellKind.OTHER, n, (), {})


def _simple(n: int, table: int) -> Recognition | None:
    conjunction, disjunction, parity = _ones(n), 0, 0
    for k in range(n):
        conjunction &= counting_bits(k, n)
        disjunction |= counting_bits(k, n)
        parity ^= counting_bits(k, n)
    kinds = {
        conjunction: CellKind.AND, _ones(n) ^ conjunction: CellKind.NAND,
        disjunction: CellKind.OR, _ones(n) ^ disjunction: CellKind.NOR,
        parity: CellKind.XOR, _ones(n) ^ parity: CellKind.XNOR,
    }  # fmt: skip
    return Recognition(kinds[table], n, (), {}) if table in kinds else None


def _multiplexer(inputs: Sequence[str], table: int) -> Recognition | None:
    if len(inputs) != 3:
        return None
    for s, zero, one in permutations(range(3)):
        select = counting_bits(s, 3)
        chosen = (counting_bits(zero, 3) & ~select) | (counting_bits(one, 3) & select)
        roles = {"select": inputs[s], "if_0": inputs[zero], "if_1": inputs[one]}
        if table == chosen:
            return Recognition(CellKind.MUX, 3, (), roles)
        if table == _ones(3) ^ chosen:
            return Recognition(CellKind.INVERTING_MUX, 3, (), roles)
    return None


def _two_level(n: int, table: int) -> Recognition:
    ones = _ones(n)
    for groups in _partitions(list(range(n))):
        and_or, or_and = 0, ones
        for group in groups:
            conjunction, disjunction = ones, 0
            for k in group:
                conjunction &= counting_bits(k, n)
                disjunction |= counting_bits(k, n)
            and_or |= conjunction
            or_and &= disjunction
        kinds = {
            and_or: CellKind.AND_OR, ones ^ and_or: CellKind.AND_OR_INVERT,
            or_and: CellKind.OR_AND, ones ^ or_and: CellKind.OR_AND_INVERT,
        }  # fmt: skip
        if table in kinds:
            sizes = tuple(sorted((len(group) for group in groups), reverse=True))
            return Recognition(kinds[table], n, sizes, {})
    return Recognition(CellKind.OTHER, n, (), {})


def _partitions(items: list[int]) -> Iterator[list[list[int]]]:
    if not items:
        yield []
        return
    first, *rest = items
    for groups in _partitions(rest):
        yield [[first], *groups]
        for k in range(len(groups)):
            yield [*groups[:k], [first, *groups[k]], *groups[k + 1 :]]
