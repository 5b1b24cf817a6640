"""Pictures of an account: energy per layer, breakdown per component, roofline, and a mapping as loop nest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mulsmith.energy.accelerator import Accelerator
from mulsmith.energy.results import LayerEnergy, NetworkEnergy
from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PALETTE = ("#4e79a7", "#f28e2b", "#76b7b2", "#59a14f", "#edc948", "#b07aa1", "#9c755f", "#bab0ac", "#ff9da7")
_MULTIPLIER = "#e15759"
_TENSORS = {"weights": "#b07aa1", "inputs": "#59a14f", "outputs": "#f28e2b"}
_MEMORY, _ARRAY, _INK, _FAINT = "#eaf1f8", "#fdeedd", "#333333", "#d9d9d9"
_NAMED_DOTS = 3


def layer_bars(account: NetworkEnergy) -> Figure:
    """Return stacked bars of the energy per layer, one colour per component."""
    figure, axes = _figure(max(6.5, 0.3 * len(account.layers) + 1.5), 4.4)
    places = range(len(account.layers))
    bottom = [0.0] * len(account.layers)
    for name, colour in _colours(account):
        heights = [layer.by_component.get(name, 0.0) / 1e6 for layer in account.layers]
        axes.bar(places, heights, bottom=bottom, label=_plain(name), color=colour, width=0.75)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    axes.set_xticks(list(places), [layer.name for layer in account.layers], rotation=90, fontsize=8)
    axes.set_xlim(-0.7, len(account.layers) - 0.3)
    axes.set_ylabel("energy per pass, µJ")
    axes.grid(axis="y", color=_FAINT, linewidth=0.6)
    columns = int(figure.get_figwidth() / 1.2)
    figure.legend(loc="outside upper left", ncols=columns, fontsize=8, frameon=False)
    _title(axes, _subject(account))
    return figure


def component_bars(account: NetworkEnergy) -> Figure:
    """Return one bar per component, with its energy and its share of the network's."""
    colours = _colours(account)
    figure, axes = _figure(6.5, 0.42 * len(colours) + 1.2)
    total = account.by_component
    for place, (name, colour) in enumerate(colours):
        energy = total[name] / 1e6
        axes.barh(place, energy, color=colour, height=0.7)
        text = f"  {energy:.3g} µJ, {total[name] / account.total_pj:.1%}"
        axes.text(energy, place, text, va="center", fontsize=8.5)
    axes.set_yticks(range(len(colours)), [_plain(name) for name, _ in colours])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.margins(x=0.28)
    axes.set_xlabel("energy per pass, µJ")
    axes.grid(axis="x", color=_FAINT, linewidth=0.6)
    _title(axes, _subject(account))
    return figure


def roofline(account: NetworkEnergy, accelerator: Accelerator) -> Figure:
    """Return every layer's speed over its DRAM intensity, under the array's limit and the DRAM port's.

    Speed is in multiplications per cycle, intensity in multiplications per word to or from DRAM; the area of
    a dot is the energy of the layers there. Without a stated bandwidth of DRAM there is no slope to draw.
    """
    figure, axes = _figure(6.8, 4.4)
    dots: dict[tuple[float, float], list[LayerEnergy]] = {}
    for layer, intensity in zip(account.layers, _intensities(account, accelerator), strict=True):
        dots.setdefault((intensity, layer.macs / layer.cycles), []).append(layer)
    xs, ys = zip(*dots, strict=True)
    energies = [sum(layer.energy_pj for layer in layers) for layers in dots.values()]
    areas = [20 + 480 * energy / max(energies) for energy in energies]
    axes.scatter(xs, ys, s=areas, color=_PALETTE[0], alpha=0.45, edgecolors="white", linewidths=0.6, zorder=3)
    low, high = min(xs) / 2, max(xs) * 3
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(min(ys) / 2, accelerator.pes * 2.2)
    axes.axhline(accelerator.pes, color=_INK, linewidth=1.2)
    axes.text(low * 1.08, accelerator.pes * 1.1, f"{accelerator.pes} PEs", fontsize=8.5, color=_INK)
    bandwidth = accelerator.storages[0].read_bandwidth
    if bandwidth is not None:
        label = f"DRAM, {bandwidth:g} words per cycle"
        slope = [low * bandwidth, high * bandwidth]
        axes.plot([low, high], slope, color=_MULTIPLIER, linewidth=1.2, label=label)
        axes.legend(loc="lower right", fontsize=8.5, frameon=False)
    named = sorted(range(len(xs)), key=lambda number: -energies[number])[:_NAMED_DOTS]
    key: list[str] = []
    for rank, number in enumerate(named, start=1):
        axes.text(xs[number], ys[number], str(rank), ha="center", va="center", fontsize=8, zorder=4)
        first, *others = dots[xs[number], ys[number]]
        name = f"{first.name} and {len(others)} like it" if others else first.name
        key.append(f"{rank} {name}: {energies[number] / account.total_pj:.0%} of the energy")
    axes.grid(which="major", color=_FAINT, linewidth=0.6)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("multiplications per DRAM word")
    axes.set_ylabel("multiplications per cycle")
    subject = f"{account.network} on {account.accelerator}: dots are layers, their area is energy"
    _title(axes, "\n".join([subject, *key]))
    return figure


