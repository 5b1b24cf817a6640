"""What a network costs on the accelerator: array, memories, weights and queue, each on its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.estimator import Mapper
from mulsmith.energy.network_cost import layer_prices
from mulsmith.energy.prices import Prices
from mulsmith.energy.tables import EnergyTable
from mulsmith.energy.workload import Layer
from mulsmith.errors import ConfigError
from mulsmith.provenance import sha256_hex
from mulsmith.search.program.mlp import Topology

CLOCK_MHZ = 1000.0
WORD_BITS = 16
CALLS = 256
MULTIPLY_16_PJ = 1.1
PROBE = Topology((64, 37, 11, 64), ("tanh", "tanh"))
Residency = Literal["resident", "batched", "streamed"]
RESIDENCIES: tuple[Residency, ...] = get_args(Residency)


@dataclass(frozen=True, slots=True)
class NpuCost:
    """One call of a network.

    Attributes:
        array_pj: multiplications, additions, scratchpads, wires and buffer.
        dram_pj: weights and data that pass DRAM.
        queue_pj: words of inputs and outputs written to and read from the queue.
        array_ns: time of the array.
        queue_ns: one word per cycle through the queue; it does not overlap with the array here.
        table: name of the energy table.
    """

    array_pj: float
    dram_pj: float
    queue_pj: float
    array_ns: float
    queue_ns: float
    table: str

    @property
    def energy_pj(self) -> float:
        """Array and DRAM, without the queue: the figure that publications give."""
        return self.array_pj + self.dram_pj


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Words and multiplier of the array.

    Attributes:
        bits: of weights, inputs and outputs.
        multiply_pj: energy of one multiplication.
    """

    bits: int = WORD_BITS
    multiply_pj: float = MULTIPLY_16_PJ


SIXTEEN = Arithmetic()


def npu_cost(
    topology: Topology,
    table: str = "cacti45",
    residency: Residency = "resident",
    arithmetic: Arithmetic = SIXTEEN,
) -> NpuCost:
    """Return the cost of a call on an Eyeriss-like array of 14 x 12 PEs at 1 GHz.

    Args:
        topology: the network.
        table: name of an energy table.
        residency: ``resident`` keeps weights and data on chip over 256 calls (of jpeg, the largest, they
            fill half the buffer); ``batched`` takes both from DRAM every 256 calls; ``streamed`` at every
            call.
        arithmetic: 16-bit words unless said otherwise; the mapping does not depend on the multiplier.

    Raises:
        ConfigError: an unknown residency or table.
    """
    if residency not in RESIDENCIES:
        raise ConfigError(f"no residency is named '{residency}'", remedy=", ".join(RESIDENCIES))
    mapper, calls = _mapper(table, arithmetic.bits), 1 if residency == "streamed" else CALLS
    array = dram = cycles = 0.0
    for index, (inputs, outputs) in enumerate(zip(topology.widths, topology.widths[1:], strict=False)):
        layer = Layer(f"layer{index}", N=calls, M=outputs, C=inputs, kind="linear")
        mapped = mapper.map(layer, MULTIPLY_16_PJ)
        outside = sum(pj for (place, _), pj in mapped.components.items() if place == "dram")
        array += mapped.movement_pj - outside + layer.macs * arithmetic.multiply_pj
        dram += outside
        cycles += mapped.counts.latency_cycles
    words = topology.widths[0] + topology.widths[-1]
    prices = mapper.prices
    queue = prices.write_pj["buffer", "inputs"] + prices.read_pj["buffer", "inputs"]
    period_ns = 1e3 / CLOCK_MHZ
    return NpuCost(
        array_pj=array / calls,
        dram_pj=0.0 if residency == "resident" else dram / calls,
        queue_pj=words * queue,
        array_ns=cycles * period_ns / calls,
        queue_ns=words * period_ns,
        table=table,
    )


@cache
def npu_identity(table: str = "cacti45") -> str:
    """Return the hash of what ``npu_cost`` depends on besides topology and arithmetic.

    The cost of one network is among it: mappings may change while accelerator and table do not.
    """
    facts = _accelerator(WORD_BITS).model_dump_json(), EnergyTable.load(table).model_dump_json()
    probe = npu_cost(PROBE, table)
    return sha256_hex("".join((*facts, str((MULTIPLY_16_PJ, CALLS, probe)))).encode())


@cache
def _mapper(table: str, bits: int) -> Mapper:
    spec = _accelerator(bits)
    prices: Prices = layer_prices(spec, EnergyTable.load(table), MULTIPLY_16_PJ)
    return Mapper(spec, prices, objective="edp")


def _accelerator(bits: int) -> Accelerator:
    base = Accelerator.load("eyeriss-like")
    words: dict[str, int] = {"weights": bits, "inputs": bits, "outputs": bits}
    return Accelerator.model_validate({**base.model_dump(), "clock_mhz": CLOCK_MHZ, "bits": words})
