"""C header: the table as a constant array ``NAME[1 << A_BITS][1 << B_BITS]``, indexed by raw codes."""

from __future__ import annotations

import re

import numpy as np

from mulsmith.characterize.dialects.shape import Shape, decoded
from mulsmith.characterize.lut import Lut
from mulsmith.circuits.netlist import check_identifier
from mulsmith.errors import LutError

_ARRAY = re.compile(r"(\w+)\s*\[(\d+)\]\s*\[(\d+)\]\s*=\s*\{(.*?)\}\s*;", re.DOTALL)
_NUMBER = re.compile(r"-?\d+")


def write(lut: Lut, name: str) -> bytes:
    """Return the header; the element type is the smallest standard one that holds every product.

    Raises:
        NetlistError: ``name`` is no identifier.
    """
    symbol = check_identifier(name).replace("$", "_")
    guard = f"{symbol.upper()}_H"
    rows, columns = lut.table.shape
    sign = "two's complement" if lut.signed else "unsigned"
    lines = (f"  {{{', '.join(map(str, row))}}}" for row in lut.table.tolist())
    text = (
        f"/* Products of {symbol}, {lut.a_bits}x{lut.b_bits} bits, {sign}: {symbol}[a][b], raw codes. */\n"
        f"#ifndef {guard}\n#define {guard}\n\n#include <stdint.h>\n\n"
        f"static const {_element_type(lut)} {symbol}[{rows}][{columns}] = {{\n"
        + ",\n".join(lines)
        + f"\n}};\n\n#endif /* {guard} */\n"
    )
    return text.encode("ascii")


def read(data: bytes, shape: Shape) -> Lut:
    """Return the table of such a header: its one two-dimensional array of decimal numbers.

    Raises:
        LutError: no such array, several, or one of another size.
    """
    arrays = _ARRAY.findall(decoded(data))
    if len(arrays) != 1:
        raise LutError(f"the header holds {len(arrays)} two-dimensional arrays, but one is needed")
    _, rows, columns, body = arrays[0]
    if (int(rows), int(columns)) != shape.size:
        raise LutError(
            f"the array is {rows} x {columns}, but {shape.size[0]} x {shape.size[1]} products are needed"
        )
    numbers = _NUMBER.findall(body)
    if len(numbers) != shape.size[0] * shape.size[1]:
        raise LutError(f"the array holds {len(numbers)} of {shape.size[0] * shape.size[1]} products")
    try:
        table = np.array(numbers, dtype=np.int64)
    except (OverflowError, ValueError):
        raise LutError(f"a product does not fit into {shape.out_bits} bits") from None
    return shape.lut(table.reshape(shape.size))


def _element_type(lut: Lut) -> str:
    low, high = int(lut.table.min()), int(lut.table.max())
    for bits in (8, 16, 32):
        if low >= 0 and high < 1 << bits:
            return f"uint{bits}_t"
        if -(1 << (bits - 1)) <= low and high < 1 << (bits - 1):
            return f"int{bits}_t"
    return "int64_t"
