"""The testbenches of an RTL hand-off: one per layer, and one that runs a plain chain from image to logits."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from mulsmith.codesign.handoff.chain import Step
from mulsmith.codesign.handoff.integer_network import IntegerLayer
from mulsmith.codesign.handoff.memory_images import Tiles
from mulsmith.codesign.handoff.product_units import Unit
from mulsmith.codesign.handoff.widths import Array, Widths

Numbers = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """How one layer is built and checked.

    Attributes:
        layer: the layer.
        name: its name as part of file and module names.
        number: of its product unit.
        unit: its product unit.
        array: where it runs.
        sizes: the array's parameters: ``ROWS`` and ``COLS``, or ``LANES``.
        point_bits: width of the selection of the operating point.
        bits: widths of its signals.
        tiles: which outputs are checked.
    """

    layer: IntegerLayer
    name: str
    number: int
    unit: Unit
    array: Array
    sizes: Mapping[str, int]
    point_bits: int
    bits: Widths
    tiles: Tiles

    @property
    def folder(self) -> str:
        """Where its memory images are."""
        return f"layers/{self.name}"


def layer_bench(plan: LayerPlan) -> str:
    """Return ``test_LAYER``, which computes a layer's tiles from the recorded codes."""
    head = f"// {_title(plan)}\n"
    ports = {"start": "1'b1", "done": "done", "write": "1'b0", "write_at": "32'd0"}
    ports |= {"write_code": f"{plan.layer.a_bits}'d0", "read_at": "32'd0", "read_sum": ""}
    bench = _instance(f"bench_{plan.array}", "bench", _layer_numbers(plan, chained=False), ports)
    return head + _module(f"test_{plan.name}", ["wire done;", bench])


def network_bench(name: str, plans: Sequence[LayerPlan], steps: Sequence[Step], logits: int) -> str:
    """Return ``test_NAME``: every layer on what the one before it computed, from the image to the logits.

    Args:
        name: what the network is called among the layers.
        plans: the layers, in the order of the steps.
        steps: what follows each of them.
        logits: how many numbers leave the network, over all operating points.
    """
    first, folder = plans[0].layer, f'"layers/{name}"'
    image: Numbers = {
        "FOLDER": folder,
        "POINTS": len(first.recordings),
        "SIZE": first.recordings[0].codes.size,
    }
    parts = [
        "wire done;",
        *_stream("image"),
        _instance(
            "bench_image",
            "image",
            image,
            {"start": "1'b1", **_stream_ports("image"), "done": "done_of_image"},
        ),
    ]
    source = "image"
    for plan, step in zip(plans, steps, strict=True):
        parts += _chained(plan, step, source)
        source = f"layer_{plan.name}"
    parts.append(
        _instance(
            "bench_logits",
            "logits",
            {"NAME": f'"{name}"', "FOLDER": folder, "CHECKS": logits},
            {**_stream_ports(source), "finish": f"done_of_{source}", "done": "done"},
        )
    )
    return "// The network from the recorded image to its logits.\n" + _module(f"test_{name}", parts)


def _chained(plan: LayerPlan, step: Step, source: str) -> list[str]:
    """Return a layer that takes its codes from a stream of numbers and hands out a stream of its own."""
    layer, own = plan.layer, f"layer_{plan.name}"
    write = _wires(("write", "write_at", "write_code"), own)
    read = _wires(("read_at", "read_sum"), own)
    codes: Numbers = {"FOLDER": f'"{plan.folder}"', "A_BITS": layer.a_bits, "A_SIGNED": int(layer.signed)}
    pool, stride = step.pool or ((1, 1), (1, 1))
    values: Numbers = {
        "FOLDER": f'"{plan.folder}"',
        "POINTS": len(layer.recordings),
        "OUT_BITS": plan.bits.out,
        **_output_shape(layer),
        "RELU": int(step.relu),
        **dict(zip(("POOL_H", "POOL_W", "STEP_H", "STEP_W"), (*pool, *stride), strict=True)),
    }
    ports = {"start": f"done_of_{source}", "done": f"summed_of_{own}", **write, **read}
    return [
        f"\n  // {_title(plan)}",
        *_stream(own),
        f"wire summed_of_{own}, {write['write']};",
        f"wire [31:0] {write['write_at']}, {read['read_at']};",
        f"wire [{layer.a_bits - 1}:0] {write['write_code']};",
        f"wire [{plan.bits.out - 1}:0] {read['read_sum']};",
        _instance("bench_codes", f"codes_of_{own}", codes, {**_stream_ports(source), **write}),
        _instance(f"bench_{plan.array}", own, _layer_numbers(plan, chained=True), ports),
        _instance(
            "bench_values",
            f"values_of_{own}",
            values,
            {"start": f"summed_of_{own}", "done": f"done_of_{own}", **read, **_stream_ports(own)},
        ),
    ]


