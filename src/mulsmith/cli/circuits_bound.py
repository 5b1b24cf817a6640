"""``mulsmith circuits bound``: a proven worst-case error for multipliers of any width."""

from __future__ import annotations

from pathlib import Path

import click

from mulsmith.cli import EXIT_OK, EXIT_PARTIAL, print_json


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--signed/--unsigned", default=None, help="Two's complement or not, where FILE does not say.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="Time limit.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def bound(path: Path, signed: bool | None, seconds: float, as_json: bool) -> int:
    """Bound the worst-case error of the multiplier in FILE by SAT; no look-up table is needed.

    Where time runs out first, the error is known to lie in an interval, and the exit code is 5.
    """
    from mulsmith.characterize.worst_case import worst_case
    from mulsmith.circuits.verilog import read_verilog
    from mulsmith.errors import ConfigError

    netlist = read_verilog(path)
    if signed is not None:
        netlist = netlist.with_signed(signed)
    elif netlist.signed is None:
        raise ConfigError(
            "the file does not say whether it is signed", path=path, remedy="add --signed or --unsigned"
        )
    found = worst_case(netlist, seconds)
    if as_json:
        print_json(found.to_json())
    else:
        a, b = found.operands
        known = (
            f"WCE between {found.lower} and {found.upper}; the time limit of {seconds:g} s was reached"
            if found.timed_out
            else f"WCE {found.lower}, proven"
        )
        click.echo(f"{path.name}: {known}; {found.lower} at codes {a}, {b}")
    return EXIT_PARTIAL if found.timed_out else EXIT_OK
