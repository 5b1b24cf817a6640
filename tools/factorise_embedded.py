"""Write emulate/factors.zip: the factorisations of the embedded circuits, shipped with the package."""

import io
import sys
import zipfile
from pathlib import Path

from mulsmith.characterize.library import Library
from mulsmith.emulate.factor_store import factors_of, to_bytes
from mulsmith.emulate.tables import Table

TARGET = Path(__file__).resolve().parent.parent / "emulate" / "factors.zip"
EPOCH = (1980, 1, 1, 0, 0, 0)


def main() -> None:
    """Factorise every distinct table and write the archive, the same bytes for the same factors."""
    entries: dict[str, bytes] = {}
    with Library.embedded() as library:
        for name, multiplier in library.items():
            factors = factors_of(Table.of(multiplier.lut))
            entries[f"{multiplier.lut.sha256()}.npz"] = to_bytes(factors)
            print(f"{name}: {factors.planes} planes", file=sys.stderr, flush=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for entry, data in sorted(entries.items()):
            archive.writestr(zipfile.ZipInfo(entry, EPOCH), data)
    TARGET.write_bytes(buffer.getvalue())
    print(f"{TARGET}: {len(entries)} tables, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
