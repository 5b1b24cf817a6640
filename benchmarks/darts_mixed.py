"""Time of the approximate mixed operations of a DARTS cell against their fp32 twin, forward and backward.

The twin is fused in the same way and differs only in its float convolutions. One thread.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from mulsmith.characterize.library import Library
from mulsmith.characterize.lut import Lut
from mulsmith.emulate.quantise import Quantisation
from mulsmith.search.nas.darts.mixed import MixedEdges
from mulsmith.search.nas.darts.parallel import Arithmetic

SHAPES = ((64, 8, 8, 4), (64, 8, 8, 1), (32, 4, 8, 1), (16, 16, 32, 4))
"""Images, channels, height and width, edges."""
RANDOM = "random"


def table_of(name: str, library: Library) -> Lut:
    """Return a multiplier's table, or one without any structure."""
    if name != RANDOM:
        return library[name].lut
    noise = np.random.default_rng(0).integers(0, 1 << 16, (256, 256)).astype(np.int32)
    return Lut(noise, 8, 8, False)


def step(edges: MixedEdges, x: torch.Tensor, weights: torch.Tensor) -> float:
    """Return the time of one step."""
    start = time.perf_counter()
    edges(x, weights).square().sum().backward()
    return time.perf_counter() - start


def main() -> None:
    """Print one row for every shape and multiplier."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "multipliers", nargs="*", default=["mul8x8u_dadda", "mul8x8u_trunc8", "mul8x8s_dadda", RANDOM]
    )
    parser.add_argument("--library", type=Path, help="folder of a library; the embedded circuits without it")
    parser.add_argument("--stride", type=int, default=1, choices=(1, 2))
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(1)
    worst = 0.0
    with Library.open(options.library) if options.library else Library.embedded() as library:
        for images, channels, size, targets in SHAPES:
            x = torch.randn(images, channels, size, size).requires_grad_()
            weights = torch.rand(targets, 8).requires_grad_()
            for name in options.multipliers:
                how = Quantisation(observer="moving-average", sign_magnitude=True)
                arithmetics = (Arithmetic(None, how), Arithmetic(table_of(name, library), how))
                pair = [MixedEdges(channels, targets, options.stride, a) for a in arithmetics]
                # In turns, so that both meet the same machine; the first round warms up.
                rounds = [[step(edges, x, weights) for edges in pair] for _ in range(1 + options.repeats)]
                twin, table = (min(times) for times in zip(*rounds[1:], strict=True))
                worst = max(worst, table / twin)
                print(
                    f"[{images}, {channels}, {size}, {size}] x {targets} edges, {name}: "
                    f"{table * 1e3:.1f} ms, fp32 {twin * 1e3:.1f} ms, ratio {table / twin:.2f}"
                )
    print(f"worst ratio {worst:.2f}")


if __name__ == "__main__":
    main()
