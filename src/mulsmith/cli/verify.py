"""``mulsmith verify``: a hand-off against its manifest and against the emulation."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from mulsmith.cli import EXIT_OK, EXIT_REJECTED, print_json


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--simulator", type=click.Choice(["icarus", "verilator"]), default="icarus", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def verify(folder: Path, simulator: str, as_json: bool) -> int:
    """Compare every output of the hand-off in FOLDER with the emulation.

    First every file is compared with the manifest; then RTL is simulated, and C compiled and run. Nothing is
    written to FOLDER.
    """
    from mulsmith.codesign.handoff.verify import LayerCheck
    from mulsmith.codesign.handoff.verify import verify as verify_folder

    def show(check: LayerCheck) -> None:
        result = "as emulated" if not check.differing else f"{check.differing} differ: {check.first}"
        click.echo(f"{check.layer}: {check.outputs} outputs, {result}", err=as_json)

    checks = verify_folder(folder, simulator, show)
    outputs, differing = (sum(getattr(c, name) for c in checks) for name in ("outputs", "differing"))
    if as_json:
        print_json({"folder": str(folder), "simulator": simulator, "layers": [asdict(c) for c in checks]})
    elif checks:
        click.echo(f"{outputs - differing} of {outputs} outputs as emulated")
    else:
        click.echo("every file is as the manifest says; there is nothing to run")
    return EXIT_REJECTED if differing else EXIT_OK