def _intensities(account: NetworkEnergy, accelerator: Accelerator) -> list[float]:
    """Return the multiplications of every layer per word that it moves to or from DRAM."""
    dram = accelerator.storages[0].name
    found: list[float] = []
    for layer in account.layers:
        moved = [access for access in layer.counts.accesses if access.storage == dram]
        found.append(layer.macs / sum(access.reads + access.updates for access in moved))
    return found


def loop_nest(account: NetworkEnergy, layer_name: str) -> Figure:
    """Return the mapping of one layer as a drawn loop nest: a band per level, with its loops and tensors."""
    layer = next((layer for layer in account.layers if layer.name == layer_name), None)
    if layer is None:
        raise ConfigError(f"network {account.network} has no layer named {layer_name}")
    levels = _levels(layer.mapping)
    rows = sum(max(1, len(loops)) for _, _, loops in levels)
    figure, axes = _figure(8.2, 0.27 * rows + 0.75)
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(rows, 0)
    top = 0
    for name, tensors, loops in levels:
        height = max(1, len(loops))
        colour = _MEMORY if tensors else _ARRAY
        axes.barh(top + height / 2, 1, height=height - 0.08, color=colour, zorder=1)
        axes.text(0.012, top + height / 2, name, va="center", weight="bold", fontsize=9, color=_INK)
        for line, loop in enumerate(loops):
            axes.text(0.2, top + line + 0.5, loop, va="center", family="monospace", fontsize=8.5, color=_INK)
        for place, tensor in enumerate(reversed(_TENSORS)):
            if tensor in tensors:
                axes.text(
                    0.985 - 0.095 * place, top + height / 2, tensor, ha="right", va="center", fontsize=8,
                    weight="bold", color=_TENSORS[tensor],
                )  # fmt: skip
        top += height
    busy = f"{layer.utilisation:.0%} of the PEs busy, {layer.cycles:,} cycles"
    _title(axes, f"{account.network}, {layer.name} on {account.accelerator}: {busy}")
    return figure


def _levels(text: str) -> list[tuple[str, list[str], list[str]]]:
    """Return (level, tensors that it keeps, its loops) of a loop nest written as text."""
    levels: list[tuple[str, list[str], list[str]]] = []
    for line in text.splitlines():
        if line.startswith("|"):
            loop = line[2:].replace("(Spatial-X)", "across X").replace("(Spatial-Y)", "across Y")
            if "<<" not in loop:
                levels[-1][2].append(loop.replace("  ", " "))
        elif "[" in line:
            name, kept = line.split("[")
            levels.append((name.strip(), [tensor for tensor in _TENSORS if tensor in kept], []))
    return levels


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

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _colours(account: NetworkEnergy) -> Sequence[tuple[str, str]]:
    names = [name for name, energy in account.by_component.items() if energy > 0 and name != "multiplier"]
    chosen = [(name, _PALETTE[number % len(_PALETTE)]) for number, name in enumerate(names)]
    return [*chosen, ("multiplier", _MULTIPLIER)]


def _plain(component: str) -> str:
    return component.replace("_", " ")


def _subject(account: NetworkEnergy) -> str:
    priced = f"table {account.table}, multiplications by {account.convention}"
    return f"{account.network} on {account.accelerator}, {priced}"


def _title(axes: Any, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=10, color=_INK)
