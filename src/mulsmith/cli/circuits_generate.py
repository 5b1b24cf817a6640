"""``mulsmith circuits families`` and ``mulsmith circuits generate``: multipliers from the registry."""

from __future__ import annotations

from pathlib import Path

import click

from mulsmith.circuits.generators.call import circuit_source, format_call, parse_value
from mulsmith.circuits.generators.registry import Family, Value, family_of, resolve
from mulsmith.circuits.generators.registry import families as all_families
from mulsmith.circuits.generators.registry import generate as generate_netlist
from mulsmith.circuits.netlist import Netlist, count_gates
from mulsmith.cli import print_json
from mulsmith.errors import ConfigError
from mulsmith.storage import atomic_write

HEADER_METRICS = ("mae", "wce", "ep_percent", "mre_percent", "mse")
MAX_SIMULATED_BITS = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def families(as_json: bool) -> None:
    """List the families of multipliers, their parameters and sources."""
    if as_json:
        print_json({"families": [_describe(family) for family in all_families().values()]})
        return
    for family in all_families().values():
        click.echo(f"{family.name}: {family.summary}")
        click.echo(f"  source: {family.source}")
        click.echo(f"  operands: {_operands(family)}")
        for parameter in family.parameters:
            click.echo(f"  -p {parameter.name}={parameter.domain()}: {parameter.meaning}")


@click.command()
@click.argument("family")
@click.option("--a-bits", type=int, default=8, show_default=True, help="Width of operand A.")
@click.option("--b-bits", type=int, default=8, show_default=True, help="Width of operand B.")
@click.option("--signed/--unsigned", default=None, help="Two's complement or not; unsigned if it can be.")
@click.option("-p", "--parameter", "assignments", multiple=True, metavar="NAME=VALUE", help="A parameter.")
@click.option("--name", help="Module name; made of the call without it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; stdout without it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, the Verilog inside.")
def generate(
    family: str,
    a_bits: int,
    b_bits: int,
    signed: bool | None,
    assignments: tuple[str, ...],
    name: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Generate a multiplier of FAMILY as Verilog.

    Its header holds the call that makes it again and its error metrics.
    """
    chosen = family_of(family)
    parameters: dict[str, Value] = {"a_bits": a_bits, "b_bits": b_bits}
    if signed is not None:
        parameters["signed"] = signed
    for assignment in assignments:
        _assign(parameters, chosen, assignment)
    call = format_call(chosen, *resolve(chosen, parameters))
    netlist = generate_netlist(family, name=name, **parameters)
    metrics = _metrics(netlist)
    text = circuit_source(netlist, chosen, call, {key: metrics[key] for key in HEADER_METRICS if metrics})
    if output is not None:
        atomic_write(output, text.encode())
    if as_json:
        document: dict[str, object] = {"name": netlist.name, "call": call}
        document |= {"a_bits": a_bits, "b_bits": b_bits, "signed": netlist.signed}
        document |= {"gates": count_gates(netlist.gates), "errors": metrics or None, "verilog": text}
        print_json(document)
    elif output is None:
        click.echo(text, nl=False)
    else:
        click.echo(f"{netlist.name} written to {output}", err=True)


def _assign(parameters: dict[str, Value], family: Family, assignment: str) -> None:
    key, equals, value = assignment.partition("=")
    if not equals:
        raise ConfigError(f"'-p {assignment}' has no value", remedy="write -p NAME=VALUE")
    if key in parameters:
        raise ConfigError(f"the parameter '{key}' is given twice")
    parameters[key] = parse_value(family.name, key, value)


def _metrics(netlist: Netlist) -> dict[str, float | int]:
    from mulsmith.characterize.simulate import simulate_lut
    from mulsmith.characterize.statistics import error_stats

    if netlist.n_inputs > MAX_SIMULATED_BITS:
        click.echo(
            f"{netlist.n_inputs} operand bits are more than the {MAX_SIMULATED_BITS} simulated here: "
            "the header holds no error metrics",
            err=True,
        )
        return {}
    return error_stats(simulate_lut(netlist)).to_json()


def _operands(family: Family) -> str:
    if family.signed_by is None:
        return "unsigned"
    return f"unsigned, signed ({family.signed_by})" if family.unsigned else f"signed ({family.signed_by})"


def _describe(family: Family) -> dict[str, object]:
    return {
        "name": family.name,
        "summary": family.summary,
        "source": family.source,
        "unsigned": family.unsigned,
        "signed_by": family.signed_by,
        "parameters": [
            {"name": p.name, "domain": p.domain(), "meaning": p.meaning} for p in family.parameters
        ],
    }
