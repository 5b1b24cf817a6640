"""Choose evolved circuits from campaigns and write them to circuits/rtl/evolved, the second edition.

    python tools/embed_evolved.py RUN...

Each RUN is a folder of ``mulsmith circuits evolve-set``; those of one interface are taken together. To the
generated embedded circuits, evolved ones are added one by one, each the one by which the areas dominated by
the fronts of power over log2(1 + MAE) and log2(1 + WCE) grow most, until none adds ``LEAST_GAIN`` of them. Of
circuits that compute the same, the one of least power is taken. Exact circuits are left out, so that savings
keep one textbook baseline, the Dadda tree. Interfaces without a run keep their circuits.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mulsmith.characterize.dominance import dominated_area
from mulsmith.characterize.simulate import simulate_lut
from mulsmith.circuits.embedded import generated_files
from mulsmith.circuits.verilog import read_verilog

GENERATED = {path.stem for path in generated_files()}
FOLDER = Path(__file__).resolve().parent.parent / "circuits" / "rtl" / "evolved"
LEAST_GAIN = 2e-4
EVOLVED = re.compile(r"mul\d+x\d+[us]_e[a-z2-7]{4}")


def front(run: Path) -> tuple[str, list[tuple[Path, dict[str, Any]]]]:
    """Return the interface of a run; evolved and embedded circuits on its front with their figures."""
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    members = [
        (run / "front" / f"{member['name']}.v", member)
        for member in result["front"]
        if (EVOLVED.fullmatch(member["name"]) and member["wce"] > 0) or member["name"] in GENERATED
    ]
    return result["multiplier"], members


def different(members: list[tuple[Path, dict[str, Any]]]) -> list[tuple[Path, dict[str, Any]]]:
    """Return the circuit of least power of each table."""
    best = {}
    for path, figures in sorted(members, key=lambda member: (member[1]["power_mw"], member[1]["name"])):
        lut = simulate_lut(read_verilog(path).with_signed(path.stem.partition("_")[0].endswith("s")))
        best.setdefault(lut.sha256(), (path, figures))
    return list(best.values())


def chosen(members: list[tuple[Path, dict[str, Any]]]) -> list[Path]:
    """Return the files of the circuits to embed, the most valuable first."""
    points = np.array([[np.log2(1 + m["mae"]), np.log2(1 + m["wce"]), m["power_mw"]] for _, m in members])
    points /= points.max(axis=0)
    taken = [index for index, (path, _) in enumerate(members) if path.stem in GENERATED]
    covered = _covered(points[taken]) if taken else 0.0
    while len(taken) < len(members):
        left = [index for index in range(len(members)) if index not in taken]
        areas = [_covered(points[[*taken, index]]) for index in left]
        if max(areas) <= covered * (1 + LEAST_GAIN):
            break
        covered = max(areas)
        taken.append(left[areas.index(covered)])
    return [path for index in taken if (path := members[index][0]).stem not in GENERATED]


def _covered(points: npt.NDArray[np.float64]) -> float:
    return sum(dominated_area(points[:, [error, 2]]) for error in (0, 1))


def main() -> None:
    """Write the chosen circuits and say how many."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    options = parser.parse_args()
    by_interface: dict[str, list[tuple[Path, dict[str, Any]]]] = {}
    for run in options.runs:
        interface, members = front(run)
        by_interface.setdefault(interface, []).extend(members)
    FOLDER.mkdir(exist_ok=True)
    for interface, members in sorted(by_interface.items()):
        for path in FOLDER.glob(f"{interface}_*.v"):
            path.unlink()
        paths = chosen(different(members))
        for path in paths:
            (FOLDER / path.name).write_bytes(path.read_bytes())
        print(f"{interface}: {len(paths)} of {len(members)} circuits")


if __name__ == "__main__":
    main()
