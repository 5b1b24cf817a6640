"""What counts as an access: the choices in which published models differ, each a named switch."""

from __future__ import annotations

from typing import Literal

from mulsmith.energy.documents import Strict
from mulsmith.energy.workload import Footprint


class Conventions(Strict):
    """Counting conventions; the defaults are the ones that the mapper searches under.

    Attributes:
        operand_reads: ``every_mac`` reads both operands from the innermost storage for each multiplication;
            ``held`` reads one again only when it changes.
        accumulate_reads: ``elide_first`` does not read a partial sum before its first accumulation;
            ``always`` reads it (as zero).
        drain_reads: whether reading a finished tile of partial sums out of a storage counts as a read.
        input_footprint: ``bounding_box`` moves every input row between the first and the last one of a tile;
            ``touched`` only those that some output needs (they differ when the stride exceeds the kernel).
        multicast: ``aligned`` sends an input to several PEs at once when they need the same tile;
            ``overlapping`` also when tiles of neighbours overlap (Eyeriss sends rows along diagonals).
        halo: ``refetch`` loads overlapping input tiles anew; ``innermost`` keeps the overlap with the
            previous tile along the innermost loop (Timeloop).
    """

    operand_reads: Literal["every_mac", "held"] = "every_mac"
    accumulate_reads: Literal["elide_first", "always"] = "elide_first"
    drain_reads: bool = False
    input_footprint: Footprint = "touched"
    multicast: Literal["aligned", "overlapping"] = "aligned"
    halo: Literal["refetch", "innermost"] = "refetch"


DEFAULT = Conventions()
TIMELOOP = Conventions(input_footprint="bounding_box", halo="innermost")
