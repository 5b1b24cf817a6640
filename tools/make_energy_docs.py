"""Bring the generated parts of docs/energy.md up to date: results, accelerators, tables, comparison."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import yaml

from mulsmith.characterize import pipeline
from mulsmith.characterize.library import Library
from mulsmith.energy import Accelerator, EnergyTable, accelerator_names, estimate, find_mapping, table_names
from mulsmith.energy.conventions import Conventions
from mulsmith.energy.tables import make_prices
from mulsmith.energy.workload import Layer

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "energy.md"
EXACT = "mul8x8u_dadda"
APPROXIMATE = ("mul8x8u_drum4", "mul8x8u_loa8")
BAND = ("cacti45", "horowitz45", "eyeriss-relative", "lpddr45")


def results() -> str:
    """Return shares and savings of two networks on the Eyeriss-like array."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "library"
        files = [ROOT / "circuits" / "rtl" / f"{name}.v" for name in (EXACT, *APPROXIMATE)]
        options = pipeline.Options(synthesis=pipeline.SynthesisOptions(), jobs=1)
        pipeline.characterize(files, folder, options)
        with Library.open(folder) as library:
            for network in ("resnet20", "mobilenetv2"):
                lines += _network(library, network)
    return "\n".join(lines)


def _network(library: Library, network: str) -> list[str]:
    lines = [
        f"**{network}** on `eyeriss-like`, everything in {EXACT}, power-delay product:",
        "",
        "| table | energy, µJ | multipliers' share | DRAM's share | latency, cycles |",
        "|---|--:|--:|--:|--:|",
    ]
    for table in BAND:
        account = estimate(
            network,
            accelerator="eyeriss-like",
            assignment=EXACT,
            library=library,
            table=table,
            band=(),
            baseline=EXACT,
        )
        dram = account.by_component["dram"] / account.total_pj
        lines.append(
            f"| {table} | {account.total_pj / 1e6:.1f} | {account.multiplier_share:.1%} | {dram:.1%} "
            f"| {account.latency_cycles:,} |"
        )
    lines += [
        "",
        "| multiplier | convention | multiplications save | the network saves, band over the tables |",
        "|---|---|--:|--:|",
    ]
    for name in APPROXIMATE:
        for convention in ("pdp", "shared_clock"):
            savings = estimate(
                network,
                accelerator="eyeriss-like",
                assignment=name,
                library=library,
                table=BAND[0],
                band=BAND[1:],
                convention=convention,  # type: ignore[arg-type]
                baseline=EXACT,
            ).savings
            assert savings is not None  # noqa: S101  # a baseline was given
            low, high = savings.band
            lines.append(
                f"| {name} | {convention} | {savings.multiplier_percent:.1f} % | {low:.1f} .. {high:.1f} % |"
            )
    return [*lines, ""]


def accelerators() -> str:
    """Return the shipped accelerators."""
    lines = ["| Name | PEs | Clock | Source |", "|---|--:|--:|---|"]
    for name in accelerator_names():
        spec = Accelerator.load(name)
        lines.append(f"| `{name}` | {spec.pes} | {spec.clock_mhz:g} MHz | {spec.source} |")
    return "\n".join(lines)


def tables() -> str:
    """Return the shipped energy tables."""
    lines = ["| Name | Source |", "|---|---|"]
    lines += [f"| `{name}` | {EnergyTable.load(name).source} |" for name in table_names()]
    return "\n".join(lines)


def comparison() -> str:
    """Return mulsmith's energies beside the stored ones of other mappers."""
    layers = yaml.safe_load((ROOT / "benchmarks" / "compared_layers.yaml").read_text())["layers"]
    stored = yaml.safe_load((ROOT / "benchmarks" / "compared_energies.yaml").read_text())
    accelerator = Accelerator.load("comparison")
    prices = make_prices(accelerator, EnergyTable.load("comparison"))
    lines = [
        "| layer | mulsmith | AccelForge 1.0 | ZigZag 3.9 | ZigZag 3.9.1 "
        "| mulsmith, sliding | AccelForge 1.0.467, sliding | mulsmith, held | ZigZag 3.9.1, held |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, shape in layers.items():
        stride = shape.pop("stride", 1)
        layer = Layer(name, **shape, stride=(stride, stride))
        ours = []
        for switches in ({}, {"halo": "innermost"}, {"operand_reads": "held"}):
            conventions = Conventions.model_validate({"drain_reads": True, **switches})
            found = find_mapping(accelerator, layer, prices, conventions=conventions)
            ours.append((found.movement_pj + layer.macs * (prices.multiply_pj or 0.0)) / 1e6)
        old, new = stored["stored"].get(name, {}), stored["zigzag"][name]
        cells = [
            ours[0],
            old.get("accelforge"),
            old.get("zigzag"),
            new["every_mac_uj"],
            ours[1],
            stored["accelforge"].get(name),
            ours[2],
            new["held_uj"],
        ]
        text = " | ".join("" if cell is None else f"{cell:.4f}" for cell in cells)
        lines.append(f"| {name} | {text} |")
    return "\n".join(lines)


PARTS = {"results": results, "accelerators": accelerators, "tables": tables, "comparison": comparison}


def updated(page: str, parts: tuple[str, ...] = tuple(PARTS)) -> str:
    """Return the page with its generated parts made anew."""
    for name in parts:
        pattern = re.compile(f"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        made = PARTS[name]().rstrip()
        page = pattern.sub(lambda found, made=made: f"{found[1]}{made}\n{found[2]}", page)  # type: ignore[misc]
    return page


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{PAGE} is up to date")
