"""What every action of an accelerator costs, and what a layer costs under one mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mulsmith.energy.counting import Counts
from mulsmith.energy.workload import Tensor


@dataclass(frozen=True, slots=True)
class Standing:
    """What one instance of a storage costs without being used; None where the table does not say.

    Attributes:
        area_um2: its area.
        leakage_mw: its leakage.
    """

    area_um2: float | None = None
    leakage_mw: float | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """Energy per word of every action except the multiplication itself, in pJ.

    Attributes:
        table: name of the energy table that they come from.
        read_pj: (storage, tensor) -> energy of reading one word.
        write_pj: the same for a word that comes from the level below.
        fill_pj: the same for a word that arrives from the level above.
        hop_pj: (array, tensor) -> energy of one word that crosses the array.
        add_pj: energy of one accumulation.
        multiply_pj: the table's own multiplication, for where no multiplier is given; None if it has none.
        provenance: (action, where its number comes from), for every number used.
        standing: storage -> area and leakage of one instance, for the storages that the table covers.
    """

    table: str
    read_pj: Mapping[tuple[str, Tensor], float]
    write_pj: Mapping[tuple[str, Tensor], float]
    fill_pj: Mapping[tuple[str, Tensor], float]
    hop_pj: Mapping[tuple[str, Tensor], float]
    add_pj: float
    multiply_pj: float | None = None
    provenance: tuple[tuple[str, str], ...] = ()
    standing: Mapping[str, Standing] = field(default_factory=dict)


def component_energy(counts: Counts, prices: Prices) -> dict[tuple[str, str], float]:
    """Return (component, tensor) -> pJ; the adder is (``adder``, ``outputs``), the multiplier is left out."""
    energy: dict[tuple[str, str], float] = {}
    for access in counts.accesses:
        key = (access.storage, access.tensor)
        written = access.fills * prices.fill_pj[key] + access.updates * prices.write_pj[key]
        energy[key] = access.reads * prices.read_pj[key] + written
    for transfer in counts.transfers:
        hop = (transfer.array, transfer.tensor)
        energy[hop] = energy.get(hop, 0.0) + transfer.words * prices.hop_pj[hop]
    energy["adder", "outputs"] = counts.macs * prices.add_pj
    return energy


def movement_pj(counts: Counts, prices: Prices) -> float:
    """Return the energy of everything but the multiplications, in pJ."""
    return sum(component_energy(counts, prices).values())
