"""Memory image for Verilog's ``$readmemh``: one hexadecimal product per address {A, B}."""

from __future__ import annotations

import re

import numpy as np

from mulsmith.characterize.dialects.shape import Shape, check_range, decoded, sign_extended
from mulsmith.characterize.lut import Lut
from mulsmith.errors import LutError

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[0-9a-fA-F_]+")


def write(lut: Lut, name: str) -> bytes:
    """Return the image: address is A's code followed by B's code, words of a_bits + b_bits.

    Raises:
        LutError: a product does not fit that width.
    """
    out_bits = lut.a_bits + lut.b_bits
    check_range(lut.table, out_bits, lut.signed)
    digits = (out_bits + 3) // 4
    words = (lut.table.astype(np.int64) & ((1 << out_bits) - 1)).ravel().tolist()
    head = (
        f"// {name}: {len(words)} words of {out_bits} bits, address {{A[{lut.a_bits - 1}:0], "
        f"B[{lut.b_bits - 1}:0]}}\n"
    )
    return (head + "\n".join(f"{word:0{digits}x}" for word in words) + "\n").encode("ascii")


def read(data: bytes, shape: Shape) -> Lut:
    """Return the table of such an image; comments, underscores and ``@address`` are understood.

    Raises:
        LutError: x, z or other text, an address outside, or words missing.
    """
    rows, columns = shape.size
    codes = np.full(rows * columns, -1, dtype=np.int64)
    address = 0
    for word in _COMMENT.sub(" ", decoded(data)).split():
        is_address = word.startswith("@")
        text = word[1:] if is_address else word
        if not _WORD.fullmatch(text) or not text.strip("_"):
            raise LutError(f"{word[:40]!r} is no hexadecimal number")
        number = int(text.replace("_", ""), 16)
        if is_address:
            address = number
            continue
        if address >= codes.size:
            raise LutError(f"a word for address {address}, but there are {codes.size} words")
        if number >> shape.out_bits:
            raise LutError(f"the word {word[:40]} does not fit into {shape.out_bits} bits")
        codes[address] = number
        address += 1
    missing = int(np.count_nonzero(codes < 0))
    if missing:
        raise LutError(f"{missing} of {codes.size} words are missing")
    return shape.lut(sign_extended(codes, shape.out_bits, shape.signed).reshape(rows, columns))
