"""``mulsmith energy``: what a network costs on an accelerator under an assignment of multipliers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mulsmith.cli import print_json
from mulsmith.cli.energy_network import load_workload, parse_shape
from mulsmith.errors import ConfigError


@click.command()
@click.argument("network")
@click.option("--accelerator", required=True, metavar="NAME|FILE", help="Shipped accelerator or YAML file.")
@click.option("--assign", required=True, metavar="NAME|FILE", help="One multiplier, or YAML/JSON per layer.")
@click.option(
    "--library", "folder", type=click.Path(path_type=Path), help="Library folder (default: the embedded one)."
)
@click.option("--table", default="cacti45", show_default=True, metavar="NAME|FILE", help="Energy table.")
@click.option(
    "--ert",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Accelergy energy reference table of the accelerator, instead of --table.",
)
@click.option(
    "--art",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Accelergy area reference table that goes with --ert.",
)
@click.option(
    "--band", multiple=True, metavar="NAME|FILE", help="Tables of the band (default: three shipped ones)."
)
@click.option("--convention", type=click.Choice(["pdp", "shared_clock"]), default="pdp", show_default=True)
@click.option(
    "--figures", type=click.Choice(["synthesis", "reported"]), default="synthesis", show_default=True
)
@click.option(
    "--operands",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Operand histograms from emulate operands: price multiplications by what each layer multiplies.",
)
@click.option(
    "--liberty",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Cells that the library was characterized with (default: the embedded ones); for --operands.",
)
@click.option(
    "--pe-overhead",
    type=click.Choice(["plain", "signs"]),
    help="Charge for whole processing elements as synthesised, between plain or sign-magnitude operands.",
)
@click.option("--baseline", metavar="NAME", help="Exact multiplier that savings refer to.")
@click.option(
    "--objective", type=click.Choice(["energy", "latency", "edp"]), default="energy", show_default=True
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop searching for a layer's mapping after this long and say that it is the best found so far.",
)
@click.option("--batch", type=click.IntRange(1, 65536), help="Images per pass (default: 1).")
@click.option("--input-shape", callback=parse_shape, metavar="N,C,H,W", help="Shape of the input batch.")
@click.option("--classes", type=click.IntRange(1, 1 << 20), help="Outputs of a network of the zoo.")
@click.option("--pictures", type=click.Path(path_type=Path), help="Folder to write SVG pictures to.")
@click.option(
    "--export",
    "exports",
    type=(click.Choice(["timeloop", "accelergy", "accelforge"]), click.Path(file_okay=False, path_type=Path)),
    multiple=True,
    metavar="FORMAT DIR",
    help="Write files for timeloop, accelergy or accelforge; may be repeated.",
)
@click.option("--mappings", is_flag=True, help="Print the loop nest of every layer, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def energy(
    network: str,
    accelerator: str,
    assign: str,
    folder: Path | None,
    table: str,
    ert: Path | None,
    art: Path | None,
    band: tuple[str, ...],
    convention: Any,
    figures: Any,
    operands: Path | None,
    liberty: Path | None,
    pe_overhead: Any,
    baseline: str | None,
    objective: Any,
    time_limit: float | None,
    batch: int | None,
    input_shape: tuple[int, ...] | None,
    classes: int | None,
    pictures: Path | None,
    exports: tuple[tuple[Any, Path], ...],
    mappings: bool,
    as_json: bool,
) -> None:
    """Say what one pass of NETWORK costs: energy, latency, and what the assignment saves.

    NETWORK is a shipped network, a YAML layer list, an ONNX model (.onnx), an exported torch program (.pt2),
    or, with --input-shape and --classes, a network of the emulation's zoo. An unknown name prints those that
    are known.
    """
    from mulsmith.characterize.liberty import Liberty
    from mulsmith.characterize.library import Library
    from mulsmith.energy.accelerator import Accelerator
    from mulsmith.energy.accelergy import read_energy_reference
    from mulsmith.energy.assignment import read_assignment
    from mulsmith.energy.multipliers import MultiplierCost, multiplier_cost
    from mulsmith.energy.network_cost import BAND_TABLES, estimate
    from mulsmith.energy.operands import OperandHistograms
    from mulsmith.energy.tables import EnergyTable
    from mulsmith.energy.text import format_account

    if liberty is not None and operands is None:
        raise ConfigError("--liberty changes nothing without --operands")
    if exports and pe_overhead is not None:
        raise ConfigError(
            "exported files hold multipliers alone", remedy="leave out --pe-overhead or --export"
        )
    workload = load_workload(network, batch=batch, input_shape=input_shape, classes=classes)
    if art is not None and ert is None:
        raise ConfigError("--art changes nothing without --ert")
    prices = EnergyTable.load(table)
    if ert is not None:
        prices = read_energy_reference(ert, Accelerator.load(accelerator), areas=art)
    is_file = Path(assign).suffix in (".yaml", ".yml", ".json")
    assignment = read_assignment(Path(assign), workload) if is_file else assign
    with Library.embedded() if folder is None else Library.open(folder) as library:
        account = estimate(
            workload,
            accelerator=accelerator,
            assignment=assignment,
            library=library,
            table=prices,
            band=band or BAND_TABLES,
            convention=convention,
            figures=figures,
            baseline=baseline or default_baseline(library, assignment),
            objective=objective,
            time_limit_s=time_limit,
            operands=None if operands is None else OperandHistograms.read(operands),
            liberty=None if liberty is None else Liberty.read(liberty),
            element=pe_overhead,
        )
        if exports:
            clock_ghz = account.clock_mhz / 1e3

            def cost(name: str) -> MultiplierCost:
                return multiplier_cost(library[name], convention, clock_ghz=clock_ghz, figures=figures)

            _export(exports, workload, account, cost, (accelerator, prices))
    if pictures is not None:
        from mulsmith.energy.pictures import write_pictures

        for path in write_pictures(account, pictures, Accelerator.load(accelerator)):
            click.echo(f"{path} written", err=True)
    if as_json:
        print_json(account.to_json())
        return
    click.echo(format_account(account), nl=False)
    if mappings:
        for layer in account.layers:
            click.echo(f"\n{layer.name}\n{layer.mapping}", nl=False)


def _export(exports: tuple[tuple[Any, Path], ...], workload: Any, account: Any, cost: Any, spec: Any) -> None:
    """Write the files of every format that was asked for.

    Args:
        exports: (format, folder).
        workload: the network.
        account: what ``estimate`` found.
        cost: multiplier's name -> its cost.
        spec: (accelerator as its option names it, energy table).
    """
    from mulsmith.energy.accelerator import Accelerator
    from mulsmith.energy.export import export_files, write_export
    from mulsmith.energy.network_cost import layer_prices

    accelerator = Accelerator.load(spec[0])
    prices = layer_prices(accelerator, spec[1], cost(account.savings.baseline).energy_pj)
    used = [cost(name) for name in sorted({layer.multiplier for layer in account.layers})]
    for form, folder in exports:
        paths = write_export(export_files(form, workload, accelerator, prices, used), folder)
        click.echo(f"{len(paths)} files for {form} written to {folder}", err=True)


def default_baseline(library: Any, assignment: dict[str, str] | str) -> str | None:
    """Return an exact multiplier of the assignment's widths from the library; None leaves it to the others.

    The one of least power-delay product is taken; figures are read from records without their tables.
    """
    chosen = {assignment} if isinstance(assignment, str) else set(assignment.values())
    records = {document["name"]: document for document in library.documents()}
    forms = {
        tuple(records[name][key] for key in ("a_bits", "b_bits", "signed"))
        for name in chosen
        if name in records
    }
    exact: list[tuple[float, str]] = []
    for name, record in records.items():
        form = tuple(record[key] for key in ("a_bits", "b_bits", "signed"))
        if form in forms and record["errors"]["wce"] == 0:
            synthesis, reported = record["synthesis"], record["reported"]
            if synthesis is not None:
                exact.append((synthesis["energy_pdp_pj"], name))
            elif "power_mw" in reported and "delay_ns" in reported:
                exact.append((reported["power_mw"] * reported["delay_ns"], name))
    return min(exact)[1] if exact else None
