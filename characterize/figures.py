"""Figures of records in their JSON form, by name: for filters, sorting, tables and fronts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from mulsmith.errors import ConfigError

ERROR_FIGURES = (
    "mae", "mae_percent", "wce", "wce_percent", "wcre_percent", "ep_percent", "mre_percent", "mse",
    "mean_error", "error_std",
)  # fmt: skip
SYNTHESIS_FIGURES = (
    "area_um2", "delay_ns", "power_mw", "power_dynamic_mw", "power_leakage_mw", "energy_pdp_pj",
)  # fmt: skip
REPORTED_FIGURES = tuple(f"reported.{name}" for name in ("area_um2", "delay_ns", "power_mw"))
FIGURES = (*ERROR_FIGURES, *SYNTHESIS_FIGURES, *REPORTED_FIGURES)

Document = dict[str, Any]


def figure(document: Document, name: str) -> float | None:
    """Return a figure of a record, or None where the record does not have it.

    Args:
        document: the record's JSON form.
        name: one of ``FIGURES``; ``reported.`` stands before what the file's own header says, all others
            were computed here or imported on purpose.

    Raises:
        ConfigError: no such figure.
    """
    if name in ERROR_FIGURES:
        return float(document["errors"][name])
    if name in SYNTHESIS_FIGURES:
        synthesis = document["synthesis"]
        return None if synthesis is None else float(synthesis[name])
    if name in REPORTED_FIGURES:
        value = document["reported"].get(name.removeprefix("reported."))
        return None if value is None else float(value)
    raise ConfigError(f"there is no figure '{name}'", remedy=f"choose from {', '.join(FIGURES)}")


def select(
    documents: Iterable[Document],
    *,
    widths: Sequence[str] = (),
    signed: bool | None = None,
    sort: str = "name",
) -> list[Document]:
    """Return the records of the given widths and signedness, sorted; those without the figure come last.

    Args:
        documents: records in their JSON form.
        widths: operand widths as ``8x8``; none means all.
        signed: signed or unsigned ones; None means both.
        sort: ``name`` or one of ``FIGURES``.

    Raises:
        ConfigError: a width that is not of the form ``8x8``, or no such figure.
    """
    wanted = {parse_width(width) for width in widths}
    chosen = [
        document
        for document in documents
        if (not wanted or (document["a_bits"], document["b_bits"]) in wanted)
        and (signed is None or document["signed"] == signed)
    ]
    if sort == "name":
        return sorted(chosen, key=lambda document: str(document["name"]))
    return sorted(chosen, key=lambda document: _order(figure(document, sort), str(document["name"])))


def parse_width(text: str) -> tuple[int, int]:
    """Return the widths of A and B from a text like ``8x4``.

    Raises:
        ConfigError: the text is of another form.
    """
    match = re.fullmatch(r"(\d{1,2})x(\d{1,2})", text)
    if match is None:
        raise ConfigError(f"'{text}' is no pair of operand widths", remedy="write it as 8x8")
    return int(match[1]), int(match[2])


def _order(value: float | None, name: str) -> tuple[bool, float, str]:
    return value is None, value or 0.0, name
