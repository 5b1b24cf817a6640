"""Figures that a Verilog file states about itself in its comments: EvoApproxLib headers and our own notes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_FIGURE = re.compile(
    rf"^[ \t]*//[ \t]*(?P<label>[A-Z0-9_]+%?)[ \t]*=[ \t]*(?P<number>{_NUMBER.pattern})"
    r"[ \t]*(?P<unit>%|mW|um2|ns)?[ \t\r]*$",
    re.MULTILINE,
)
_NOTE = re.compile(r"^[ \t]*//[ \t]*mulsmith:[ \t]*(\w+)[ \t]*=[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)

_FIGURES = {
    ("MAE", None): "mae",
    ("MAE%", "%"): "mae_percent",
    ("WCE", None): "wce",
    ("WCE%", "%"): "wce_percent",
    ("WCRE%", "%"): "wcre_percent",
    ("EP%", "%"): "ep_percent",
    ("MRE%", "%"): "mre_percent",
    ("MSE", None): "mse",
    ("PDK45_PWR", "mW"): "power_mw",
    ("PDK45_AREA", "um2"): "area_um2",
    ("PDK45_DELAY", "ns"): "delay_ns",
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A decimal number as it was printed, so that its precision is known.

    Attributes:
        text: the digits, e.g. ``72829.102e2``.
    """

    text: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)

    @property
    def half_step(self) -> float:
        """Half a unit of the last printed digit."""
        mantissa, _, exponent = self.text.lower().partition("e")
        return 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))

    def agrees(self, value: float) -> bool:
        """Return whether ``value`` may have been printed like this (rounding either way at a tie)."""
        slack = 1e-9 * max(1.0, abs(value))
        return abs(self.value - value) <= self.half_step + slack


def read_printed(text: str) -> dict[str, Printed]:
    """Return the header's figures by name as they were printed.

    Names and units are those of ``ErrorStats`` and ``SynthesisReport``; PDK45_PWR, _AREA and _DELAY become
    ``power_mw``, ``area_um2`` and ``delay_ns``. A figure in another unit is no figure of this header format.
    Our own headers state figures as ``// mulsmith: mae = 15.5``.
    """
    found: dict[str, Printed] = {}
    for match in _FIGURE.finditer(text):
        name = _FIGURES.get((match["label"], match["unit"]))
        if name is not None:
            found.setdefault(name, Printed(match["number"]))
    for name, value in read_notes(text).items():
        if name in _FIGURES.values() and _NUMBER.fullmatch(value):
            found.setdefault(name, Printed(value))
    return found


def read_header(text: str) -> dict[str, float]:
    """Return the header's figures by name, as numbers."""
    return {name: printed.value for name, printed in read_printed(text).items()}


def read_notes(text: str) -> Mapping[str, str]:
    """Return what the file says in lines of the form ``// mulsmith: key = value``."""
    return {match[1]: match[2] for match in _NOTE.finditer(text)}
