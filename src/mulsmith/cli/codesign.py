"""``mulsmith codesign``: the whole pipeline over one run folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mulsmith.cli import EXIT_OK, EXIT_PARTIAL, EXIT_REJECTED, print_json
from mulsmith.cli.search import Display
from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

_NOT_COMPARED = ("run",)


@click.command()
@click.argument("config", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--run", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Run folder."
)
@click.option(
    "--from",
    "source",
    type=click.Path(file_okay=False, path_type=Path),
    help="Repeat the run in this folder and compare every figure.",
)
@click.option("--fresh", is_flag=True, help="Start over instead of resuming.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def codesign(config: Path | None, folder: Path, source: Path | None, fresh: bool, as_json: bool) -> int:
    """Choose a multiplier for every layer of a network and report what it costs and saves.

    CONFIG is a TOML file; without it the embedded example runs: a small CNN on scikit-learn's digits and the
    embedded circuits. A run that was interrupted goes on where it stopped.
    """
    from mulsmith.codesign import Config, Step, run_codesign
    from mulsmith.codesign.run_folder import read_manifest
    from mulsmith.report import write_report
    from mulsmith.toml_file import read_toml

    if source is not None:
        if config is not None or source.resolve() == folder.resolve():
            raise ConfigError("--from takes the configuration of another run: give no CONFIG and a new --run")
        settings = read_manifest(source)
    else:
        settings = Config() if config is None else read_toml(Config, config)
    display = Display()
    result = run_codesign(settings, folder, fresh=fresh, on_progress=display.show)
    display.show(Step("report"))
    report = write_report(result, folder)
    if as_json:
        print_json(result)
    else:
        _print(result, report)
    if source is not None and _differs(source, result):
        return EXIT_REJECTED
    return EXIT_PARTIAL if result["failed"] else EXIT_OK


def _differs(source: Path, result: dict[str, Any]) -> bool:
    """Say how the result compares with that of the run it repeats."""
    from mulsmith.codesign import load_result

    ours, theirs = dict(_figures(result)), dict(_figures(load_result(source)))
    changed = [name for name in sorted({*ours, *theirs}) if ours.get(name) != theirs.get(name)]
    click.echo(f"{len(theirs)} figures compared with {source}: {len(changed)} differ", err=True)
    for name in changed[:20]:
        click.echo(f"  {name}: {ours.get(name)} here, {theirs.get(name)} there", err=True)
    return bool(changed)


def _figures(document: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of every leaf of a JSON document."""
    if isinstance(document, dict):
        for key, value in document.items():
            if name or key not in _NOT_COMPARED:
                yield from _figures(value, f"{name}.{key}" if name else key)
    elif isinstance(document, list | tuple):
        for index, value in enumerate(document):
            yield from _figures(value, f"{name}[{index}]")
    else:
        yield name, document


def _points(result: dict[str, Any]) -> Table | None:
    """Return the operating points of the chosen plan, where the method made one."""
    from rich.table import Table

    chosen = result["chosen"]
    plans = [plan for plan in result["operating_points"] if plan["id"] == chosen["id"]]
    if not plans:
        return None
    table = Table("operating point", "validation", "test", "multiplication energy saved", "multipliers")
    for number, point in enumerate(plans[0]["points"]):
        table.add_row(
            f"{number}{' (chosen)' if number == chosen['point'] else ''}",
            f"{100 * point['accuracy']:.2f} %",
            f"{100 * point['test_accuracy']:.2f} %",
            f"{point['saving_all_percent']:.1f} %",
            ", ".join(sorted(set(point["assignment"].values()))),
        )
    return table


def _print(result: dict[str, Any], report: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    base, chosen = result["baseline"], result["chosen"]
    table = Table(title=f"{result['network']} on {result['data']['name']}: the chosen multipliers")
    for column, justify in (("layer", "left"), ("multiplications", "right"), ("multiplier", "left")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]  # rich's literal type
    table.add_column("energy against exact", justify="right")
    for layer in result["layers"]:
        share = layer["energy_pj"] / layer["exact_energy_pj"]
        table.add_row(
            layer["name"], f"{layer['multiplications']:,}", layer["multiplier"], f"{100 * share:.1f} %"
        )
    console = Console()
    console.print(table)
    rows = (
        ("float", base["float_accuracy"], base["float_test_accuracy"]),
        (f"exact 8-bit ({base['multiplier']})", base["accuracy"], base["test_accuracy"]),
        ("chosen multipliers", chosen["accuracy"], chosen["test_accuracy"]),
    )
    accuracies = Table("network", "validation (chosen on)", "test (reported on)")
    for name, validation, test in rows:
        accuracies.add_row(name, f"{100 * validation:.2f} %", f"{100 * test:.2f} %")
    console.print(accuracies)
    if points := _points(result):
        console.print(points)
    for convention in ("pdp", "shared_clock"):
        saving = chosen["savings"][convention]
        console.print(
            f"energy of all multiplications, {convention}: {saving['multiplier_percent']:.1f} % saved; "
            f"in the approximated layers {saving['approximated_layers_percent']:.1f} %",
            highlight=False,
            soft_wrap=True,
        )
    account, savings = result["accelerator"]["exact"], chosen["savings"]
    low, high = savings["system_percent_band"]
    console.print(
        f"whole accelerator ({account['accelerator']}, {account['table']}): "
        f"{savings['system_percent']:.2f} % saved, {low:.2f} .. {high:.2f} % over the energy tables; "
        f"exact multipliers are {100 * account['multiplier_share']:.1f} % of its energy",
        highlight=False,
        soft_wrap=True,
    )
    if result["failed"]:
        console.print(f"{len(result['failed'])} evaluations failed; the report lists them.")
    console.print(f"report: {report}", highlight=False, soft_wrap=True)
