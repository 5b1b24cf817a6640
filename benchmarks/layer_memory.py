"""Peak memory of a table layer as a ratio to that of the same float32 layer, each in a process of its own."""

import json
import resource
import subprocess
import sys

LAYERS = [(16, 64, 56, 64, 3, 1), (16, 256, 14, 256, 3, 1), (16, 3, 224, 64, 7, 2), (64, 16, 32, 16, 3, 1)]
TABLE_BYTES = 4 * 256 * 256


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(kind: str, layer: list[int]) -> int:
    """Return by how many bytes the peak grows when the layer, with its operands, is computed."""
    import torch
    from torch.nn import functional

    from mulsmith.characterize.lut import Lut
    from mulsmith.emulate import Table, lut_conv2d

    batch, channels, size, outputs, kernel, stride = layer
    signed = kind == "exact"
    noise = torch.randint(0, 65536, (256, 256), dtype=torch.int32).numpy()
    table = Table.of(Lut.exact(8, 8, True) if signed else Lut(noise, 8, 8, False))
    small = torch.zeros(1, 3, 5, 5, dtype=torch.int8 if signed else torch.uint8)
    lut_conv2d(small, small[:, :, :3, :3], table, backend="native")
    functional.conv2d(small.float(), small[:, :, :3, :3].float())
    before = _peak_bytes()
    x = torch.ones(batch, channels, size, size).contiguous(memory_format=torch.channels_last)
    w = torch.ones(outputs, channels, kernel, kernel)
    if kind == "float32":
        functional.conv2d(x, w, stride=stride, padding=kernel // 2)
    else:
        codes, weights = x.to(small.dtype).contiguous(), w.to(small.dtype)
        del x
        lut_conv2d(codes, weights, table, stride, kernel // 2, backend="native")
    return _peak_bytes() - before


def main() -> None:
    """Print one line per layer."""
    if len(sys.argv) == 3:
        print(measure(sys.argv[1], json.loads(sys.argv[2])))
        return
    for layer in LAYERS:
        peaks = {}
        for kind in ("float32", "exact", "random"):
            command = [sys.executable, __file__, kind, json.dumps(layer)]
            peaks[kind] = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        ratios = {kind: (peaks[kind] - TABLE_BYTES) / peaks["float32"] for kind in ("exact", "random")}
        print(layer, f"float32 {peaks['float32'] / 1e6:.1f} MB", {k: round(v, 2) for k, v in ratios.items()})


if __name__ == "__main__":
    main()
