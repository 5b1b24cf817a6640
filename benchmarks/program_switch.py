"""Time that a change of the active network takes, in Python and in generated C.

python benchmarks/program_switch.py
"""

import argparse
import subprocess
import timeit
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mulsmith.search.program.c_code import c_header
from mulsmith.search.program.mlp import Mlp, Topology
from mulsmith.search.program.selection import Mode, OperatingPoint, Selector

MODES: tuple[Mode, ...] = ("quality", "energy", "integrated")
MAIN = """
#include <stdio.h>
#include <time.h>
#include "region.h"
int main(void) {
  for (int mode = 0; mode < 3; mode++) {
    volatile double accuracy = 0.9;
    volatile int found = 0;
    clock_t start = clock();
    for (int i = 0; i < 1000000; i++) found = region_select(mode, accuracy, 2.0, 0.5);
    printf("%d %.1f\\n", found, 1e3 * (double)(clock() - start) / CLOCKS_PER_SEC);
  }
}
"""


def front(count: int) -> Selector:
    """Return a front of random networks 6-16-8-1."""
    rng = np.random.default_rng(0)
    widths = (6, 16, 8, 1)
    points = []
    for place in range(count):
        weights = tuple(rng.standard_normal((a, b)) for a, b in pairwise(widths))
        biases = tuple(rng.standard_normal(b) for b in widths[1:])
        network = Mlp(Topology(widths, ("tanh", "relu")), weights, biases)
        points.append(OperatingPoint(network, 0.5 + place / (2 * count), 10.0 - place / count))
    return Selector(points)


def main() -> None:
    """Print both times for each mode."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=12)
    selector = front(parser.parse_args().networks)
    with TemporaryDirectory() as folder:
        Path(folder, "region.h").write_text(c_header(selector, "region"))
        Path(folder, "main.c").write_text(MAIN)
        subprocess.run(["cc", "-O2", "main.c", "-o", "main", "-lm"], cwd=folder, check=True)
        lines = subprocess.run(
            [f"{folder}/main"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
    for mode, line in zip(MODES, lines, strict=True):
        calls = 10_000
        seconds = timeit.timeit(partial(selector.select, mode, accuracy=0.9), number=calls)
        place, nanoseconds = line.split()
        if int(place) != selector.select(mode, accuracy=0.9, energy_reduction=2.0):
            raise RuntimeError(f"{mode}: C chose network {place}, Python {selector.active}")
        print(f"{mode}: {1e6 * seconds / calls:.1f} us in Python, {nanoseconds} ns in C")


if __name__ == "__main__":
    main()
