"""A multiplier's table as the kernels see it: hashed, on a device, with what backends derive from it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from mulsmith.characterize.lut import Lut

INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A ``Lut`` prepared for emulation; get one with ``Table.of``, which keeps one per distinct table.

    The operators take a ``Lut`` or a ``Table``; inside ``torch.compile`` and ``torch.export`` they need the
    ``Table``, prepared outside.

    Attributes:
        lut: the table itself.
        key: hash over entries, widths and signedness.
        peak: largest absolute entry, which bounds every sum of K products by ``K * peak``.
        tensors: device -> int32 tensor [2**a_bits, 2**b_bits].
        derived: name of a backend -> whatever it wants to keep with the table (factors, layouts).
    """

    lut: Lut
    key: str
    peak: int
    tensors: dict[torch.device, torch.Tensor] = field(default_factory=dict, repr=False)
    derived: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, lut: Lut) -> Table:
        """Return the one prepared table of ``lut``."""
        key = _key(lut)
        if key not in _KNOWN:
            peak = int(np.abs(lut.table.astype(np.int64)).max())
            _KNOWN[key] = cls(lut, key, peak)
            _KNOWN[key].on("cpu")
        return _KNOWN[key]

    @classmethod
    def from_key(cls, key: str, entries: torch.Tensor, signed: bool) -> Table:
        """Return the table known by ``key``, or prepare it from its entries [2**a_bits, 2**b_bits]."""
        if key in _KNOWN:
            return _KNOWN[key]
        a_size, b_size = entries.shape
        table = entries.detach().to("cpu", torch.int32).contiguous().numpy().copy()
        return cls.of(Lut(table, a_size.bit_length() - 1, b_size.bit_length() - 1, signed))

    def __deepcopy__(self, memo: object) -> Table:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return Table.of, (self.lut,)

    @property
    def max_terms(self) -> int:
        """Largest number of products whose sum cannot leave int32, whatever the operands."""
        return INT32_MAX // max(self.peak, 1)

    def on(self, device: torch.device | str) -> torch.Tensor:
        """Return the entries as an int32 tensor [2**a_bits, 2**b_bits] on a device."""
        device = torch.device(device)
        if device not in self.tensors:
            self.tensors[device] = torch.from_numpy(self.lut.table.copy()).to(device)
        return self.tensors[device]


_KNOWN: dict[str, Table] = {}


def _key(lut: Lut) -> str:
    text = f"{lut.a_bits} {lut.b_bits} {lut.signed} ".encode()
    return hashlib.sha256(text + lut.table.astype("<i4").tobytes()).hexdigest()


def code_range(bits: int, signed: bool) -> tuple[int, int]:
    """Return the smallest and the largest operand code of a width: -2**(bits-1).. or 0.."""
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
