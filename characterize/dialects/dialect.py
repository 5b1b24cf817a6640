"""The registry of table formats, and reading a file in one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mulsmith.characterize.dialects import approxtorch, c_header, readmemh, tf_approximate, torch_approx
from mulsmith.characterize.dialects.shape import Shape
from mulsmith.characterize.lut import Lut
from mulsmith.errors import ConfigError, LutError

MAX_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Dialect:
    """One format.

    Attributes:
        name: what it is called on the command line.
        suffix: ending of its files.
        order: which operand is where, in words.
        write: table and name -> file content.
        read: file content and shape -> table.
    """

    name: str
    suffix: str
    order: str
    write: Callable[[Lut, str], bytes]
    read: Callable[[bytes, Shape], Lut]


DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            tf_approximate.NAME,
            ".bin",
            "uint16 [B code, A code], 8x8 bits",
            tf_approximate.write,
            tf_approximate.read,
        ),
        Dialect("torch-approx", ".npy", "int32 [A code, B code]", torch_approx.write, torch_approx.read),
        Dialect(
            approxtorch.NAME,
            ".txt",
            "text [A value + 128, B value + 128], signed 8x8 bits",
            approxtorch.write,
            approxtorch.read,
        ),
        Dialect("c-header", ".h", "C array [A code][B code]", c_header.write, c_header.read),
        Dialect("readmemh", ".mem", "hexadecimal, address {A, B}", readmemh.write, readmemh.read),
    )
}


def find_dialect(name: str) -> Dialect:
    """Return the format of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in DIALECTS:
        raise ConfigError(f"there is no table format '{name}'", remedy=f"choose from {', '.join(DIALECTS)}")
    return DIALECTS[name]


def read_table(path: Path, dialect: Dialect, shape: Shape) -> Lut:
    """Read a table from a file.

    Raises:
        LutError: the file cannot be read or is no table of that format and shape.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LutError(f"the file is larger than {MAX_BYTES >> 20} MiB", path=path)
        data = path.read_bytes()
    except OSError as error:
        raise LutError(f"cannot read: {error.strerror}", path=path) from None
    try:
        return dialect.read(data, shape)
    except LutError as error:
        raise error.at(path) from None
