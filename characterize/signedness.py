"""Decide whether a circuit multiplies signed or unsigned numbers, and say why; never from its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mulsmith.characterize.header import Printed
from mulsmith.characterize.lut import Lut
from mulsmith.characterize.statistics import ErrorStats, error_stats
from mulsmith.errors import NetlistError

_BOOLEANS = {"true": True, "false": False}
_COMPARED = ("mae", "wce", "mse")


@dataclass(frozen=True, slots=True)
class Decision:
    """The table in the interpretation that was chosen.

    Attributes:
        lut: the table.
        errors: its statistics.
        reason: what the choice rests on, for the record's provenance.
    """

    lut: Lut
    errors: ErrorStats
    reason: str


def decide(
    raw: Lut,
    out_bits: int,
    *,
    option: bool | None,
    declared: bool | None,
    notes: Mapping[str, str],
    printed: Mapping[str, Printed],
) -> Decision:
    """Choose the interpretation of a table that was simulated as unsigned.

    The first that answers counts: the caller's option, the ports' ``signed`` keyword, a header line
    ``// mulsmith: signed = true|false``, the interpretation that reproduces the header's error figures,
    the interpretation whose MAE is at most half of the other's.

    Args:
        raw: unsigned table.
        out_bits: width of the product.
        option: what the caller asks for.
        declared: what the source's port declarations say.
        notes: the header's own ``mulsmith:`` lines.
        printed: the header's figures.

    Raises:
        NetlistError: nothing answers, or the header line is neither ``true`` nor ``false``.
    """
    stated = _stated(option, declared, notes)
    if stated is not None:
        signed, reason = stated
        lut = interpret(raw, out_bits, signed)
        return Decision(lut, error_stats(lut), reason)
    candidates = [interpret(raw, out_bits, signed) for signed in (False, True)]
    unsigned, signed_ = (Decision(lut, error_stats(lut), "") for lut in candidates)
    by_header = _reproducing(unsigned, signed_, printed)
    if by_header is not None:
        return Decision(by_header.lut, by_header.errors, "reproduces the error figures of the file's header")
    better, worse = sorted((unsigned, signed_), key=lambda choice: choice.errors.mae)
    if better.errors.mae * 2 <= worse.errors.mae:
        word = "signed" if better.lut.signed else "unsigned"
        reason = f"as {word} its MAE is {better.errors.mae:g}, otherwise {worse.errors.mae:g}"
        return Decision(better.lut, better.errors, reason)
    raise NetlistError(
        f"cannot tell whether the operands are signed (MAE {unsigned.errors.mae:g} as unsigned, "
        f"{signed_.errors.mae:g} as signed)",
        remedy="give --signed or --unsigned, or write the line '// mulsmith: signed = true' (or false)",
    )


def interpret(raw: Lut, out_bits: int, signed: bool) -> Lut:
    """Return an unsigned table as it is, or with its values read as two's complement of ``out_bits``."""
    if not signed:
        return raw
    shift = np.int32(32 - out_bits)
    return Lut((raw.table << shift) >> shift, raw.a_bits, raw.b_bits, True)


def _stated(option: bool | None, declared: bool | None, notes: Mapping[str, str]) -> tuple[bool, str] | None:
    if option is not None:
        return option, "asked for by option"
    if declared is not None:
        return declared, "declared by the ports"
    if "signed" not in notes:
        return None
    if notes["signed"] not in _BOOLEANS:
        raise NetlistError(
            f"the header line 'mulsmith: signed = {notes['signed']}' is neither true nor false",
            remedy="write '// mulsmith: signed = true' or '// mulsmith: signed = false'",
        )
    return _BOOLEANS[notes["signed"]], "stated by the file's header"


def _reproducing(unsigned: Decision, signed: Decision, printed: Mapping[str, Printed]) -> Decision | None:
    figures = {name: printed[name] for name in _COMPARED if name in printed}
    if not figures:
        return None
    fitting = [
        choice
        for choice in (unsigned, signed)
        if all(figure.agrees(getattr(choice.errors, name)) for name, figure in figures.items())
    ]
    return fitting[0] if len(fitting) == 1 else None
