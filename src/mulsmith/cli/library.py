"""``mulsmith library``: look at a library, compare its multipliers, check it and hand its tables on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mulsmith.cli import print_json
from mulsmith.cli.library_against import against
from mulsmith.cli.library_compare import pareto, verify
from mulsmith.cli.library_exchange import export, import_lut, import_reports
from mulsmith.cli.library_options import filter_options, json_option, library_option

Document = dict[str, Any]

COLUMNS = ("mae_percent", "wce_percent", "ep_percent", "mre_percent", "area_um2", "delay_ns", "power_mw")


@click.group()
def library() -> None:
    """Look at a library, compare its multipliers, check it and hand its tables on."""


@library.command("list")
@library_option
@filter_options
@click.option("--sort", default="name", help="A figure to sort by, e.g. mae or power_mw; name without it.")
@click.option("--unique", is_flag=True, help="One name per function: the first of those with equal tables.")
@json_option
def list_(
    folder: Path, widths: tuple[str, ...], signed: bool | None, sort: str, unique: bool, as_json: bool
) -> None:
    """List the multipliers with their figures."""
    from mulsmith.characterize.figures import select
    from mulsmith.characterize.library import Library

    with Library.open(folder) as opened:
        groups = opened.functions()
        documents = select(opened.documents(), widths=widths, signed=signed, sort=sort)
    aliases = {group[0]: group[1:] for group in groups if len(group) > 1}
    if unique:
        first = {group[0] for group in groups}
        documents = [document for document in documents if document["name"] in first]
    if as_json:
        print_json({"circuits": documents, "aliases": aliases})
        return
    _print_table(documents)
    click.echo(f"{len(documents)} multipliers, {len(groups)} different functions in the library", err=True)


@library.command()
@library_option
@click.argument("name")
@json_option
def show(folder: Path, name: str, as_json: bool) -> None:
    """Show everything about one multiplier."""
    from mulsmith.characterize.library import Library

    with Library.open(folder) as opened:
        document = opened.entry(name).document()
        same = [other for group in opened.functions() if name in group for other in group if other != name]
    if as_json:
        print_json(document)
        return
    _print_record(document, same)


for command in (pareto, against, export, import_lut, import_reports, verify):
    library.add_command(command)


def _print_table(documents: list[Document]) -> None:
    from mulsmith.characterize.figures import figure

    width = max([len("name"), *(len(document["name"]) for document in documents)])
    click.echo(f"{'name':{width}}  {'bits':5} {'sign':4} " + " ".join(f"{name:>11}" for name in COLUMNS))
    for document in documents:
        bits = f"{document['a_bits']}x{document['b_bits']}"
        cells = " ".join(_cell(figure(document, name)) for name in COLUMNS)
        sign = "s" if document["signed"] else "u"
        click.echo(f"{document['name']:{width}}  {bits:5} {sign:4} {cells}")


def _cell(value: float | None) -> str:
    return f"{'-':>11}" if value is None else f"{value:>11.4g}"


def _print_record(document: Document, same: list[str]) -> None:
    sign = "signed" if document["signed"] else "unsigned"
    click.echo(f"{document['name']}: {document['a_bits']}x{document['b_bits']} bits, {sign}")
    click.echo(f"  source          {document['source']}")
    if same:
        click.echo(f"  same function   {', '.join(same)}")
    click.echo(f"  netlist sha256  {document['netlist_sha256'] or 'none (imported table)'}")
    click.echo(f"  table sha256    {document['lut_sha256']}")
    click.echo(f"  signedness      {document['provenance'].get('signed_because', 'as imported')}")
    for title, part in (
        ("errors", document["errors"]),
        ("synthesis (measured here or imported)", document["synthesis"]),
        ("reported by the file's header", document["reported"]),
    ):
        click.echo(f"{title}:" if part else f"{title}: none")
        for key, value in (part or {}).items():
            click.echo(f"  {key:18} {_shown(value)}")
    measured = (document["synthesis"] or {}).get("power_mw")
    if measured and "power_mw" in document["reported"]:
        click.echo(f"reported / measured power: {document['reported']['power_mw'] / measured:.4g}")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{cell} {count}" for cell, count in value.items())
    return f"{value:.6g}" if isinstance(value, float) else str(value)
