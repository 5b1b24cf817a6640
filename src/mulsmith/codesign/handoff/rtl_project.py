"""The RTL hand-off as files: Verilog, memory images, recorded vectors, testbenches and a description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from mulsmith.characterize.library import Library
from mulsmith.circuits.netlist import Netlist
from mulsmith.circuits.verilog_writer import write_verilog
from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork
from mulsmith.codesign.handoff.memory_images import Tiles, choose_tiles, images
from mulsmith.codesign.handoff.names import plain_names
from mulsmith.codesign.handoff.network_table import layer_rows
from mulsmith.codesign.handoff.product_units import Unit, netlists, unit_of, write_products
from mulsmith.codesign.handoff.readme import rtl_readme
from mulsmith.codesign.handoff.widths import Array, Widths, array_of, widths


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
class LayerPlan:
    """How one layer is built and checked.

    Attributes:
        layer: the layer.
        name: its name as part of file and module names.
        unit: number of its product unit.
        array: where it runs.
        bits: widths of its signals.
        tiles: which outputs are checked.
    """

    layer: IntegerLayer
    name: str
    unit: int
    array: Array
    bits: Widths
    tiles: Tiles


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
    names = plain_names([layer.name for layer in network.layers])
    plans = tuple(
        _plan(layer, name, units.index(unit_of(layer, circuits)), how)
        for layer, name in zip(network.layers, names, strict=True)
    )
    point_bits = max((network.points - 1).bit_length(), 1)
    content = {f"{part}/{name}": data for part in ("rtl", "bench") for name, data in _shipped(part).items()}
    for name, netlist in circuits.items():
        content[f"rtl/multipliers/{name}.v"] = write_verilog(netlist).encode()
    sign_magnitude = network.layers[0].sign_magnitude
    content["rtl/product.v"] = write_products(units, circuits, sign_magnitude, point_bits).encode()
    for plan in plans:
        content[f"bench/test_{plan.name}.v"] = _bench(plan, units[plan.unit], point_bits, how).encode()
        for name, data in images(plan.layer, plan.tiles, plan.bits).items():
            content[f"layers/{plan.name}/{name}"] = data
    rows = [_row(row, plan) for row, plan in zip(layer_rows(network), plans, strict=True)]
    content["network.json"] = (json.dumps({"name": network.name, "layers": rows}, indent=2) + "\n").encode()
    content["README.md"] = rtl_readme(network, rows, how.rows, how.cols, how.lanes).encode()
    checks = [{key: row[key] for key in ("layer", "module", "checks", "out_bits")} for row in rows]
    about = {"network": network.name, "points": network.points, "layers": checks}
    return RtlProject(content, about, units, plans, circuits, point_bits)


def _plan(layer: IntegerLayer, name: str, unit: int, how: RtlOptions) -> LayerPlan:
    array = array_of(layer)
    tiles = choose_tiles(layer, array, how.rows, how.cols, how.tiles, how.seed)
    return LayerPlan(layer, name, unit, array, widths(layer), tiles)


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
        "module": f"test_{plan.name}",
        "memory": f"layers/{plan.name}",
        "array": plan.array,
        "unit": plan.unit,
        "acc_bits": plan.bits.acc,
        "out_bits": plan.bits.out,
        "checks": len(plan.tiles.outputs(plan.layer)),
        "outputs": outputs,
        "tiles": len(plan.tiles.starts),
    }


def _bench(plan: LayerPlan, unit: Unit, point_bits: int, how: RtlOptions) -> str:
    """Return the testbench of one layer: the bench of its array with the layer's numbers."""
    layer, bits = plan.layer, plan.bits
    recording, geometry = layer.recordings[0], layer.geometry
    size = {"ROWS": how.rows, "COLS": how.cols} if plan.array == "systolic" else {"LANES": how.lanes}
    numbers = {
        **size,
        "UNIT": plan.unit,
        "POINTS": len(layer.recordings),
        "POINT_BITS": point_bits,
        "A_BITS": layer.a_bits,
        "A_SIGNED": int(layer.signed),
        "B_BITS": layer.b_bits,
        "P_BITS": unit.p_bits,
        **{f"{name.upper()}_BITS": width for name, width in asdict(bits).items()},
        **dict(zip(("CHANNELS", "HEIGHT", "WIDTH"), recording.codes.shape, strict=True)),
        **dict(zip(("OUTPUTS", "OUT_H", "OUT_W"), recording.sums.shape, strict=True)),
        **dict(zip(("KERNEL_H", "KERNEL_W"), layer.weights.shape[2:], strict=True)),
        **dict(zip(("STRIDE_H", "STRIDE_W"), geometry.stride, strict=True)),
        **dict(zip(("PAD_H", "PAD_W"), geometry.padding, strict=True)),
        **dict(zip(("DILATION_H", "DILATION_W"), geometry.dilation, strict=True)),
        "GROUPS": geometry.groups,
        "TILES": len(plan.tiles.starts),
        "CHECKS": len(plan.tiles.outputs(layer)),
    }
    zero = layer.input_zero & ((1 << layer.a_bits) - 1)
    values = [
        f'.NAME("{plan.name}")',
        f'.FOLDER("layers/{plan.name}")',
        f".X_ZERO({layer.a_bits}'d{zero})",
        *(f".{name}({value})" for name, value in numbers.items()),
    ]
    inner = ",\n    ".join(values)
    return (
        f"// Layer {layer.name} on {', '.join(dict.fromkeys(layer.multipliers))}.\n"
        f"module test_{plan.name};\n  bench_{plan.array} #(\n    {inner}\n  ) bench ();\nendmodule\n"
    )