def _title(plan: LayerPlan) -> str:
    return f"Layer {plan.layer.name} on {', '.join(dict.fromkeys(plan.layer.multipliers))}."


def _stream(name: str) -> list[str]:
    return [f"wire done_of_{name}, valid_of_{name}, ready_of_{name};", f"wire [31:0] value_of_{name};"]


def _stream_ports(name: str) -> dict[str, str]:
    return _wires(("valid", "ready", "value"), name)


def _wires(ports: Iterable[str], owner: str) -> dict[str, str]:
    return {port: f"{port}_of_{owner}" for port in ports}


def _layer_numbers(plan: LayerPlan, chained: bool) -> Numbers:
    """Return the parameters of a layer's bench."""
    layer = plan.layer
    recording, geometry = layer.recordings[0], layer.geometry
    return {
        "NAME": f'"{plan.name}"',
        "FOLDER": f'"{plan.folder}"',
        "CHAINED": int(chained),
        **plan.sizes,
        "X_ZERO": f"{layer.a_bits}'d{layer.input_zero & ((1 << layer.a_bits) - 1)}",
        "UNIT": plan.number,
        "POINTS": len(layer.recordings),
        "POINT_BITS": plan.point_bits,
        "A_BITS": layer.a_bits,
        "A_SIGNED": int(layer.signed),
        "B_BITS": layer.b_bits,
        "P_BITS": plan.unit.p_bits,
        **{f"{name.upper()}_BITS": width for name, width in asdict(plan.bits).items()},
        **dict(zip(("CHANNELS", "HEIGHT", "WIDTH"), recording.codes.shape, strict=True)),
        **_output_shape(layer),
        **dict(zip(("KERNEL_H", "KERNEL_W"), layer.weights.shape[2:], strict=True)),
        **dict(zip(("STRIDE_H", "STRIDE_W"), geometry.stride, strict=True)),
        **dict(zip(("PAD_H", "PAD_W"), geometry.padding, strict=True)),
        **dict(zip(("DILATION_H", "DILATION_W"), geometry.dilation, strict=True)),
        "GROUPS": geometry.groups,
        "TILES": len(plan.tiles.starts),
        "CHECKS": len(plan.tiles.outputs(layer)),
    }


def _output_shape(layer: IntegerLayer) -> dict[str, int]:
    return dict(zip(("OUTPUTS", "OUT_H", "OUT_W"), layer.recordings[0].sums.shape, strict=True))


def _instance(kind: str, name: str, parameters: Numbers, ports: Mapping[str, str]) -> str:
    """Return an instance of a bench, which gets the clock besides its ports."""
    values = _lines(f".{key}({value})" for key, value in parameters.items())
    wires = _lines(f".{key}({value})" for key, value in {"clk": "clk", **ports}.items())
    return f"{kind} #(\n{values}\n  ) {name} (\n{wires}\n  );"


def _lines(entries: Iterable[str]) -> str:
    """Return entries with commas between them, filled into lines."""
    return textwrap.fill(", ".join(entries), 110, initial_indent="    ", subsequent_indent="    ")


def _module(name: str, parts: Sequence[str]) -> str:
    """Return a module with a clock that runs until the wire ``done`` rises."""
    body = "".join(f"  {part}\n" for part in ["reg clk = 0;", *parts])
    return f"module {name};\n{body}\n  always #5 clk = ~clk;\n  always @(posedge done) $finish;\nendmodule\n"
