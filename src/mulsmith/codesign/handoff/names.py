"""Layer names as parts of Verilog, C and file names."""

from __future__ import annotations

import re
from collections.abc import Sequence


def plain_names(names: Sequence[str]) -> list[str]:
    """Return names of letters, digits and underscores, all different; they may begin with a digit."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9]", "_", name)
        while plain in found:
            plain += "_"
        found.append(plain)
    return found
