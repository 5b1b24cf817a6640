"""Map the comparison's layers with AccelForge, used as a black box, and write its energies.

AccelForge needs Python 3.12 and an environment of its own (``pip install accelforge==1.0.467 pyyaml``):
``ENVIRONMENT/bin/python benchmarks/compare_accelforge.py accelforge.yaml [LAYER ...]``. A layer takes seconds
to many minutes. AccelForge lets the scratchpads of a PE hold tiles of their own, but in the order in which
the architecture lists them, so three orders are mapped and the least energy is kept. It reads a partial sum
when it leaves a scratchpad, and keeps the rows that tiles of inputs share along the loop right above them:
mulsmith's conventions ``drain_reads`` and ``halo: innermost``.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LAYERS: dict[str, dict[str, int]] = yaml.safe_load((HERE / "compared_layers.yaml").read_text())["layers"]
ORDERS = (("weight", "input", "output"), ("weight", "output", "input"), ("output", "weight", "input"))
WORD_BITS = 8
SCRATCHPADS = {"input": (12, 0.2, 0.18), "weight": (192, 1.0, 0.95), "output": (16, 0.25, 0.22)}
MAC_PJ = 0.6


def memory(name: str, words: float, read_pj: float, write_pj: float, tensors: str) -> str:
    """Return one memory of the architecture file."""
    size = "inf" if words == float("inf") else str(int(words) * WORD_BITS)
    actions = ", ".join(
        f"{{name: {action}, energy: {pj}, throughput: inf}}"
        for action, pj in (("read", read_pj), ("write", write_pj))
    )
    head = f"name: {name}, size: {size}, leak_power: 0, area: 0, tensors: {{keep: {tensors}}}"
    return f"  - !Memory\n    {{{head}, bits_per_action: {WORD_BITS},\n     actions: [{actions}]}}\n"


def architecture(order: tuple[str, ...]) -> str:
    """Return the architecture file with the scratchpads in an order."""
    return (
        "arch:\n  nodes:\n"
        + memory("dram", float("inf"), 64, 64, "All")
        + memory("buffer", 131072, 2.2, 1.8, "input | output")
        + "  - !Container\n    name: array\n    spatial:\n"
        + "    - {name: X, fanout: 14}\n    - {name: Y, fanout: 12}\n"
        + "".join(memory(f"{tensor}_spad", *SCRATCHPADS[tensor], tensor) for tensor in order)
        + "  - !Compute\n    name: mac\n    leak_power: 0\n    area: 0\n"
        + f"    actions: [{{name: compute, energy: {MAC_PJ}, throughput: 1}}]\n"
    )


def workload(layer: dict[str, int]) -> dict[str, Any]:
    """Return the workload of one layer; a stride that skips inputs is left out, as nothing reads them."""
    extents = {dim: layer[dim] for dim in "GMCPQRS" if layer.get(dim, 1) > 1}
    stride = layer.get("stride", 1) if "R" in extents or "S" in extents else 1
    inputs = {dim: dim.lower() for dim in "GC" if dim in extents}
    for out, tap, row in (("P", "R", "H"), ("Q", "S", "V")):
        terms = [f"{stride}*{out.lower()}" if stride > 1 else out.lower()] if out in extents else []
        terms += [tap.lower()] if tap in extents else []
        if terms:
            inputs[row] = " + ".join(terms)

    def projection(dims: str) -> dict[str, str]:
        return {dim: dim.lower() for dim in dims if dim in extents}

    accesses = [
        {"name": "I", "projection": inputs},
        {"name": "W", "projection": projection("GMCRS")},
        {"name": "O", "projection": projection("GMPQ"), "output": True},
    ]
    renames = {"input": "I", "weight": "W", "output": "O"}
    return {
        "iteration_space_shape": {dim.lower(): f"0 <= {dim.lower()} < {n}" for dim, n in extents.items()},
        "bits_per_value": {"All": WORD_BITS},
        "einsums": [{"name": "L", "tensor_accesses": accesses, "renames": renames}],
    }


def run(layer: dict[str, int]) -> float:
    """Return the least energy of a layer over the orders of scratchpads, in uJ."""
    import accelforge  # type: ignore[import-not-found]

    accelforge.set_n_parallel_jobs(1)
    energies = []
    for order in ORDERS:
        # AccelForge draws its mapping into the current folder.
        with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
            path = Path(scratch) / "layer.yaml"
            described = yaml.safe_dump({"workload": workload(layer)}, sort_keys=False)
            path.write_text(architecture(order) + described)
            spec = accelforge.Spec.from_yaml(str(path))
            spec.mapper.metrics = accelforge.Metrics.ENERGY
            energies.append(float(spec.map_workload_to_arch(print_progress=False).energy()) / 1e6)
    return round(min(energies), 5)


def main() -> None:
    """Write the energies of the named layers, or of all."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    figures = {name: run(LAYERS[name]) for name in sys.argv[2:] or LAYERS}
    Path(sys.argv[1]).write_text(yaml.safe_dump({"accelforge": figures}, sort_keys=False))


if __name__ == "__main__":
    main()
