"""A library's tables on disk: one ``.npz`` file per function, named by the table's hash."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from mulsmith.characterize.lut import Lut
from mulsmith.errors import StoreError
from mulsmith.storage import atomic_write

LUT_FOLDER = "luts"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


def lut_path(folder: Path, a_bits: int, b_bits: int, sha256: str) -> Path:
    """Return where a table lies: ``luts/8x8/<sha256>.npz``."""
    return folder / LUT_FOLDER / f"{a_bits}x{b_bits}" / f"{sha256}.npz"


def write_lut(folder: Path, lut: Lut, *, rewrite: bool = False) -> str:
    """Store a table unless it is there already; return its hash.

    The file holds the one array ``table``, little-endian int32 [2**a_bits, 2**b_bits]. Equal tables give
    equal bytes.

    Args:
        folder: the library.
        lut: the table.
        rewrite: write even where a file of that name exists (it may be damaged).

    Raises:
        StoreError: the folder is read-only or the disk is full.
    """
    sha256 = lut.sha256()
    path = lut_path(folder, lut.a_bits, lut.b_bits, sha256)
    if rewrite or not path.exists():
        buffer = io.BytesIO()
        with (
            zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("table.npy", "w") as member,
        ):
            np.lib.format.write_array(member, lut.table.astype("<i4"), allow_pickle=False)
        atomic_write(path, buffer.getvalue())
    return sha256


def read_lut(folder: Path, a_bits: int, b_bits: int, signed: bool, sha256: str) -> Lut:
    """Read a table and check it against its hash.

    Raises:
        StoreError: the file is missing, unreadable or not the table that its name promises.
    """
    path = lut_path(folder, a_bits, b_bits, sha256)
    remedy = "characterize the circuit again with --force"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            table = archive["table"]
    except FileNotFoundError:
        raise StoreError("the table is missing", path=path, remedy=remedy) from None
    except _UNREADABLE as error:
        raise StoreError(f"the table cannot be read ({error})", path=path, remedy=remedy) from None
    if table.shape == (1 << a_bits, 1 << b_bits) and table.dtype == np.int32:
        lut = Lut(table, a_bits, b_bits, signed)
        if lut.sha256() == sha256:
            return lut
    raise StoreError("the table differs from its hash", path=path, remedy=remedy)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of processes that were killed; the caller holds the writer lock."""
    for path in (folder / LUT_FOLDER).glob("*/.writing-*"):
        path.unlink(missing_ok=True)
