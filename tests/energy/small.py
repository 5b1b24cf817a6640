"""Small accelerators, prices and layers that the tests of this room share."""

from __future__ import annotations

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.documents import parse_document
from mulsmith.energy.prices import Prices
from mulsmith.energy.workload import TENSORS, Layer

TINY = """
name: tiny
source: test
clock_mhz: 100
bits: {weights: 8, inputs: 8, outputs: 8}
hierarchy:
  - {storage: dram, kind: dram, width_bits: 8}
  - {storage: buffer, kind: sram, bytes: 14, width_bits: 8, keep: [inputs, outputs]}
  - {array: pes, size: 3, dims: [M, P, C], max_dims: 1}
  - {storage: input_spad, kind: regfile, bytes: 2, width_bits: 8, keep: [inputs]}
  - {storage: weight_spad, kind: regfile, bytes: 3, width_bits: 8, keep: [weights]}
  - {storage: psum_spad, kind: regfile, bytes: 4, width_bits: 16, keep: [outputs], bits: {outputs: 16}}
"""
SMALL_LAYERS = (
    Layer("even", M=4, C=2, P=3),
    Layer("uneven", M=5, C=3, P=2),
    Layer("strided", M=2, P=5, R=2, stride=(2, 1)),
    Layer("depthwise", G=3, P=4, R=2),
)


def tiny(**changes: object) -> Accelerator:
    """Return the tiny accelerator, with some fields changed."""
    return parse_document(Accelerator, TINY).model_copy(update=changes)


def sized(buffer: int, inputs: int, weights: int, outputs: int) -> Accelerator:
    """Return the tiny accelerator with room for so many words in its buffer and scratchpads."""
    room = {"buffer": buffer, "input_spad": inputs, "weight_spad": weights, "psum_spad": 2 * outputs}
    accelerator = tiny()
    levels = tuple(
        level.model_copy(update={"bytes": room[level.name]}) if level.name in room else level
        for level in accelerator.hierarchy
    )
    return accelerator.model_copy(update={"hierarchy": levels})


def flat_prices(accelerator: Accelerator, *, hop_pj: float = 0.5) -> Prices:
    """Return prices that differ for every action, cheaper further in."""
    read, write, fill = {}, {}, {}
    for number, storage in enumerate(accelerator.storages):
        for place, tensor in enumerate(TENSORS):
            if tensor in storage.keep:
                read[storage.name, tensor] = 64.0 / 4**number + 0.01 * place
                write[storage.name, tensor] = 60.0 / 4**number + 0.02 * place
                fill[storage.name, tensor] = 50.0 / 4**number + 0.03 * place
    hops = {(array.name, tensor): hop_pj for array in accelerator.arrays for tensor in TENSORS}
    return Prices("flat", read, write, fill, hops, 0.05)
