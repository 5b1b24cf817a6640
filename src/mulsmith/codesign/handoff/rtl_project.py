"""The RTL hand-off as files: Verilog, memory images, recorded vectors, testbenches and a description."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from mulsmith.characterize.library import Library
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.codesign.handoff.benches import LayerPlan, layer_bench, network_bench
from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork
from mulsmith.codesign.handoff.memory_images import choose_tiles, layer_images, network_images
from mulsmith.codesign.handoff.names import plain_names
from mulsmith.codesign.handoff.network_table import layer_rows
from mulsmith.codesign.handoff.product_units import Unit, netlists, unit_of, write_products
from mulsmith.codesign.handoff.readme import rtl_readme
from mulsmith.codesign.handoff.widths import array_of, widths

NETWORK = "network"
"""What the whole network is called where layers are listed."""


@dataclass(frozen=True, slots=True)
class RtlOptions:
    """How the hardware is cut, and how much of each layer is checked.

    Attributes:
        rows: output pixels of the systolic array.
        cols: output channels of the systolic array.
        lanes: products per cycle of the vector unit.
        tiles: tiles that are checked per layer; 0 is all.
        seed: of the sample of tiles.
    """

    rows: int = 4
    cols: int = 4
    lanes: int = 8
    tiles: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RtlProject:
    """The files of an RTL hand-off and what they were made from.

    Attributes:
        files: relative path -> content.
        about: what the manifest says besides the hashes.
        units: the product units by number.
        plans: the layers.
        circuits: multiplier -> netlist.
        point_bits: width of the selection of the operating point.
    """

    files: Mapping[str, bytes]
    about: Mapping[str, Any]
    units: tuple[Unit, ...]
    plans: tuple[LayerPlan, ...]
    circuits: Mapping[str, Netlist]
    point_bits: int


def rtl_project(network: IntegerNetwork, library: Library, options: RtlOptions | None = None) -> RtlProject:
    """Return the RTL hand-off of an integer network.

    Args:
        network: the integer network with its recordings.
        library: where the multipliers' netlists are.
        options: sizes and samples.

    Raises:
        StoreError: the library lacks a netlist, or it does not compute the table.
        EmulationError: a layer whose sums are wider than 64 bits.
    """
    how = options or RtlOptions()
    circuits = netlists(network, library)
    units = tuple(dict.fromkeys(unit_of(layer, circuits) for layer in network.layers))
    *names, whole = plain_names([*(layer.name for layer in network.layers), NETWORK])
    point_bits = max((network.points - 1).bit_length(), 1)
    plans = tuple(
        _plan(layer, name, units, circuits, point_bits, how)
        for layer, name in zip(network.layers, names, strict=True)
    )
    content = {f"{part}/{name}": data for part in ("rtl", "bench") for name, data in _shipped(part).items()}
    for name, netlist in circuits.items():
        content[f"rtl/multipliers/{name}.v"] = write_verilog(netlist).encode()
    sign_magnitude = network.layers[0].sign_magnitude
    content["rtl/product.v"] = write_products(units, circuits, sign_magnitude, point_bits).encode()
    for plan in plans:
        content[f"bench/test_{plan.name}.v"] = layer_bench(plan).encode()
        for name, data in layer_images(plan.layer, plan.tiles, plan.bits).items():
            content[f"{plan.folder}/{name}"] = data
    rows = [_row(row, plan) for row, plan in zip(layer_rows(network), plans, strict=True)]
    checks = [{key: row[key] for key in ("layer", "name", "module", "checks", "out_bits")} for row in rows]
    if network.steps is not None and all(plan.tiles.whole for plan in plans):
        logits = sum(values.size for values in network.logits)
        bench = network_bench(whole, plans, network.steps, logits)
        content[f"bench/test_{whole}.v"] = bench.encode()
        for name, data in network_images(network).items():
            content[f"layers/{whole}/{name}"] = data
        checks.append({"layer": NETWORK, "name": whole, "checks": logits, "out_bits": 32})
        checks = [{**check, "module": f"test_{whole}"} for check in checks]
    content["network.json"] = (json.dumps({"name": network.name, "layers": rows}, indent=2) + "\n").encode()
    content["README.md"] = rtl_readme(
        network, rows, how.rows, how.cols, how.lanes, checks[-1]["module"]
    ).encode()
    about = {"network": network.name, "points": network.points, "layers": checks}
    return RtlProject(content, about, units, plans, circuits, point_bits)


def _plan(
    layer: IntegerLayer,
    name: str,
    units: Sequence[Unit],
    circuits: Mapping[str, Netlist],
    point_bits: int,
    how: RtlOptions,
) -> LayerPlan:
    unit, array = unit_of(layer, circuits), array_of(layer)
    return LayerPlan(
        layer=layer,
        name=name,
        number=units.index(unit),
        unit=unit,
        array=array,
        sizes={"ROWS": how.rows, "COLS": how.cols} if array == "systolic" else {"LANES": how.lanes},
        point_bits=point_bits,
        bits=widths(layer),
        tiles=choose_tiles(layer, array, how.rows, how.cols, how.tiles, how.seed),
    )


def rtl_sources() -> dict[str, bytes]:
    """Return the Verilog that is the same in every hand-off, by file name; not the benches."""
    return _shipped("rtl")


def _shipped(folder: str) -> dict[str, bytes]:
    entries = files("mulsmith.codesign.handoff").joinpath(folder).iterdir()
    return {entry.name: entry.read_bytes() for entry in sorted(entries, key=lambda entry: entry.name)}


def _row(row: Mapping[str, Any], plan: LayerPlan) -> dict[str, Any]:
    outputs = sum(recording.sums.size for recording in plan.layer.recordings)
    return {
        **row,
        "name": plan.name,
        "module": f"test_{plan.name}",
        "memory": plan.folder,
        "array": plan.array,
        "unit": plan.number,
        "acc_bits": plan.bits.acc,
        "out_bits": plan.bits.out,
        "checks": len(plan.tiles.outputs(plan.layer)),
        "outputs": outputs,
        "tiles": len(plan.tiles.starts),
    }
