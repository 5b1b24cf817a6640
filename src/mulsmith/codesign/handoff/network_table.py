"""The per-layer table of an integer network: shapes, widths, scales, zero points, multipliers."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from mulsmith.codesign.handoff.integer_network import IntegerLayer, IntegerNetwork


def layer_rows(network: IntegerNetwork) -> list[dict[str, Any]]:
    """Return one JSON object per layer; weights and biases are not in it."""
    return [_row(layer) for layer in network.layers]


def table_files(network: IntegerNetwork) -> dict[str, bytes]:
    """Return the files of a CSV hand-off: the per-layer table, and every layer's weights and biases.

    ``layers.csv`` has one row per layer, ``weights.csv`` one per weight (code, code that is looked up),
    ``channels.csv`` one per output channel (scale, zero point, bias); ``network.json`` holds all of it.
    """
    rows = layer_rows(network)
    document = {
        "name": network.name,
        "points": network.points,
        "layers": [{**row, **_numbers(layer)} for row, layer in zip(rows, network.layers, strict=True)],
    }
    flat = [
        {key: " ".join(map(str, v)) if isinstance(v, list) else v for key, v in row.items()} for row in rows
    ]
    channels = [
        {"layer": layer.name, "channel": o, "weight_scale": scale, "weight_zero_point": zero, "bias": bias}
        for layer in network.layers
        for o, (scale, zero, bias) in enumerate(
            zip(layer.weight_scale.tolist(), layer.weight_zero.tolist(), layer.bias.tolist(), strict=True)
        )
    ]
    return {
        "layers.csv": _csv(flat),
        "channels.csv": _csv(channels),
        "weights.csv": _csv([row for layer in network.layers for row in _weights(layer)]),
        "network.json": (json.dumps(document, indent=1, allow_nan=False) + "\n").encode(),
    }


def _row(layer: IntegerLayer) -> dict[str, Any]:
    geometry, recording = layer.geometry, layer.recordings[0]
    return {
        "layer": layer.name,
        "kind": layer.kind,
        "multipliers": list(layer.multipliers),
        "a_bits": layer.a_bits,
        "b_bits": layer.b_bits,
        "signed": layer.signed,
        "sign_magnitude": layer.sign_magnitude,
        "input_shape": list(recording.codes.shape),
        "output_shape": list(recording.sums.shape),
        "kernel": list(layer.weights.shape[2:]),
        "stride": list(geometry.stride),
        "padding": list(geometry.padding),
        "dilation": list(geometry.dilation),
        "groups": geometry.groups,
        "macs": layer.terms * int(recording.sums.size),
        "input_scale": layer.input_scale,
        "input_zero_point": layer.input_zero,
    }


def _numbers(layer: IntegerLayer) -> dict[str, Any]:
    return {
        "weight_scale": layer.weight_scale.tolist(),
        "weight_zero_point": layer.weight_zero.tolist(),
        "bias": layer.bias.tolist(),
        "weights": layer.weights.tolist(),
        "looked_up": layer.looked_up.tolist(),
    }


def _weights(layer: IntegerLayer) -> list[dict[str, Any]]:
    outputs, inputs, height, width = layer.weights.shape
    places = [
        (o, c, y, x)
        for o in range(outputs)
        for c in range(inputs)
        for y in range(height)
        for x in range(width)
    ]
    codes = zip(places, layer.weights.ravel().tolist(), layer.looked_up.ravel().tolist(), strict=True)
    return [
        {"layer": layer.name, "output": o, "input": c, "y": y, "x": x, "code": code, "looked_up": looked_up}
        for (o, c, y, x), code, looked_up in codes
    ]


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
