"""Which operand codes the layers of a network multiply, as histograms in a file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mulsmith.errors import ConfigError
from mulsmith.storage import atomic_write

Floats = npt.NDArray[np.float64]
_KEY = re.compile(r"(?P<a>\d{1,2})x(?P<b>\d{1,2})(?P<sign>[us])/(?P<operand>[AB])/(?P<layer>.+)")
MAX_BITS = 16


class Form(NamedTuple):
    """Widths and signedness of a multiplier's operands."""

    a_bits: int
    b_bits: int
    signed: bool

    def __str__(self) -> str:
        return f"{self.a_bits}x{self.b_bits}{'s' if self.signed else 'u'}"


class LayerHistograms(NamedTuple):
    """Weights of every raw code of operand A (activation) and operand B (weight) in one layer."""

    a: Floats
    b: Floats


@dataclass(frozen=True, slots=True, eq=False)
class OperandHistograms:
    """Operand histograms of every layer of a network, for multipliers of one or several forms.

    Attributes:
        forms: form -> layer -> histograms over raw codes, [2**a_bits] and [2**b_bits].
    """

    forms: Mapping[Form, Mapping[str, LayerHistograms]]

    def __post_init__(self) -> None:
        for form, layers in self.forms.items():
            for layer, pair in layers.items():
                for operand, weights, bits in zip("AB", pair, form[:2], strict=True):
                    _check(weights, bits, f"{form}, operand {operand} of layer {layer}")

    def of(self, layer: str, form: Form) -> LayerHistograms:
        """Return the histograms of one layer for multipliers of one form.

        Raises:
            ConfigError: there are none.
        """
        if form not in self.forms:
            raise ConfigError(
                f"there are no operand histograms for {form} multipliers",
                remedy=f"those known are for {', '.join(str(known) for known in self.forms) or 'none'}",
            )
        if layer not in self.forms[form]:
            raise ConfigError(
                f"there are no operand histograms of layer {layer}",
                remedy=f"the layers known are {', '.join(self.forms[form])}",
            )
        return self.forms[form][layer]

    def write(self, path: Path) -> None:
        """Write the histograms as an npz file.

        Raises:
            StoreError: the file cannot be written.
        """
        arrays = {
            f"{form}/{operand}/{layer}": weights
            for form, layers in self.forms.items()
            for layer, pair in layers.items()
            for operand, weights in zip("AB", pair, strict=True)
        }
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        atomic_write(path, buffer.getvalue())

    @classmethod
    def read(cls, path: Path) -> OperandHistograms:
        """Return the histograms in a file that ``write`` wrote.

        Raises:
            ConfigError: the file cannot be read, or holds something else.
        """
        halves: dict[tuple[Form, str], dict[str, Floats]] = {}
        try:
            data = io.BytesIO(path.read_bytes())
            if not zipfile.is_zipfile(data):
                raise ValueError("the file is no npz archive")
            with np.load(data, allow_pickle=False) as arrays:
                for key in arrays.files:
                    form, operand, layer = _parse(key)
                    halves.setdefault((form, layer), {})[operand] = np.asarray(arrays[key], np.float64)
            forms: dict[Form, dict[str, LayerHistograms]] = {}
            for (form, layer), half in halves.items():
                forms.setdefault(form, {})[layer] = LayerHistograms(half["A"], half["B"])
            return cls(forms)
        except ConfigError as error:
            raise ConfigError(error.cause, path=path, remedy=error.remedy) from error
        except KeyError as error:
            raise ConfigError(f"one layer has no histogram of operand {error}", path=path) from error
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ConfigError(
                f"these are no operand histograms: {error}",
                path=path,
                remedy="write them with mulsmith emulate operands",
            ) from error


def _parse(key: str) -> tuple[Form, str, str]:
    match = _KEY.fullmatch(key)
    if match is None or not all(1 <= int(match[side]) <= MAX_BITS for side in "ab"):
        raise ConfigError(f"{key!r} names no operand of a layer")
    return Form(int(match["a"]), int(match["b"]), match["sign"] == "s"), match["operand"], match["layer"]


def _check(weights: Floats, bits: int, what: str) -> None:
    if weights.shape != (1 << bits,):
        raise ConfigError(f"{what}: the histogram has shape {weights.shape}, not ({1 << bits},)")
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise ConfigError(f"{what}: the histogram is no row of finite weights, one of them positive")
