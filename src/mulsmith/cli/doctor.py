"""``mulsmith doctor``: versions, active kernels, optional parts found or missing."""

from __future__ import annotations

import platform
import shutil

import click

from mulsmith import __version__
from mulsmith.cli import print_json
from mulsmith.provenance import tool_version

REQUIRED = ("numpy", "torch", "pyverilog", "pyosys", "networkx", "pydantic", "click", "rich")
OPTIONAL = {
    "pyarrow": "library export to Parquet (pip install mulsmith[parquet])",
    "python-flint": "factorisation of new tables (pip install mulsmith[factor])",
}
TOOLS = {
    "iverilog": "simulation of exported RTL",
    "sta": "comparison of the timing with OpenSTA",
}


@click.command()
@click.option("--measure", is_flag=True, help="First measure what 'auto' goes by, and keep it; seconds.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def doctor(measure: bool, as_json: bool) -> None:
    """Say which versions, kernels and optional parts are here."""
    from mulsmith.emulate.choice import measure_costs, report

    if measure:
        measure_costs()
    emulation = report()
    document = {
        "mulsmith": __version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: tool_version(name) for name in REQUIRED},
        "optional": {name: {"version": tool_version(name), "for": use} for name, use in OPTIONAL.items()},
        "tools": {name: {"found": shutil.which(name) is not None, "for": use} for name, use in TOOLS.items()},
        "emulation": emulation,
    }
    if as_json:
        print_json(document)
        return
    click.echo(f"mulsmith {__version__} on Python {document['python']} ({document['machine']})")
    for name in REQUIRED:
        click.echo(f"  {name:12} {tool_version(name)}")
    for name, use in OPTIONAL.items():
        click.echo(f"  {name:12} {tool_version(name):12} {use}")
    for name, use in TOOLS.items():
        click.echo(f"  {name:12} {'found' if shutil.which(name) else 'missing':12} {use}")
    click.echo("emulation")
    for name, value in emulation.items():
        if isinstance(value, dict):
            text = ", ".join(f"{key}: {entry}" for key, entry in value.items())
        else:
            text = ", ".join(value) if isinstance(value, list) else str(value)
        if value:
            click.echo(f"  {name:14} {text}")
