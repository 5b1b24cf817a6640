"""Map the comparison's layers with ZigZag, used as a black box, and write its figures beside mulsmith's.

ZigZag must be installed in an environment of its own (``pip install zigzag-dse six``), never in mulsmith's:
``ENVIRONMENT/bin/python benchmarks/compare_mappers.py zigzag.yaml`` runs it, and
``python benchmarks/compare_mappers.py --show zigzag.yaml`` prints both tools' energies.

ZigZag reads a scratchpad only when the operand of a multiplier changes (mulsmith's convention ``held``). The
figure for reads on every multiplication replaces its reads by one per multiplication and operand; it belongs
to the mapping that ZigZag chose, and so bounds its best from above. It reads a partial sum when it leaves a
scratchpad (``drain_reads``) and before its first accumulation, which mulsmith leaves out.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
LAYERS: dict[str, dict[str, int]] = yaml.safe_load((HERE / "compared_layers.yaml").read_text())["layers"]
SPAD_READ_PJ = {"W": 1.0, "I": 0.2}
MAC_PJ = 0.6
DRAM_PJ = 64.0


def memory(
    words: int, read_pj: float, write_pj: float, operands: list[str], *, shared: bool
) -> dict[str, Any]:
    """Return a memory of ZigZag's hardware file with ports of one 8-bit word."""
    ends = {"read": ("tl", "th"), "write": ("fh", "fl")}
    ports = []
    for kind, directions in ends.items():
        served = [f"{o}, {d}" for o in operands for d in directions if o == "O" or d in ("tl", "fh")]
        port = {"name": f"{kind[0]}_port_1", "type": kind, "bandwidth_min": 8, "bandwidth_max": 8}
        ports.append({**port, "allocation": served})
    return {
        "size": words * 8,
        "r_cost": read_pj,
        "w_cost": write_pj,
        "area": 0,
        "latency": 1,
        "operands": operands,
        "ports": ports,
        "served_dimensions": ["D1", "D2"] if shared else [],
    }


HARDWARE = {
    "name": "comparison",
    "memories": {
        "input_spad": memory(12, 0.2, 0.18, ["I1"], shared=False),
        "weight_spad": memory(192, 1.0, 0.95, ["I2"], shared=False),
        "psum_spad": memory(16, 0.25, 0.22, ["O"], shared=False),
        "buffer": memory(131072, 2.2, 1.8, ["I1", "O"], shared=True),
        "dram": memory(10**10, DRAM_PJ, DRAM_PJ, ["I1", "I2", "O"], shared=True),
    },
    "operational_array": {
        "unit_energy": MAC_PJ,
        "unit_area": 0,
        "dimensions": ["D1", "D2"],
        "sizes": [14, 12],
    },
}
MAPPING = [{"name": "default", "memory_operand_links": {"O": "O", "W": "I2", "I": "I1"}}]


def workload(layer: dict[str, int]) -> list[dict[str, Any]]:
    """Return ZigZag's workload file of one layer."""
    sizes = [1, *(layer.get(dim, 1) for dim in "GMCPQRS")]
    stride = layer.get("stride", 1)
    return [
        {
            "id": 0,
            "operator_type": "Conv",
            "equation": "O[b][g][k][oy][ox]+=W[g][k][c][fy][fx]*I[b][g][c][iy][ix]",
            "dimension_relations": [f"ix={stride}*ox+1*fx", f"iy={stride}*oy+1*fy"],
            "loop_dims": ["B", "G", "K", "C", "OY", "OX", "FY", "FX"],
            "loop_sizes": sizes,
            "operand_precision": {"W": 8, "I": 8, "O": 8, "O_final": 8},
            "operand_source": {"I": 0, "W": 0},
        }
    ]


def run(layer: dict[str, int]) -> dict[str, float]:
    """Map one layer; return its energies in uJ."""
    from zigzag.api import get_hardware_performance_zigzag  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        inputs = {"workload": workload(layer), "hardware": HARDWARE, "mapping": MAPPING}
        paths = {name: folder / f"{name}.yaml" for name in inputs}
        for name, document in inputs.items():
            paths[name].write_text(yaml.safe_dump(document, sort_keys=False))
        total, *_ = get_hardware_performance_zigzag(
            str(paths["workload"]),
            str(paths["hardware"]),
            str(paths["mapping"]),
            opt="energy",
            dump_folder=str(folder / "out"),
            pickle_filename=str(folder / "out.pickle"),
            lpf_limit=6,
        )
        details = json.loads(next((folder / "out").glob("*_complete.json")).read_text())
    macs = 1
    for dim in "GMCPQRS":
        macs *= layer.get(dim, 1)
    levels = details["outputs"]["energy"]["memory_energy_breakdown_per_level_per_operand"]
    extra = sum(macs * read - levels[operand][0]["rd_out_to_low"] for operand, read in SPAD_READ_PJ.items())
    return {
        "held_uj": round(total / 1e6, 5),
        "every_mac_uj": round((total + extra) / 1e6, 5),
        "weights_fetched": round(levels["W"][-1]["rd_out_to_low"] / DRAM_PJ),
    }


def show(stored: dict[str, dict[str, float]]) -> None:
    """Print mulsmith's energies beside the stored ones."""
    from mulsmith.energy import Accelerator, EnergyTable, Layer, find_mapping
    from mulsmith.energy.conventions import Conventions
    from mulsmith.energy.tables import make_prices

    accelerator = Accelerator.load("comparison")
    prices = make_prices(accelerator, EnergyTable.load("comparison"))
    print(f"{'layer':20} {'convention':10} {'mulsmith':>10} {'ZigZag':>10} {'difference':>10}")
    for name, figures in stored.items():
        shape = dict(LAYERS[name])
        stride = shape.pop("stride", 1)
        layer = Layer(name, **shape, stride=(stride, stride))  # type: ignore[arg-type]
        for reads in ("every_mac", "held"):
            conventions = Conventions.model_validate({"operand_reads": reads, "drain_reads": True})
            found = find_mapping(accelerator, layer, prices, conventions=conventions)
            ours = (found.movement_pj + layer.macs * MAC_PJ) / 1e6
            theirs = figures[f"{reads}_uj"]
            print(f"{name:20} {reads:10} {ours:10.4f} {theirs:10.4f} {ours / theirs - 1:10.2%}")


def main() -> None:
    """Run ZigZag and write its figures, or show them."""
    if len(sys.argv) == 3 and sys.argv[1] == "--show":
        show(yaml.safe_load(Path(sys.argv[2]).read_text())["zigzag"])
    elif len(sys.argv) == 2:
        figures = {name: run(layer) for name, layer in LAYERS.items()}
        Path(sys.argv[1]).write_text(yaml.safe_dump({"zigzag": figures}, sort_keys=False))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
