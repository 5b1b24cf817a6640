"""Pictures of an account: energy per layer, breakdown per component, roofline, and a mapping as loop nest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.results import NetworkEnergy
from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PALETTE = ("#4e79a7", "#f28e2b", "#76b7b2", "#59a14f", "#edc948", "#b07aa1", "#9c755f", "#bab0ac", "#ff9da7")
_MULTIPLIER = "#e15759"


def layer_bars(account: NetworkEnergy) -> Figure:
    """Return stacked bars of the energy per layer, one colour per component."""
    figure, axes = _figure(max(6.0, 0.32 * len(account.layers) + 2.5), 4.2)
    places = range(len(account.layers))
    bottom = [0.0] * len(account.layers)
    for name, colour in _colours(account):
        heights = [layer.by_component.get(name, 0.0) / 1e6 for layer in account.layers]
        axes.bar(places, heights, bottom=bottom, label=name, color=colour, width=0.8)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    axes.set_xticks(list(places), [layer.name for layer in account.layers], rotation=90, fontsize=7)
    axes.set_ylabel("energy per pass, µJ")
    axes.set_title(_title(account))
    axes.legend(fontsize=7, frameon=False)
    return figure


def component_bars(account: NetworkEnergy) -> Figure:
    """Return one bar per component, with its share of the network's energy."""
    figure, axes = _figure(6.0, 3.2)
    total = account.by_component
    for place, (name, colour) in enumerate(_colours(account)):
        axes.barh(place, total[name] / 1e6, color=colour)
        axes.text(total[name] / 1e6, place, f" {total[name] / account.total_pj:.1%}", va="center", fontsize=8)
    axes.set_yticks(range(len(_colours(account))), [name for name, _ in _colours(account)])
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_xlabel("energy per pass, µJ")
    axes.set_title(_title(account))
    return figure


def roofline(account: NetworkEnergy, accelerator: Accelerator) -> Figure:
    """Return every layer's speed over its DRAM intensity, under the array's limit and the DRAM port's.

    Speed is in multiplications per cycle, intensity in multiplications per word to or from DRAM. Without a
    stated bandwidth of DRAM there is no slope to draw.
    """
    figure, axes = _figure(6.0, 4.2)
    dram = accelerator.storages[0]
    xs: list[float] = []
    for layer in account.layers:
        moved = [access for access in layer.counts.accesses if access.storage == dram.name]
        words = sum(access.reads + access.updates for access in moved)
        xs.append(layer.macs / words)
        axes.plot(xs[-1], layer.macs / layer.cycles, "o", color=_PALETTE[0], markersize=4)
    low, high = min(xs) / 2, max(xs) * 2
    axes.axhline(accelerator.pes, color="black", linewidth=1, label=f"{accelerator.pes} PEs")
    if dram.read_bandwidth is not None:
        bandwidth = dram.read_bandwidth
        axes.plot(
            [low, high],
            [low * bandwidth, high * bandwidth],
            color=_MULTIPLIER,
            linewidth=1,
            label=f"DRAM, {bandwidth:g} words per cycle",
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(top=accelerator.pes * 2)
    axes.set_xlabel("multiplications per DRAM word")
    axes.set_ylabel("multiplications per cycle")
    axes.set_title(f"{account.network} on {account.accelerator}")
    axes.legend(fontsize=8, frameon=False)
    return figure


def loop_nest(account: NetworkEnergy, layer_name: str) -> Figure:
    """Return the mapping of one layer as a drawn loop nest, spatial loops in colour."""
    layer = next((layer for layer in account.layers if layer.name == layer_name), None)
    if layer is None:
        raise ConfigError(f"network {account.network} has no layer named {layer_name}")
    lines = [line for line in layer.mapping.splitlines() if line and not set(line) <= {"-"}]
    figure, axes = _figure(6.0, 0.24 * len(lines) + 0.8)
    axes.set_axis_off()
    for number, line in enumerate(lines):
        spatial, title = "(Spatial-" in line, not line.startswith("|")
        colour = _MULTIPLIER if spatial else _PALETTE[0] if title else "black"
        axes.text(
            0.0, 1.0 - (number + 0.5) / len(lines), line.replace("|", " ", 1), family="monospace", fontsize=9,
            color=colour, weight="bold" if title else "normal", transform=axes.transAxes, va="center",
        )  # fmt: skip
    axes.set_title(
        f"{layer.name}: {layer.utilisation:.0%} of the PEs busy, {layer.cycles} cycles", fontsize=10
    )
    return figure


def write_pictures(
    account: NetworkEnergy, folder: Path, accelerator: Accelerator | None = None
) -> list[Path]:
    """Write every picture as SVG; return the paths.

    Args:
        account: what to draw.
        folder: made if it does not exist.
        accelerator: adds the roofline.

    Raises:
        ConfigError: the folder cannot be written to.
    """
    busiest = max(account.layers, key=lambda layer: layer.energy_pj)
    figures = {
        "layers": layer_bars(account),
        "components": component_bars(account),
        "mapping": loop_nest(account, busiest.name),
    }
    if accelerator is not None:
        figures["roofline"] = roofline(account, accelerator)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths: list[Path] = []
        for name, figure in figures.items():
            paths.append(folder / f"{name}.svg")
            figure.savefig(paths[-1], format="svg", metadata={"Date": None})
    except OSError as error:
        raise ConfigError(f"cannot write pictures: {error}", path=folder) from error
    return paths


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    """Return a figure without the global state that would need closing, and its axes."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure, figure.add_subplot()


def _colours(account: NetworkEnergy) -> Sequence[tuple[str, str]]:
    names = [name for name, energy in account.by_component.items() if energy > 0 and name != "multiplier"]
    chosen = [(name, _PALETTE[number % len(_PALETTE)]) for number, name in enumerate(names)]
    return [*chosen, ("multiplier", _MULTIPLIER)]


def _title(account: NetworkEnergy) -> str:
    return f"{account.network} on {account.accelerator}, {account.table}, {account.convention}"
