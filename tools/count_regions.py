"""Count the regions and their programs again with Callgrind, and store the counts that ship with the package.

    python tools/count_regions.py

It needs a C compiler and valgrind, and takes about twenty seconds.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from mulsmith.search.program.callgrind import count_kernel
from mulsmith.search.program.kernels import KERNELS

PLACE = Path(__file__).resolve().parent.parent / "search" / "program" / "data" / "cpu_counts.json"


def main() -> None:
    """Write the file."""
    found = {name: count_kernel(name) for name in KERNELS}
    kernels = {
        name: {part: asdict(getattr(counts, part)) for part in ("call", "program", "within")}
        for name, counts in found.items()
    }
    document = {
        "command": "python tools/count_regions.py",
        "source": next(iter(found.values())).source,
        "kernels": kernels,
    }
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(PLACE)


if __name__ == "__main__":
    main()
