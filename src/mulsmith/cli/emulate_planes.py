"""``mulsmith emulate planes``: how many int8 planes the exact factorisation of each multiplier takes."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import click

from mulsmith.cli import print_json

BOUNDS = (8, 32)


@click.command()
@click.option(
    "--library", "folder", type=click.Path(path_type=Path), help="Library; without it, the embedded."
)
@click.option("--circuit", "circuits", multiple=True, help="Name in the library; without it, all 8x8.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def planes(folder: Path | None, circuits: tuple[str, ...], as_json: bool) -> None:
    """Print the planes of every multiplier's factorisation and the rank, which no factorisation undercuts.

    Equal tables count once. A table that was not factorised before takes seconds, one of high rank minutes.
    """
    from mulsmith.characterize.library import Library
    from mulsmith.emulate.factor_store import factors_of, plane_bound
    from mulsmith.emulate.tables import Table

    with Library.embedded() if folder is None else Library.open(folder) as library:
        luts = {name: library[name].lut for name in circuits} or {
            name: multiplier.lut
            for name, multiplier in library.items()
            if (multiplier.lut.a_bits, multiplier.lut.b_bits) == (8, 8)
        }
    distinct = {lut.sha256(): name for name, lut in reversed(luts.items())}
    tables = {name: Table.of(luts[name]) for name in sorted(distinct.values())}
    ranks = {name: plane_bound(table) for name, table in tables.items()}
    counts = {name: factors_of(table).planes for name, table in tables.items()}
    summary = {
        "tables": len(counts),
        "median": median(counts.values()) if counts else None,
        **{f"below {bound}": sum(count < bound for count in counts.values()) for bound in BOUNDS},
        **{f"rank below {bound}": sum(rank < bound for rank in ranks.values()) for bound in BOUNDS},
        "largest": max(counts.values(), default=None),
    }
    if as_json:
        print_json({"planes": counts, "ranks": ranks, "summary": summary})
        return
    click.echo(f"{'':32} planes rank")
    for name, count in counts.items():
        click.echo(f"{name:32} {count:6} {ranks[name]:4}")
    click.echo(", ".join(f"{name} {value}" for name, value in summary.items()))
