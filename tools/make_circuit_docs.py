"""Bring the generated parts of docs/circuits.md up to date: the families and the embedded circuits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mulsmith.characterize.simulate import simulate_lut
from mulsmith.characterize.statistics import error_stats
from mulsmith.circuits.embedded import evolved_files, generated_files
from mulsmith.circuits.generators.call import header_call, parse_call
from mulsmith.circuits.generators.registry import families, generate
from mulsmith.circuits.netlist import Netlist, count_gates
from mulsmith.circuits.verilog import read_verilog

PAGE = Path(__file__).resolve().parent.parent / "docs" / "circuits.md"


def family_table() -> str:
    """Return the table of families: parameters, signedness, source."""
    lines = ["| Family | Parameters | Signed by | Source |", "|---|---|---|---|"]
    for family in families().values():
        parameters = "<br>".join(
            f"`{p.name}` {p.domain().replace('|', '/')}: {p.meaning}" for p in family.parameters
        )
        signed = family.signed_by if family.unsigned else f"{family.signed_by}; no unsigned form"
        lines.append(f"| `{family.name}`: {family.summary} | {parameters} | {signed} | {family.source} |")
    return "\n".join(lines)


def generated_table() -> str:
    """Return the table of generated circuits, each made anew from its call."""
    circuits = []
    for path in generated_files():
        family, parameters = parse_call(header_call(path.read_text(encoding="utf-8")) or "")
        circuits.append(generate(family, name=path.stem, **parameters))
    return circuit_table(circuits)


def evolved_table() -> str:
    """Return the table of evolved circuits."""
    return circuit_table([read_verilog(path).with_signed(is_signed(path)) for path in evolved_files()])


def is_signed(path: Path) -> bool:
    """Return what the header of an evolved circuit says."""
    return "// mulsmith: signed = true" in path.read_text(encoding="utf-8")


def circuit_table(circuits: Sequence[Netlist]) -> str:
    """Return a table of gates and error metrics."""
    lines = [
        "| Circuit | FA | HA | other gates | MAE | WCE | EP % | MRE % | mean error |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for netlist in circuits:
        errors = error_stats(simulate_lut(netlist))
        counts = count_gates(netlist.gates)
        adders = (counts.pop("fa", 0), counts.pop("ha", 0))
        gates = f"{adders[0]} | {adders[1]} | {sum(counts.values())}"
        absolute = f"{errors.mae:.3f} | {errors.wce} | {errors.ep_percent:.2f}"
        relative = f"{errors.mre_percent:.3f} | {errors.mean_error:+.3f}"
        lines.append(f"| `{netlist.name}` | {gates} | {absolute} | {relative} |")
    return "\n".join(lines)


def updated(page: str) -> str:
    """Return the page with the text between its ``<!-- name -->`` marks computed anew."""
    tables = {"families": family_table(), "generated": generated_table(), "evolved": evolved_table()}
    for name, text in tables.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        page, found = mark.subn(lambda match, text=text: f"{match[1]}\n{text}\n\n{match[2]}", page)
        if found != 1:
            raise SystemExit(f"{PAGE} has {found} places for '{name}', but one is needed")
    return page


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{PAGE} is up to date")
