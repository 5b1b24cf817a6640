"""Time of the approximate mixed operations of a DARTS cell against their fp32 twin, forward and backward.

The twin is fused in the same way and differs only in its float convolutions. One thread.
"""

import argparse
import time

import torch

from mulsmith.characterize.library import Library
from mulsmith.emulate.quantise import Quantisation
from mulsmith.search.nas.darts.mixed import MixedEdges
from mulsmith.search.nas.darts.parallel import Arithmetic

SHAPES = ((64, 8, 8, 4), (64, 8, 8, 1), (16, 16, 32, 4))


def seconds(edges: MixedEdges, x: torch.Tensor, weights: torch.Tensor, repeats: int) -> float:
    """Return the best time of one step."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        edges(x, weights).square().sum().backward()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print one row for every shape and multiplier."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "multipliers", nargs="*", default=["mul8x8u_dadda", "mul8x8u_trunc8", "mul8x8s_dadda"]
    )
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with Library.embedded() as library:
        for images, channels, size, targets in SHAPES:
            x = torch.randn(images, channels, size, size).requires_grad_()
            weights = torch.rand(targets, 8).requires_grad_()
            for name in options.multipliers:
                how = Quantisation(observer="moving-average", sign_magnitude=True)
                arithmetics = (Arithmetic(None, how), Arithmetic(library[name].lut, how))
                twin, table = (
                    seconds(MixedEdges(channels, targets, 1, a), x, weights, options.repeats)
                    for a in arithmetics
                )
                print(
                    f"[{images}, {channels}, {size}, {size}] x {targets} edges, {name}: "
                    f"{table * 1e3:.1f} ms, fp32 {twin * 1e3:.1f} ms, ratio {table / twin:.2f}"
                )


if __name__ == "__main__":
    main()
