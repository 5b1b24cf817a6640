"""Synthesis of a netlist to the cells of a library, small area first, every result proved by simulation.

Yosys finds the full adders; what lies between them goes to ABC, which maps it by several recipes in one
fresh process, a slow one on small circuits only. The smallest circuit is kept; of equal ones the first in
the order below. Nothing but generated names and numbers reaches the tools, so the result depends on the
structure of the netlist and on the functions, areas and order of the library's cells, and on nothing else.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from mulsmith.characterize.equivalence import check_equivalent
from mulsmith.characterize.extraction import COMMANDS, extract_adders, pair_half_adders
from mulsmith.characterize.genlib import GateLibrary, gate_library
from mulsmith.characterize.glue import MappedGlue, adder_cells, join, read_glue, write_glue
from mulsmith.characterize.liberty import Liberty
from mulsmith.characterize.mapped import MappedNetlist
from mulsmith.characterize.rtlil import resolve_adders
from mulsmith.characterize.sweep import sweep
from mulsmith.circuits.netlist import Netlist, Op
from mulsmith.circuits.yosys import Limits, run_abc
from mulsmith.provenance import sha256_hex

RECIPES = {
    "amap": ("strash", "dch -f", "amap -m", "topo"),
    "dc2-amap": ("strash", "ifraig", "scorr", "dc2", "dc2", "dch -f", "amap -m", "topo"),
    "resub-amap": (
        "strash", "ifraig", "scorr", "balance", "resub -K 6", "rewrite", "resub -K 6 -N 2", "refactor",
        "resub -K 8", "balance", "resub -K 8 -N 2", "rewrite", "resub -K 10", "rewrite -z",
        "resub -K 10 -N 2", "balance", "resub -K 12", "refactor -z", "resub -K 12 -N 2", "rewrite -z",
        "balance", "dch -f", "amap -m", "topo",
    ),
}  # fmt: skip

# Which recipes each way of keeping adders is mapped by, in order of preference.
PLAN = (
    ("fa-ha", ("amap",)),
    ("fa", ("dc2-amap", "resub-amap")),
    ("plain", ("amap", "dc2-amap", "resub-amap")),
)

# Resubstitution takes as long as all the rest on a large circuit and gains a few percent on small ones.
LARGEST = {"resub-amap": 100}

SCRIPT_SHA256 = sha256_hex(repr((COMMANDS, sorted(RECIPES.items()), PLAN, LARGEST)).encode())


class _Attempt(NamedTuple):
    structure: str
    recipe: str
    netlist: Netlist

    @property
    def flow(self) -> str:
        return f"mulsmith {self.structure} {self.recipe}"


def synthesize(netlist: Netlist, liberty: Liberty, *, limits: Limits | None = None) -> MappedNetlist:
    """Return the circuit mapped to the smallest usable cells of a library.

    Args:
        netlist: the circuit; up to 24 input bits.
        liberty: the cells; those marked dont_use, sequential ones and buffers are not used.
        limits: time and memory of each of the two tool runs.

    Returns:
        The mapped circuit; ``flow`` says how it was mapped: ``fa`` with full-adder cells, ``fa-ha`` with
        half-adder cells too, ``plain`` without, as the only way where the library has no full adder.

    Raises:
        LibertyError: the library lacks an inverter or a gate of two inputs.
        ToolError: a tool is missing, failed or reached a limit, or the result is not equivalent.
        NetlistError: too many input bits.
    """
    gates = gate_library(liberty)
    attempts = _attempts(netlist, gates, limits)
    mapped = _map(attempts, gates, limits)
    areas = [
        glue.area_um2 + sum(cell.cell.area_um2 for cell in adder_cells(attempt.netlist, gates))
        for attempt, glue in zip(attempts, mapped, strict=True)
    ]
    # Sums of the same cells in another order differ in the last digits.
    best = min(range(len(areas)), key=lambda k: (round(areas[k], 6), k))
    result = join(
        attempts[best].netlist,
        mapped[best],
        adder_cells(attempts[best].netlist, gates),
        attempts[best].flow,
    )
    check_equivalent(netlist, result, liberty)
    return result


def _attempts(netlist: Netlist, gates: GateLibrary, limits: Limits | None) -> list[_Attempt]:
    """Return what is to be mapped, by which recipe."""
    swept = sweep(netlist)
    structures: dict[str, Netlist] = {}
    if gates.full_adder is None:
        structures["plain"] = resolve_adders(swept, {Op.FA, Op.HA}).live()
    else:
        structures["fa"] = extract_adders(swept, limits).live()
        if gates.half_adder is not None:
            structures["fa-ha"] = pair_half_adders(structures["fa"]).live()
    return [
        _Attempt(name, recipe, structures[name])
        for name, recipes in PLAN
        if name in structures
        for recipe in recipes
        if len(structures[name].gates) <= LARGEST.get(recipe, sys.maxsize)
    ]


def _map(attempts: list[_Attempt], gates: GateLibrary, limits: Limits | None) -> list[MappedGlue]:
    """Map every attempt in one run of ABC."""
    files = {"cells.genlib": gates.text}
    files.update((f"{attempt.structure}.blif", write_glue(attempt.netlist)) for attempt in attempts)
    commands = ["read_genlib cells.genlib"]
    results = []
    for number, attempt in enumerate(attempts):
        results.append(f"{number}.blif")
        commands += [f"read_blif {attempt.structure}.blif", *RECIPES[attempt.recipe]]
        commands.append(f"write_blif {results[-1]}")
    written = run_abc(commands, files, results, limits)
    return [read_glue(written[name], gates) for name in results]
