"""The page: headline figures, the Pareto picture, layers, accelerator, classes, circuits, provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from mulsmith.errors import StoreError
from mulsmith.report.bars import stacked_bars
from mulsmith.report.confusion import moved_table, recall_table
from mulsmith.report.scatter import Mark, scatter
from mulsmith.report.table import energy, percent, table
from mulsmith.storage import atomic_write

Result = Mapping[str, Any]
_KINDS = {
    "uniform": "one multiplier in all layers",
    "single": "one layer changed",
    "mixed": "layer-wise choice",
    "exact": "exact 8-bit",
    "chosen": "chosen",
}
_LEDGERS = {
    "approximated": "energy of the multiplications chosen for",
    "all": "energy of all multiplications",
    "system": "energy of the accelerator",
}


def write_report(result: Result, folder: Path) -> Path:
    """Write ``report.html`` into a run folder and return its path.

    Raises:
        StoreError: the result lacks something, or the folder cannot be written.
    """
    path = folder / "report.html"
    try:
        page = render(result)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"the result is damaged or of another version: {error!r}",
            path=folder,
            remedy="run it with --fresh",
        ) from error
    atomic_write(path, page.encode())
    return path


def render(result: Result) -> str:
    """Return the report as one HTML document that needs no network and no script."""
    style = resources.files("mulsmith.report").joinpath("style.css").read_text(encoding="utf-8")
    title = f"{result['network']} on {result['data']['name']}"
    base, chosen = result["baseline"], result["chosen"]
    body = [
        f"<h1>{escape(title)}</h1>",
        _summary(result),
        _headline(result),
        _architecture(result),
        "<h2>Accuracy over energy</h2>",
        _legend(result),
        _picture(result),
        _points(result),
        "<h2>Layers</h2>",
        _layers(result),
        "<p class='note'>Errors: standard deviation of what the multiplier itself adds to the layer's output "
        "over that of the output, before corrections and retraining; predicted from histograms, measured by "
        "emulation of 64 training images.</p>",
        "<h2>Accelerator</h2>",
        _accelerator(result),
        "<h2>Accuracy</h2>",
        _accuracies(result),
        "<h2>Classes</h2>",
        recall_table(base["confusion"], chosen["confusion"]),
        moved_table(base["confusion"], chosen["confusion"]),
        "<h2>Circuits</h2>",
        f"<p>Left out: {_left_out(result['left_out'])}.</p>",
        _circuits(result),
        _failures(result["failed"]),
        "<h2>Reproduce</h2>",
        _commands(result),
        "<details><summary>Where the figures come from</summary>"
        f"<pre>{escape(json.dumps(result['provenance'], indent=2))}</pre></details>",
    ]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'>"
        f"<title>{escape(title)} - mulsmith</title><style>{style}</style></head>\n<body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    )


def _saving(result: Result) -> Mapping[str, float]:
    saving: Mapping[str, float] = result["chosen"]["savings"][result["convention"]]
    return saving


def _summary(result: Result) -> str:
    base, chosen = result["baseline"], result["chosen"]
    system = chosen["savings"]["system_percent"]
    change = 100 * (chosen["test_accuracy"] - base["test_accuracy"])
    account = result["accelerator"]["exact"]
    return (
        "<p class='lead'>"
        f"With the chosen multipliers {escape(result['network'])} spends "
        f"{_less(_saving(result)['multiplier_percent'])} energy on multiplications and "
        f"{_less(system)} in the whole accelerator; on test images its accuracy changes by "
        f"{change:+.2f} points. Multipliers are {percent(account['multiplier_share'], 1)} of the "
        "accelerator's energy, so that share bounds what they can save. Everything was chosen on validation "
        "images; test images only report.</p>"
    )


def _less(saved_percent: float) -> str:
    return f"{abs(saved_percent):.1f} % {'more' if saved_percent < 0 else 'less'}"


def _headline(result: Result) -> str:
    base, chosen = result["baseline"], result["chosen"]
    change = 100 * (chosen["test_accuracy"] - base["test_accuracy"])
    low, high = chosen["savings"]["system_percent_band"]
    kinds = len(set(chosen["assignment"].values()))
    cards = (
        (
            percent(chosen["test_accuracy"]),
            f"test accuracy ({result['data']['test']} images)",
            f"{change:+.2f} points against exact 8-bit",
        ),
        (
            f"{_saving(result)['multiplier_percent']:.1f} %",
            "multiplication energy saved",
            f"{_convention(result)}, all layers",
        ),
        (
            f"{chosen['savings']['system_percent']:.1f} %",
            "accelerator energy saved",
            f"{low:.1f} .. {high:.1f} % over the energy tables",
        ),
        (str(kinds), "kinds of multiplier", f"out of {len(result['circuits'])} circuits"),
    )
    items = "".join(
        f"<div class='card'><b>{escape(value)}</b><span>{escape(name)}</span>"
        f"<small>{escape(note)}</small></div>"
        for value, name, note in cards
    )
    return f"<div class='cards'>{items}</div>"


def _architecture(result: Result) -> str:
    """Return the front that the network is from, where an architecture search found it."""
    found = result["architecture"]
    if found is None:
        return ""
    rows = [
        (
            f"{member['id']}{' (taken)' if member['id'] == found['network'] else ''}",
            percent(member["accuracy"]),
            percent(member["test_accuracy"]),
            energy(member["energy_pj"]),
            "-" if member["parameters"] is None else f"{member['parameters']:,.0f}",
            member["multiplier"],
        )
        for member in found["front"]
    ]
    head = ("network", "validation", "test", "multiplications, per image", "parameters", "multiplier")
    return (
        f"<h2>Network, found by {escape(found['method'])}</h2>"
        f"<p>{found['evaluations']} evaluations. Of the final networks the cheapest one that is accurate "
        "enough was taken; it was then trained in float and its multipliers were chosen anew.</p>"
        + table(head, rows, frozenset({1, 2, 3, 4}))
    )


def _convention(result: Result) -> str:
    return "power x delay" if result["convention"] == "pdp" else "power / clock"


def _legend(result: Result) -> str:
    bound = f"least accuracy, {percent(result['accuracy_floor'])}, with margin"
    shown = {_kind(point) for point in result["points"]} | {"exact", "chosen"}
    items = "".join(
        f"<li><i class='{kind}'></i>{text}</li>" for kind, text in _KINDS.items() if kind in shown
    )
    return f"<ul class='legend'>{items}<li><i class='bound'></i>{bound}</li></ul>"


def _kind(point: Mapping[str, Any]) -> str:
    if len(set(point["assignment"].values())) == 1:
        return "uniform"
    return "single" if point["origin"] == "single layer" else "mixed"


def _picture(result: Result) -> str:
    base, chosen = result["baseline"], result["chosen"]
    marks = [
        Mark(point["energy_relative"], point["accuracy"], _kind(point), _hover(point))
        for point in result["points"]
    ]
    marks.append(Mark(1.0, base["accuracy"], "exact", f"exact 8-bit: {base['multiplier']}"))
    marks.append(Mark(chosen["energy_relative"], chosen["accuracy"], "chosen", "the chosen multipliers"))
    line = [(point["energy_relative"], point["accuracy"]) for point in result["front"]]
    return scatter(marks, line, result["accuracy_floor"], f"{_LEDGERS[result['ledger']]}, exact = 1")


def _hover(point: Mapping[str, Any]) -> str:
    names = sorted(set(point["assignment"].values()))
    where = names[0] if len(names) == 1 else ", ".join(f"{k}: {v}" for k, v in point["assignment"].items())
    return (
        f"{percent(point['accuracy'])}, energy {point['energy_relative']:.3f} - {point['origin']} - {where}"
    )


def _points(result: Result) -> str:
    """Return the operating points, where the run found a plan of several."""
    plans = [plan for plan in result["operating_points"] if plan["id"] == result["chosen"]["id"]]
    if not plans:
        return ""
    rows = [
        (
            str(number),
            percent(point["accuracy"]),
            percent(point["test_accuracy"]),
            energy(point["energy_all_pj"]),
        )
        for number, point in enumerate(plans[0]["points"])
    ]
    head = ("point", "validation", "test", "multiplications, per image")
    return "<h2>Operating points</h2>" + table(head, rows, frozenset({0, 1, 2, 3}))


def _layers(result: Result) -> str:
    rows = [
        (
            layer["name"],
            f"{layer['multiplications']:,}",
            layer["multiplier"],
            f"{layer['error']['predicted']:.4f}",
            f"{layer['error']['measured']:.4f}",
            energy(layer["exact_energy_pj"]),
            energy(layer["energy_pj"]),
            percent(layer["energy_pj"] / layer["exact_energy_pj"], 1),
        )
        for layer in result["layers"]
    ]
    head = (
        "layer", "multiplications", "multiplier", "error, predicted", "measured", "exact",
        "chosen", "of exact",
    )  # fmt: skip
    return table(head, rows, frozenset({1, 3, 4, 5, 6, 7}))


def _accelerator(result: Result) -> str:
    exact, chosen = result["accelerator"]["exact"], result["accelerator"]["chosen"]
    savings = chosen["savings"]
    rows = [
        (table_name, f"{value:.2f} %")
        for table_name, value in {
            chosen["table"]: savings["system_percent"],
            **savings["system_percent_by_table"],
        }.items()
    ]
    return (
        f"<p>{escape(chosen['accelerator'])}, one image: {energy(exact['total_pj'])} with exact 8-bit "
        f"multipliers, {energy(chosen['total_pj'])} with the chosen ones; {chosen['latency_ms']:.3g} ms. "
        f"All kinds of multiplier together take {chosen['multiplier_area_um2'] / 1e6:.3g} mm².</p>"
        + stacked_bars({"exact 8-bit": exact["by_component"], "chosen": chosen["by_component"]})
        + table(("energy table", "accelerator energy saved"), rows, frozenset({1}))
        + f"<ul class='note'>{''.join(f'<li>{escape(note)}</li>' for note in chosen['notes'])}</ul>"
    )


def _accuracies(result: Result) -> str:
    base, chosen = result["baseline"], result["chosen"]
    rows = (
        ("float", percent(base["float_accuracy"]), percent(base["float_test_accuracy"])),
        (f"exact 8-bit ({base['multiplier']})", percent(base["accuracy"]), percent(base["test_accuracy"])),
        ("chosen multipliers", percent(chosen["accuracy"]), percent(chosen["test_accuracy"])),
    )
    sizes = result["data"]
    head = ("network", f"validation ({sizes['judged']} images)", f"test ({sizes['test']} images)")
    return table(head, rows, frozenset({1, 2}))


def _circuits(result: Result) -> str:
    used = set(result["chosen"]["assignment"].values())
    ordered = sorted(result["circuits"], key=lambda c: (c["name"] not in used, c["energy_pj"]["pdp"]))
    rows = [
        (
            f"{c['name']}{' (chosen)' if c['name'] in used else ''}",
            f"{c['a_bits']}x{c['b_bits']} {'signed' if c['signed'] else 'unsigned'}",
            f"{c['mre_percent']:.2f}",
            percent(c["accuracy"]),
            f"{c['energy_pj']['pdp']:.4f}",
            f"{c['energy_pj']['shared_clock']:.4f}",
            f"{c['area_um2']:.1f}",
            f"{c['delay_ns']:.2f}",
            str(c["cells"]),
        )
        for c in ordered
    ]
    head = (
        "circuit", "operands", "MRE, %", "in all layers", "pdp, pJ", "power / clock, pJ", "area, µm²",
        "delay, ns", "cells",
    )  # fmt: skip
    numeric = frozenset(range(2, 9))
    chosen, others = table(head, rows[: len(used)], numeric), table(head, rows[len(used) :], numeric)
    more = f"<details><summary>{len(rows) - len(used)} more, by energy</summary>{others}</details>"
    cells = ", ".join(sorted({c["liberty"] for c in ordered}))
    note = f"<p class='note'>Area, delay and power with the cells of {escape(cells)}.</p>"
    return chosen + (more if len(rows) > len(used) else "") + note


def _left_out(reasons: Mapping[str, str]) -> str:
    if not reasons:
        return "none"
    counts: dict[str, int] = {}
    for reason in reasons.values():
        counts[reason] = counts.get(reason, 0) + 1
    return escape("; ".join(f"{count} ({reason})" for reason, count in counts.items()))


def _failures(failed: Mapping[str, str]) -> str:
    if not failed:
        return ""
    return "<h2>Failed evaluations</h2>" + table(("id", "reason"), failed.items())


def _commands(result: Result) -> str:
    run = result["run"]
    commands = {
        f"mulsmith codesign --from {run} --run again": "repeats the run and compares every figure",
        f"mulsmith report {run}": "writes this page again",
        f"mulsmith export {run} --to rtl rtl": "Verilog, test vectors and test benches",
        "mulsmith verify rtl": "simulates them and compares every output",
    }
    width = max(map(len, commands))
    lines = "\n".join(f"{command:<{width}}  # {what}" for command, what in commands.items())
    return f"<pre>{escape(lines)}</pre>"
