"""What a network multiplies, as evolution takes it: histograms of some layers, joined by their shares."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mulsmith.characterize.activity import Stationary
from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.energy.operands import Form, OperandHistograms


def read_operands(
    path: Path, form: Form, shares: Mapping[str, float] | None = None, stationary: Stationary = "b"
) -> OperandMix:
    """Return the operands of a network's layers on multipliers of one form.

    Args:
        path: what ``mulsmith emulate operands`` wrote.
        form: widths and signedness.
        shares: layer -> its share of the multiplications; all layers alike without it.
        stationary: the operand that stays in the array while the other changes, or None.

    Raises:
        ConfigError: the file cannot be read, has no such form or layer, or a share is negative.
    """
    histograms = OperandHistograms.read(path)
    wanted = shares or dict.fromkeys(histograms.forms.get(form, ()), 1.0)
    layers = [histograms.of(layer, form) for layer in wanted]
    if not layers:
        histograms.of("", form)
    return OperandMix.of(layers, list(wanted.values()), stationary)
