"""Where factorisations are kept: with the table, in the package (embedded circuits), in the user's cache."""

from __future__ import annotations

import io
import logging
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np

from mulsmith.characterize.cache import cache_folder
from mulsmith.characterize.lut import Lut
from mulsmith.emulate.factorise import Factors, factorise, fewest_planes
from mulsmith.emulate.tables import Table
from mulsmith.errors import StoreError
from mulsmith.storage import atomic_write

PARTS = ("a_digits", "b_digits", "scales", "a_term", "b_term")
SLOW_PLANES = 80

_log = logging.getLogger("mulsmith")


def factors_of(table: Table) -> Factors:
    """Return the factors of a table, from where they are kept or computed (up to minutes) and kept.

    Raises:
        ToolError: they have to be computed and python-flint is not installed.
        EmulationError: the table has no exact factorisation.
    """
    known = known_factors(table)
    if known is None:
        if plane_bound(table) > SLOW_PLANES:
            _log.warning("factorising a table of rank %d; this may take minutes, once", plane_bound(table))
        known = factorise(table.lut)
        table.derived["factors"] = known
        try:
            atomic_write(_cache_file(table.lut), to_bytes(known))
        except StoreError as error:
            _log.warning("the factors of a table are not kept for the next time: %s", error)
    return known


def known_factors(table: Table) -> Factors | None:
    """Return the factors of a table if they need not be computed, else None."""
    if "factors" not in table.derived:
        table.derived["factors"] = _shipped(table.lut) or _cached(table.lut)
    factors: Factors | None = table.derived["factors"]
    return factors


def takes_minutes(table: Table) -> bool:
    """Say whether a table of high rank would have to be factorised first."""
    return known_factors(table) is None and plane_bound(table) > SLOW_PLANES


def plane_bound(table: Table) -> int:
    """Return a lower bound on the planes of a table, computed once."""
    if "plane_bound" not in table.derived:
        table.derived["plane_bound"] = fewest_planes(table.lut)
    bound: int = table.derived["plane_bound"]
    return bound


def to_bytes(factors: Factors) -> bytes:
    """Return factors as the bytes of an npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: getattr(factors, name) for name in PARTS})
    return buffer.getvalue()


def _cache_file(lut: Lut) -> Path:
    return cache_folder() / "factors" / f"{lut.sha256()}.npz"


def _cached(lut: Lut) -> Factors | None:
    path = _cache_file(lut)
    return _read(path.read_bytes(), lut) if path.is_file() else None


def _shipped(lut: Lut) -> Factors | None:
    archive = Path(str(files("mulsmith.emulate").joinpath("factors.zip")))
    if not archive.is_file():
        return None
    with zipfile.ZipFile(archive) as entries:
        name = f"{lut.sha256()}.npz"
        return _read(entries.read(name), lut) if name in entries.namelist() else None


def _read(data: bytes, lut: Lut) -> Factors | None:
    """Return the factors in ``data``, None where they are damaged or do not give the table."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            factors = Factors(*(parts[name] for name in PARTS))
        matches = np.array_equal(factors.product(), lut.table)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
        matches = False
    if not matches:
        _log.warning("kept factors of a table are damaged and are computed again")
        return None
    return factors
