"""What a region costs on a processor: bands of time and energy from what Callgrind counted.

Sources disagree 85-fold on the energy of an instruction, so a band is all that can be given: from 70 pJ
(an in-order core, Horowitz, ISSCC 2014) to 6 nJ (65 nm Yonah, scaled).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mulsmith.errors import ToolError
from mulsmith.search.program.callgrind import Counts, RegionCounts, count_kernel
from mulsmith.search.program.npu import NpuCost

CLOCK_GHZ = 3.4
IPC = (1.0, 2.0)
INSTRUCTION_PJ = (70.0, 6000.0)
MISPREDICTION_CYCLES, L1_MISS_CYCLES, LL_MISS_CYCLES = 15.0, 12.0, 200.0


@dataclass(frozen=True, slots=True)
class Band:
    """A figure between two bounds.

    Attributes:
        low, high: the bounds.
    """

    low: float
    high: float

    def over(self, divisor: float) -> Band:
        """Return both bounds divided."""
        return Band(self.low / divisor, self.high / divisor)

    def to_json(self) -> list[float]:
        """Return ``[low, high]``."""
        return [self.low, self.high]

    @property
    def text(self) -> str:
        """Both bounds to three digits."""
        return f"{self.low:.3g}..{self.high:.3g}"


def cpu_time_ns(counts: Counts) -> Band:
    """Return the time of counted code at 3.4 GHz, for one to two instructions per cycle between stalls."""
    beyond = counts.l1_misses - counts.ll_misses
    stalls = (
        counts.mispredictions * MISPREDICTION_CYCLES
        + beyond * L1_MISS_CYCLES
        + counts.ll_misses * LL_MISS_CYCLES
    )
    low, high = ((counts.instructions / ipc + stalls) / CLOCK_GHZ for ipc in reversed(IPC))
    return Band(low, high)


def cpu_energy_pj(counts: Counts) -> Band:
    """Return the energy of counted code."""
    low, high = (counts.instructions * pj for pj in INSTRUCTION_PJ)
    return Band(low, high)


@dataclass(frozen=True, slots=True)
class Gain:
    """What a network saves against the processor; every ratio is exact over approximate, as a band.

    Attributes:
        region_time, region_energy: of one call, queue included.
        program_time, program_energy: of the whole program, by Amdahl's law.
        share: of the program's instructions that are in the region.
    """

    region_time: Band
    region_energy: Band
    program_time: Band
    program_energy: Band
    share: float


def gain(counts: RegionCounts, cost: NpuCost) -> Gain:
    """Return what a network of that cost saves in place of the counted region."""
    time, energy = cpu_time_ns(counts.call), cpu_energy_pj(counts.call)
    npu_ns, npu_pj = cost.array_ns + cost.queue_ns, cost.energy_pj + cost.queue_pj
    return Gain(
        time.over(npu_ns),
        energy.over(npu_pj),
        _whole(cpu_time_ns(counts.program), cpu_time_ns(counts.within), npu_ns * counts.calls),
        _whole(cpu_energy_pj(counts.program), cpu_energy_pj(counts.within), npu_pj * counts.calls),
        counts.within.instructions / counts.program.instructions,
    )


def _whole(program: Band, within: Band, replaced: float) -> Band:
    ratios = [
        whole / (whole - part + replaced)
        for whole, part in ((program.low, within.low), (program.high, within.high))
    ]
    return Band(min(ratios), max(ratios))


def region_counts(kernel: str, measure: bool = False) -> RegionCounts:
    """Return the counts of a shipped kernel.

    Args:
        kernel: its name.
        measure: count now; where the compiler or Valgrind is missing the stored counts are returned, and
            ``source`` says both.
    """
    stored = stored_counts()[kernel]
    if not measure:
        return stored
    try:
        return count_kernel(kernel)
    except ToolError as error:
        return RegionCounts(
            stored.call, stored.program, stored.within, f"{stored.source}; not measured here: {error}"
        )


@cache
def stored_counts() -> dict[str, RegionCounts]:
    """Return the shipped counts by kernel; ``tools/count_regions.py`` regenerates them."""
    text = files("mulsmith.search.program").joinpath("data", "cpu_counts.json").read_text(encoding="utf-8")
    document = json.loads(text)
    source = f"stored counts ({document['source']})"
    return {
        name: RegionCounts(
            Counts(**entry["call"]), Counts(**entry["program"]), Counts(**entry["within"]), source
        )
        for name, entry in document["kernels"].items()
    }
