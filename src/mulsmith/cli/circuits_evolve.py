"""``mulsmith circuits evolve``: a smaller multiplier within bounds on its errors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from mulsmith.circuits.cgp_operands import OperandMix
from mulsmith.circuits.netlist import Netlist, check_identifier
from mulsmith.cli import print_json


@click.command()
@click.argument("seed_circuit", metavar="SEED")
@click.option("--run", "folder", required=True, type=click.Path(path_type=Path), help="Folder of the run.")
@click.option("--name", default="evolved", show_default=True, help="Module and file name of the result.")
@click.option("--generations", type=int, default=100_000, show_default=True, help="In all, resumed included.")
@click.option("--mae", type=float, help="Largest mean absolute error.")
@click.option("--wce", type=int, help="Largest worst-case error.")
@click.option("--ep", type=float, help="Largest error probability, %.")
@click.option("--mre", type=float, help="Largest mean relative error, %.")
@click.option("--mean-error", type=float, help="Largest bias, up or down.")
@click.option("--wmed", type=float, help="Largest mean absolute error over the operands of a network.")
@click.option("--wrms", type=float, help="Largest root mean square error over the operands of a network.")
@click.option("--corrected-rms", type=float, help="The same after centred weight map and bias correction.")
@click.option("--exact-zero", is_flag=True, help="Demand exact results where an operand is 0.")
@click.option("--exact-one", is_flag=True, help="Demand exact results where an operand is 1.")
@click.option(
    "--operands", type=click.Path(path_type=Path), help="Histograms of a network, from emulate operands."
)
@click.option("--layer", "layers", multiple=True, help="Layer whose operands count; repeat. All without it.")
@click.option("--signed/--unsigned", default=None, help="Two's complement, where SEED is a file.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the random choices.")
@click.option("--offspring", type=int, default=4, show_default=True, help="Per generation.")
@click.option("--mutations", type=int, default=5, show_default=True, help="Genes changed at most.")
@click.option("--spare", type=int, default=0, show_default=True, help="Idle gates at the start.")
@click.option(
    "--area-share", type=float, default=0.5, show_default=True, help="Of the cost; the rest is power."
)
@click.option(
    "--toggle", type=float, help="Input activity for the power; without it --operands, or 0.1 without those."
)
@click.option(
    "--liberty", "liberty_file", type=click.Path(path_type=Path), help="Cells; embedded without it."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def evolve(
    seed_circuit: str,
    folder: Path,
    name: str,
    generations: int,
    mae: float | None,
    wce: int | None,
    ep: float | None,
    mre: float | None,
    mean_error: float | None,
    wmed: float | None,
    wrms: float | None,
    corrected_rms: float | None,
    exact_zero: bool,
    exact_one: bool,
    operands: Path | None,
    layers: tuple[str, ...],
    signed: bool | None,
    seed: int,
    offspring: int,
    mutations: int,
    spare: int,
    area_share: float,
    toggle: float | None,
    liberty_file: Path | None,
    as_json: bool,
) -> None:
    """Evolve SEED, a Verilog file or a generator call as 'dadda(b_bits=4)', within bounds on its errors.

    A run that was interrupted continues where it was.
    """
    from mulsmith.characterize.evolution_costs import evolution_costs
    from mulsmith.characterize.evolution_run import Recipe
    from mulsmith.characterize.evolution_run import evolve as run_evolution
    from mulsmith.characterize.liberty import Liberty
    from mulsmith.circuits.cgp import Search, Settings
    from mulsmith.circuits.cgp_problem import Bounds

    netlist = _seed(seed_circuit, check_identifier(name), signed)
    liberty = Liberty.read(liberty_file) if liberty_file else Liberty.embedded()
    bounds = Bounds(
        mae=mae,
        wce=wce,
        ep_percent=ep,
        mean_error=mean_error,
        mre_percent=mre,
        weighted_mae=wmed,
        weighted_rms=wrms,
        corrected_rms=corrected_rms,
        exact_zero=exact_zero,
        exact_one=exact_one,
    )
    mix = _operands(netlist, operands, layers)
    settings = Settings(
        seed=seed,
        offspring=offspring,
        mutations=mutations,
        spare=spare,
        area_share=area_share,
        toggle=toggle,
    )
    source = Path(seed_circuit).name if seed_circuit.endswith(".v") else seed_circuit
    recipe = Recipe(source, netlist.sha256(), liberty.name, liberty.sha256, bounds, settings, mix)

    def progress(generation: int, search: Search) -> None:
        if generation % 10_000 == 0 or generation == generations:
            totals = search.totals
            click.echo(
                f"generation {generation}: area {totals.area_um2:.1f} um2, power {totals.power_uw:.1f} uW, "
                f"MAE {totals.mae:.3f}",
                err=True,
            )

    path, errors = run_evolution(recipe, netlist, evolution_costs(liberty), folder, generations, progress)
    if as_json:
        print_json({"path": str(path), "name": name, "errors": errors.to_json(), "recipe": recipe.to_json()})
    else:
        click.echo(f"{path}: MAE {errors.mae:g}, WCE {errors.wce}, EP {errors.ep_percent:.4g} %", err=True)


def _seed(text: str, name: str, signed: bool | None) -> Netlist:
    from mulsmith.circuits.generators.call import parse_call
    from mulsmith.circuits.generators.registry import generate
    from mulsmith.circuits.verilog import read_verilog
    from mulsmith.errors import ConfigError

    if not text.endswith(".v"):
        family, parameters = parse_call(text)
        if signed is not None:
            parameters["signed"] = signed
        return generate(family, name=name, **parameters)
    netlist = replace(read_verilog(Path(text)), name=name)
    if signed is None and netlist.signed is None:
        raise ConfigError(
            "the file does not say whether it is signed", path=text, remedy="add --signed or --unsigned"
        )
    return netlist if signed is None else netlist.with_signed(signed)


def _operands(netlist: Netlist, path: Path | None, layers: tuple[str, ...]) -> OperandMix | None:
    from mulsmith.codesign.evolution_operands import read_operands
    from mulsmith.energy.operands import Form
    from mulsmith.errors import ConfigError

    if path is None:
        if layers:
            raise ConfigError("--layer names a layer, but --operands gives no histograms")
        return None
    form = Form(netlist.a_bits, netlist.b_bits, bool(netlist.signed))
    return read_operands(path, form, dict.fromkeys(layers, 1.0))
