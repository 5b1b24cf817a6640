"""``mulsmith circuits check``: what a circuit file is, or what is wrong with it and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from mulsmith.circuits.netlist import FIRST_INPUT, Netlist, Port, count_gates
from mulsmith.cli import EXIT_OK, EXIT_PARTIAL, print_json
from mulsmith.errors import MulsmithError

EXIT_REJECTED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a file is.

    Attributes:
        path: the file.
        netlist: its circuit, signedness stated.
        signed_by: how the signedness is known.
        depth: gates on the longest path; a full or half adder counts as one.
        errors: its error statistics by name.
    """

    path: Path
    netlist: Netlist
    signed_by: str
    depth: int
    errors: dict[str, float | int]

    @property
    def kind(self) -> str:
        """Exact or approximate, signed or unsigned."""
        sign = "signed" if self.netlist.signed else "unsigned"
        return f"{'exact' if self.errors['wce'] == 0 else 'approximate'} {sign} multiplier"

    def to_json(self) -> dict[str, object]:
        """Return the finding as a JSON object."""
        netlist = self.netlist
        return {
            "path": str(self.path),
            "name": netlist.name,
            "kind": self.kind,
            "a_bits": netlist.a_bits,
            "b_bits": netlist.b_bits,
            "signed": netlist.signed,
            "signed_by": self.signed_by,
            "inputs": [_port(port) for port in netlist.inputs],
            "outputs": [_port(port) for port in netlist.outputs],
            "gates": count_gates(netlist.gates),
            "depth": self.depth,
            "errors": self.errors,
        }

    def to_text(self) -> str:
        """Return the finding in a few lines."""
        netlist, errors = self.netlist, self.errors
        counts = ", ".join(f"{count} {name}" for name, count in count_gates(netlist.gates).items())
        a, b, product = (*netlist.inputs, *netlist.outputs)
        lines = [
            f"{self.path}: {netlist.name}, {self.kind}, {a.width} x {b.width} bits",
            f"  operand A = {_range(a)}, operand B = {_range(b)}, product = {_range(product)}",
            f"  {'signed' if netlist.signed else 'unsigned'}: {self.signed_by}",
            f"  {len(netlist.gates)} gates, depth {self.depth}" + (f": {counts}" if counts else ""),
        ]
        if errors["wce"]:
            lines.append(
                f"  MAE {errors['mae']:g} ({errors['mae_percent']:.3g} %), WCE {errors['wce']} "
                f"({errors['wce_percent']:.3g} %), wrong for {errors['ep_percent']:.4g} % of the operands"
            )
        return "\n".join(lines)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--top", help="Top module; without it the one that no other module instantiates.")
@click.option("--signed/--unsigned", default=None, help="State the operands, whatever the files say.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def check(files: tuple[Path, ...], top: str | None, signed: bool | None, as_json: bool) -> int:
    """Say what circuit files are, or what is wrong with them and where.

    Reads Verilog, and BLIF and AIGER by their endings (.blif, .aag, .aig).
    """
    found: list[Finding] = []
    failed: list[dict[str, str]] = []
    for path in files:
        try:
            finding = examine(path, top=top, signed=signed)
        except MulsmithError as error:
            placed = error.at(path)
            failed.append({"path": str(path), "error": str(placed)})
            click.echo(f"error: {placed}", err=True)
            continue
        found.append(finding)
        if not as_json:
            click.echo(finding.to_text())
    if as_json:
        print_json({"circuits": [finding.to_json() for finding in found], "failed": failed})
    if not failed:
        return EXIT_OK
    return EXIT_PARTIAL if found else EXIT_REJECTED


def examine(path: Path, *, top: str | None = None, signed: bool | None = None) -> Finding:
    """Return what a file is.

    Raises:
        MulsmithError: the file cannot be read, is no multiplier, or leaves its signedness open.
    """
    from mulsmith.characterize.header import read_notes, read_printed
    from mulsmith.characterize.signedness import decide
    from mulsmith.characterize.simulate import simulate_lut

    netlist, text = _read(path, top)
    try:
        raw = simulate_lut(netlist.with_signed(False))
        decision = decide(
            raw,
            netlist.out_bits,
            option=signed,
            declared=netlist.signed,
            notes=read_notes(text),
            printed=read_printed(text),
        )
    except MulsmithError as error:
        raise error.at(path) from None
    stated = netlist.with_signed(decision.lut.signed)
    return Finding(path, stated, decision.reason, depth(netlist), decision.errors.to_json())


def depth(netlist: Netlist) -> int:
    """Return the number of gates on the longest path from an input to an output."""
    level = dict.fromkeys(range(FIRST_INPUT + netlist.n_inputs), 0)
    for gate in netlist.gates:
        level.update(dict.fromkeys(gate.outputs, 1 + max(level[net] for net in gate.inputs)))
    return max(level[net] for net in netlist.output_nets)


def _read(path: Path, top: str | None) -> tuple[Netlist, str]:
    """Return the circuit and the text in whose comments its header stands."""
    from mulsmith.circuits.aiger import read_aiger
    from mulsmith.circuits.blif import read_blif
    from mulsmith.circuits.frontend.source import read_source
    from mulsmith.circuits.verilog import parse_verilog

    if path.suffix == ".blif":
        return read_blif(path), ""
    if path.suffix in (".aag", ".aig"):
        return read_aiger(path), ""
    text = read_source(path)
    return parse_verilog(text, path=str(path), top=top), text


def _port(port: Port) -> dict[str, object]:
    return {"name": port.name, "width": port.width}


def _range(port: Port) -> str:
    return f"{port.name}[{port.width - 1}:0]" if port.width > 1 else port.name
