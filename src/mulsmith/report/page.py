"""The page: headline figures, the Pareto picture, the layers, the circuits and where it all comes from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from mulsmith.errors import StoreError
from mulsmith.report.scatter import Mark, scatter
from mulsmith.storage import atomic_write

Result = Mapping[str, Any]
_ORIGINS = {
    "uniform": "one multiplier in all layers",
    "single layer": "one layer changed",
    "greedy move": "layer-wise choice",
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
    """Return the report as one HTML document."""
    style = resources.files("mulsmith.report").joinpath("style.css").read_text(encoding="utf-8")
    title = f"{result['network']} on {result['data']['name']}"
    body = [
        f"<h1>{escape(title)}</h1>",
        "<p class='lead'>A multiplier was chosen for every layer on validation images; the test images "
        "only report.</p>",
        _headline(result),
        "<h2>Accuracy over energy</h2>",
        _legend(),
        _picture(result),
        "<p class='note'>Energy is that of the multiplications, not of the network: memory traffic, adders "
        "and control are not in it.</p>",
        "<h2>Layers</h2>",
        _layers(result),
        "<h2>Accuracy</h2>",
        _accuracies(result),
        "<h2>Circuits</h2>",
        f"<p>Every circuit in all layers at once, without retraining. Left out: "
        f"{_left_out(result['left_out'])}.</p>",
        _circuits(result),
        _failures(result["failed"]),
        "<h2>Where the figures come from</h2>",
        f"<pre>{escape(json.dumps(result['provenance'], indent=2))}</pre>",
    ]
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'>"
        f"<title>{escape(title)} - mulsmith</title><style>{style}</style></head>\n<body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    )


def _percent(share: float | None, digits: int = 2) -> str:
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def _headline(result: Result) -> str:
    base, chosen = result["baseline"], result["chosen"]
    saving = chosen["savings"][result["convention"]]
    change = 100 * (chosen["test_accuracy"] - base["test_accuracy"])
    kinds = len(set(chosen["assignment"].values()))
    cards = (
        (
            _percent(chosen["test_accuracy"]),
            f"test accuracy ({result['data']['test']} images)",
            f"{change:+.2f} points against exact 8-bit",
        ),
        (
            f"{saving['multiplier_percent']:.1f} %",
            "multiplication energy saved",
            f"{_convention(result)}, all layers",
        ),
        (
            f"{saving['approximated_layers_percent']:.1f} %",
            "saved in approximated layers",
            f"{_convention(result)}, against {base['multiplier']}",
        ),
        (
            str(kinds),
            "kinds of multiplier",
            f"out of {len(result['circuits'])} circuits",
        ),
    )
    items = "".join(
        f"<div class='card'><b>{escape(value)}</b><span>{escape(name)}</span>"
        f"<small>{escape(note)}</small></div>"
        for value, name, note in cards
    )
    return f"<div class='cards'>{items}</div>"


def _convention(result: Result) -> str:
    return "power x delay" if result["convention"] == "pdp" else "power / clock"


def _legend() -> str:
    kinds = (
        ("uniform", "one multiplier in all layers"),
        ("single", "one layer changed"),
        ("greedy", "layer-wise choice"),
        ("exact", "exact 8-bit"),
        ("chosen", "chosen"),
    )
    items = "".join(f"<li><i class='{kind}'></i>{text}</li>" for kind, text in kinds)
    return f"<ul class='legend'>{items}<li><i class='bound'></i>accuracy bound</li></ul>"


def _picture(result: Result) -> str:
    base, chosen = result["baseline"], result["chosen"]
    marks = [
        Mark(point["energy_relative"], point["accuracy"], point["origin"].split()[0], _hover(point))
        for point in result["points"]
    ]
    marks.append(Mark(1.0, base["accuracy"], "exact", f"exact 8-bit: {base['multiplier']}"))
    marks.append(
        Mark(chosen["energy_pj"] / base["energy_pj"], chosen["accuracy"], "chosen", "the chosen multipliers")
    )
    line = [(point["energy_relative"], point["accuracy"]) for point in result["front"]]
    return scatter(marks, line, base["accuracy"] - result["max_loss_pp"] / 100)


def _hover(point: Mapping[str, Any]) -> str:
    names = sorted(set(point["assignment"].values()))
    where = names[0] if len(names) == 1 else ", ".join(f"{k}: {v}" for k, v in point["assignment"].items())
    origin = _ORIGINS.get(point["origin"], point["origin"])
    return f"{_percent(point['accuracy'])}, energy {point['energy_relative']:.3f} - {origin} - {where}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], numeric: frozenset[int]) -> str:
    def cells(values: Iterable[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if i in numeric else ''}>{escape(value)}</{tag}>"
            for i, value in enumerate(values)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    top = f"<thead><tr>{cells(head, 'th')}</tr></thead>"
    return f"<div class='wide'><table>{top}<tbody>{body}</tbody></table></div>"


def _layers(result: Result) -> str:
    rows = [
        (
            layer["name"],
            f"{layer['multiplications']:,}",
            layer["multiplier"],
            f"{layer['exact_energy_pj']:,.1f}",
            f"{layer['energy_pj']:,.1f}",
            _percent(layer["energy_pj"] / layer["exact_energy_pj"], 1),
        )
        for layer in result["layers"]
    ]
    head = ("layer", "multiplications per image", "multiplier", "exact, pJ", "chosen, pJ", "of exact")
    return _table(head, rows, frozenset({1, 3, 4, 5}))


def _accuracies(result: Result) -> str:
    base, chosen = result["baseline"], result["chosen"]
    rows = (
        ("float", _percent(base["float_accuracy"]), _percent(base["float_test_accuracy"])),
        (f"exact 8-bit ({base['multiplier']})", _percent(base["accuracy"]), _percent(base["test_accuracy"])),
        ("chosen multipliers", _percent(chosen["accuracy"]), _percent(chosen["test_accuracy"])),
    )
    sizes = result["data"]
    head = ("network", f"validation ({sizes['validation']} images)", f"test ({sizes['test']} images)")
    return _table(head, rows, frozenset({1, 2}))


def _circuits(result: Result) -> str:
    ordered = sorted(result["circuits"], key=lambda c: c["energy_pj"][result["convention"]])
    rows = [
        (
            c["name"],
            f"{c['a_bits']}x{c['b_bits']} {'signed' if c['signed'] else 'unsigned'}",
            f"{c['mre_percent']:.2f}",
            _percent(c["accuracy"]),
            f"{c['energy_pj']['pdp']:.4f}",
            f"{c['energy_pj']['shared_clock']:.4f}",
            f"{c['area_um2']:.1f}",
            c["liberty"],
        )
        for c in ordered
    ]
    head = (
        "circuit",
        "operands",
        "MRE, %",
        "validation accuracy",
        "pdp, pJ",
        "power / clock, pJ",
        "area, um2",
        "cells",
    )
    table = _table(head, rows, frozenset({2, 3, 4, 5, 6}))
    return f"<details><summary>{len(rows)} circuits by energy</summary>{table}</details>"


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
    return "<h2>Failed evaluations</h2>" + _table(("id", "reason"), failed.items(), frozenset())
