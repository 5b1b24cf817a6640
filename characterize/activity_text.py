"""Activity models as text, for command lines and configuration files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from mulsmith.characterize.activity import Activity, Glitch, Operands, Toggle, Uniform
from mulsmith.errors import ConfigError

_FORMS = "a toggle probability, uniform, or a .npz file of histograms a and b; glitch:... adds glitches"


def parse_activity(text: str) -> Activity:
    """Return the activity model that a text names.

    Args:
        text: ``0.1`` (every bit toggles with that probability), ``uniform``, ``FILE.npz`` (operands drawn
            from its arrays ``a`` and ``b``), ``b-stationary:FILE.npz`` or ``a-stationary:FILE.npz``; with
            ``glitch:`` before any of them.

    Raises:
        ConfigError: none of these, or a file without usable histograms.
    """
    if text.startswith("glitch:"):
        base = parse_activity(text.removeprefix("glitch:"))
        if isinstance(base, Glitch):
            raise ConfigError(f"'{text}' asks for glitches twice")
        return Glitch(base)
    if text == "uniform":
        return Uniform()
    if text.endswith(".npz"):
        return _operands(text)
    try:
        return Toggle(float(text))
    except ValueError:
        raise ConfigError(f"'{text}' is no activity", remedy=f"give {_FORMS}") from None


def _operands(text: str) -> Operands:
    order, colon, rest = text.partition(":")
    stationary = {"a-stationary": "a", "b-stationary": "b"}.get(order) if colon else None
    path = Path(rest if stationary else text)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            a, b = arrays["a"], arrays["b"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(
            f"no histograms can be read ({error})",
            path=path,
            remedy="store the arrays a and b by numpy.savez",
        ) from None
    try:
        if stationary == "a":
            return Operands(a, b, "a")
        return Operands(a, b, "b" if stationary else None)
    except ConfigError as error:
        raise error.at(path) from None
    except (TypeError, ValueError):
        raise ConfigError("the histograms are no numbers", path=path) from None
