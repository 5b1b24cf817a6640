"""What a session with an NVIDIA GPU runs: exactness of the GPU backends on the device, then their speed.

    python benchmarks/gpu.py                   every GPU backend against backend ``reference`` on the device
    python benchmarks/gpu.py --bench           the same, then ``mulsmith doctor --measure`` and the benchmarks
    python benchmarks/gpu.py --commands        the commands of the benchmarks alone, without running them

The float32 convolutions beside them use TF32, as torch does by default. Exits with 1 when a backend's
integers differ or a benchmark fails.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import numpy as np
import torch

from mulsmith.characterize.lut import Lut
from mulsmith.emulate import Table, availability, lut_conv2d, lut_matmul
from mulsmith.emulate.bench import LAYERS
from mulsmith.emulate.tables import code_range

CIRCUITS = ("mul8x8s_dadda", "mul8x8u_or2_c4", "mul8x8s_bbm6", "mul8x8u_or3_c9_cut6", "random")
"""1, 3, 7 (the median) and 16 planes, and a table without structure."""


def _commands() -> list[list[str]]:
    """Return what is timed: layers, inference of whole networks, training steps."""
    circuits = [argument for name in CIRCUITS for argument in ("--circuit", name)]
    bench = ["emulate", "bench", "--device", "cuda", *circuits]
    networks = ["--network", "resnet50v2", "--network", "mobilenetv2", "--batch", "64", "--repeats", "5"]
    return [["doctor", "--measure"], bench, [*bench, *networks], [*bench, *networks, "--train"]]


def _tables() -> dict[str, Lut]:
    exact = Lut.exact(8, 8, False)
    rng = np.random.default_rng(0)
    noise = rng.integers(-3, 4, (256, 4)) @ rng.integers(-3, 4, (4, 256))
    random = rng.integers(0, 1 << 16, (256, 256)).astype(np.int32)
    return {
        "exact": exact,
        "exact signed": Lut.exact(8, 8, True),
        "exact 8x4": Lut.exact(8, 4, False),
        "rank 5, LUT[0, b] != 0": Lut((exact.table + noise).astype(np.int32), 8, 8, False),
        "random": Lut(random, 8, 8, False),
    }


def _codes(shape: tuple[int, ...], bits: int, signed: bool, device: torch.device) -> torch.Tensor:
    low, high = code_range(bits, signed)
    return torch.randint(low, high + 1, shape, device=device, dtype=torch.int16)


def _wrong(backend: str, lut: Lut, device: torch.device) -> list[str]:
    """Return the layers and products whose integers differ from the reference's."""
    wrong, table = [], Table.of(lut)
    for name in ("smoke", "resnet20"):
        for shape in LAYERS[name]:
            x = _codes((4, shape.channels, shape.size, shape.size), lut.a_bits, lut.signed, device)
            depth = shape.channels // shape.groups
            w = _codes((shape.outputs, depth, shape.kernel, shape.kernel), lut.b_bits, lut.signed, device)
            options = (shape.stride, shape.padding, 1, shape.groups, 7)
            expected = lut_conv2d(x, w, table, *options, backend="reference")
            if not torch.equal(lut_conv2d(x, w, table, *options, backend=backend), expected):
                wrong.append(str(shape))
    for m, k, n in ((1, 1, 1), (17, 33, 5), (300, 32_000, 70), (64, 512, 1000), (1000, 77, 3)):
        x, w = _codes((m, k), lut.a_bits, lut.signed, device), _codes((k, n), lut.b_bits, lut.signed, device)
        expected = lut_matmul(x, w, table, backend="reference")
        if not torch.equal(lut_matmul(x, w, table, backend=backend), expected):
            wrong.append(f"matmul {m} x {k} x {n}")
    return wrong


def main() -> int:
    """Check and, if asked, time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bench", action="store_true", help="time too")
    parser.add_argument("--commands", action="store_true", help="print what --bench runs")
    arguments = parser.parse_args()
    if arguments.commands:
        for command in _commands():
            print("mulsmith", *command)
        return 0
    if not torch.cuda.is_available():
        print("torch finds no CUDA device: nothing is measured")
        return 1
    device = torch.device("cuda", torch.cuda.current_device())
    print(torch.cuda.get_device_name(device), "torch", torch.__version__)
    failed = False
    for backend in ("factor", "triton", "cuda"):
        reason = availability(device)[backend]
        if reason is not None:
            print(f"{backend}: not available: {reason}")
            continue
        for name, lut in _tables().items():
            if name == "random" and backend != "cuda":
                continue  # full rank: hundreds of planes, minutes of factorisation
            wrong = _wrong(backend, lut, device)
            failed = failed or bool(wrong)
            print(f"{backend}, {name}: {'identical' if not wrong else 'DIFFERENT in ' + '; '.join(wrong)}")
    if arguments.bench and not failed:
        for command in _commands():
            done = subprocess.run([sys.executable, "-m", "mulsmith", *command], check=False)
            failed = failed or done.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
